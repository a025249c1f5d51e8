"""Kills what runs an action, after each request that changes something, and goes on with it as another process would.

A process that dies after a request which only looks leaves nothing behind that it would not leave before it.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from urllib3.connection import HTTPConnection

from shiftdown.git.temporary import TemporaryRepository
from shiftdown.testing import ActionRun


class KilledError(BaseException):
    """The process of a task ended. Nothing that it runs can catch that, or send anything from then on."""


class Death:
    """The end of a process right after a request has had its effect, before anything about it was written down."""

    def __init__(self, at: int) -> None:
        self._left = at
        self._changes = False
        self._dead = False
        self.survived = False
        """Whether the process changed less, and came to its own end."""

    def __call__(self, run: Callable[..., ActionRun], *given: Any, **named: Any) -> ActionRun:
        """Run a task, given what it has written down as `checkpoints`; when it is killed, go on with it."""
        done: dict[str, Any] = {}
        with pytest.MonkeyPatch.context() as patch:
            self._watch(patch)
            try:
                ran = run(*given, **named, checkpoints=done)
            except KilledError:
                patch.undo()
                return run(*given, **named, checkpoints=done)
        self.survived = True
        return ran

    def _watch(self, patch: pytest.MonkeyPatch) -> None:
        send, receive, push = HTTPConnection.request, HTTPConnection.getresponse, TemporaryRepository.move

        def request(connection: HTTPConnection, method: str, url: str, body: Any = None, **named: Any) -> None:
            if self._dead:
                raise KilledError
            self._changes = _changes(method, url, body)
            send(connection, method, url, body, **named)

        def getresponse(connection: HTTPConnection) -> Any:
            response = receive(connection)
            if self._changes:
                changed()
            return response

        def move(workshop: TemporaryRepository, moves: Any) -> None:
            if self._dead:
                raise KilledError
            push(workshop, moves)
            changed()

        def changed() -> None:
            self._dead = self._left == 0
            self._left -= 1
            if self._dead:
                raise KilledError

        patch.setattr(HTTPConnection, "request", request)
        patch.setattr(HTTPConnection, "getresponse", getresponse)
        # It pushes by the program git.
        patch.setattr(TemporaryRepository, "move", move)


def _changes(method: str, url: str, body: Any) -> bool:
    """Whether a request may change something."""
    looks = url.endswith("/git-upload-pack") or (url.endswith("/graphql") and "mutation" not in str(body))
    return method not in ("GET", "HEAD") and not looks


def deaths() -> Iterator[Death]:
    """Deaths after the first change, the second, and so on; the last one was survived."""
    for at in itertools.count():
        death = Death(at)
        yield death
        if death.survived:
            return
