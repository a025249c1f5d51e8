"""Where an addition to a YAML text goes, as splices."""

import re
from collections.abc import Sequence
from typing import Any

from shiftdown.edits._brackets import HASH_COMMENT, add_last
from shiftdown.edits._text import Splice, after_trailing_comments, line_start, next_line
from shiftdown.edits._yaml_document import Document
from shiftdown.edits._yaml_render import Rendered, Style, indent, render, render_inline, render_key
from shiftdown.edits._yaml_tree import Node, chomping, dash_column, scalar


def is_null(node: Node | None) -> bool:
    """Whether there is nothing at a place: no document, or a bare null."""
    return node is None or (node.kind == "scalar" and node.plain and not node.style and node.text in ("", "~", "null"))


def is_empty(document: Document, node: Node) -> bool:
    """Whether a node is `[]` or `{}`, without a comment inside."""
    return node.flow and node.plain and not document.text[node.start + 1 : node.end - 1].strip()


def fill(document: Document, node: Node | None, parent: Node | None, rendered: Rendered) -> list[Splice]:
    """Put a block collection where a null, `[]` or `{}` stands, which is taken away."""
    text = document.text
    if parent is None or node is None:
        at = len(text) if node is None else after_trailing_comments(text, next_line(text, node.end), 0)
        if node is not None and node.end > node.start:
            raise document.refuse("the whole document is a null", node)
        return [_lines(document, at, rendered.lines)]
    column, style = document.column(parent), document.style(parent)
    content = indent(rendered.lines, column + (style.step if rendered.kind == "mapping" else style.offset))
    start = len(text[: node.start].rstrip(" "))
    at = after_trailing_comments(text, next_line(text, node.end), column + 1)
    removal: list[Splice] = [(start, node.end, "")] if node.end > node.start else []
    return [*removal, _lines(document, at, content)]


def _lines(document: Document, at: int, lines: Sequence[str]) -> Splice:
    """Whole lines at the start of a line."""
    return (at, at, "".join(line + document.newline for line in lines))


def add_entry(document: Document, node: Node, key: Any, rendered: Rendered, index: int, style: Style) -> list[Splice]:
    """Add an entry to a block mapping, so that it becomes the one at `index`."""
    column = document.column(node)
    _check_columns(document, node, column)
    spans = [(name.start, value.end) for name, value in node.entries]
    quote, force = quotes([name for name, _ in node.entries], style)
    name = render_key(key, quote, force=force)
    lines = indent(rendered.as_entry(name, style), column)
    spaced = _spaced(document, node, spans, lines)
    if index == 0:
        joined = document.newline.join([*lines, "", ""] if spaced else [*lines, ""])
        return [(node.start, node.start, joined[column:] + " " * column)]
    return [_after(document, node.entries[index - 1][1], column, lines, spaced=spaced)]


def _spaced(document: Document, node: Node, spans: list[tuple[int, int]], lines: list[str]) -> bool:
    """Whether a blank line goes before a new entry.

    A single entry does not tell; a long one at the second level then follows the first level.
    """
    root = document.root
    if len(spans) > 1 or root is None or node is root:
        return document.spaced(spans)
    below_root = any(value is node for _, value in root.entries)
    first = document.text[slice(*spans[0])]
    if not below_root or len(lines) == 1 or "\n" not in first:
        return False
    return document.spaced([(key.start, value.end) for key, value in root.entries])


def _after(document: Document, last: Node, column: int, lines: list[str], *, spaced: bool) -> Splice:
    """Lines below an entry or item that ends with the node `last`."""
    text = document.text
    kept = chomping(text, last.last()) == "+"
    at = after_trailing_comments(text, next_line(text, last.end), column)
    below_blank = not text[line_start(text, at - 1) : at].strip()
    return _lines(document, at, ["", *lines] if spaced and not kept and not below_blank else lines)


