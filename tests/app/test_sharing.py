"""One `Shiftdown` is shared by threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shiftdown import Shiftdown
from shiftdown.registry import Registry

THREADS = 12
PARTS = (
    *("registry", "plugins", "programs", "organizations", "change_requests", "templates", "tasks", "creation"),
    *("updates", "adoption", "webhooks", "author"),
)


def test_each_part_is_made_once(sd: Shiftdown, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, start = [], threading.Barrier(THREADS)
    open_registry = sd._open_registry

    def count() -> Registry:
        opened.append(threading.get_ident())
        return open_registry()

    monkeypatch.setattr(sd, "_open_registry", count)

    def ask(number: int) -> dict[str, int]:
        start.wait()
        return {part: id(getattr(sd, part)) for part in PARTS[number:] + PARTS[:number]}

    with ThreadPoolExecutor(THREADS) as pool:
        first, *others = pool.map(ask, range(THREADS))
    assert all(other == first for other in others)
    assert len(opened) == 1
