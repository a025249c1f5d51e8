"""A block of YAML in the indentation of another document, comments included."""

import re
from bisect import bisect_right

from shiftdown.edits._yaml_tree import Node, dash_column


def reindent(text: str, root: Node, *, step: int, offset: int) -> list[str]:
    """The lines of a block collection that begins in column 0.

    Nested mappings are indented by `step`, lists below their key by `offset`. The content of a list item
    keeps its distance from the dash. A comment moves with the entry below it that begins in its column,
    otherwise with the line above.
    """
    return _Reindenter(text, step, offset).lines(root)


class _Reindenter:
    def __init__(self, text: str, step: int, offset: int) -> None:
        self.text = text
        self.step = step
        self.offset = offset
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.entries: dict[int, tuple[int, int]] = {}  # line of an entry: its old column, its move
        self.inside: dict[int, int] = {}  # line inside a scalar or brackets: its move

    def lines(self, root: Node) -> list[str]:
        self._collection(root, 0)
        lines = self.text.removesuffix("\n").split("\n")
        result: list[str] = []
        move = 0
        for number, line in enumerate(lines):
            content = line.lstrip(" ")
            column = len(line) - len(content)
            if number in self.inside:
                move = self.inside[number]
            elif number in self.entries:
                move = self.entries[number][1]
            elif content.startswith("#"):
                below = next((self.entries[n] for n in range(number, len(lines)) if n in self.entries), None)
                if below and below[0] == column:
                    move = below[1]
            result.append(" " * max(0, column + move) + content if content else "")
        return result

    def _place(self, index: int) -> tuple[int, int]:
        """0-based line and column."""
        line = bisect_right(self.starts, index) - 1
        return line, index - self.starts[line]

    def _collection(self, node: Node, new: int) -> None:
        for key, value in node.entries:
            self._entry(*self._place(key.start), new)
            self._value(value, new, new + (self.offset if value.kind == "sequence" else self.step))
        for item in node.items:
            line, column = self._place(item.start)
            dash = dash_column(self.text[self.starts[line] : item.start])
            if dash is None:  # the item begins below its dash
                self._value(item, new, new + 2)
            else:
                self._entry(line, dash, new)
                self._value(item, new, new + column - dash)

    def _entry(self, line: int, column: int, new: int) -> None:
        if not self.text[self.starts[line] : self.starts[line] + column].strip():
            self.entries[line] = (column, new - column)

    def _value(self, node: Node, parent: int, new: int) -> None:
        """`parent` is the new column of the entry, `new` that of the value if it is a block collection."""
        if node.kind in ("mapping", "sequence") and not node.flow:
            self._collection(node, new)
            return
        first, last = self._place(node.start)[0], self._place(max(node.start, node.end - 1))[0]
        move = self.entries.get(first, (0, 0))[1]
        if node.style in ("|", ">"):
            header, *content = self.text[node.start : node.end].split("\n")
            columns = [len(line) - len(line.lstrip(" ")) for line in content if line.strip()]
            if columns and not re.match(r"[|>][-+]?[0-9]", header):
                move = parent + self.step - min(columns)
        for line in range(first + 1, last + 1):
            self.inside[line] = move
