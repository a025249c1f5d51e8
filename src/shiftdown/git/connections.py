"""Kept-alive connections to servers, and what was learnt about each of them."""

import base64
import logging
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

from shiftdown.errors import NotARepositoryError, RepositoryError
from shiftdown.git.credentials import Credentials, ask_helper, tell_helper
from shiftdown.git.environment import configuration
from shiftdown.git.location import Location
from shiftdown.git.options import GitOptions
from shiftdown.git.packets import printable

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

log = logging.getLogger(__name__)
_KEPT = 32
_BLOCK = 1 << 16
_SAID = 500
"""The most bytes of a refusal that are told."""


@dataclass(slots=True)
class Server:
    """What is known about one server. Wrong knowledge costs a request, never a result."""

    pool: "PoolManager"
    """Its connections."""
    known: bool = False
    """Whether one of its repositories was asked, and speaks protocol 2."""
    push: bool = False
    """Whether a push has gone through without surprises."""
    filter_level: int = 0
    """Which object filters it takes: 0 by depth and size, 1 by blobs, 2 none."""
    shallow: bool = True
    """Whether it gives commits without their history."""
    credentials: Credentials | None = field(default=None, repr=False)
    """What a credential helper gave."""


class Connections:
    """Connections that repositories share, from any thread. Close it when done."""

    def __init__(self) -> None:
        self._hosts: dict[str, Server] = {}
        self._lock = threading.Lock()

    def host(self, location: Location, options: GitOptions) -> Server:
        """What is known about the server of `location`."""
        key = f"{location.scheme}://{location.host}"
        with self._lock:
            if key not in self._hosts:
                self._hosts[key] = Server(_pool(key + "/", options))
            return self._hosts[key]

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for host in self._hosts.values():
                host.pool.clear()
            self._hosts.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _pool(base: str, options: GitOptions) -> "PoolManager":
    """A pool that honours the proxies and certificates of git's configuration and the environment."""
    from dulwich.client import default_urllib3_manager

    manager: Any = default_urllib3_manager(configuration(), base_url=base, timeout=options.timeout)
    manager.connection_pool_kw["maxsize"] = _KEPT
    manager.headers["User-Agent"] = "git/shiftdown"
    pool: PoolManager = manager
    return pool


