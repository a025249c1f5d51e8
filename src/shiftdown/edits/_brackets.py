"""Bracketed texts: as a tree of spans (JSON, values of TOML), and one more element in one (YAML flow style, too)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from shiftdown.edits._text import Splice, line_end, line_start, newline_of

HASH_COMMENT = re.compile(r"#[^\n]*")
"""Comments of YAML and TOML."""
SLASH_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
"""Comments of JSON with comments."""


@dataclass(slots=True, eq=False)
class Span:
    """A value and where it stands: `text[start:end]`."""

    kind: Literal["object", "array", "scalar"]
    """What it is; `object` is an inline table in TOML."""
    start: int
    """Index of its first character."""
    end: int
    """Index behind its last character."""
    value: Any = None
    """The data of a JSON scalar."""
    members: list["Member"] = field(default_factory=list)
    """What an object holds."""
    items: list["Span"] = field(default_factory=list)
    """What an array holds."""

    @property
    def elements(self) -> list[tuple[int, int]]:
        """The places of what it holds."""
        return [(member.start, member.value.end) for member in self.members] or [
            (item.start, item.end) for item in self.items
        ]


@dataclass(slots=True, eq=False)
class Member:
    """A key and its value."""

    key: tuple[str, ...]
    """The key; dotted keys of TOML have several parts."""
    start: int
    """Where the key begins."""
    value: Span
    """What it stands for."""


def add_last(
    text: str,
    start: int,
    end: int,
    elements: Sequence[tuple[int, int]],
    new: str,
    comment: re.Pattern[str],
    *,
    space: str = " ",
) -> list[Splice]:
    """Splices that add `new` after the last of `elements`, which are spans between the brackets at `start` and `end`.

    Elements on lines of their own get one more such line, below comments that follow the last element; a
    trailing comma stays. `space` goes behind a comma unless the elements show otherwise. Lines of `new` after its
    first are taken as they are.
    """
    if not elements:
        return [_into_empty(text, start, end, new)]
    first, last = elements[-1]
    tail = comment.sub(lambda match: " " * len(match[0]), text[last : end - 1])
    comma = tail.find(",")
    if len(elements) > 1 and first == elements[-2][1] + 1:
        space = ""
    margin = text[line_start(text, first) : first]
    if margin.strip() or "\n" not in tail:  # also when the closing bracket follows on the line
        separator = line_break(text, margin) if not margin.strip() and margin else space
        at = last if comma < 0 else last + comma + 1
        return [(at, at, f",{separator}{new}" if comma < 0 else f"{separator}{new},")]
    below = last + len(text[last : end - 1].rstrip())
    below = max(below, line_end(text, last)) if below > last else line_end(text, last)
    added = line_break(text, margin) + new
    if comma >= 0:
        return [(below, below, added + ",")]
    return [(last, last, ","), (below, below, added)] if below > last else [(last, last, "," + added)]


def line_break(text: str, margin: str) -> str:
    """The line end of the text, and the indentation of the next line."""
    return newline_of(text) + margin


def _into_empty(text: str, start: int, end: int, new: str) -> Splice:
    inside = text[start + 1 : end - 1]
    if not inside.strip():
        return (start + 1, end - 1, new)
    at = start + 1 + len(inside.rstrip())
    margin = text[line_start(text, at) : at]
    return (at, at, line_break(text, margin[: len(margin) - len(margin.lstrip())]) + new)
