"""When a request is made again by itself: by urllib3, taught GitLab's limits."""

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from urllib3 import Retry
from urllib3.exceptions import MaxRetryError
from urllib3.response import BaseHTTPResponse

if TYPE_CHECKING:
    from urllib3.connectionpool import ConnectionPool

_UNAVAILABLE = [429, 500, 502, 503, 504]
TRIES = 4
"""How often a request is made again."""
BACKOFF = 0.5
"""Seconds before the second time; then twice as many each time, and up to as many again by chance."""


class PatientRetry(Retry):
    """Waits for limits, but not longer than its patience: then the request fails and says when to come back."""

    def __init__(self, *args: Any, patience: float = 0, **kwargs: Any) -> None:
        self.patience = patience
        super().__init__(*args, **kwargs)

    @classmethod
    def for_reading(cls, patience: float) -> Self:
        """For requests that change nothing: made again whatever went wrong."""
        return cls(total=TRIES, status_forcelist=_UNAVAILABLE, patience=patience, **_manner())

    @classmethod
    def for_writing(cls, patience: float) -> Self:
        """For requests that change something: made again only if GitLab surely did nothing.

        That is when no connection came about, or a limit was in the way. Whether a request that got no answer, or
        an answer of 500 and above, took effect is for the caller to look up.
        """
        return cls(total=TRIES, read=0, other=0, status_forcelist=[429], patience=patience, **_manner())

    def new(self, **kw: Any) -> Self:
        """See `urllib3.Retry`."""
        return super().new(patience=self.patience, **kw)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        """See `urllib3.Retry`: a header that asks to come back later does not make a request harmless."""
        return bool(self.total) and status_code in self.status_forcelist

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """Seconds to wait: `Retry-After`, else `RateLimit-Reset` of an answer 429 (docs.gitlab.com, "Rate limits")."""
        reset = response.headers.get("RateLimit-Reset", "")
        if "Retry-After" in response.headers or response.status != 429 or not reset.isdigit():
            return super().get_retry_after(response)
        return max(0.0, int(reset) - time.time())

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: "ConnectionPool | None" = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """See `urllib3.Retry`; gives up when the answer asks for more patience than there is."""
        wait = None if response is None else self.get_retry_after(response)
        if wait is not None and wait > self.patience:
            raise MaxRetryError(_pool, url or "", None)  # type: ignore[arg-type]  # only told, never used
        return super().increment(method, url, response, error, _pool, _stacktrace)


def _manner() -> dict[str, Any]:
    return {
        "allowed_methods": None,
        "backoff_factor": BACKOFF,
        "backoff_jitter": BACKOFF,
        "backoff_max": 20.0,
        "raise_on_status": False,
    }
