"""What is proposed for a repository, and what came of it: the words between who proposes and who delivers."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from shiftdown.errors import InvalidInputError, ShiftdownError
from shiftdown.forges.base import ChangeRequestText, Forge
from shiftdown.forges.delivery import Change
from shiftdown.git import GitRepository
from shiftdown.model import ChangeRequest


@dataclass(frozen=True)
class Destination:
    """A repository that a change is proposed to."""

    location: str
    """Where it is, as the registry knows it."""
    forge: Forge
    """The forge that keeps its change requests."""
    git: GitRepository
    """It, opened."""
    open_fork: Callable[[str], GitRepository]
    """Opens our fork of it, given the fork's URL."""
    fork: str | None = None
    """URL of our fork, where branches go there even when we may push to the repository."""


@dataclass(frozen=True)
class Proposal:
    """A change, and the words for it."""

    type: str
    """What it is recorded as. One change request of a type is open for a repository at a time."""
    text: ChangeRequestText
    """What reviewers read, which branch is to go where, and who is to take part."""
    change: Change
    """Makes the commit."""
    closing_is_final: bool = False
    """Whether a person who closes its change request says no to this very change: it is not opened again then."""


class NothingToProposeError(InvalidInputError):
    """The base of a proposal has everything already that it would bring there."""

    def __init__(self, location: str, base: str) -> None:
        self.location = location
        """The repository."""
        self.base = base
        """The branch that the change is for."""
        super().__init__(f"{location}: {base} has these files already; nothing to propose")


class ProposalOutcome(StrEnum):
    """What was done about a proposal."""

    OPENED = "OPENED"
    """A change request was opened."""
    UPDATED = "UPDATED"
    """The open change request was brought up to date."""
    UNCHANGED = "UNCHANGED"
    """The open change request is up to date."""


@dataclass(frozen=True)
class Proposed:
    """A proposal whose change request is open, and recorded."""

    outcome: ProposalOutcome
    """What was done."""
    change_request: ChangeRequest
    """The change request, as the registry has it."""
    problem: ShiftdownError | None = None
    """Why not all labels, people, milestone or auto-merge that the text asks for are there."""
