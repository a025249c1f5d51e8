"""Servers that die while they take a push, at any moment of it."""

import io
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from shiftdown_fakes.git_server import GitRequestHandler, GitServer

Answer = Callable[[GitRequestHandler], None]


def _in_the_request(handler: GitRequestHandler, answer: Answer) -> None:
    """Half of the request is read."""
    handler.rfile.read(int(handler.headers.get("Content-Length", 0)) // 2)


def _with_half_a_pack(handler: GitRequestHandler, answer: Answer) -> None:
    """Git gets half of the pack."""
    body = b"".join(handler.body())
    handler.body = lambda: iter([body[: len(body) // 2]])  # type: ignore[method-assign]
    _after_the_effect(handler, answer)
    del handler.body


def _before_the_effect(handler: GitRequestHandler, answer: Answer) -> None:
    """All is received, and nothing is done."""
    b"".join(handler.body())


def _after_the_effect(handler: GitRequestHandler, answer: Answer) -> None:
    """All is done, and nothing is answered."""
    _captured(handler, answer)


def _in_the_answer(handler: GitRequestHandler, answer: Answer) -> None:
    """All is done, and half of the answer is sent."""
    said = _captured(handler, answer)
    handler.wfile.write(said[: len(said) - 20])
    handler.wfile.flush()


def _captured(handler: GitRequestHandler, answer: Answer) -> bytes:
    stream, handler.wfile = handler.wfile, io.BytesIO()
    try:
        answer(handler)
        return handler.wfile.getvalue()
    finally:
        handler.wfile = stream


DEATHS: Mapping[str, Callable[[GitRequestHandler, Answer], None]] = {
    "in the request": _in_the_request,
    "with half a pack": _with_half_a_pack,
    "before the effect": _before_the_effect,
    "after the effect": _after_the_effect,
    "in the answer": _in_the_answer,
}
"""By name."""


@contextmanager
def dying(server: GitServer, name: str) -> Iterator[None]:
    """Let all pushes to a server end that way meanwhile."""
    handler: Any = server._http.RequestHandlerClass
    usual = handler.answer

    def answer(self: GitRequestHandler) -> None:
        if self.command != "POST" or not self.path.endswith("/git-receive-pack"):
            usual(self)
            return
        DEATHS[name](self, usual)
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    handler.answer = answer
    yield
    handler.answer = usual