def _check_columns(document: Document, node: Node, column: int) -> None:
    """Every key must begin its line (the first one may follow dashes), all in one column."""
    for number, (key, _) in enumerate(node.entries):
        prefix = document.text[line_start(document.text, key.start) : key.start]
        if not re.fullmatch(r" *(- +)*" if number == 0 else " *", prefix) or len(prefix) != column:
            raise document.refuse("a key does not stand at the start of its line", key)


def add_item(document: Document, node: Node, rendered: Rendered) -> list[Splice]:
    """Add an item at the end of a block sequence."""
    text = document.text
    for item in reversed(node.items):
        prefix = text[line_start(text, item.start) : item.start]
        column = dash_column(prefix)
        if column is not None:
            break
    else:
        raise document.refuse("no list item stands behind its dash", node)
    width = len(prefix) - column
    lines = indent(rendered.as_item(width if width > 1 else 2), column)
    spaced = document.spaced([(item.start, item.end) for item in node.items])
    return [_after(document, node.items[-1], column, lines, spaced=spaced)]


def add_in_brackets(document: Document, node: Node, value: Any, *, key: Any = None) -> tuple[list[Splice], Any]:
    """Add an item, or with a `key` an entry, at the end of a collection in brackets; also its shape."""
    text = document.text
    if text[node.start] not in "[{":
        raise document.refuse("a pair without brackets of its own", node)
    style = document.style(node)
    if key is None:
        quote, force = quotes(node.items, style)
        rendered = render_inline(value, quote, force=force)
        new, spans = rendered.lines[0], [(item.start, item.end) for item in node.items]
    else:
        quote, force = quotes([item for _, item in node.entries], style)
        rendered = render_inline(value, quote, force=force)
        quote, force = quotes([name for name, _ in node.entries], style)
        new = f"{render_key(key, quote, force=force, flow=True)}: {rendered.lines[0]}"
        spans = [(name.start, item.end) for name, item in node.entries]
    return add_last(text, node.start, node.end, spans, new, HASH_COMMENT), rendered.shape


def quotes(siblings: Sequence[Node], style: Style) -> tuple[str, bool]:
    """The quotes for a string among siblings, and whether it needs them only to look like them."""
    used = {node.style for node in siblings if node.kind == "scalar" and isinstance(scalar(node), str)}
    if len(used) == 1 and used <= {"'", '"'}:
        return used.pop(), True
    return style.quote, False


def exchange(document: Document, node: Node, parent: Node, value: Any) -> tuple[list[Splice], Any]:
    """Put a value where a node stands; also its shape.

    Raises CannotEditError when a comment would be lost.
    """
    text = document.text
    style = document.style(parent)
    if node.style in ("'", '"') and isinstance(value, str) and "\n" not in value:
        rendered = render_inline(value, node.style, force=True)
    else:
        rendered = render_inline(value, style.quote) if parent.flow else render(value, style)
    key = next((name for name, item in parent.entries if item is node), None)
    if parent.flow:
        space = " " if text[node.start - 1] == ":" else ""
        return [(node.start, node.end, space + rendered.lines[0])], rendered.shape
    if key is not None:
        start, column = key.start, document.column(parent)
        lines = rendered.as_entry(text[key.start : key.end], style)
        between = text[key.end : node.start]
    else:
        prefix = text[line_start(text, node.start) : node.start]
        found = dash_column(prefix)
        if found is None:
            raise document.refuse("the list item does not stand behind its dash", node)
        start, column = line_start(text, node.start) + found, found
        lines, between = rendered.as_item(max(2, len(prefix) - found)), ""
    if "#" in between:
        raise document.refuse("a comment stands between the key and its value", key)
    first, *others = indent(lines, column)
    if "\n" in text[start : node.end]:
        return [(start, node.end, document.newline.join([first[column:], *others]))], rendered.shape
    below = next_line(text, node.end)
    return [(start, node.end, first[column:]), _lines(document, below, others)], rendered.shape
