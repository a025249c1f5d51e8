"""Smart HTTP, protocol version 2 (gitprotocol-v2, gitprotocol-http), with as few requests as it allows."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from shiftdown.errors import NotARepositoryError, RepositoryError
from shiftdown.git.carrier import FetchScope, OtherCarrierError
from shiftdown.git.connections import Connections, HttpTransport
from shiftdown.git.location import Location
from shiftdown.git.objects import GitObject
from shiftdown.git.options import GitOptions
from shiftdown.git.packets import (
    PushReport,
    References,
    ServerSaysError,
    capabilities_v2,
    fetch_request,
    ls_refs_request,
    push_request,
    read_fetch,
    read_ls_refs,
    read_push,
)
from shiftdown.git.packs import BrokenPackError, read_pack, write_pack

T = TypeVar("T")
ZERO_ID = "0" * 40
_V2 = "version=2"
_NO_FILTER = 2
_ABOUT_DEPTH = re.compile(r"shallow|deepen|depth", re.IGNORECASE)
_FILTERS = {
    FetchScope.FIRST_LOOK: ("combine:tree:2+blob:limit=1m", "blob:none", ""),
    FetchScope.TREE: ("tree:1", "blob:none", ""),
    FetchScope.ALL_TREES: ("blob:none", "blob:none", ""),
    FetchScope.EXACT: ("", "", ""),
}


class RefusedError(RepositoryError):
    """The server answered, but not with what was asked for."""


class HttpCarrier:
    """A repository behind smart HTTP.

    What a server advertises is asked for once per host. When a request that relies on that memory
    fails, the repository itself is asked and the request made again.
    """

    def __init__(self, location: Location, options: GitOptions, connections: Connections) -> None:
        self._location = location
        self._http = HttpTransport(location, options, connections)
        self._host = self._http.host
        self._asked = False
        self._filter_level = self._host.filter_level
        self._shallow = self._host.shallow

    def references(self, prefixes: Sequence[str]) -> References:
        """See `Carrier`."""
        return self._ask(lambda: read_ls_refs(self._upload_pack(ls_refs_request(prefixes))))

    def fetch(self, wants: Sequence[str], scope: FetchScope) -> Iterable[GitObject]:
        """See `Carrier`."""
        filters = _FILTERS[scope]

        def ask() -> list[GitObject]:
            depth = 1 if scope is FetchScope.FIRST_LOOK and self._shallow else 0
            request = fetch_request(wants, object_filter=filters[self._filter_level], depth=depth)
            return read_pack(read_fetch(self._upload_pack(request)))

        lowered = False
        while True:
            try:
                found = self._ask(ask)
            except RefusedError as error:
                no_depth = self._shallow and scope is FetchScope.FIRST_LOOK
                if filters[self._filter_level] and not (no_depth and _ABOUT_DEPTH.search(str(error))):
                    self._filter_level += 1
                elif no_depth:
                    self._shallow = False
                else:
                    raise
                lowered = True
            else:
                if lowered:
                    self._host.filter_level, self._host.shallow = self._filter_level, self._shallow
                return found

    def push(self, reference: str, old: str, new: str, objects: Sequence[GitObject]) -> PushReport:
        """See `Carrier`."""
        pack = write_pack(objects)
        if not self._host.push:
            self._http.get(
                "info/refs?service=git-receive-pack",
                content_type="application/x-git-receive-pack-advertisement",
                headers={},
            )
        request = push_request(reference, old, new, pack)
        try:
            report = read_push(self._http.post("git-receive-pack", request, repeat=False))
        except ServerSaysError as error:
            raise RepositoryError(self._location.address, f"the push failed: {error}") from error
        self._host.push = True
        return report

    def close(self) -> None:
        """See `Carrier`: the connections are shared."""

    def _upload_pack(self, request: bytes) -> bytes:
        return self._http.post("git-upload-pack", request, protocol=_V2, repeat=True)

    def _ask(self, request: Callable[[], T]) -> T:
        if not self._host.known:
            self._discover()
        try:
            return request()
        except (ServerSaysError, BrokenPackError, NotARepositoryError) as error:
            if self._asked:
                raise self._failed(error) from error
        self._discover()
        try:
            return request()
        except (ServerSaysError, BrokenPackError) as error:
            raise self._failed(error) from error

    def _discover(self) -> None:
        """Ask the repository what it can do; say so if it cannot do what is needed."""
        try:
            found = capabilities_v2(
                self._http.get(
                    "info/refs?service=git-upload-pack",
                    content_type="application/x-git-upload-pack-advertisement",
                    headers={"Git-Protocol": _V2},
                )
            )
        except ServerSaysError as error:
            raise self._failed(error) from error
        if found is None:
            raise OtherCarrierError
        if "object-format=sha256" in found:
            raise RepositoryError(
                self._location.address, "uses SHA-256 object ids, which are not supported; SHA-1 ones are"
            )
        self._asked = True
        fetch = next((line.partition("=")[2].split() for line in found if line.startswith("fetch")), [])
        if "filter" not in fetch:
            self._filter_level = _NO_FILTER
        self._shallow = self._shallow and "shallow" in fetch
        if not self._host.known:
            self._host.known = True
            self._host.filter_level, self._host.shallow = self._filter_level, self._shallow

    def _failed(self, error: Exception) -> RepositoryError:
        if isinstance(error, RepositoryError):
            return error
        return RefusedError(self._location.address, f"the server says: {error}")
