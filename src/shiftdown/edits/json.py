r"""Format-preserving edits of JSON, with or without comments.

    >>> from shiftdown.edits import json
    >>> print(json.set('{\n  "scripts": {}\n}\n', ["scripts", "test"], "vitest"))
    {
      "scripts": {
        "test": "vitest"
      }
    }
    <BLANKLINE>

What is added takes on the indentation (spaces or tabs), the line ends and, in a text of one line, the spacing
after `:`. Numbers elsewhere keep every digit.

All functions raise `CannotEditError` when the text is no JSON or has a duplicate key, and when the path
leads nowhere. With `comments=True` they accept comments and trailing commas, as files like `tsconfig.json`
have; without, a text that has some is refused, since its own reader would refuse it.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shiftdown.edits._brackets import SLASH_COMMENT, Span, add_last
from shiftdown.edits._json_tree import data, parse
from shiftdown.edits._text import (
    BOM,
    Path,
    Splice,
    format_path,
    line_number,
    line_start,
    newline_of,
    same,
    splice,
    with_value,
)
from shiftdown.errors import CannotEditError

__all__ = ["Located", "append", "line_of", "load", "locate", "set"]


def load(text: str, *, comments: bool = False) -> Any:
    """The plain data of a JSON text."""
    return data(parse(text.removeprefix(BOM), comments=comments))


@dataclass(frozen=True)
class Located:
    """The data of a JSON text, with the line of every part of it."""

    _text: str
    _root: Span

    @cached_property
    def data(self) -> Any:
        """Plain data: dicts, lists, strings, numbers, booleans, None."""
        return data(self._root)

    def line_of(self, path: Path) -> int:
        """1-based line on which a part begins: of its key, or of its list item.

        Raises CannotEditError when the data has no such part.
        """
        span, start = self._root, self._root.start
        for depth, part in enumerate(path):
            found = _step(span, part)
            if found is None:
                problem = f"{format_path(path[: depth + 1])} does not exist"
                raise CannotEditError(problem, line_number(self._text, span.start))
            start, span = found
        return line_number(self._text, start)


def locate(text: str, *, comments: bool = False) -> Located:
    """The data of a JSON text, with the line of every part. Of a key that comes again, the last one counts."""
    body = text.removeprefix(BOM)
    return Located(body, parse(body, comments=comments, repeated_keys=True))


def line_of(text: str, path: Path, *, comments: bool = False) -> int:
    """1-based line on which a part begins; to look up several, use `locate` once."""
    body = text.removeprefix(BOM)
    return Located(body, parse(body, comments=comments)).line_of(path)


def set(text: str, path: Path, value: Any, *, comments: bool = False) -> str:
    """Make the value at `path` be `value`, plain data: add the member, at the end of its object, or replace it.

    Objects that the path names and that are missing are created. When the value is equal already, the text is
    returned as it is.

    Raises CannotEditError also when something on the way is no object, and for a list position that is not there.
    """
    document = _Document(text, comments=comments)
    span, rest = document.walk(path)
    if not rest:
        if same(data(span), value):
            return text
        return document.finish([(span.start, span.end, document.render(value, document.margin(span)))], path, value)
    if span.kind != "object" or not all(isinstance(part, str) for part in rest):
        raise document.refuse(f"{format_path(path[: len(path) - len(rest) + 1])} does not exist", span)
    for part in reversed(rest[1:]):
        value = {part: value}
    return document.finish(document.add(span, value, str(rest[0])), path[: len(path) - len(rest) + 1], value)


def append(text: str, path: Path, item: Any, *, comments: bool = False) -> str:
    """Add an item, plain data, at the end of the array at `path`; a missing array is created.

    When an equal item is in the array, wherever, the text is returned as it is.

    Raises CannotEditError also when the value is no array.
    """
    document = _Document(text, comments=comments)
    span, rest = document.walk(path)
    if rest:
        return set(text, path, [item], comments=comments)
    if span.kind != "array":
        raise document.refuse(f"{format_path(path)} is not an array", span)
    items = data(span)
    if any(same(present, item) for present in items):
        return text
    return document.finish(document.add(span, item), path, [*items, item])


class _Document:
    """One text and its tree; `text` is without byte-order mark."""

    def __init__(self, original: str, *, comments: bool) -> None:
        self.bom = BOM if original.startswith(BOM) else ""
        self.text = original.removeprefix(BOM)
        self.comments = comments
        self.root = parse(self.text, comments=comments)
        first = next((start for start, _ in self.root.elements), None)
        margin = None if first is None else self.text[line_start(self.text, first) : first]
        self.one_line = "\n" not in self.text[self.root.start : self.root.end] and bool(self.root.elements)
        self.step = margin if margin and not margin.strip() else "  "

    def refuse(self, reason: str, span: Span) -> CannotEditError:
        return CannotEditError(reason, line_number(self.text, span.start))

    def walk(self, path: Path) -> tuple[Span, Path]:
        """The last value that exists on a path, and the rest of the path."""
        span = self.root
        for depth, part in enumerate(path):
            found = _step(span, part)
            if found is None:
                return span, path[depth:]
            span = found[1]
        return span, ()

    def margin(self, span: Span) -> str:
        """The indentation of the line on which a value begins."""
        line = self.text[line_start(self.text, span.start) : span.start]
        return line[: len(line) - len(line.lstrip())]

    def compact(self) -> bool:
        """Whether the text is one line without a space after `:`."""
        return self.one_line and not re.search(r'":\s', self.text)

    def render(self, value: Any, margin: str | None) -> str:
        """A value as text: below a line with that indentation, or on one line."""
        separators = (",", ":") if self.compact() else (", ", ": ")
        try:
            if margin is None or self.one_line:
                return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=separators)
            shown = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=self.step)
        except (TypeError, ValueError) as error:
            raise CannotEditError(f"not plain data: {error}") from error
        return shown.replace("\n", newline_of(self.text) + margin)

    def add(self, span: Span, value: Any, key: str | None = None) -> list[Splice]:
        """Add a member or an item to a collection."""
        elements = span.elements
        inline = bool(elements) and "\n" not in self.text[span.start : elements[-1][0]]
        shown = self.render(value, None if inline else self.margin(span) + self.step)
        space = "" if self.compact() else " "
        if key is not None:
            shown = f"{json.dumps(key, ensure_ascii=False)}:{space}{shown}"
        if not elements and not self.one_line and not self.text[span.start + 1 : span.end - 1].strip():
            newline = newline_of(self.text) + self.margin(span)
            return [(span.start + 1, span.end - 1, f"{newline}{self.step}{shown}{newline}")]
        return add_last(self.text, span.start, span.end, elements, shown, SLASH_COMMENT, space=space)

    def finish(self, splices: list[Splice], path: Path, value: Any) -> str:
        """The edited text, if it is the old data with `value` at `path`."""
        new = splice(self.text, splices)
        if not same(data(parse(new, comments=self.comments)), with_value(data(self.root), path, value)):
            line = line_number(self.text, min(splices)[0])
            raise CannotEditError("the edited text would not mean what was intended", line)
        return self.bom + new


def _step(span: Span, part: str | int) -> tuple[int, Span] | None:
    if span.kind == "array" and isinstance(part, int) and 0 <= part < len(span.items):
        return span.items[part].start, span.items[part]
    return next(((member.start, member.value) for member in span.members if member.key[0] == part), None)
