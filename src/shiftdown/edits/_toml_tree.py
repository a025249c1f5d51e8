"""TOML text as statements that know their place. `tomllib` judges the text first, so this reads only valid TOML."""

import re
import tomllib
from dataclasses import dataclass
from typing import Any

from shiftdown.edits._brackets import Member, Span
from shiftdown.errors import CannotEditError

_KEY_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
KEY = re.compile(rf"{_KEY_PART}(?:[ \t]*\.[ \t]*{_KEY_PART})*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
"""A key, bare, quoted or dotted."""
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(
    r'''"""(?:\\.|(?!""")[^\\])*"{3,5}|'{3}(?:(?!'{3}).)*'{3,5}'''
    r"""|"(?:\\.|[^"\\\n])*"|'[^'\n]*'"""
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[^\s,\]}#]+|[^\s,\]}#]+",
    re.DOTALL,
)


@dataclass(frozen=True)
class Statement:
    """A table header or a key with its value."""

    path: tuple[str | int, ...]
    """The full path of what it defines, positions in arrays of tables included."""
    start: int
    """Where its line begins."""
    end: int
    """Where its value or its closing bracket ends."""
    value: Span | None
    """The value of a key; None for a header."""
    table: tuple[str | int, ...]
    """The path of the table in which it stands; for a header, its own."""
    array: bool = False
    """A header in double brackets."""


def load(text: str) -> dict[str, Any]:
    """The data of a TOML text. Raises CannotEditError for what is no TOML."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        line = re.search(r"at line ([0-9]+)", str(error))
        reason = re.sub(r" \(at line.*\)", "", str(error))
        raise CannotEditError(f"not valid TOML: {reason}", int(line[1]) if line else None) from error


def statements(text: str) -> list[Statement]:
    """All statements of a valid TOML text, in order."""
    found: list[Statement] = []
    table: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    at = _skip(text, 0)
    while at < len(text):
        start = text.rfind("\n", 0, at) + 1
        if text[at] == "[":
            array = text.startswith("[[", at)
            match = KEY.match(text, _skip(text, at + 1 + array))
            if match is None:
                raise CannotEditError("a table header that cannot be read", text.count("\n", 0, at) + 1)
            table = _resolve(key_parts(match[0]), counts, array=array)
            at = text.index("]", match.end()) + 1 + array
            found.append(Statement(table, start, at, None, table, array))
        else:
            key, value = _pair(text, at)
            at = value.end
            found.append(Statement((*table, *key), start, at, value, table))
        at = _skip(text, at)
    return found


def key_parts(key: str) -> tuple[str, ...]:
    """The parts of a dotted key."""
    if _BARE_KEY.fullmatch(key):
        return tuple(key.split("."))
    parts: list[str] = []
    data: Any = tomllib.loads(f"{key} = 0")
    while isinstance(data, dict):
        part, data = next(iter(data.items()))
        parts.append(part)
    return tuple(parts)


def _resolve(parts: tuple[str, ...], counts: dict[tuple[str | int, ...], int], *, array: bool) -> tuple[str | int, ...]:
    """The full path of a header: the last table of every array of tables on the way, a new one for `[[x]]`."""
    path: tuple[str | int, ...] = ()
    for number, part in enumerate(parts):
        path = (*path, part)
        if array and number == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _pair(text: str, at: int) -> tuple[tuple[str, ...], Span]:
    match = KEY.match(text, at)
    if match is None:
        raise CannotEditError("a key that cannot be read", text.count("\n", 0, at) + 1)
    return key_parts(match[0]), _value(text, _skip(text, text.index("=", match.end()) + 1))


def _value(text: str, at: int) -> Span:
    if text[at] not in "[{":
        match = _SCALAR.match(text, at)
        return Span("scalar", at, match.end() if match else at)
    span = Span("array" if text[at] == "[" else "object", at, at)
    close = "]" if span.kind == "array" else "}"
    at = _skip(text, at + 1)
    while text[at] != close:
        if span.kind == "array":
            span.items.append(_value(text, at))
            at = span.items[-1].end
        else:
            key, value = _pair(text, at)
            span.members.append(Member(key, at, value))
            at = value.end
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    span.end = at + 1
    return span
