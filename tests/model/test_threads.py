"""Validators are built when they are first used; threads that come at the same time must all get the right one."""

import sys
import threading
from collections.abc import Iterator

import pytest
from pydantic import ValidationError

from shiftdown.model.base import Model


@pytest.fixture
def hectic() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hectic")
def test_threads_that_use_a_model_first_at_the_same_time_all_validate() -> None:
    for _ in range(30):

        class Part(Model):
            size: int

        class Whole(Model):
            parts: tuple[Part, ...]
            names: dict[str, Part]

        start = threading.Barrier(6)
        told: list[object] = []

        def use(whole: type[Model] = Whole, start: threading.Barrier = start, told: list[object] = told) -> None:
            start.wait()
            made = whole.model_validate({"parts": [{"size": "2"}], "names": {"a": {"size": 1}}})
            with pytest.raises(ValidationError, match=r"parts\.0\.size"):
                whole.model_validate({"parts": [{"size": "two"}]})
            told.append((made.model_dump_json(), whole.model_json_schema()["required"]))

        threads = [threading.Thread(target=use) for _ in range(start.parties)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert told == [('{"parts":[{"size":2}],"names":{"a":{"size":1}}}', ["parts", "names"])] * start.parties
