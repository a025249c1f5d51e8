"""Requests about one repository, in the words of the REST API."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from github.GithubException import UnknownObjectException
from github.Repository import Repository as Remote

from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.github.errors import UnsureError

_T = TypeVar("_T")

_PAGE = 100
_ATTEMPTS = 3
"""How often something is looked at, and done if it is missing, when nobody knows what became of a request."""


class Requests:
    """Sends requests about one repository, and about its owner. Safe for threads."""

    def __init__(self, client: Client, place: Place) -> None:
        self._client = client
        self.place = place
        """The repository."""

    @property
    def location(self) -> str:
        """Its address, for messages."""
        return self.place.location

    @property
    def path(self) -> str:
        """Where the API has it."""
        return f"/repos/{self.place.full_name}"

    def get(self, doing: str, path: str) -> Any:
        """What is at a path; `None` when nothing is. Raises as `Client.read`."""

        def ask(remote: Remote) -> Any:
            try:
                return remote.requester.requestJsonAndCheck("GET", path)[1]
            except UnknownObjectException:
                return None

        return self._client.read(self.place, doing, ask)

    def get_pages(self, doing: str, path: str, key: str = "") -> list[Any]:
        """All items of a list, which may stand below a key; none when there is no such list."""
        found: list[Any] = []
        while True:
            sign = "&" if "?" in path else "?"
            answer = self.get(doing, f"{path}{sign}per_page={_PAGE}&page={len(found) // _PAGE + 1}")
            items = (answer or {}).get(key, []) if key else answer or []
            found += items
            if len(items) < _PAGE:
                return found

    def send(
        self, doing: str, method: str, path: str, given: Mapping[str, Any] | None = None, *, creates: bool = False
    ) -> Any:
        """Change something; the answer. Raises as `Client.write`."""

        def ask(remote: Remote) -> Any:
            return remote.requester.requestJsonAndCheck(method, path, input=None if given is None else dict(given))[1]

        return self._client.write(self.place, doing, ask, creates=creates)


def surely(act: Callable[[], _T]) -> _T:
    """Act, which begins with a look or may be repeated; again when nobody knows what became of a request."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return act()
        except UnsureError:
            continue
    return act()
