"""Our texts as GitLab keeps them: drafts by their title, teams by a mention, no line that it takes for a command."""

import re
from collections.abc import Sequence

CLOSED = "<!-- shiftdown:closed -->"
"""Ends the comment that says why a change request was closed."""

TEAMS = "<!-- shiftdown:teams -->"
"""Begins the end of a description that asks groups for a review."""

MAX_TITLE = 255
"""The most characters that GitLab takes as a title, the draft's prefix included."""

DRAFT = "Draft: "
_DRAFT = re.compile(r"^\s*(?:draft:|\[draft\]|\(draft\))\s*", re.IGNORECASE)
_COMMAND = re.compile(r"^/(?=\w)", re.MULTILINE)
_NO_COMMAND = re.compile(r"^\\/(?=\w)", re.MULTILINE)
_MENTION = re.compile(r"@([^\s,@]+)")


def title_of(title: str) -> str:
    """A title without what makes it a draft."""
    while match := _DRAFT.match(title):
        title = title[match.end() :]
    return title


def is_draft(title: str) -> bool:
    """Whether GitLab takes a title for that of a draft."""
    return _DRAFT.match(title) is not None


def harmless(text: str) -> str:
    r"""A text in which no line is a quick action: `/close` at its beginning becomes `\/close`, which shows the same."""
    return _COMMAND.sub(r"\\/", text)


def original(text: str) -> str:
    """The text that became harmless."""
    return _NO_COMMAND.sub("/", text)


def description_of(body: str, groups: Sequence[str]) -> str:
    """The description for a text and groups that are asked for a review."""
    ask = f"\n\n{TEAMS}\nFor review: {', '.join(f'@{group}' for group in groups)}" if groups else ""
    return harmless(body) + ask


def body_of(description: str) -> tuple[str, tuple[str, ...]]:
    """The text in a description, and the groups that it asks for a review."""
    body, _, asked = description.partition(f"\n\n{TEAMS}\n")
    return original(body), tuple(_MENTION.findall(asked))


def closing_comment(reason: str) -> str:
    """The comment that says why a change request is closed."""
    return f"Closed: {reason}\n\n{CLOSED}"


def reason_of(comment: str) -> str | None:
    """The reason that a comment gives for closing; `None` when it gives none."""
    if not comment.rstrip().endswith(CLOSED):
        return None
    return comment.rstrip().removesuffix(CLOSED).strip().removeprefix("Closed: ")
