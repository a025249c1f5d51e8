"""What may go wrong with a request to a forge, and runs in which it does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from shiftdown.errors import ShiftdownError
from shiftdown_fakes.faults import Fault

_T = TypeVar("_T")

FAULTS = {
    "lost before": Fault.lost_before(),
    "lost after": Fault.lost_after(),
    "500 before": Fault.answers(500),
    "502 after": Fault.answers(502, after=True),
    "503": Fault.answers(503, "Unavailable"),
    "403": Fault.answers(403, "Forbidden"),
    "403 with Retry-After": Fault.answers(403, "You have exceeded a secondary rate limit.", Retry_After="60"),
    "404": Fault.answers(404, "Not Found"),
    "409": Fault.answers(409, "Conflict"),
    "422": Fault.answers(422, "Validation Failed"),
    "429": Fault.answers(429, "Too many requests", Retry_After="60"),
    "cut": Fault.cut(),
    "slow": Fault.slow(0.01),
}
"""By name."""
EVERYWHERE = ("lost before", "lost after", "cut")
"""Those that go wrong at every request; the others at every sixth one, to save time."""


@dataclass
class Plan:
    """Lets the requests of certain numbers go wrong."""

    faults: dict[int, Fault]
    seen: list[str] = field(default_factory=list)

    def __call__(self, method: str, path: str) -> Fault | None:
        self.seen.append(f"{method} {path}")
        return self.faults.get(len(self.seen) - 1)


def again(plan: Plan, call: Callable[[], _T]) -> _T:
    """Make the call until it is done; each failure must have been caused by a fault."""
    for _ in range(len(plan.faults)):
        try:
            return call()
        except ShiftdownError:
            continue
    return call()


def numbers_of(name: str, count: int) -> range:
    """At which of so many requests a fault is tried."""
    return range(count) if name in EVERYWHERE else range(list(FAULTS).index(name) % 6, count, 6)
