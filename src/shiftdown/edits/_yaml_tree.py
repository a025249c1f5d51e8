"""YAML text as a tree of nodes that know their place in the text.

PyYAML scans and parses, with libyaml where that is there. The tree is built here, because a splice needs the exact
end of every node, aliases as such, and the difference between quoted and plain.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from shiftdown.edits._text import line_number, line_start
from shiftdown.errors import CannotEditError

MAX_NODES = 200_000
"""Most nodes that a document may have, aliases expanded: a bound for alias bombs and for time."""
MAX_DEPTH = 60
"""Deepest nesting that a document may have."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser is several times as fast, and finds the same."""

_NULL = re.compile(r"null|Null|NULL|~|")
_BOOLEAN = re.compile(r"(true|True|TRUE)|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,1000}|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"([-+]?)\.(?:inf|Inf|INF)")
_NAN = re.compile(r"\.(?:nan|NaN|NAN)")
_WORDS = frozenset("nNtTfF~+-.0123456789")
"""What a plain scalar that is no string begins with."""
_CORE = "tag:yaml.org,2002:"


@dataclass(slots=True, eq=False)
class Node:
    """One node of a document. `start` and `end` are indices into the text; `end` is exclusive."""

    kind: Literal["scalar", "mapping", "sequence", "alias"]
    """What it is."""
    start: int
    """Where its text begins: the first key or dash of a block collection, the quote or bracket of others."""
    end: int
    """Where its text ends; for a block collection, where its last entry ends, comments left out."""
    flow: bool
    """A collection in brackets."""
    tag: str | None = None
    """Its explicit tag."""
    anchor: str | None = None
    """The name after `&`, or after `*` for an alias."""
    text: str = ""
    """The content of a scalar."""
    style: str = ""
    """How a scalar is written: plain (empty), `'`, `"`, `|` or `>`."""
    entries: list[tuple["Node", "Node"]] = field(default_factory=list)
    """Keys and values of a mapping."""
    items: list["Node"] = field(default_factory=list)
    """Items of a sequence."""
    target: "Node | None" = None
    """What an alias stands for."""

    @property
    def plain(self) -> bool:
        """Nothing on it says more than its content: no tag and no anchor, and it is no alias."""
        return self.tag is None and self.anchor is None

    @property
    def children(self) -> Iterator["Node"]:
        """Keys, values and items, in the order of the text."""
        for key, value in self.entries:
            yield key
            yield value
        yield from self.items

    def last(self) -> "Node":
        """The node in which its text ends."""
        node = self
        while not node.flow and (node.entries or node.items):
            node = node.entries[-1][1] if node.entries else node.items[-1]
        return node


def parse(text: str, *, repeated_keys: bool = False) -> Node | None:
    """The root of the only document in `text`, or None when it has no document at all.

    Of a key that comes again only the last counts, with `repeated_keys`; without, it is refused.

    Raises CannotEditError for what is no YAML, for several documents, for duplicate keys, and past the limits.
    """
    return next(iter(_parse(text, repeated_keys=repeated_keys, several=False)), None)


def parse_all(text: str) -> list[Node | None]:
    """The roots of all documents in `text`. Raises CannotEditError as `parse`, but for several documents."""
    return _parse(text, repeated_keys=False, several=True)


def _parse(text: str, *, repeated_keys: bool, several: bool) -> list[Node | None]:
    builders: list[_Builder] = []
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, DocumentStartEvent):
                if builders and not several:
                    second = line_number(text, _span(event)[0])
                    raise CannotEditError("the file holds several YAML documents", second)
                builders.append(_Builder(text, repeated_keys=repeated_keys))
            elif builders:
                builders[-1].feed(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise CannotEditError(f"not valid YAML: {_problem(text, error)}", line) from error
    except (yaml.YAMLError, ValueError, IndexError) as error:  # the last two: escapes and input that ends early
        raise CannotEditError(f"not valid YAML: {str(error).strip().splitlines()[0]}") from error
    return [builder.root for builder in builders]


def _span(event: yaml.Event) -> tuple[int, int]:
    """Where an event begins and ends."""
    return cast("yaml.Mark", event.start_mark).index, cast("yaml.Mark", event.end_mark).index


def _problem(text: str, error: yaml.MarkedYAMLError) -> str:
    """What the parser found; libyaml does not say which character is the wrong one."""
    problem, mark = str(error.problem or error.context), error.problem_mark
    if mark and mark.index < len(text):
        problem = problem.replace("found character that", f"found character {text[mark.index]!r} that")
    return problem


def walk(node: Node | None) -> Iterator[Node]:
    """A node and all below it; aliases are not followed."""
    stack = [node] if node else []
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.children)


