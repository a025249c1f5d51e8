"""Edits of files that are lists of lines: `.gitignore`, `.dockerignore`, `requirements.txt`, `Makefile`.

Line ends and the presence of a final newline are kept. Lines are compared without trailing white space.
"""

from collections.abc import Sequence

from shiftdown.edits._text import BOM, newline_of
from shiftdown.errors import CannotEditError

__all__ = ["ensure_block", "ensure_line", "newline_of"]


def ensure_line(text: str, line: str) -> str:
    """Add `line` at the end, unless the text has it.

    Raises CannotEditError when `line` is more than one line.
    """
    return ensure_block(text, [line])


def ensure_block(text: str, lines: Sequence[str], *, marker: str | None = None) -> str:
    """Add those of `lines` that the text lacks, together, at the end.

    With a `marker` (a comment such as `# Node.js`), the lines are kept below it: an existing marker line is
    looked up and what is missing is added after the lines that follow it without a blank line between; if
    there is none, a blank line, the marker and the missing lines are added at the end. When the text has all
    `lines`, wherever they are, it is returned as it is, with or without the marker.

    Raises CannotEditError when a line or the marker is more than one line, or when the text has the marker
    more than once.
    """
    for line in [*lines, marker or ""]:
        if "\n" in line or "\r" in line:
            raise CannotEditError(f"{line!r} is more than one line")
    present = [line.rstrip() for line in text.removeprefix(BOM).split("\n")]
    missing = [line for line in dict.fromkeys(lines) if line.rstrip() not in present]
    if not missing:
        return text
    if marker is None:
        return _append(text, missing)
    places = [number for number, line in enumerate(present) if line == marker.rstrip()]
    if len(places) > 1:
        raise CannotEditError(f"the line {marker!r} is there more than once", places[1] + 1)
    if not places:
        return _append(text, [*([""] if any(present[-2:]) else []), marker, *missing])
    after = next((number for number in range(places[0], len(present)) if not present[number]), len(present))
    return _insert(text, after, missing)


def _append(text: str, lines: Sequence[str]) -> str:
    newline = newline_of(text)
    if not text:
        return newline.join([*lines, ""])
    if text.endswith("\n"):
        return text + newline.join([*lines, ""])
    return newline.join([text, *lines])


def _insert(text: str, number: int, lines: Sequence[str]) -> str:
    """Insert before the line of that 0-based number."""
    old = text.split("\n")
    if number >= len(old) or (number == len(old) - 1 and not old[-1]):
        return _append(text, lines)
    return "\n".join([*old[:number], *(line + newline_of(text)[:-1] for line in lines), *old[number:]])
