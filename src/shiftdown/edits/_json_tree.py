"""JSON text as a tree of spans. The standard library decodes scalars; the places are found here.

No library on the package index reads JSON, with and without comments, to spans without being new or
needing a compiler; the grammar is small.
"""

import json
import re
from typing import Any

from shiftdown.edits._brackets import SLASH_COMMENT, Member, Span
from shiftdown.edits._text import line_number
from shiftdown.errors import CannotEditError

MAX_DEPTH = 100
"""Deepest nesting that a document may have."""

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_SPACE_AND_COMMENTS = re.compile(rf"(?:[ \t\r\n]+|{SLASH_COMMENT.pattern})*", re.DOTALL)
_WORD = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null")


def parse(text: str, *, comments: bool, repeated_keys: bool = False) -> Span:
    """The root value; with `comments`, comments and trailing commas are allowed.

    Of a key that comes again only the last counts, with `repeated_keys`; without, it is refused.

    Raises CannotEditError for what is no JSON, for duplicate keys, and when nested too deep.
    """
    return _Parser(text, comments=comments, repeated_keys=repeated_keys).document()


def data(span: Span) -> Any:
    """The plain data of a span."""
    if span.kind == "object":
        return {member.key[0]: data(member.value) for member in span.members}
    return [data(item) for item in span.items] if span.kind == "array" else span.value


class _Parser:
    def __init__(self, text: str, *, comments: bool, repeated_keys: bool) -> None:
        self.text = text
        self.comments = comments
        self.repeated_keys = repeated_keys
        self.space = _SPACE_AND_COMMENTS if comments else _SPACE

    def document(self) -> Span:
        root = self._value(self._skip(0), 0)
        end = self._skip(root.end)
        if end < len(self.text):
            raise self._error("something follows the value", end)
        return root

    def _error(self, problem: str, at: int) -> CannotEditError:
        return CannotEditError(f"not valid JSON: {problem}", line_number(self.text, at))

    def _skip(self, at: int) -> int:
        match = self.space.match(self.text, at)
        return match.end() if match else at

    def _value(self, at: int, depth: int) -> Span:
        if depth > MAX_DEPTH:
            raise self._error(f"nested deeper than {MAX_DEPTH}", at)
        first = self.text[at : at + 1]
        if first == "{":
            return self._collection(Span("object", at, at), "}", depth)
        if first == "[":
            return self._collection(Span("array", at, at), "]", depth)
        if first == '"':
            value, end = self._string(at)
            return Span("scalar", at, end, value)
        match = _WORD.match(self.text, at)
        if not match:
            raise self._error("a value is missing", at)
        try:
            return Span("scalar", at, match.end(), json.loads(match[0]))
        except ValueError as error:  # a number with thousands of digits
            raise self._error(str(error), at) from error

    def _collection(self, span: Span, close: str, depth: int) -> Span:
        seen: set[str] = set()
        at = self._skip(span.start + 1)
        while not self.text.startswith(close, at):
            if span.kind == "object":
                member = self._member(at, depth)
                if member.key[0] in seen:
                    if not self.repeated_keys:
                        raise CannotEditError(f"the key {member.key[0]!r} is there twice", line_number(self.text, at))
                    span.members = [earlier for earlier in span.members if earlier.key != member.key]
                seen.add(member.key[0])
                span.members.append(member)
                at = self._skip(member.value.end)
            else:
                span.items.append(self._value(at, depth + 1))
                at = self._skip(span.items[-1].end)
            if self.text.startswith(close, at):
                break
            if not self.text.startswith(",", at):
                raise self._error(f"',' or '{close}' is missing", at)
            comma, at = at, self._skip(at + 1)
            if self.text.startswith(close, at) and not self.comments:
                raise self._error("a comma before the closing bracket", comma)
        span.end = at + 1
        return span

    def _member(self, at: int, depth: int) -> Member:
        if not self.text.startswith('"', at):
            raise self._error("a key in double quotes is missing", at)
        key, end = self._string(at)
        colon = self._skip(end)
        if not self.text.startswith(":", colon):
            raise self._error("':' is missing", colon)
        return Member((key,), at, self._value(self._skip(colon + 1), depth + 1))

    def _string(self, at: int) -> tuple[str, int]:
        try:
            return _DECODER.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            raise self._error(error.msg, error.pos) from error
