"""What all formats share: line ends, places in a text, paths into a document."""

import re
from collections.abc import Sequence
from typing import Any

Path = Sequence[str | int]
"""The way to a node: mapping keys and 0-based sequence positions, from the root; `()` is the root."""

Splice = tuple[int, int, str]
"""Replace `text[start:end]` by the string."""

BOM = "\ufeff"


def newline_of(text: str) -> str:
    r"""The line end that most lines of `text` use: `"\r\n"` or `"\n"` (also when there is none)."""
    crlf = text.count("\r\n")
    return "\r\n" if crlf * 2 > text.count("\n") else "\n"


def splice(text: str, splices: Sequence[Splice]) -> str:
    """Apply replacements that do not overlap."""
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def line_number(text: str, index: int) -> int:
    """1-based line of a character."""
    return text.count("\n", 0, index) + 1


def line_start(text: str, index: int) -> int:
    """Where the line of a character begins."""
    return text.rfind("\n", 0, index) + 1


def line_end(text: str, index: int) -> int:
    """Where the line of a character ends, before its line end."""
    end = text.find("\n", index)
    if end < 0:
        return len(text)
    return end - 1 if end > index and text[end - 1] == "\r" else end


def next_line(text: str, index: int) -> int:
    """Where the line after the line of a character begins; the end of the text if there is none."""
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1


def format_path(path: Path) -> str:
    """A path as a person writes it: `jobs.test.steps[0]`; the root is `the document`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".") or "the document"


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal and of the same types: `1`, `1.0` and `True` differ, NaN equals NaN."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if type(left) is not type(right):
        return False
    return repr(left) == repr(right)


def with_value(container: Any, path: Path, value: Any) -> Any:
    """Plain data with `value` at `path`; missing dicts on the way are created."""
    if not path:
        return value
    part, *rest = path
    if isinstance(container, list):
        return [with_value(item, rest, value) if at == part else item for at, item in enumerate(container)]
    return container | {part: with_value(container.get(part, {}), rest, value)}


_COMMENT_OR_BLANK = re.compile(r"([ \t]*)(#.*)?")


def after_trailing_comments(text: str, start: int, column: int) -> int:
    """Where something can be added to a block whose entries begin at `column` and whose last line ends at `start`.

    Comments below a block belong to it when they are indented like its entries or deeper. When what
    follows begins in the same column, a comment belongs to the block only if it is attached to it and a
    blank line separates it from what follows. Lines of spaces stay above too: below, a block scalar that is
    added would take them for its own.
    """
    lines: list[tuple[int, int]] = []  # (column of the comment, or -1 for a blank line; end of the line)
    position, follows = start, -1
    while position < len(text):
        line = text[position : line_end(text, position)]
        match = _COMMENT_OR_BLANK.fullmatch(line)
        if match is None:
            follows = len(line) - len(line.lstrip(" "))
            break
        position = next_line(text, position)
        lines.append((len(match[1]) if match[2] else -1, position))
    attached = next((number for number, line in enumerate(lines) if line[0] < 0), 0)
    end = start
    for number, (found, after) in enumerate(lines):
        if found < 0:
            continue
        if found < column or (found <= follows and number >= attached):
            break
        end = after
    blank = re.compile(r"(?:[ \t\r]*\n)*[ \t]+\r?\n").match(text, end)
    return blank.end() if blank else end
