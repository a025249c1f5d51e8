"""How a fake forge takes requests: reads them, lets go wrong what should, and sends the answer to the rest."""

import gzip
import io
import itertools
import json
import socket
import threading
import time
import traceback
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from shiftdown_fakes.faults import Fault, Injector
from shiftdown_fakes.git_server import GitRequestHandler, GitServer


@dataclass
class Answer:
    """What is sent back."""

    status: int
    """HTTP status."""
    data: Any = None
    """JSON, or bytes of `content_type`; `None` for no body."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers beside the usual ones."""
    content_type: str = "application/json; charset=utf-8"
    """Type of the body."""


class ForgeServer(GitServer):
    """A git server whose requests go wrong on demand."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.lock = threading.RLock()
        """Held while a request to the API is answered."""
        self.inject: Injector = lambda method, path: None
        """Asked at each request what goes wrong with it."""
        self.crashes: list[str] = []
        """Defects of the fake itself that came to light: tests assert that there are none."""
        self.keeps_connections = True
        """Whether a connection outlives its answer; a proxy may send on one in the instant in which it ends."""
        self._scripted: list[tuple[str, str, Iterator[Fault]]] = []

    def fail(self, method: str, path_end: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next requests of a method go wrong whose path ends so."""
        self._scripted.append((method, path_end, itertools.repeat(fault, times)))

    def forget_faults(self) -> None:
        """Let nothing go wrong that `fail` asked for."""
        self._scripted.clear()

    def next_fault(self, method: str, path: str) -> Fault | None:
        """What goes wrong with a request."""
        for wanted, end, faults in self._scripted:
            if wanted == method and path.endswith(end) and (fault := next(faults, None)):
                return fault
        return self.inject(method, path)


class ForgeRequestHandler(GitRequestHandler):
    """Answers one connection. What is particular to a forge: `git_answer` and `api_answer`."""

    def do_PUT(self) -> None:  # noqa: N802 - the name that the base class looks for
        """Replace."""
        self.answer()

    def do_PATCH(self) -> None:  # noqa: N802 - the name that the base class looks for
        """Change."""
        self.answer()

    def do_DELETE(self) -> None:  # noqa: N802 - the name that the base class looks for
        """Remove."""
        self.answer()

    def do_HEAD(self) -> None:  # noqa: N802 - the name that the base class looks for
        """As GET, without the body."""
        self.answer()

    @property
    def forge(self) -> ForgeServer:
        """The server."""
        return cast("ForgeServer", self.git_server)

    def git_answer(self, path: str) -> Answer | str | None:
        """What to do with a request of git: refuse it, or serve that path; `None` when it is none."""
        raise NotImplementedError

    def api_answer(self, path: str, query: str, body: bytes) -> Answer:
        """What the API answers. Called under the lock of the server."""
        raise NotImplementedError

    def answer(self) -> None:
        """Read the whole request, let go wrong what should, and answer the rest."""
        self.forge.requests.append(f"{self.command} {self.path}")
        body = b"".join(self.body())
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        address = urlsplit(self.path)
        path = unquote(address.path)
        fault = self.forge.next_fault(self.command, path)
        time.sleep(self.forge.latency + (fault.delay if fault else 0))
        if fault and not fault.after:
            self._go_wrong(fault)
            return
        with self.forge.lock:
            git = self.git_answer(path)
            found = git if git is not None else self._safely(address.path, address.query, body)
        if isinstance(found, str):
            self._serve(found, body, fault)
        else:
            self._send_answer(found, fault)

    def basic_password(self) -> str:
        """The password of Basic authentication, or what stands behind another kind; empty without any."""
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "basic":
            value = b64decode(value).decode(errors="replace").partition(":")[2]
        return value

    def _safely(self, path: str, query: str, body: bytes) -> Answer:
        try:
            return self.api_answer(path, query, body)
        except Exception:  # noqa: BLE001 - whatever is wrong with the fake is shown to the test
            self.forge.crashes.append(traceback.format_exc())
            return Answer(500, {"message": "the fake crashed"})

    def _serve(self, path: str, body: bytes, fault: Fault | None) -> None:
        self.path = path
        if fault is None or fault.harmless:
            self.run_backend(body)
            return
        stream, self.wfile = self.wfile, io.BytesIO()
        self.run_backend(body)
        self.wfile = stream
        self._go_wrong(fault)

    def _go_wrong(self, fault: Fault) -> None:
        """Answer what the fault says, or cut the connection."""
        if fault.status is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(Answer(fault.status, {"message": fault.message}, dict(fault.headers)))

    def _send_answer(self, answer: Answer, fault: Fault | None) -> None:
        if fault is None or fault.harmless:
            self._send(answer)
        elif fault.truncated:
            self._send(answer, cut=True)
        else:
            self._go_wrong(fault)

    def _send(self, answer: Answer, *, cut: bool = False) -> None:
        data = answer.data if isinstance(answer.data, bytes) else json.dumps(answer.data).encode()
        data = b"" if answer.data is None else data[: len(data) // 2] if cut else data
        self.send_response(answer.status)
        if data:
            self.send_header("Content-Type", answer.content_type)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(data)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if not self.forge.keeps_connections:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def as_text(status: int, message: str) -> Answer:
    """An answer for people at git's end of the line."""
    return Answer(status, message.encode(), content_type="text/plain; charset=utf-8")
