"""Writes YAML byte for byte as the npm package `yaml` does, which Backstage's actions use.

`shiftdown.edits.yaml` writes for people who keep the file; this is for files that must be the same as Backstage's.
The rules: block style, indented by 2; text is plain where YAML 1.2 reads it as text again, else quoted, and in a block
where it has lines; lines are folded at 80 columns.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.yaml_fold import Fold, fold

_STEP = "  "
_WIDTH = 80
_DEPTH = 200
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_PLAIN = re.compile(r"""^[\n\t ,\[\]{}#&*!|>'"%@`]|^[?-]\Z|^[?-][ \t]|[\n:][ \t]|[ \t]\n|[\n\t ]#|[\n\t :]\Z""")
_NOT_TEXT = re.compile(
    r"~|[Nn]ull|NULL||[Tt]rue|TRUE|[Ff]alse|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN"
    r"|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+|[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)"
)
_MARKER = re.compile(r"^(?:%|---|\.\.\.)", re.MULTILINE)
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_SHORT_ESCAPES = {
    "0000": "0",
    "0007": "a",
    "000b": "v",
    "001b": "e",
    "0085": "N",
    "00a0": "_",
    "2028": "L",
    "2029": "P",
}


def dump_yaml(value: Any) -> str:
    """A YAML document for plain data.

    Raises:
        InvalidInputError: it is no plain data, or nested too deep.
    """
    return _node(value, _Place("")) + "\n"


@dataclass(frozen=True)
class _Place:
    """Where a value is written."""

    indent: str
    """What its further lines begin with."""
    column: int | None = None
    """Column of its first character within its key's line, where it has a key."""
    is_key: bool = False
    """Whether it is a key."""


def _node(value: Any, place: _Place) -> str:
    if len(place.indent) > _DEPTH * len(_STEP):
        raise InvalidInputError("data nested too deep for YAML")
    if isinstance(value, str):
        return _text(value, place)
    if value is None or isinstance(value, bool | int | float):
        return _scalar(value)
    if isinstance(value, Mapping):
        lines = [_pair(key, item, place.indent) for key, item in _in_order(value)]
        return f"\n{place.indent}".join(lines) or "{}"
    if isinstance(value, Sequence):
        inner = _Place(place.indent + _STEP)
        return f"\n{place.indent}".join(f"- {_node(item, inner)}" for item in value) or "[]"
    raise InvalidInputError(f"{type(value).__name__} cannot be written as YAML")


def _in_order(mapping: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    """The entries as a JavaScript object has them: whole numbers first, then the others as they were added."""
    entries = [(str(key), item) for key, item in mapping.items()]
    return sorted(entries, key=lambda e: int(e[0]) if _INDEX.fullmatch(e[0]) else 2**32)


def _pair(key: str, value: Any, indent: str) -> str:
    inner = indent + _STEP
    shown = _text(key, _Place(inner, is_key=True))
    long = len(shown) > 1024
    begin = f"? {shown}\n{indent}:" if long else f"{shown}:"
    written = _node(value, _Place(inner, None if long else len(begin) + 1))
    if value and not long and isinstance(value, Mapping | list | tuple):
        return f"{begin}\n{inner}{written}"
    return begin + ("" if written.startswith("\n") else " ") + written


def _scalar(value: bool | float | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else "-.inf" if value < 0 else ".inf"
    if isinstance(value, int) and abs(value) < 2**53:
        return str(value)
    from shiftdown.scaffolder.expressions.text import float_text

    return float_text(float(value))


def _text(value: str, place: _Place) -> str:
    if _CONTROL.search(value):
        return _double_quoted(value, place)
    if place.is_key and "\n" in value:
        return _quoted(value, place)
    if _NOT_PLAIN.search(value):
        return _quoted(value, place) if place.is_key or "\n" not in value else _block(value, place)
    if "\n" in value:
        return _block(value, place)
    if _MARKER.search(value):
        if not place.indent:
            return _block(value, replace(place, indent=_STEP))
        if place.is_key and place.indent == _STEP:
            return _quoted(value, place)
    if _NOT_TEXT.fullmatch(value):
        return _quoted(value, place)
    return value if place.is_key else fold(value, place.indent, Fold.FLOW, place.column)[0]


def _quoted(value: str, place: _Place) -> str:
    return _single_quoted(value, place) if '"' in value and "'" not in value else _double_quoted(value, place)


def _single_quoted(value: str, place: _Place) -> str:
    if (place.is_key and "\n" in value) or re.search(r"[ \t]\n|\n[ \t]", value):
        return _double_quoted(value, place)
    indent = place.indent or (_STEP if _MARKER.search(value) else "")
    shown = "'" + re.sub(r"\n+", lambda m: f"{m[0]}\n{indent}", value.replace("'", "''")) + "'"
    return shown if place.is_key else fold(shown, indent, Fold.FLOW, place.column)[0]


def _double_quoted(value: str, place: _Place) -> str:
    indent = place.indent or (_STEP if _MARKER.search(value) else "")
    shown = json.dumps(value, ensure_ascii=False)
    shown = re.sub(r"\\(?:u([0-9a-f]{4})|.)| (?=\\n)", _escape, shown)
    if place.is_key:
        return shown
    if len(shown) >= _WIDTH // 2:
        shown = _over_lines(shown, indent)
    return fold(shown, indent, Fold.QUOTED, place.column)[0]


def _escape(match: re.Match[str]) -> str:
    code = match[1]
    if code is None:
        return "\\ " if match[0] == " " else match[0]
    short = _SHORT_ESCAPES.get(code)
    return f"\\{short}" if short else f"\\x{code[2:]}" if code.startswith("00") else match[0]


def _over_lines(quoted: str, indent: str) -> str:
    """Line feeds within a quoted text as line ends: one more than there are, since folding takes one away."""

    def lines(match: re.Match[str]) -> str:
        count = len(match[1] or "") // 2 - (match[2] == '"')
        if count <= 0:
            return match[0]
        rest = "\\n" if match[2] == '"' else "\\" if match[2] == " " else ""
        return "\n" * (count + 1) + indent + rest

    return re.sub(r"((?:\\n)+)(?=(.))|\\.", lines, quoted)


def _block(value: str, place: _Place) -> str:
    if re.search(r"\n[\t ]+\Z", value):
        return _quoted(value, place)
    indent = place.indent or (_STEP if _MARKER.search(value) else "")
    body = value.rstrip("\n\t ")
    end = value[len(body) :]
    chomp = "-" if "\n" not in end else "+" if not body or end.index("\n") != len(end) - 1 else ""
    end = re.sub(r"(?<!\n)\n+(?!\n|\Z)", lambda m: m[0] + indent, end.removesuffix("\n"))
    start = body[: len(body) - len(body.lstrip(" \n"))]
    header = ("2" if indent else "1") * (" " in start) + chomp
    start = start[: start.rfind("\n") + 1]
    body = body[len(start) :]
    start = re.sub(r"\n+", lambda m: m[0] + indent, start)
    if any(len(line) > _WIDTH - len(indent) for line in value.split("\n")):
        folded = re.sub(r"\n+", lambda m: "\n" + m[0], body)
        folded = re.sub(r"(?:^|\n)([\t ].*)(?:([\n\t ]*)\n(?![\n\t ]))?", lambda m: m[1] + (m[2] or ""), folded)
        folded = re.sub(r"\n+", lambda m: m[0] + indent, folded)
        shown, overflow = fold(f"{start}{folded}{end}", indent, Fold.BLOCK, len(place.indent))
        if not overflow:
            return f">{header}\n{indent}{shown}"
    body = re.sub(r"\n+", lambda m: m[0] + indent, body)
    return f"|{header}\n{indent}{start}{body}{end}"
