"""A part is made once, whatever number of threads asks for it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from shiftdown.extensions.lazily import lazily

THREADS = 16


class Workbench:
    def __init__(self) -> None:
        self._making = threading.RLock()
        self.made: list[str] = []
        self.broken = False

    @lazily
    def vice(self) -> object:
        """Holds."""
        self.made.append("vice")
        time.sleep(0.01)  # others come meanwhile
        return object()

    @lazily
    def drill(self) -> tuple[object, object]:
        self.made.append("drill")
        if self.broken:
            raise ValueError("broken")
        return self.vice, object()


def test_all_threads_get_the_same_part() -> None:
    bench, start = Workbench(), threading.Barrier(THREADS)

    def ask(number: int) -> object:
        start.wait()
        return bench.drill[0] if number % 2 else bench.vice

    with ThreadPoolExecutor(THREADS) as pool:
        found = set(pool.map(ask, range(THREADS)))
    assert len(found) == 1
    assert sorted(bench.made) == ["drill", "vice"]


def test_objects_have_parts_of_their_own() -> None:
    assert Workbench().vice is not Workbench().vice


def test_what_fails_is_tried_again() -> None:
    bench = Workbench()
    bench.broken = True
    with pytest.raises(ValueError, match="broken"):
        _ = bench.drill
    bench.broken = False
    assert bench.drill is bench.drill


def test_the_part_is_described_where_it_is_made() -> None:
    assert Workbench.vice.__doc__ == "Holds."
