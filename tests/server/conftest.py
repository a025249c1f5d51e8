"""The real server, on a port of its own, in a thread."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from shiftdown import Identity, Shiftdown
from shiftdown.extensions import Plugins, forges
from shiftdown.server import create_app
from tests.app.conftest import MottoPlugin

SECRET = "planted-secret-of-webhooks"


class Server:
    """A server that runs."""

    def __init__(self, sd: Shiftdown, port: int) -> None:
        self.sd = sd
        self.port = port

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, *, chunked: bool = False
    ) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {}, encode_chunked=chunked)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def deliver(self, host: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """Send a delivery of a webhook."""
        return self.send("POST", f"/webhooks/{host}", body, headers)


@contextmanager
def serving(sd: Shiftdown) -> Iterator[Server]:
    config = uvicorn.Config(create_app(sd), host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    ready = threading.Event()
    startup = server.startup

    async def start(sockets: Any = None) -> None:
        await startup(sockets)
        ready.set()

    server.startup = start  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert ready.wait(30)
        yield Server(sd, server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over a registry that knows some of GitHub's repositories, with a secret for both forges."""
    folder: Path = tmp_path_factory.mktemp("server")
    (folder / "shiftdown.toml").write_text("")
    plugins = Plugins()
    plugins.register(MottoPlugin(), name="mottos", package="mottos")
    plugins.register(forges, name="forges", package="shiftdown")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SHIFTDOWN_GITHUB_URL", "SHIFTDOWN_GITLAB_URL"):
            patch.delenv(name, raising=False)
        patch.setenv("SHIFTDOWN_CONFIG", str(folder / "shiftdown.toml"))
        patch.setenv("SHIFTDOWN_GITHUB_WEBHOOK_SECRET", SECRET)
        patch.setenv("SHIFTDOWN_GITLAB_WEBHOOK_SECRET", SECRET)
        author = Identity(name="Ada Example", email="ada@example.org")
        with (
            Shiftdown.open(f"sqlite:///{folder}/registry.db", plugins=plugins, author=author) as sd,
            serving(sd) as running,
        ):
            yield running
