"""When a request is made again by itself: by urllib3, as PyGithub teaches it GitHub's limits."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from github import GithubRetry
from github.GithubException import RateLimitExceededExceedsMaxWait
from urllib3.response import BaseHTTPResponse

if TYPE_CHECKING:
    from urllib3.connectionpool import ConnectionPool

_UNAVAILABLE = [429, 500, 502, 503, 504]
TRIES = 4
"""How often a request is made again."""
BACKOFF = 0.5
"""Seconds before the second time; then twice as many each time, and up to as many again by chance."""


class PatientRetry(GithubRetry):
    """Waits for limits, but not longer than its patience: then the request fails and says when to come back."""

    @classmethod
    def for_reading(cls, patience: float) -> Self:
        """For requests that change nothing: made again whatever went wrong."""
        return cls(
            total=TRIES,
            status_forcelist=_UNAVAILABLE,
            allowed_methods=None,
            max_rate_limit_wait=patience,
            **_pace(),
        )

    @classmethod
    def for_writing(cls, patience: float) -> Self:
        """For requests that change something: made again only if GitHub surely did nothing.

        That is when no connection came about, or a limit was in the way. Whether a request that got no answer, or
        an answer of 500 and above, took effect is for the caller to look up.
        """
        return cls(
            total=TRIES,
            read=0,
            other=0,
            status_forcelist=[429],
            allowed_methods=None,
            max_rate_limit_wait=patience,
            **_pace(),
        )

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: "ConnectionPool | None" = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """See `urllib3.Retry`; raises when the answer asks for more patience than there is."""
        wait = None if response is None else self.get_retry_after(response)
        if response is not None and wait is not None and wait > (self.max_rate_limit_wait or 0):
            data = {"message": f"asks to wait {wait:.0f} seconds"}
            raise RateLimitExceededExceedsMaxWait(response.status, data, dict(response.headers), wait=wait)
        return super().increment(method, url, response, error, _pool, _stacktrace)  # type: ignore[arg-type, return-value]


def _pace() -> dict[str, float | bool]:
    return {"backoff_factor": BACKOFF, "backoff_jitter": BACKOFF, "backoff_max": 20.0, "raise_on_status": False}
