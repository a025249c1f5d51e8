"""Statuses, and which may follow which.

The edges are data: `check` is the one gate, and names both states when it refuses.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from shiftdown.errors import IllegalTransitionError

_S = TypeVar("_S", bound=StrEnum)


class ProgramStatus(StrEnum):
    """Where a program stands. ACTIVE and COMPLETED are derived; PAUSED and CANCELLED are set by a person."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class PhaseStatus(StrEnum):
    """Where a phase stands, derived from what is in it; only SKIPPED is set by a person."""

    PENDING = "PENDING"
    """Nothing in it has begun."""
    IN_PROGRESS = "IN_PROGRESS"
    """Something in it has begun, and something is left."""
    BLOCKED = "BLOCKED"
    """What is left has failed or was rejected: it needs a person."""
    COMPLETED = "COMPLETED"
    """Everything in it is settled (see `TransformationStatus.settled`)."""
    SKIPPED = "SKIPPED"
    """A person decided to leave it out."""


class TransformationStatus(StrEnum):
    """Where one transformation of one repository stands. Merged is not done, verified is."""

    PENDING = "PENDING"
    """Nothing is proposed yet: nobody has looked, or it waits for a type that it needs."""
    PLANNED = "PLANNED"
    """There is a change to propose, not yet published."""
    IN_REVIEW = "IN_REVIEW"
    """Its change request is open."""
    MERGED = "MERGED"
    """Its change request is merged; the check has not passed on the default branch."""
    VERIFIED = "VERIFIED"
    """The type's capability check passed on the default branch after the merge."""
    REGRESSED = "REGRESSED"
    """The check passed once and fails now."""
    ALREADY_SATISFIED = "ALREADY_SATISFIED"
    """The check passed before anything was changed."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """It does not fit this repository as it is; the reason is recorded. Looked at again when the repository changes."""
    EXEMPT = "EXEMPT"
    """A person left it out until a date, for a reason."""
    REJECTED = "REJECTED"
    """Its change request was closed without a merge."""
    FAILED = "FAILED"
    """An error stopped it; the error is recorded."""

    @property
    def done(self) -> bool:
        """Whether the effect is there: counted as done in progress."""
        return self in (TransformationStatus.VERIFIED, TransformationStatus.ALREADY_SATISFIED)

    @property
    def left_out(self) -> bool:
        """Whether it is left out of the denominator of progress (and shown beside it)."""
        return self in (TransformationStatus.NOT_APPLICABLE, TransformationStatus.EXEMPT)

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        return self.done or self.left_out

    @property
    def stuck(self) -> bool:
        """Whether it needs a person before it can move."""
        return self in (TransformationStatus.FAILED, TransformationStatus.REJECTED)


class ChangeRequestStatus(StrEnum):
    """Where a change request stands on its forge."""

    DRAFT = "DRAFT"
    OPEN = "OPEN"
    MERGED = "MERGED"
    CLOSED = "CLOSED"
    SUPERSEDED = "SUPERSEDED"
    """Closed by us, because it is no longer needed."""

    @property
    def is_open(self) -> bool:
        """Whether it can still be merged."""
        return self in (ChangeRequestStatus.DRAFT, ChangeRequestStatus.OPEN)


class ReviewState(StrEnum):
    """What reviewers said. Independent of the status."""

    NONE = "NONE"
    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"


class CIState(StrEnum):
    """What the checks on the head of the change request say. Independent of the status."""

    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


class ActivityStatus(StrEnum):
    """Where a piece of work that people do stands."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"
    SKIPPED = "SKIPPED"

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        return self in (ActivityStatus.DONE, ActivityStatus.SKIPPED)


_T = TransformationStatus
_EVALUATED = frozenset({_T.PENDING, _T.PLANNED, _T.ALREADY_SATISFIED, _T.NOT_APPLICABLE, _T.EXEMPT, _T.FAILED})

TRANSFORMATION_EDGES: Mapping[TransformationStatus, frozenset[TransformationStatus]] = {
    _T.PENDING: _EVALUATED,
    _T.PLANNED: _EVALUATED | {_T.IN_REVIEW},
    _T.IN_REVIEW: _EVALUATED | {_T.IN_REVIEW, _T.MERGED, _T.REJECTED},
    _T.MERGED: _EVALUATED | {_T.VERIFIED},
    _T.VERIFIED: frozenset({_T.REGRESSED, _T.EXEMPT}),
    _T.REGRESSED: _EVALUATED | {_T.VERIFIED},
    _T.ALREADY_SATISFIED: frozenset({_T.REGRESSED, _T.EXEMPT}),
    _T.NOT_APPLICABLE: _EVALUATED,
    _T.EXEMPT: frozenset({_T.PENDING, _T.EXEMPT}),
    _T.REJECTED: _EVALUATED | {_T.IN_REVIEW, _T.MERGED},
    _T.FAILED: _EVALUATED | {_T.IN_REVIEW, _T.MERGED, _T.REJECTED},
}

_C = ChangeRequestStatus

CHANGE_REQUEST_EDGES: Mapping[ChangeRequestStatus, frozenset[ChangeRequestStatus]] = {
    _C.DRAFT: frozenset({_C.OPEN, _C.MERGED, _C.CLOSED, _C.SUPERSEDED}),
    _C.OPEN: frozenset({_C.DRAFT, _C.MERGED, _C.CLOSED, _C.SUPERSEDED}),
    _C.MERGED: frozenset(),
    _C.CLOSED: frozenset({_C.OPEN, _C.DRAFT}),
    _C.SUPERSEDED: frozenset({_C.OPEN, _C.DRAFT}),
}

_P = ProgramStatus

PROGRAM_EDGES: Mapping[ProgramStatus, frozenset[ProgramStatus]] = {
    _P.DRAFT: frozenset({_P.ACTIVE, _P.CANCELLED}),
    _P.ACTIVE: frozenset({_P.PAUSED, _P.CANCELLED, _P.COMPLETED}),
    _P.PAUSED: frozenset({_P.ACTIVE, _P.CANCELLED}),
    _P.COMPLETED: frozenset({_P.ACTIVE}),
    _P.CANCELLED: frozenset(),
}

_A = ActivityStatus

ACTIVITY_EDGES: Mapping[ActivityStatus, frozenset[ActivityStatus]] = {
    _A.PENDING: frozenset({_A.IN_PROGRESS, _A.DONE, _A.SKIPPED}),
    _A.IN_PROGRESS: frozenset({_A.DONE, _A.SKIPPED}),
    _A.DONE: frozenset({_A.IN_PROGRESS}),
    _A.SKIPPED: frozenset({_A.PENDING, _A.IN_PROGRESS}),
}


def check(edges: Mapping[_S, frozenset[_S]], subject: str, current: _S, wanted: _S) -> _S:
    """Return `wanted` if it may follow `current`.

    Raises:
        IllegalTransitionError: it may not; the error names the subject and both states.
    """
    if wanted not in edges[current]:
        raise IllegalTransitionError(subject, current.value, wanted.value)
    return wanted
