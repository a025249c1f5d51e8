"""Requests about one repository, in the words of the REST API."""

import json
from collections.abc import Mapping
from typing import Any

from github.GithubException import UnknownObjectException
from github.Repository import Repository as Remote

from shiftdown.forges.github.client import Client, Place

_PAGE = 100
_REDIRECTS = (301, 302, 307, 308)
_REFUSED = 400


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
    def is_app(self) -> bool:
        """Whether an app acts, which is no person."""
        return self._client.is_app

    @property
    def writes_by_api(self) -> bool:
        """Whether the settings let nothing go by git."""
        return self._client.writes_by_api

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

    def get_pages(self, doing: str, path: str, key: str = "", *, size: int = _PAGE) -> list[Any]:
        """All items of a list, which may stand below a key, so many to a page; none when there is no such list."""
        found: list[Any] = []
        while True:
            sign = "&" if "?" in path else "?"
            answer = self.get(doing, f"{path}{sign}per_page={size}&page={len(found) // size + 1}")
            items = (answer or {}).get(key, []) if key else answer or []
            found += items
            if len(items) < size:
                return found

    def send(
        self, doing: str, method: str, path: str, given: Mapping[str, Any] | None = None, *, creates: bool = False
    ) -> Any:
        """Change something; the answer. Raises as `Client.write`.

        What is asked of a repository by a name that it had before is sent on, which PyGithub does for reading alone.
        """

        def ask(remote: Remote) -> Any:
            requester, url, body = remote.requester, path, None if given is None else dict(given)
            status, headers, text = requester.requestJson(method, url, input=body)
            if status in _REDIRECTS:
                status, headers, text = requester.requestJson(method, headers["location"], input=body)
            data = json.loads(text) if text else None
            if status >= _REFUSED:
                raise requester.createException(status, headers, data or {})
            return data

        return self._client.write(self.place, doing, ask, creates=creates)
