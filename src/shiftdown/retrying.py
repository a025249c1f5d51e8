"""Doing something again: at once the first time, and then after each of some pauses.

What urllib3 can repeat by itself is left to it; this is for what only we can tell to be worth another attempt.
"""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

_T = TypeVar("_T")

Sleep = Callable[[float], object]
"""Waits for so many seconds."""


def again(
    act: Callable[[], _T], when: Callable[[Exception], bool], pauses: Iterable[float], *, sleep: Sleep = time.sleep
) -> _T:
    """What a call returns that is made again while it fails in a way that may be over soon.

    Args:
        act: the call.
        when: whether a failure may be over soon.
        pauses: seconds to wait before each further attempt.
        sleep: waits.

    Raises:
        Exception: that of the last attempt, or the first that is not such a failure.
    """
    following = iter(pauses)
    while True:
        try:
            return act()
        except Exception as error:
            pause = next(following, None) if when(error) else None
            if pause is None:
                raise
        sleep(pause)


def until(
    look: Callable[[], _T], is_it: Callable[[_T], bool], pauses: Iterable[float], *, sleep: Sleep = time.sleep
) -> _T:
    """What a look shows once it shows what is waited for, or when no pause is left: ask which of the two it is.

    Args:
        look: looks.
        is_it: whether that is what is waited for.
        pauses: seconds to wait before each further look.
        sleep: waits.
    """
    seen = look()
    for pause in pauses:
        if is_it(seen):
            break
        sleep(pause)
        seen = look()
    return seen
