"""Plain data from YAML, and the lines it comes from."""

from dataclasses import dataclass
from typing import Any

from shiftdown.edits._text import BOM, Path, format_path, line_number, same
from shiftdown.edits._yaml_tree import Node, parse, scalar
from shiftdown.errors import CannotEditError


@dataclass(frozen=True)
class Located:
    """The data of a YAML text, with the line of every part of it."""

    data: Any
    """Plain data: dicts, lists, strings, numbers, booleans, None."""
    _text: str
    _root: Node | None

    def line_of(self, path: Path) -> int:
        """1-based line on which a part begins: of its key, or of its list item; aliases and merges are followed.

        Raises CannotEditError when the data has no such part.
        """
        node, start = self._root, self._root.start if self._root else 0
        for depth, part in enumerate(path):
            found = _step(node, part)
            if found is None:
                raise CannotEditError(
                    f"{format_path(path[: depth + 1])} does not exist", line_number(self._text, start)
                )
            start, node = found[0].start, found[1]
        return line_number(self._text, start)


def locate(text: str, *, repeated_keys: bool = False) -> Located:
    """The data of a YAML text by the core schema of YAML 1.2, with the line of every part.

    `on`, `yes`, `no` and `off` are strings, as are dates. Merge keys (`<<`) are applied. Tags of an
    application (`!reference`) are left out; what they stand on is kept. An empty text is None. With `repeated_keys`,
    the last of several equal keys counts; it is for texts whose own readers do not mind.

    Raises CannotEditError for what is no YAML, duplicate keys, several documents, keys that are not
    scalars, nesting deeper than 60 and more than 200,000 nodes, aliases expanded.
    """
    body = text.removeprefix(BOM)
    root = parse(body, repeated_keys=repeated_keys)
    return Located(None if root is None else data(root), body, root)


def data(node: Node) -> Any:
    """The plain data of a node."""
    if node.target is not None:
        return data(node.target)
    if node.kind == "scalar":
        return scalar(node)
    if node.kind == "sequence":
        return [data(item) for item in node.items]
    result: dict[Any, Any] = {}
    merged: dict[Any, Any] = {}
    for key, value in node.entries:
        if sources := _merged(key, value):
            for source in sources:
                merged = data(source) | merged
            continue
        result[scalar(key)] = data(value)
    return merged | result


def _merged(key: Node, value: Node) -> list[Node]:
    """The mappings that a merge key takes in; empty if it is an ordinary key."""
    if not is_merge(key):
        return []
    value = value.target or value
    sources = [item.target or item for item in value.items] or [value]
    return sources if all(source.kind == "mapping" for source in sources) else []


def is_merge(key: Node) -> bool:
    """Whether a key is `<<`."""
    return key.text == "<<" and not key.style and not key.tag


def _step(node: Node | None, part: str | int) -> tuple[Node, Node] | None:
    """Where a part begins, and its value."""
    node = node and (node.target or node)
    if node is None:
        return None
    if node.kind == "sequence":
        item = node.items[part] if isinstance(part, int) and 0 <= part < len(node.items) else None
        return None if item is None else (item, item)
    inherited: tuple[Node, Node] | None = None
    for key, value in node.entries:
        if (key.text == part or not isinstance(part, str)) and same(scalar(key), part):
            return key, value
        for source in _merged(key, value):
            inherited = inherited or _step(source, part)
    return inherited
