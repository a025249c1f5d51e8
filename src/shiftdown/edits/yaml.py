r"""Format-preserving edits of YAML.

    >>> from shiftdown.edits import yaml
    >>> print(yaml.append("steps:\n- run: make  # all\n", ["steps"], {"run": "make test"}))
    steps:
    - run: make  # all
    - run: make test
    <BLANKLINE>

What is added takes on the style around it: indentation, lists level with their key or deeper, brackets,
quotes, blank lines between entries, line ends. New strings with several lines become `|` blocks. The text
keeps or keeps lacking its final newline, unless it would then end in a block scalar that needs one.

All functions raise `CannotEditError` when the text is no YAML, holds several documents or a duplicate key,
when the path leads nowhere, through an alias or to an anchor in use, and when the edited text would not mean
exactly what was intended.
"""

from typing import Any

from shiftdown.edits._text import BOM, Path, format_path, same
from shiftdown.edits._yaml_data import Located, data, is_merge, locate
from shiftdown.edits._yaml_document import Document, child, key_index
from shiftdown.edits._yaml_place import add_entry, add_in_brackets, add_item, exchange, fill, is_empty, is_null, quotes
from shiftdown.edits._yaml_render import Block, Style, plain, render, render_inline
from shiftdown.edits._yaml_tree import Node, parse_all, shape, shape_of, walk

__all__ = ["Block", "Located", "append", "dump", "insert", "line_of", "load", "load_all", "locate", "replace"]


def load(text: str) -> Any:
    """The plain data of a YAML text; see `locate` for the rules and the errors."""
    return locate(text).data


def load_all(text: str) -> list[Any]:
    """The plain data of each document in a YAML text, by the rules of `locate`."""
    return [None if root is None else data(root) for root in parse_all(text.removeprefix(BOM))]


def line_of(text: str, path: Path) -> int:
    """1-based line on which a part begins; to look up several, use `locate` once."""
    return locate(text).line_of(path)


def dump(value: Any) -> str:
    """A new YAML text for plain data, for a `Block`, or for dicts and lists with blocks in them, in block style.

    Raises CannotEditError for anything else and for a block that is no YAML.
    """
    return "\n".join(render(value, Style()).lines) + "\n"


def insert(
    text: str,
    path: Path,
    key: str | int,
    value: Any,
    *,
    before: str | int | None = None,
    after: str | int | None = None,
) -> str:
    """Add a key to the mapping at `path`: at its end, or next to the sibling named by `before` or `after`.

    `value` is plain data or a `Block`. A mapping that is null, absent (the root of an empty text) or `{}` is
    filled. When the key is there with an equal value, the text is returned as it is.

    Raises CannotEditError also when the key is there with another value, when the node is no mapping, when it
    has merge keys, when the sibling does not exist, and when a `Block` would have to go between brackets.
    """
    document = Document(text)
    node, parent = document.find(path)
    if before is None and after is None and _fillable(document, node, parent):
        rendered = render({key: value}, document.style(parent))
        return document.finish(fill(document, node, parent, rendered), node, rendered.shape)
    if node is None or node.kind != "mapping":
        raise document.refuse(f"{format_path(path)} is not a mapping", node)
    present = child(node, key)
    if present is not None:
        if same(data(present), plain(value)):
            return text
        raise document.refuse(f"{format_path([*path, key])} is there already, with another value", present)
    if merge := next((name for name, _ in node.entries if is_merge(name)), None):
        raise document.refuse(f"{format_path(path)} has a merge key", merge)
    index = _index(document, node, path, before, after)
    if node.flow:
        if index != len(node.entries):
            raise document.refuse(f"{format_path(path)} is in brackets, which only grow at their end", node)
        splices, meaning = add_in_brackets(document, node, value, key=key)
    else:
        style = document.style(node)
        rendered = render(value, style)
        splices, meaning = add_entry(document, node, key, rendered, index, style), rendered.shape
    entries = [(shape(name), shape(item)) for name, item in node.entries]
    entries.insert(index, (shape_of(key), meaning))
    return document.finish(splices, node, ("mapping", node.tag, node.anchor, tuple(entries)))


def append(text: str, path: Path, item: Any) -> str:
    """Add an item at the end of the sequence at `path`.

    `item` is plain data or a `Block`. A sequence that is null, absent (the root of an empty text) or `[]` is
    filled. When an equal item is in the sequence, wherever, the text is returned as it is.

    Raises CannotEditError also when the node is no sequence, and when a `Block` would have to go between brackets.
    """
    document = Document(text)
    node, parent = document.find(path)
    scalar_into_brackets = node is not None and node.flow and not isinstance(item, Block | dict | list)
    if _fillable(document, node, parent) and not scalar_into_brackets:
        rendered = render([item], document.style(parent))
        return document.finish(fill(document, node, parent, rendered), node, rendered.shape)
    if node is None or node.kind != "sequence":
        raise document.refuse(f"{format_path(path)} is not a sequence", node)
    wanted = plain(item)
    if any(same(data(present), wanted) for present in node.items):
        return text
    if node.flow:
        splices, meaning = add_in_brackets(document, node, item)
    else:
        style = document.style(node)
        quote, force = quotes(node.items, style)
        rendered = render_inline(item, quote, force=True) if force and isinstance(item, str) else render(item, style)
        splices, meaning = add_item(document, node, rendered), rendered.shape
    items = (*map(shape, node.items), meaning)
    return document.finish(splices, node, ("sequence", node.tag, node.anchor, items))


def replace(text: str, path: Path, value: Any) -> str:
    """Put `value`, plain data or a `Block`, where the node at `path` stands, its trailing comment kept.

    When the node has an equal value, the text is returned as it is.

    Raises CannotEditError also for the root, for a node with a tag or an anchor, and when a comment between the
    key and its value would be lost.
    """
    document = Document(text)
    node, parent = document.find(path)
    if node is None or parent is None:
        raise document.refuse("the whole document is not replaced", node)
    if same(data(node), plain(value)):
        return text
    if any(not inner.plain for inner in walk(node)):
        raise document.refuse(f"{format_path(path)} has a tag, an anchor or an alias", node)
    splices, meaning = exchange(document, node, parent, value)
    return document.finish(splices, node, meaning)


def _fillable(document: Document, node: Node | None, parent: Node | None) -> bool:
    """Whether a block collection can take the place of a null, `[]` or `{}`."""
    if node is None or parent is None:
        return is_null(node)
    return not parent.flow and parent.kind == "mapping" and (is_null(node) or is_empty(document, node))


def _index(document: Document, node: Node, path: Path, before: str | int | None, after: str | int | None) -> int:
    sibling = before if before is not None else after
    if sibling is None:
        return len(node.entries)
    index = key_index(node, sibling)
    if before is not None and after is not None:
        raise document.refuse("a place is given by `before` or by `after`, not by both", node)
    if index is None:
        raise document.refuse(f"{format_path([*path, sibling])} does not exist", node)
    return index if before is not None else index + 1
