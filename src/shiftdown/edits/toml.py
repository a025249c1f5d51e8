r"""Format-preserving edits of TOML.

    >>> from shiftdown.edits import toml
    >>> print(toml.set('[project]\nname = "x" # short\n', ["tool", "ruff", "line-length"], 100))
    [project]
    name = "x" # short
    <BLANKLINE>
    [tool.ruff]
    line-length = 100
    <BLANKLINE>

Tables may be defined by headers, dotted keys or inline; positions in a path select items of arrays and of
arrays of tables.

All functions raise `CannotEditError` when the text is no TOML (1.0), when a path leads through something that
is no table, and when the edited text would not mean exactly what was intended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shiftdown.edits import _toml_render, _toml_tree
from shiftdown.edits._brackets import HASH_COMMENT, Span, add_last
from shiftdown.edits._text import (
    BOM,
    Path,
    Splice,
    after_trailing_comments,
    format_path,
    line_number,
    newline_of,
    next_line,
    same,
    splice,
    with_value,
)
from shiftdown.edits._toml_tree import Statement
from shiftdown.errors import CannotEditError

__all__ = ["Located", "append", "line_of", "load", "locate", "set"]


def load(text: str) -> dict[str, Any]:
    """The plain data of a TOML text, dates and times as `datetime` types."""
    return _toml_tree.load(text.removeprefix(BOM))


@dataclass(frozen=True)
class Located:
    """The data of a TOML text, with the line of every part of it."""

    data: dict[str, Any]
    """Plain data, dates and times as `datetime` types."""
    _text: str

    def line_of(self, path: Path) -> int:
        """1-based line on which a part is first defined: by its key, its header, or its place in a value.

        Raises CannotEditError when the data has no such part.
        """
        place = _place(self._statements, tuple(path))
        if place is None:
            raise CannotEditError(f"{format_path(path)} does not exist")
        return line_number(self._text, place)

    @cached_property
    def _statements(self) -> list[Statement]:
        return _toml_tree.statements(self._text)


def locate(text: str) -> Located:
    """The data of a TOML text, with the line of every part; the lines are looked for when one is asked for."""
    body = text.removeprefix(BOM)
    return Located(_toml_tree.load(body), body)


def line_of(text: str, path: Path) -> int:
    """1-based line on which a part is first defined; to look up several, use `locate` once."""
    return locate(text).line_of(path)


def set(text: str, path: Path, value: Any) -> str:
    """Make the value at `path` be `value`, plain data: add the key to its table, or replace its value.

    A missing table gets a header of its own, below the tables closest to it. A dict becomes a table with a
    header, or an inline table where its siblings are inline. When the value is equal already, the text is
    returned as it is.

    Raises CannotEditError also when the path names a table with other content (set its keys one by one), and
    for null, which TOML does not have.
    """
    document = _Document(text)
    path = tuple(path)
    depth, present = document.walk(path)
    if depth == len(path):
        if same(present, value):
            return text
        span = document.span(path)
        if span is None:
            raise document.refuse(f"{format_path(path)} is a table; set its keys one by one", path)
        return document.finish([(span.start, span.end, _toml_render.inline(value))], path, value)
    missing = path[depth]
    if not isinstance(present, dict) or not all(isinstance(part, str) for part in path[depth:]):
        raise document.refuse(f"{format_path(path[: depth + 1])} does not exist", path[:depth])
    for part in reversed(path[depth + 1 :]):
        value = {part: value}
    return document.finish(document.add(path[:depth], str(missing), value), path[: depth + 1], value)


def append(text: str, path: Path, item: Any) -> str:
    """Add an item, plain data, at the end of the array or array of tables at `path`; a missing one is created.

    When an equal item is in the array, wherever, the text is returned as it is.

    Raises CannotEditError also when the value is no array.
    """
    document = _Document(text)
    path = tuple(path)
    depth, present = document.walk(path)
    if depth < len(path):
        return set(text, path, [item])
    if not isinstance(present, list):
        raise document.refuse(f"{format_path(path)} is not an array", path)
    if any(same(existing, item) for existing in present):
        return text
    span = document.span(path)
    if span is not None:
        new = _toml_render.inline(item)
        splices = add_last(document.text, span.start, span.end, span.elements, new, HASH_COMMENT)
    elif not isinstance(item, dict):
        raise document.refuse(f"{format_path(path)} holds tables with headers, which only a table can join", path)
    else:
        splices = [document.below(path, _toml_render.section(path, item, array=True))]
    return document.finish(splices, path, [*present, item])


class _Document:
    """One text, its data and its statements; `text` is without byte-order mark and with a final newline."""

    def __init__(self, original: str) -> None:
        self.bom = BOM if original.startswith(BOM) else ""
        self.text = original.removeprefix(BOM)
        self.newline = newline_of(original)
        self.completed = bool(self.text) and not self.text.endswith("\n")
        if self.completed:
            self.text += self.newline
        self.data = _toml_tree.load(self.text)
        self.statements = _toml_tree.statements(self.text)

    def walk(self, path: Path) -> tuple[int, Any]:
        """How many parts of a path exist, and the data there."""
        data: Any = self.data
        for depth, part in enumerate(path):
            inside = isinstance(data, dict) and part in data
            if not inside and not (isinstance(data, list) and isinstance(part, int) and 0 <= part < len(data)):
                return depth, data
            data = data[part]
        return len(path), data

    def refuse(self, reason: str, path: tuple[str | int, ...]) -> CannotEditError:
        place = _place(self.statements, path)
        return CannotEditError(reason, None if place is None else line_number(self.text, place))

    def span(self, path: tuple[str | int, ...]) -> Span | None:
        """The value at a path, if one statement defines it whole."""
        found = _inside(self.statements, path)
        return None if found is None else found[1]

    def add(self, table: tuple[str | int, ...], name: str, value: Any) -> list[Splice]:
        """Add a key to a table that exists."""
        span = self.span(table)
        if span is not None:
            new = f"{_toml_render.key([name])} = {_toml_render.inline(value)}"
            if not span.elements:
                new = f" {new} "
            return add_last(self.text, span.start, span.end, span.elements, new, HASH_COMMENT)
        own = [statement for statement in self.statements if statement.table == table]
        like_siblings = any(statement.value and statement.value.kind == "object" for statement in own)
        if _toml_render.is_section(value) and not like_siblings:
            return [self.below(table, _toml_render.section([*table, name], value))]
        if own:
            return [self._after_key(own[-1], [name], value)]
        dotted = [
            statement
            for statement in self.statements
            if statement.value and statement.path[: len(table)] == table and len(statement.table) < len(table)
        ]
        if dotted:
            return [self._after_key(dotted[-1], [*table[len(dotted[-1].table) :], name], value)]
        if table:
            return [self.below(table, [f"[{_toml_render.key(table)}]", *_toml_render.pair([name], value)])]
        return [self._on_top(_toml_render.pair([name], value))]

    def _after_key(self, sibling: Statement, parts: Sequence[str | int], value: Any) -> Splice:
        margin = self.text[sibling.start : sibling.end]
        margin = margin[: len(margin) - len(margin.lstrip())]
        at = after_trailing_comments(self.text, next_line(self.text, sibling.end), 0)
        return self._lines(at, _toml_render.pair(parts, value, margin))

    def below(self, path: tuple[str | int, ...], lines: list[str]) -> Splice:
        """Lines with a header, below all statements of a table, after a blank line where the text has such."""
        last = -1
        for number, statement in enumerate(self.statements):
            if statement.path[: len(path)] == path or (last == number - 1 and last >= 0 and statement.value):
                last = number  # or a further key of that table
        if last < 0:
            return self._lines(len(self.text), ["", *lines] if self.text.strip() else lines)
        at = after_trailing_comments(self.text, next_line(self.text, self.statements[last].end), 0)
        headers = [statement for statement in self.statements if statement.value is None][1:]
        dense = headers and not any(self.text[: header.start].endswith(("\n\n", "\n\r\n")) for header in headers)
        return self._lines(at, lines if dense else ["", *lines])

    def _on_top(self, lines: list[str]) -> Splice:
        """Lines above the first header and the comments attached to it."""
        if not self.statements:
            return self._lines(len(self.text), lines)
        at = self.statements[0].start
        while at and self.text[self.text.rfind("\n", 0, at - 1) + 1 : at].lstrip().startswith("#"):
            at = self.text.rfind("\n", 0, at - 1) + 1
        return self._lines(at, [*lines, ""])

    def _lines(self, at: int, lines: list[str]) -> Splice:
        return (at, at, "".join(line + self.newline for line in lines))

    def finish(self, splices: list[Splice], path: Path, value: Any) -> str:
        """The edited text, if it is the old data with `value` at `path`."""
        new = splice(self.text, splices)
        if not same(_toml_tree.load(new), with_value(self.data, path, value)):
            line = line_number(self.text, min(splices)[0])
            raise CannotEditError("the edited text would not mean what was intended", line)
        return self.bom + (new.removesuffix(self.newline) if self.completed else new)


def _place(statements: Sequence[Statement], path: tuple[str | int, ...]) -> int | None:
    """Where a path is first defined."""
    if not path:
        return 0
    for statement in statements:
        if statement.path[: len(path)] == path:
            return statement.start
    found = _inside(statements, path)
    return None if found is None else found[0]


def _inside(statements: Sequence[Statement], path: tuple[str | int, ...]) -> tuple[int, Span] | None:
    """The value at a path, and where its definition begins, if one statement defines it whole."""
    for statement in statements:
        if statement.value is not None and path[: len(statement.path)] == statement.path:
            return _descend(statement.start, statement.value, path[len(statement.path) :])
    return None


def _descend(start: int, span: Span, path: tuple[str | int, ...]) -> tuple[int, Span] | None:
    """The value at a path inside a value, and where its definition begins."""
    if not path:
        return start, span
    for member in span.members:
        if path[: len(member.key)] == member.key:
            return _descend(member.start, member.value, path[len(member.key) :])
    if isinstance(path[0], int) and 0 <= path[0] < len(span.items):
        item = span.items[path[0]]
        return _descend(item.start, item, path[1:])
    return None
