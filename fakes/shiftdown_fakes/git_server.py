"""A git server on the loopback interface: the real `git http-backend` behind a small HTTP server."""

import base64
import gzip
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader, BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast
from urllib.parse import unquote, urlsplit

from shiftdown.testing.tools import find_tool

BLOCK = 1 << 16


class GitServer:
    """Serve every bare repository below a folder over smart HTTP, for reading and pushing.

        with GitServer(folder) as server:
            clone(f"{server.url}/orders.git")

    Speaks protocol v2, keeps connections alive, takes chunked and gzipped requests. With `username` and
    `password` every request needs them (Basic authentication). `latency` delays each answer by that many
    seconds, to stand for a network.
    """

    def __init__(self, root: Path, *, username: str = "", password: str = "", latency: float = 0.0) -> None:
        self.root = root
        """The folder whose repositories are served."""
        self.latency = latency
        """Seconds of delay per request; may be changed while the server runs."""
        self.requests: list[str] = []
        """Method and path of every request so far, refused ones too."""
        credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
        self.authorization = f"Basic {credentials}" if username or password else None
        self.backend = [
            find_tool("git"),
            "-c",
            "http.receivepack=true",
            "-c",
            "safe.directory=*",
            "http-backend",
        ]
        handler = type("Handler", (self.handler(),), {"git_server": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def handler(self) -> type["GitRequestHandler"]:
        """What answers requests; a server that does more has its own."""
        return GitRequestHandler

    @property
    def url(self) -> str:
        """Address of the server, without credentials and without a slash at its end."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def url_of(self, repository: str) -> str:
        """Address of a repository, given its path below the folder."""
        return f"{self.url}/{repository}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class GitRequestHandler(BaseHTTPRequestHandler):
    """Pass one request to `git http-backend` as a CGI program, and its answer back."""

    git_server: GitServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = BLOCK

    def do_GET(self) -> None:
        """Advertise references."""
        self.answer()

    def do_POST(self) -> None:
        """Take `git-upload-pack` and `git-receive-pack`."""
        self.answer()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: `GitServer.requests` is the log."""

    def answer(self) -> None:
        """Read the whole request, check the credentials, and let the program answer."""
        self.git_server.requests.append(f"{self.command} {self.path}")
        body = b"".join(self.body())
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if self.git_server.latency:
            time.sleep(self.git_server.latency)
        if self.git_server.authorization not in (None, self.headers.get("Authorization")):
            self.refuse()
        else:
            self.run_backend(body)

    def body(self) -> Iterator[bytes]:
        """Yield the request's body, with a given length or in chunks."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
        else:
            yield self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def refuse(self) -> None:
        """Ask for credentials."""
        self.send_response(HTTPStatus.UNAUTHORIZED)
        self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def run_backend(self, body: bytes) -> None:
        """Run the program and stream its output in chunks."""
        with subprocess.Popen(  # noqa: S603 - an argument list, no shell
            self.git_server.backend,
            env=self.cgi_variables(body),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            stdin, stdout = cast(BufferedWriter, process.stdin), cast(BufferedReader, process.stdout)
            feeder = threading.Thread(target=feed, args=(stdin, body), daemon=True)
            feeder.start()
            self.send_head(stdout)
            while block := stdout.read1(BLOCK):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
            self.wfile.write(b"0\r\n\r\n")
            feeder.join()

    def send_head(self, output: IO[bytes]) -> None:
        """Turn the program's header lines into those of the answer."""
        lines = iter(lambda: output.readline().decode().strip(), "")
        headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        status = next((value for name, value in headers if name.lower() == "status"), "200")
        self.send_response(int(status.split()[0]))
        for name, value in headers:
            if name.lower() != "status":
                self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def cgi_variables(self, body: bytes) -> dict[str, str]:
        """Return the environment that the CGI specification (RFC 3875) asks for."""
        address = urlsplit(self.path)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_PROJECT_ROOT": str(self.git_server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": unquote(address.path),
            "QUERY_STRING": address.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_USER": "shiftdown" if self.headers.get("Authorization") else "",
            "REMOTE_ADDR": self.client_address[0],
        }


def feed(pipe: IO[bytes], data: bytes) -> None:
    """Write everything into a pipe and close it; a reader that stops early is no error."""
    try:
        pipe.write(data)
        pipe.close()
    except BrokenPipeError:
        return
