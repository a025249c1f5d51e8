"""What runs and syncs did."""

from collections.abc import Iterable
from typing import Self

from shiftdown.campaigns import RunOutcome, RunResult, SyncResult
from shiftdown.model import Progress
from shiftdown.responses.base import Response


class ChangeRequestLink(Response):
    """A change request, as far as it takes to find it."""

    id: str
    """Identifier in the registry."""
    branch: str
    """The branch that holds the change."""
    url: str
    """Where a person finds it."""


class RunResponse(Response):
    """What a run did about one transformation of one repository."""

    repository: str
    """Location of the repository."""
    type: str
    """The transformation type."""
    outcome: RunOutcome
    """What was done."""
    reason: str | None
    """Why, where the outcome alone does not say."""
    change_request: ChangeRequestLink | None
    """The change request, where there is one."""

    @classmethod
    def of(cls, result: RunResult) -> Self:
        """What is told about a result."""
        return cls._from(result)


class SyncResponse(Response):
    """What a sync of a program found out."""

    id: str
    """Identifier of the program."""
    progress: Progress
    """Of the whole program, after the sync."""
    results: tuple[SyncResult, ...]
    """One for each of its transformation records that was looked at."""

    @classmethod
    def of(cls, id_: str, progress: Progress, results: Iterable[SyncResult]) -> Self:
        """What is told about the sync of a program."""
        return cls(id=id_, progress=progress, results=tuple(results))
