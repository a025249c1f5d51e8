"""What updates and adoptions did."""

from typing import Self

from shiftdown.creation.updates import UpdateConflict, UpdateOutcome, UpdateResult
from shiftdown.model import ChangeRequestStatus
from shiftdown.responses.base import Response
from shiftdown.responses.runs import ChangeRequestLink


class ProposedChange(ChangeRequestLink):
    """A change request that follows a template."""

    status: ChangeRequestStatus
    """Where it stands."""


class UpdateResponse(Response):
    """What an update or adoption did with one repository."""

    repository: str
    """The repository, as its location is known."""
    outcome: UpdateOutcome
    """What was done."""
    template: str | None
    """Name of the template."""
    before: str | None
    """The version, or the commit of the template, that the repository is at."""
    after: str | None
    """The one that it comes to."""
    conflicts: tuple[UpdateConflict, ...]
    """What could not be merged; the change request is a draft then."""
    notes: tuple[str, ...]
    """What a person should look at."""
    reason: str | None
    """Why, where the outcome alone does not say."""
    change_request: ProposedChange | None
    """The change request, where there is one."""

    @classmethod
    def of(cls, result: UpdateResult) -> Self:
        """What is told about a result."""
        return cls._from(result)
