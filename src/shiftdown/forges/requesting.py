"""How requests to a forge that has an API are made: in turn, and again only after a look."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from shiftdown.forges.base import Pace, RateLimitedError
from shiftdown.forges.errors import UnsureError
from shiftdown.retrying import again

_T = TypeVar("_T")

_ATTEMPTS = 3
"""How often a call looks, and does what is still missing, when it does not know what became of a request."""


def surely(act: Callable[[], _T]) -> _T:
    """Act, which begins with a look; again when nobody knows what became of a request.

    Raises:
        UnsureError: nobody knows after several attempts either.
    """
    return again(act, lambda error: isinstance(error, UnsureError), (0.0,) * (_ATTEMPTS - 1))


def await_turn(pace: Pace, who: str, *, location: str, doing: str, forge: str, patience: float) -> None:
    """Wait until content may be created.

    Args:
        pace: says when.
        who: the account that creates it.
        location: the repository, for messages.
        doing: what is to be done, for messages.
        forge: the forge's name for people.
        patience: the most seconds to wait.

    Raises:
        RateLimitedError: it would take longer.
    """
    waited = 0.0
    while wait := pace(who):
        waited += wait
        if waited > patience:
            until = datetime.now(UTC) + timedelta(seconds=wait)
            raise RateLimitedError(
                location,
                f"cannot {doing}: this account creates as much as {forge} allows already; run again after "
                f"{until:%Y-%m-%d %H:%M:%S} UTC",
                until,
            )
        time.sleep(wait)
