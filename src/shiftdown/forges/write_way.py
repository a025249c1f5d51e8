"""By which way a repository is read and written: git or the forge's API, whichever takes less time.

Both ways take as many requests for a hundred files as for one. Over https git needs the fewest, and no pauses between
changes; over ssh every request of git begins with a handshake, and then the API is faster.
(benchmarks/README.md has what was measured.)
"""

from dataclasses import dataclass

from shiftdown.forges.base import WriteWay
from shiftdown.git.location import parse_location

_ROUND_TRIP = 0.1
"""Seconds that a request takes: between continents and within one, on average."""
_HANDSHAKE = 8
"""Round trips before ssh carries the first byte of git (RFC 4253, 4252, 4254, and TCP)."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a change takes, from the first look to the branch."""

    requests: int
    """How many requests, or round trips, one after the other."""
    changes: int = 0
    """How many of them change something by the API: the forge wants a pause before each."""

    def seconds(self, pause: float) -> float:
        """How long it takes, with a pause of so many seconds before each change."""
        return self.requests * _ROUND_TRIP + self.changes * pause


def choose(way: WriteWay, location: str, *, api: Cost, pause: float) -> WriteWay:
    """PUSH or API: what is set up; else what takes less time; of equals, PUSH.

    Args:
        way: what is set up.
        location: the repository.
        api: what a change takes by the API.
        pause: seconds between two changes by the API.
    """
    if way is not WriteWay.AUTO:
        return way
    requests = 5  # references, first look, files, tip of the branch, push
    by_git = Cost(requests * (1 + _HANDSHAKE) if parse_location(location).scheme == "ssh" else requests)
    return WriteWay.API if api.seconds(pause) < by_git.seconds(pause) else WriteWay.PUSH
