"""A YAML text opened for one edit: finding the node, reading the style, checking the result."""

from collections import Counter
from itertools import pairwise
from typing import Any

from shiftdown.edits._text import (
    BOM,
    Path,
    Splice,
    format_path,
    line_number,
    line_start,
    newline_of,
    next_line,
    same,
    splice,
)
from shiftdown.edits._yaml_render import Style
from shiftdown.edits._yaml_tree import Node, chomping, parse, scalar, shape, walk
from shiftdown.errors import CannotEditError


class Document:
    """One text and its tree. `text` is the text without byte-order mark and with a final newline."""

    def __init__(self, original: str) -> None:
        self.newline = newline_of(original)
        self.bom = BOM if original.startswith(BOM) else ""
        self.text = original.removeprefix(BOM)
        self.completed = bool(self.text) and not self.text.endswith("\n")
        if self.completed:
            self.text += self.newline
        self.root = parse(self.text)

    def refuse(self, reason: str, node: Node | None = None) -> CannotEditError:
        """The error to raise, with the line of the node in the way."""
        return CannotEditError(reason, None if node is None else line_number(self.text, node.start))

    def find(self, path: Path) -> tuple[Node | None, Node | None]:
        """The node of a path and the one that holds it; both None for the root of a text without content.

        Raises CannotEditError when it is not there, and when a change of it would show elsewhere too.
        """
        node, parent = self.root, None
        for depth, part in enumerate(path):
            self._check_single(node, path[:depth])
            found = child(node, part) if node else None
            if found is None:
                raise self.refuse(f"{format_path(path[: depth + 1])} does not exist", node)
            node, parent = found, node
        self._check_single(node, path)
        return node, parent

    def _check_single(self, node: Node | None, path: Path) -> None:
        if node is None or not node.anchor:
            return
        if node.kind == "alias":
            raise self.refuse(f"{format_path(path)} is an alias, *{node.anchor}", node)
        if any(other.target is node for other in walk(self.root)):
            raise self.refuse(f"{format_path(path)} is an anchor, &{node.anchor}, that is used elsewhere", node)

    def column(self, node: Node) -> int:
        """0-based column in which a node begins."""
        return node.start - line_start(self.text, node.start)

    def style(self, near: Node | None) -> Style:
        """How the document is written: below `near` if that shows it, else as a whole."""
        steps, offsets = self._steps(near)
        if not steps or not offsets:
            all_steps, all_offsets = self._steps(self.root)
            steps, offsets = steps or all_steps, offsets or all_offsets
        single = sum(1 if node.style == "'" else -1 for node in walk(self.root) if node.style in ("'", '"'))
        step = steps.most_common(1)[0][0] if steps else 2
        return Style(step, offsets.most_common(1)[0][0] if offsets else 2, "'" if single > 0 else '"')

    def _steps(self, near: Node | None) -> tuple[Counter[int], Counter[int]]:
        steps: Counter[int] = Counter()
        offsets: Counter[int] = Counter()
        for node in walk(near):
            if node.kind == "mapping" and not node.flow:
                for _, value in node.entries:
                    columns = self.column(value) - self.column(node)
                    if value.kind == "mapping" and not value.flow and columns > 0:
                        steps[columns] += 1
                    elif value.kind == "sequence" and not value.flow and columns >= 0:
                        offsets[columns] += 1
        return steps, offsets

    def spaced(self, children: list[tuple[int, int]]) -> bool:
        """Whether blank lines stand between most of these spans."""
        gaps = [
            any(not line.strip() for line in self.text[next_line(self.text, end) : start].split("\n")[:-1])
            for (_, end), (start, _) in pairwise(children)
        ]
        return sum(gaps) * 2 > len(gaps)

    def finish(self, splices: list[Splice], changed: Node | None, meaning: Any) -> str:
        """The edited text, if it means what the old one means with `changed` replaced by `meaning`.

        Raises CannotEditError otherwise.
        """
        new = splice(self.text, splices)
        try:
            root = parse(new)
        except CannotEditError as error:
            raise CannotEditError(f"the edited text would not be read: {error}") from error
        wanted = meaning if self.root is None else shape(self.root, {id(changed): meaning})
        if shape(root) != wanted:
            line = line_number(self.text, min(splices)[0])
            raise CannotEditError("the edited text would not mean what was intended", line)
        at_end = max(splices)[0] == len(self.text)
        if self.completed and not (at_end and root and chomping(new, root.last()) in ("", "+")):
            new = new.removesuffix(self.newline)
        return self.bom + new


def child(node: Node, part: str | int) -> Node | None:
    """The value of a key, or the item at a position."""
    if node.kind == "mapping":
        return next((value for key, value in node.entries if _named(key, part)), None)
    if node.kind == "sequence" and isinstance(part, int) and 0 <= part < len(node.items):
        return node.items[part]
    return None


def _named(key: Node, name: str | int) -> bool:
    return same(scalar(key), name)


def key_index(node: Node, name: str | int) -> int | None:
    """The position of a key in a mapping."""
    return next((number for number, (key, _) in enumerate(node.entries) if _named(key, name)), None)
