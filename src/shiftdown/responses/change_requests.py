"""Change requests."""

from typing import Self

from shiftdown.model import ChangeRequest, ChangeRequestStatus, CIState, ReviewState
from shiftdown.responses.base import Response


class ChangeRequestResponse(Response):
    """A change request as the registry knows it."""

    id: str
    """Identifier in the registry."""
    repository: str
    """Location of the repository that it changes."""
    type: str
    """The transformation type that it applies, or `template:NAMESPACE/NAME#BRANCH`."""
    url: str
    """Where a person finds it."""
    branch: str
    """The branch that holds the change."""
    title: str
    """Its title."""
    status: ChangeRequestStatus
    """Where it stands."""
    review: ReviewState
    """What reviewers said."""
    ci: CIState
    """What the checks on its newest commit say."""

    @classmethod
    def of(cls, change: ChangeRequest) -> Self:
        """What is told about a change request."""
        return cls._from(change)


class ChangeRequestWithDiff(ChangeRequest):
    """A change request in full."""

    diff: str
    """The change as a unified diff."""

    @classmethod
    def of(cls, change: ChangeRequest, diff: str) -> Self:
        """A change request and its diff."""
        return cls(**dict(change), diff=diff)
