"""Plain data and ready-made blocks as YAML lines in the style of the document they go into."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from shiftdown.edits._yaml_data import data
from shiftdown.edits._yaml_reindent import reindent
from shiftdown.edits._yaml_tree import Node, parse, scalar, shape, shape_of, walk
from shiftdown.errors import CannotEditError


@dataclass(frozen=True)
class Block:
    r"""Ready-made YAML for a value, comments included, where plain data would say too little.

    It is the value alone, without its key or dash, at any indentation; it is indented to fit the document:

        insert(text, ["jobs"], "lint", Block("runs-on: ubuntu-latest\nsteps:\n  - uses: actions/checkout@v4 # pin"))
    """

    text: str
    """The YAML."""


@dataclass(frozen=True)
class Style:
    """How a document is written."""

    step: int = 2
    """Columns by which a nested mapping is indented."""
    offset: int = 2
    """Columns by which a list is indented below its key; 0 is common."""
    quote: Literal["'", '"'] = '"'
    """The quotes for strings that need some."""


@dataclass(frozen=True)
class Rendered:
    """The lines of a value, as if it began in column 0."""

    kind: Literal["inline", "mapping", "sequence"]
    """`inline`: the first line goes behind the key or dash, the others are indented below it already."""
    lines: list[str]
    """Without line ends."""
    shape: Any
    """What the lines mean (see `_yaml_tree.shape`)."""

    def as_entry(self, key: str, style: Style) -> list[str]:
        """The lines of a mapping entry; `key` is rendered already."""
        if self.lines == ["null"]:
            return [f"{key}:"]
        if self.kind == "inline":
            return [f"{key}: {self.lines[0]}", *self.lines[1:]]
        return [f"{key}:", *indent(self.lines, style.step if self.kind == "mapping" else style.offset)]

    def as_item(self, width: int) -> list[str]:
        """The lines of a list item whose content begins `width` columns after its dash."""
        comments = next((n for n, line in enumerate(self.lines) if not line.startswith("#")), 0)
        first, *others = self.lines[comments:]
        if self.kind != "inline":
            others = indent(others, width)
        return [*self.lines[:comments], f"-{' ' * (width - 1)}{first}", *others]


def indent(lines: list[str], columns: int) -> list[str]:
    """The lines moved to the right; empty ones stay empty."""
    return [" " * columns + line if line else line for line in lines]


def render(value: Any, style: Style) -> Rendered:
    """Lines for plain data, for a `Block`, or for dicts and lists with blocks in them.

    Raises CannotEditError for anything else and for a block that is no YAML.
    """
    if isinstance(value, Block):
        return _render_block(value, style)
    if isinstance(value, dict) and value:
        entries = [(key, render(item, style)) for key, item in value.items()]
        lines = [line for key, item in entries for line in item.as_entry(render_key(key, style.quote), style)]
        shapes = tuple((shape_of(key), item.shape) for key, item in entries)
        return Rendered("mapping", lines, ("mapping", None, None, shapes))
    if isinstance(value, list | tuple) and value:
        items = [render(item, style) for item in value]
        lines = [line for item in items for line in item.as_item(2)]
        return Rendered("sequence", lines, ("sequence", None, None, tuple(item.shape for item in items)))
    if isinstance(value, str) and _fits_literal(value):
        first = "|" if value.endswith("\n") else "|-"
        lines = [first, *indent(value.removesuffix("\n").split("\n"), style.step)]
        return Rendered("inline", lines, shape_of(value))
    meaning = shape_of(value)
    return Rendered("inline", [render_flow(value, style.quote)], meaning)


def render_inline(value: Any, quote: str, *, force: bool = False) -> Rendered:
    """One line for plain data that fits between brackets. Raises CannotEditError for a `Block` too."""
    if isinstance(value, Block):
        raise CannotEditError("a ready-made block does not fit between brackets")
    meaning = shape_of(value)
    return Rendered("inline", [_nested(value, quote, force)], meaning)


def plain(value: Any) -> Any:
    """The data that a value stands for, blocks read. Raises CannotEditError for a block that is no YAML."""
    if isinstance(value, Block):
        return data(_parse_block(_text_of(value)))
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def render_flow(value: Any, quote: str, *, force: bool = False) -> str:
    """One line for plain data; `force` quotes strings that need no quotes."""
    if isinstance(value, dict):
        pairs = (
            f"{render_key(key, quote, force=force, flow=True)}: {_nested(item, quote, force)}"
            for key, item in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_nested(item, quote, force) for item in value) + "]"
    if isinstance(value, str):
        return quoted(value, quote) if force or not _is_plain(value) else value
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return json.dumps(value)


def _nested(value: Any, quote: str, force: bool) -> str:
    if isinstance(value, str):
        return quoted(value, quote) if force or not _is_plain(value, flow=True) else value
    return render_flow(value, quote, force=force)


def render_key(key: Any, quote: str, *, force: bool = False, flow: bool = False) -> str:
    """A mapping key. The words `on`, `yes` and the like are strings in YAML 1.2 and stay bare as keys."""
    if isinstance(key, str) and key.lower() in _YAML_1_1_BOOLEANS and not force:
        return key
    return _nested(key, quote, force) if flow else render_flow(key, quote, force=force)


_YAML_1_1_BOOLEANS = {"on", "off", "yes", "no", "y", "n"}
_PLAIN = re.compile(r"(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`]|-(?=[^\s,\[\]{}]))(?:[^\s:#]|:(?!$|\s)|(?<!\s)#| (?! |$))*")
_LOOKS_LIKE_NUMBER_OR_DATE = re.compile(
    r"[-+.]?[0-9][0-9_,.:]*([eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+|[0-9]{4}-[0-9]+-[0-9]+.*"
)
_UNPRINTABLE = re.compile("[^\t\n -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")


def _is_plain(text: str, *, flow: bool = False) -> bool:
    """Whether any YAML reader, of 1.1 too, takes the bare text for this string."""
    return bool(
        _PLAIN.fullmatch(text)
        and not _UNPRINTABLE.search(text)
        and text.lower() not in _YAML_1_1_BOOLEANS
        and text != "<<"
        and text != "="
        and not text.startswith(("---", "..."))
        and not _LOOKS_LIKE_NUMBER_OR_DATE.fullmatch(text)
        and not (flow and re.search(r"[,\[\]{}:]", text))
        and isinstance(scalar(Node("scalar", 0, 0, False, text=text)), str)
    )


def quoted(text: str, quote: str) -> str:
    """A string in quotes, on one line."""
    if quote == "'" and not _UNPRINTABLE.search(text) and "\n" not in text and "\t" not in text:
        return "'" + text.replace("'", "''") + "'"
    return _UNPRINTABLE.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    if 0xD800 <= number <= 0xDFFF:
        raise CannotEditError(f"half of a surrogate pair, U+{number:X}, cannot be written as YAML")
    return f"\\u{number:04x}"


def _fits_literal(text: str) -> bool:
    """Whether a string with several lines reads well, and safely, as a `|` block."""
    return (
        "\n" in text.removesuffix("\n")
        and not text.endswith("\n\n")
        and not text.startswith((" ", "\n", "\t"))
        and not _UNPRINTABLE.search(text)
        and bool(text.split("\n")[-1 if text[-1] != "\n" else -2].strip())
    )


def _text_of(block: Block) -> str:
    return "\n".join(_dedent(block.text.replace("\r\n", "\n").split("\n"))) + "\n"


def _parse_block(text: str) -> Node:
    try:
        root = parse(text)
    except CannotEditError as error:
        raise CannotEditError(f"in the block to add, {error}") from error
    if root is None:
        raise CannotEditError("the block to add is empty")
    if any(node.anchor for node in walk(root)):
        raise CannotEditError("the block to add has anchors or aliases, which could clash with those of the document")
    return root


def _render_block(block: Block, style: Style) -> Rendered:
    text = _text_of(block)
    root = _parse_block(text)
    if root.kind != "scalar" and not root.flow and root.tag is None:
        kind: Literal["mapping", "sequence"] = "mapping" if root.kind == "mapping" else "sequence"
        return Rendered(kind, reindent(text, root, step=style.step, offset=style.offset), shape(root))
    first, *others = text.removesuffix("\n").split("\n")
    if first.startswith("#"):
        raise CannotEditError("a comment above a single value has no place behind a key")
    return Rendered(
        "inline", [first, *(others if root.style in ("|", ">") else indent(others, style.step))], shape(root)
    )


def _dedent(lines: list[str]) -> list[str]:
    while lines and not lines[0].strip():
        lines = lines[1:]
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    columns = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    return [line[columns:] if line.strip() else "" for line in lines]
