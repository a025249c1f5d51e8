"""What is done again, how often, and after which pauses."""

from collections.abc import Callable

import pytest

from shiftdown.retrying import again, until


class BusyError(Exception):
    """May be over soon."""


def is_busy(error: Exception) -> bool:
    return isinstance(error, BusyError)


def failing(times: int, error: type[Exception] = BusyError) -> tuple[Callable[[], str], list[int]]:
    """A call that fails so many times, and the numbers of its attempts."""
    attempts: list[int] = []

    def act() -> str:
        attempts.append(len(attempts) + 1)
        if len(attempts) <= times:
            raise error(f"attempt {len(attempts)}")
        return "done"

    return act, attempts


@pytest.mark.parametrize(("times", "slept"), [(0, []), (1, [0.5]), (2, [0.5, 1.0])])
def test_a_call_is_made_again_after_each_pause(times: int, slept: list[float]) -> None:
    act, attempts = failing(times)
    waited: list[float] = []
    assert again(act, is_busy, (0.5, 1.0), sleep=waited.append) == "done"
    assert (len(attempts), waited) == (times + 1, slept)


def test_the_last_failure_is_raised() -> None:
    act, attempts = failing(9)
    waited: list[float] = []
    with pytest.raises(BusyError, match="attempt 3"):
        again(act, is_busy, (0.5, 1.0), sleep=waited.append)
    assert (attempts, waited) == ([1, 2, 3], [0.5, 1.0])


def test_another_failure_is_raised_at_once() -> None:
    act, attempts = failing(1, ValueError)
    with pytest.raises(ValueError, match="attempt 1"):
        again(act, is_busy, (0.5,), sleep=lambda _: pytest.fail("waited"))
    assert attempts == [1]


def test_without_pauses_there_is_one_attempt() -> None:
    act, attempts = failing(1)
    with pytest.raises(BusyError):
        again(act, is_busy, ())
    assert attempts == [1]


@pytest.mark.parametrize(("wanted", "slept"), [(1, []), (2, [0.5]), (3, [0.5, 1.0]), (9, [0.5, 1.0])])
def test_a_look_is_taken_again_until_it_shows_what_is_waited_for(wanted: int, slept: list[float]) -> None:
    looks: list[int] = []
    waited: list[float] = []

    def look() -> int:
        looks.append(len(looks) + 1)
        return len(looks)

    seen = until(look, lambda number: number >= wanted, (0.5, 1.0), sleep=waited.append)
    assert (seen, waited) == (min(wanted, 3), slept)
    assert len(looks) == len(waited) + 1