class _Builder:
    """Turns parser events into nodes, without recursion."""

    def __init__(self, text: str, *, repeated_keys: bool) -> None:
        self.text = text
        self.repeated_keys = repeated_keys
        self.root: Node | None = None
        self.open: list[Node] = []
        self.keys: list[Node | None] = []
        self.seen: list[set[Any]] = []
        self.anchors: dict[str, Node] = {}
        self.sizes: dict[int, int] = {}
        self.size = 0

    def feed(self, event: Event) -> None:
        if isinstance(event, CollectionEndEvent):
            self._close(event)
        elif isinstance(event, NodeEvent):
            node = self._node(event)
            self.size += 1 if node.target is None else self.sizes[id(node.target)]
            if self.size > MAX_NODES:
                raise CannotEditError(f"more than {MAX_NODES} nodes", line_number(self.text, node.start))
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                if len(self.open) >= MAX_DEPTH:
                    raise CannotEditError(f"nested deeper than {MAX_DEPTH}", line_number(self.text, node.start))
                self.sizes[id(node)] = self.size - 1
                self.open.append(node)
                self.keys.append(None)
                self.seen.append(set())
            else:
                self._attach(node)

    def _node(self, event: NodeEvent) -> Node:
        start, end = _span(event)
        if isinstance(event, AliasEvent):
            target = self.anchors.get(event.anchor or "")
            if target is None or target in self.open:
                problem = f"the alias *{event.anchor} has no anchor before it"
                raise CannotEditError(problem, line_number(self.text, start))
            return Node("alias", start, end, flow=False, anchor=event.anchor, target=target)
        if isinstance(event, ScalarEvent):
            node = Node("scalar", start, end, False, event.tag, event.anchor, event.value, event.style or "")
            if node.style in ("|", ">"):
                node.end = _block_scalar_end(self.text, node)
            self.sizes[id(node)] = 1
        elif isinstance(event, MappingStartEvent):
            node = Node("mapping", start, end, bool(event.flow_style), event.tag, event.anchor)
        else:
            event = cast("SequenceStartEvent", event)
            node = Node("sequence", start, end, bool(event.flow_style), event.tag, event.anchor)
        if node.anchor:
            self.anchors[node.anchor] = node
        return node

    def _attach(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if parent.kind == "sequence":
            parent.items.append(node)
            return
        key = self.keys[-1]
        if key is None:
            self._check_key(node)
            self.keys[-1] = node
        else:
            if node.start == node.end:  # the parser marks the next token
                node.start = node.end = self.text.find(":", key.end, node.start) + 1 or node.start
            parent.entries.append((key, node))
            self.keys[-1] = None

    def _check_key(self, key: Node) -> None:
        if key.kind != "scalar":
            problem = "a mapping key that is not a scalar of its own, such as an unquoted {{ … }}"
            raise CannotEditError(problem, line_number(self.text, key.start))
        name = scalar(key)
        if name in self.seen[-1]:
            if not self.repeated_keys:
                raise CannotEditError(f"the key {key.text!r} is there twice", line_number(self.text, key.start))
            parent = self.open[-1]
            parent.entries = [entry for entry in parent.entries if scalar(entry[0]) != name]
        self.seen[-1].add(name)

    def _close(self, event: CollectionEndEvent) -> None:
        node = self.open.pop()
        self.keys.pop()
        self.seen.pop()
        self.sizes[id(node)] = self.size - self.sizes[id(node)]
        children = list(node.children)
        if node.flow:
            node.end = _span(event)[1]
        elif children:
            node.end = children[-1].end
            if node.kind == "mapping":
                node.start = children[0].start
            elif not node.plain:
                node.start = _dash(self.text, children[0])
        self._attach(node)


def _dash(text: str, item: Node) -> int:
    """Where the dash before a list item is; the item itself when that is not on its line."""
    start = line_start(text, item.start)
    column = dash_column(text[start : item.start])
    return item.start if column is None else start + column


def dash_column(prefix: str) -> int | None:
    """The column of the dash of a list item, given what stands before the item on its line; None if not there."""
    match = re.match(r" *(?:- +)*(?=- *$)", prefix)
    return None if match is None else match.end()


def chomping(text: str, node: Node) -> str | None:
    """What a block scalar does with its last line ends: keep `+`, strip `-`, clip (empty); None for other nodes."""
    if node.style not in ("|", ">"):
        return None
    match = re.match(r"(?:[&!]\S*[ \t]+)*[|>][0-9]?([-+]?)", text[node.start : node.end])
    return match[1] if match else ""


def _block_scalar_end(text: str, node: Node) -> int:
    """The end of a block scalar's last line: trailing blank lines count only when they are kept (`|+`)."""
    raw = text[node.start : node.end]
    header, _, content = raw.partition("\n")
    if chomping(text, node) == "+":
        raw = raw.removesuffix("\n").removesuffix("\r")
        return node.start + len(raw)
    lines = content.split("\n")
    indent = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    while lines and len(lines[-1].removesuffix("\r")) <= indent and not lines[-1].strip():
        lines.pop()
    return node.start + len("\n".join([header, *lines]).removesuffix("\r"))


def scalar(node: Node) -> Any:
    """The value of a scalar by the YAML 1.2 core schema; one with a tag of its own is a string."""
    tag = (node.tag or "").removeprefix(_CORE)
    text = node.text
    if (node.tag and tag not in ("null", "bool", "int", "float")) or (not node.tag and node.style):
        return text
    if text and text[0] not in _WORDS:
        return text
    if _NULL.fullmatch(text) and tag in ("", "null"):
        return None
    if (match := _BOOLEAN.fullmatch(text)) and tag in ("", "bool"):
        return match[1] is not None
    if _INTEGER.fullmatch(text) and tag in ("", "int"):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if tag in ("", "float"):
        if _FLOAT.fullmatch(text):
            return float(text)
        if match := _INFINITE.fullmatch(text):
            return float(f"{match[1]}inf")
        if _NAN.fullmatch(text):
            return float("nan")
    return text


def shape(node: Node | None, swapped: Mapping[int, Any] | None = None) -> Any:
    """What a node means, as nested tuples that compare equal exactly when two nodes mean the same.

    Types are kept apart (`1`, `1.0`, `"1"`, `true`), and order, tags, anchors and aliases count.
    `swapped` gives other shapes for some nodes, by their `id`.
    """
    if node is None:
        return shape_of(None)
    if swapped and id(node) in swapped:
        return swapped[id(node)]
    head = (node.kind, node.tag, node.anchor)
    if node.kind == "scalar":
        value = scalar(node)
        return (*head, type(value).__name__, repr(value))
    if node.kind == "mapping":
        return (*head, tuple((shape(key, swapped), shape(value, swapped)) for key, value in node.entries))
    return (*head, tuple(shape(item, swapped) for item in node.items))


def shape_of(value: Any) -> Any:
    """The shape of plain data; raises CannotEditError for what YAML cannot say plainly."""
    if isinstance(value, dict):
        return ("mapping", None, None, tuple((shape_of(key), shape_of(item)) for key, item in value.items()))
    if isinstance(value, list | tuple):
        return ("sequence", None, None, tuple(map(shape_of, value)))
    if value is None or isinstance(value, str | bool | int | float):
        return ("scalar", None, None, type(value).__name__, repr(value))
    raise CannotEditError(f"{type(value).__name__} is not plain data")
