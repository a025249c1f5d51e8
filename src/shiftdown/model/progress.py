"""Progress: how much of what counts is done."""

from collections.abc import Mapping

from pydantic import Field

from shiftdown.model.base import Model
from shiftdown.model.states import ActivityStatus, PhaseStatus, ProgramStatus, TransformationStatus

_DONE = {s.value for s in TransformationStatus if s.done} | {ActivityStatus.DONE.value}
_LEFT_OUT = {s.value for s in TransformationStatus if s.left_out} | {ActivityStatus.SKIPPED.value}
_STUCK = {s.value for s in TransformationStatus if s.stuck}
_WAITING = {TransformationStatus.PENDING.value}


class Progress(Model):
    """Counts over transformation records and activities."""

    done: int = Field(ge=0)
    """How many are done: verified, already satisfied, or an activity done."""
    total: int = Field(ge=0)
    """How many count: all but the not applicable, exempt and skipped ones, which `by_status` still shows."""
    percent: float | None = Field(default=None, ge=0, le=100)
    """`done` of `total` in per cent, rounded down to a tenth; `None` when nothing counts."""
    by_status: Mapping[str, int] = Field(default_factory=dict)
    """How many are in each status, the left-out ones included; no zeros."""

    @classmethod
    def of(cls, by_status: Mapping[str, int]) -> "Progress":
        """Progress from counts per status."""
        counts = {status: n for status, n in sorted(by_status.items()) if n}
        done = sum(n for status, n in counts.items() if status in _DONE)
        total = sum(n for status, n in counts.items() if status not in _LEFT_OUT)
        percent = done * 1000 // total / 10 if total else None
        return cls(done=done, total=total, percent=percent, by_status=counts)

    def __add__(self, other: "Progress") -> "Progress":
        """Progress over both."""
        return Progress.of(
            {s: self.by_status.get(s, 0) + other.by_status.get(s, 0) for s in {*self.by_status, *other.by_status}}
        )

    @property
    def settled(self) -> bool:
        """Whether everything that counts is done (true of nothing at all, too)."""
        return self.done == self.total

    def phase_status(self, skipped: bool) -> PhaseStatus:
        """The status of a phase with this progress."""
        if skipped:
            return PhaseStatus.SKIPPED
        statuses = set(self.by_status)
        if self.settled:
            return PhaseStatus.COMPLETED
        if statuses <= _WAITING:
            return PhaseStatus.PENDING
        if statuses - _DONE - _LEFT_OUT <= _STUCK:
            return PhaseStatus.BLOCKED
        return PhaseStatus.IN_PROGRESS


def program_status(stored: ProgramStatus, phases: "list[PhaseStatus]") -> ProgramStatus:
    """The status of a program: what a person set, else what its phases say."""
    if stored is not ProgramStatus.ACTIVE:
        return stored
    over = all(s in (PhaseStatus.COMPLETED, PhaseStatus.SKIPPED) for s in phases)
    return ProgramStatus.COMPLETED if phases and over else ProgramStatus.ACTIVE
