"""Kills what runs an action, after each of its requests, and goes on with it as another process would."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from urllib3.connection import HTTPConnection

from shiftdown.testing import ActionRun


class KilledError(BaseException):
    """The process of a task ended. Nothing that it runs can catch that, or send anything from then on."""


class Death:
    """The end of a process right after a request has had its effect, before anything about it was written down."""

    def __init__(self, at: int) -> None:
        self._left = at
        self.survived = False
        """Whether the process made fewer requests, and came to its own end."""

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
        send, receive = HTTPConnection.request, HTTPConnection.getresponse

        def request(connection: HTTPConnection, *given: Any, **named: Any) -> None:
            if self._left < 0:
                raise KilledError
            send(connection, *given, **named)

        def getresponse(connection: HTTPConnection) -> Any:
            response = receive(connection)
            self._left -= 1
            if self._left < 0:
                raise KilledError
            return response

        patch.setattr(HTTPConnection, "request", request)
        patch.setattr(HTTPConnection, "getresponse", getresponse)


def deaths() -> Iterator[Death]:
    """Deaths after the first request, the second, and so on; the last one was survived."""
    for at in itertools.count():
        death = Death(at)
        yield death
        if death.survived:
            return
