"""A bracketed text (JSON, TOML values) as a tree of spans."""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(slots=True, eq=False)
class Span:
    """A value and where it stands: `text[start:end]`."""

    kind: Literal["object", "array", "scalar"]
    """What it is; `object` is an inline table in TOML."""
    start: int
    """Index of its first character."""
    end: int
    """Index behind its last character."""
    value: Any = None
    """The data of a JSON scalar."""
    members: list["Member"] = field(default_factory=list)
    """What an object holds."""
    items: list["Span"] = field(default_factory=list)
    """What an array holds."""

    @property
    def elements(self) -> list[tuple[int, int]]:
        """The places of what it holds."""
        return [(member.start, member.value.end) for member in self.members] or [
            (item.start, item.end) for item in self.items
        ]


@dataclass(slots=True, eq=False)
class Member:
    """A key and its value."""

    key: tuple[str, ...]
    """The key; dotted keys of TOML have several parts."""
    start: int
    """Where the key begins."""
    value: Span
    """What it stands for."""
