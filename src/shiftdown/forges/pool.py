"""Connections that one thread uses at a time, lent to whichever thread needs one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

KEPT = 16
"""The most connections that wait for the next borrower. An app has one for each owner of repositories."""


class Closable(Protocol):
    """What holds sockets."""

    def close(self) -> object:
        """Give them back."""
        ...


_C = TypeVar("_C", bound=Closable)


class Pool(Generic[_C]):
    """Connections that are reused, whichever thread returned them. Safe for threads.

    It makes a connection only when all of that kind are lent, so that there are never more than are in use at one
    time, and at most `KEPT` of them stay open in between.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[str, _C]] = []
        self._closed = False

    @contextmanager
    def borrow(self, kind: str, make: Callable[[], _C]) -> Iterator[_C]:
        """Lend a connection until the end of the `with` block.

        Args:
            kind: connections of one kind can stand in for each other.
            make: makes one, when none of that kind is idle.
        """
        connection = self._take(kind) or make()
        try:
            yield connection
        finally:
            for unwanted in self._put_back(kind, connection):
                unwanted.close()

    def close(self) -> None:
        """Close all connections: idle ones now, lent ones when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def _take(self, kind: str) -> _C | None:
        """The idle connection of a kind that was used last: its socket is the likeliest to be open still."""
        with self._lock:
            for place in reversed(range(len(self._idle))):
                if self._idle[place][0] == kind:
                    return self._idle.pop(place)[1]
        return None

    def _put_back(self, kind: str, connection: _C) -> list[_C]:
        """Those that are not to be kept."""
        with self._lock:
            if self._closed:
                return [connection]
            self._idle.append((kind, connection))
            surplus = self._idle[:-KEPT]
            del self._idle[:-KEPT]
        return [old for _, old in surplus]
