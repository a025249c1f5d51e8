"""What can go wrong with a request, and when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with one request.

    Without any field set, the connection is lost before the request has had an effect.
    """

    after: bool = False
    """Whether the request takes effect first."""
    status: int | None = None
    """The status that is answered; `None` loses the connection."""
    message: str = "Server Error"
    """The forge's words in that answer."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of that answer."""
    truncated: bool = False
    """The true answer is sent, but only half of its JSON, as if it were all; then the request did take effect."""
    delay: float = 0.0
    """Seconds that pass before anything else; alone, nothing else happens."""

    @classmethod
    def lost_before(cls) -> Self:
        """The connection is lost before the effect."""
        return cls()

    @classmethod
    def lost_after(cls) -> Self:
        """The connection is lost after the effect."""
        return cls(after=True)

    @classmethod
    def answers(cls, status: int, message: str = "Server Error", *, after: bool = False, **headers: str) -> Self:
        """An answer instead of the true one; `_` in the names of headers stands for `-`."""
        return cls(after, status, message, {name.replace("_", "-"): value for name, value in headers.items()})

    @classmethod
    def cut(cls) -> Self:
        """Half an answer, after the effect."""
        return cls(after=True, truncated=True)

    @classmethod
    def slow(cls, seconds: float) -> Self:
        """The true answer, late."""
        return cls(after=True, delay=seconds)

    @property
    def harmless(self) -> bool:
        """Whether it only costs time."""
        return self.delay > 0 and self.status is None and not self.truncated


Injector = Callable[[str, str], Fault | None]
"""Given the method and path of a request, what goes wrong with it."""
