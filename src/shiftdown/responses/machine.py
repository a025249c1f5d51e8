"""This machine, and the versions that generated pipelines use."""

from collections.abc import Iterable
from typing import Self

from shiftdown.pipelines.pins import Outdated, Pin, ToolPin
from shiftdown.responses.base import Response


class MachineCheckResponse(Response):
    """Whether something that shiftdown needs is there."""

    name: str
    """What was looked at."""
    ok: bool
    """Whether it is as it must be."""
    detail: str
    """What was found: a version, a name, or what is wrong."""


class OutdatedPinResponse(Response):
    """An action, a program or an image that has another version than the table says."""

    action: str
    """Its name; that of a program has no slash, and that of a language's image begins with `image:`."""
    current: Pin | ToolPin
    """What the table says."""
    available: Pin | ToolPin
    """What there is."""
    moved: bool
    """The version is the same, its commit is not: somebody moved the tag, which deserves a look."""

    @classmethod
    def of(cls, outdated: Outdated) -> Self:
        """What is told about a pin."""
        return cls._from(outdated)


class BumpResponse(Response):
    """What was written into a table of pins."""

    table: str
    """Path of the table."""
    bumped: tuple[Outdated, ...]
    """What has another version now."""

    @classmethod
    def of(cls, table: str, bumped: Iterable[Outdated]) -> Self:
        """What is told about a table that was bumped."""
        return cls(table=table, bumped=tuple(bumped))