class HttpTransport:
    """Requests to one repository on a server."""

    def __init__(self, location: Location, options: GitOptions, connections: Connections) -> None:
        self.host = connections.host(location, options)
        """What is known about the server."""
        self._location = location
        self._options = options
        self._base = location.address + "/"

    def get(self, path: str, *, content_type: str, headers: dict[str, str]) -> bytes:
        """GET below the repository's URL; a redirect moves the repository for later requests."""
        response = self._send("GET", path, None, headers)
        for _ in range(5):
            if response.status not in (301, 302, 303, 307, 308):
                break
            self._move(path, response.headers.get("Location", ""))
            response.drain_conn()
            response = self._send("GET", path, None, headers)
        return self._body(response, content_type)

    def post(self, service: str, body: bytes, *, protocol: str = "", repeat: bool) -> bytes:
        """POST to a service; `repeat` says that doing it twice does no harm."""
        headers = {
            "Content-Type": f"application/x-{service}-request",
            "Accept": f"application/x-{service}-result",
        }
        if protocol:
            headers["Git-Protocol"] = protocol
        response = self._send("POST", service, body, headers, repeat=repeat)
        return self._body(response, f"application/x-{service}-result")

    def _send(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], *, repeat: bool = True
    ) -> "BaseHTTPResponse":
        credentials = self._credentials()
        response = self._request(method, path, body, headers, credentials, repeat=repeat)
        if response.status != 401:
            return response
        response.drain_conn()
        if not self._location.may_authenticate:
            raise RepositoryError(self._location.address, "asks for credentials; they are not sent over plain http")
        if credentials and self._options.token is None:
            tell_helper("reject", self._location, credentials, self._options.timeout)
            self.host.credentials = None
        if self._options.token is not None or not (fresh := ask_helper(self._location, self._options.timeout)):
            raise RepositoryError(self._location.address, self._unauthorized())
        response = self._request(method, path, body, headers, fresh, repeat=repeat)
        accepted = response.status != 401
        tell_helper("approve" if accepted else "reject", self._location, fresh, self._options.timeout)
        if not accepted:
            raise RepositoryError(self._location.address, self._unauthorized())
        self.host.credentials = fresh
        return response

    def _request(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        credentials: Credentials | None,
        *,
        repeat: bool,
    ) -> "BaseHTTPResponse":
        from urllib3 import Retry
        from urllib3.exceptions import HTTPError

        sent = dict(self.host.pool.headers) | headers
        if credentials:
            pair = f"{credentials.username}:{credentials.password.get_secret_value()}".encode()
            sent["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        retries = Retry(
            total=2, connect=2, read=1 if repeat else 0, redirect=0, status=0,
            allowed_methods=None, raise_on_redirect=False, backoff_factor=0.1,
        )  # fmt: skip
        try:
            return self.host.pool.request(
                method,
                urljoin(self._base, path),
                body=body,
                headers=sent,
                retries=retries,
                redirect=False,
                timeout=self._options.timeout,
                preload_content=False,
            )
        except HTTPError as error:
            raise RepositoryError(self._location.address, f"the server cannot be reached: {_reason(error)}") from None

    def _body(self, response: "BaseHTTPResponse", content_type: str) -> bytes:
        from urllib3.exceptions import HTTPError

        try:
            if response.status != 200:
                said = response.read(_SAID, decode_content=True)
                response.drain_conn()
                raise self._failure(response, said)
            found = response.headers.get("Content-Type", "").partition(";")[0].strip()
            if found != content_type:
                raise NotARepositoryError(
                    self._location.address, f"answers with {found or 'no type'}; it is not a git repository"
                )
            parts: list[bytes] = []
            size = 0
            while part := response.read(_BLOCK, decode_content=True):
                parts.append(part)
                size += len(part)
                if size > self._options.max_download:
                    response.close()
                    raise RepositoryError(
                        self._location.address, f"sends more than {self._options.max_download:,} bytes"
                    )
            return b"".join(parts)
        except HTTPError as error:
            raise RepositoryError(
                self._location.address, f"the connection broke: {_reason(error)}; try again"
            ) from None
        finally:
            response.release_conn()

    def _failure(self, response: "BaseHTTPResponse", said: bytes) -> RepositoryError:
        address, status = self._location.address, response.status
        if status in (301, 302, 303, 307, 308):
            # Only what asks a repository what it can do follows redirects, as git does.
            return NotARepositoryError(address, f"has moved (HTTP {status}); use its new URL")
        if status in (404, 410):
            hint = "" if self._credentials() else " without credentials"
            return NotARepositoryError(address, f"does not exist, or is not visible{hint} (HTTP {status})")
        if status == 403:
            plain = response.headers.get("Content-Type", "").startswith("text/plain")
            words = " ".join(printable(said).split()) if plain else ""
            return RepositoryError(address, f"access denied (HTTP 403): {words or 'the token may lack rights'}")
        wait = response.headers.get("Retry-After")
        later = f"; try again after {wait}" if wait and len(wait) < 40 else ""
        return RepositoryError(address, f"the server answers HTTP {status}{later}")

    def _move(self, path: str, target: str) -> None:
        """Follow a redirect of the first request, as git does; credentials stay with their host."""
        absolute = urljoin(urljoin(self._base, path), target)
        old, new = urlsplit(self._base), urlsplit(absolute)
        if not absolute.endswith("/" + path) or new.username or new.password:
            raise NotARepositoryError(self._location.address, "redirects to what is not a git repository")
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            raise RepositoryError(
                self._location.address, f"has moved to {new.scheme}://{new.hostname}; use its new URL"
            )
        self._base = absolute.removesuffix(path)

    def _credentials(self) -> Credentials | None:
        if not self._location.may_authenticate:
            return None
        if self._options.token is not None:
            return Credentials(self._options.username, self._options.token)
        return self.host.credentials

    def _unauthorized(self) -> str:
        if self._options.token is not None:
            return "the token was refused (HTTP 401): it may have expired or belong to another server"
        return "asks for credentials (HTTP 401): give a token, or set up a git credential helper"


def _reason(error: BaseException) -> str:
    """The innermost cause in words, without URLs, which might be another's."""
    cause: BaseException = getattr(error, "reason", None) or error
    return f"{type(cause).__name__}: {str(cause).rpartition(': ')[2][:200]}"
