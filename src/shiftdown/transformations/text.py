"""The words of a change request and of its commit."""

import json
from collections.abc import Iterable, Sequence

from pydantic import JsonValue

from shiftdown.repository import ResolvedChange
from shiftdown.transformations.plan import Plan
from shiftdown.transformations.transformation import Transformation

TRAILER = "Shiftdown-Type"
"""The commit trailer by which a branch is recognised as ours: a person's commit does not have it."""


def commit_message(plan: Plan) -> str:
    """The commit message: the title, why, and the trailer that names the type."""
    why = f"{plan.changes.summary}\n\n" if plan.changes.summary else ""
    return f"{plan.title}\n\n{why}{TRAILER}: {plan.type}\n"


def is_ours(message: str, type_: str) -> bool:
    """Whether a commit with this message was made by us for that type."""
    return f"{TRAILER}: {type_}" in message.splitlines()


def body(plan: Plan, transformation: Transformation, *, question: str, following: Sequence[str] = ()) -> str:
    """The text of a change request, Markdown: everything that a reviewer needs to decide.

    Args:
        plan: a plan with changes.
        transformation: the transformation that it applies.
        question: the question of the capability check that will be asked again after the merge.
        following: the titles of what comes next in the playbook.
    """
    changes = plan.changes
    sections = [
        ("", changes.summary or transformation.description),
        ("Parameters", _list(f"`{name}`: `{_code(value)}`" for name, value in plan.parameters.items())),
        ("Files", _list(_file(f) for f in plan.files)),
        ("Derived from", _list(_code_place(str(e)) for e in plan.evidence)),
        ("Please check", _list(changes.notes)),
        (
            "Secrets and settings to create",
            _list(f"`{s.name}` ({s.where}): {s.purpose}" for s in changes.secrets),
        ),
        ("How to verify", _list((*changes.verify, f"After the merge shiftdown asks again: {question}"))),
        ("How to roll back", changes.rollback),
        ("What comes next", _list(following)),
    ]
    parts = [f"## {heading}\n\n{text}" if heading else text for heading, text in sections if text]
    return "\n\n".join([*parts, f"---\nOpened by shiftdown for `{plan.type}`."]) + "\n"


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _code(value: JsonValue) -> str:
    """A value as text in backticks."""
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)).replace("`", "'")


def _file(change: ResolvedChange) -> str:
    moved = f" (from `{change.source}`)" if change.source else ""
    return f"{change.action} `{change.path}`{moved}"


def _code_place(text: str) -> str:
    place, separator, fact = text.partition(": ")
    return f"`{place}`: {fact}" if separator and " " not in place else text
