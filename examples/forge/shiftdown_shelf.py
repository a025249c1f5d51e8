"""A plugin that brings a kind of forge: Shelf, a small server with git repositories and change requests.

Shelf does not exist. What its API would be is in `_call`: a POST with JSON to `/api/OWNER/NAME/CALL`, and an answer
with JSON. Commits go by git, with the same token.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import urllib3
from pydantic import SecretStr

from shiftdown.plugin import (
    ChangeRequestText,
    Commit,
    ConflictError,
    DraftError,
    ForgeChangeRequest,
    ForgeHost,
    ForgeKind,
    FoundRepository,
    HostedRepository,
    HostSettings,
    IllegalTransitionError,
    InvalidInputError,
    NotARepositoryError,
    NotFoundError,
    RepositoryError,
    Selection,
    Visibility,
    check_text,
    hookimpl,
    parse_location,
)

MAX_TEXT = 1_000_000
"""The most bytes that the text of a change request may have."""


class ShelfForge:
    """Change requests on one Shelf. See `shiftdown.forges.hosted.HostedForge`."""

    name = "shelf"
    git_user = "shelf"

    def __init__(self, url: str, token: SecretStr) -> None:
        self.url = url
        self._token = token
        self._pool = urllib3.PoolManager(timeout=30, retries=False)

    @property
    def avoids_git(self) -> bool:
        return False

    def disconnect(self) -> None:
        self._pool.clear()

    def token(self, location: str) -> SecretStr:
        return self._token

    def find(self, location: str, branch: str) -> ForgeChangeRequest | None:
        found = self._call(location, "find", branch=branch)
        return None if found is None else ForgeChangeRequest.model_validate(found)

    def get(self, location: str, number: int) -> ForgeChangeRequest:
        return self._request(location, "get", number=number)

    def get_all(self, keys: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], ForgeChangeRequest]:
        found: dict[tuple[str, int], ForgeChangeRequest] = {}
        for location in {location for location, _ in keys}:
            found |= {(location, request.number): request for request in self.list(location)}
        return {key: found[key] for key in keys if key in found}

    def list(self, location: str) -> Sequence[ForgeChangeRequest]:
        return [ForgeChangeRequest.model_validate(item) for item in self._call(location, "list")]

    def check_text(self, text: ChangeRequestText) -> None:
        check_text(text, MAX_TEXT)

    def open(self, location: str, text: ChangeRequestText) -> ForgeChangeRequest:
        return self._request(location, "open", text=text.model_dump(mode="json"))

    def update(self, location: str, number: int, text: ChangeRequestText) -> ForgeChangeRequest:
        return self._request(location, "update", number=number, text=text.model_dump(mode="json"))

    def approve(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        return self._request(location, "approve", number=number, by=by)

    def merge(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        return self._request(location, "merge", number=number, by=by)

    def close(self, location: str, number: int, *, reason: str) -> ForgeChangeRequest:
        return self._request(location, "close", number=number, reason=reason)

    def comment(self, location: str, number: int, text: str) -> None:
        self._call(location, "comment", number=number, text=text)

    def remove_branch(self, location: str, number: int) -> bool:
        return bool(self._call(location, "remove_branch", number=number))

    def diff(self, location: str, number: int) -> str:
        return str(self._call(location, "diff", number=number))

    def carrier(self, location: str) -> None:
        """Nothing: git reads it."""

    def write(
        self,
        location: str,
        commit: Commit,
        branch: str,
        *,
        expected: str | None,
        refused: RepositoryError | None = None,
    ) -> None:
        """Nothing: commits are pushed."""

    def fork(self, location: str) -> None:
        """Nothing: who has a token may push."""

    def maker(self, location: str) -> "ShelfMaker":
        return ShelfMaker(self, location)

    def repositories(self, selection: Selection) -> Iterator[FoundRepository]:
        if selection.search or selection.has_files:
            raise InvalidInputError(f"{self.url}: a Shelf finds repositories by owner, topic and language only")
        for item in self._call(f"{self.url}/all/repositories", "search"):
            found = FoundRepository(location=f"{self.url}/{item['name']}", **item)
            if selection.takes(found):
                yield found

    def _request(self, location: str, call: str, **arguments: object) -> ForgeChangeRequest:
        return ForgeChangeRequest.model_validate(self._call(location, call, **arguments))

    def _call(self, location: str, call: str, **arguments: object) -> Any:
        """What the server answers. Raises a `ShiftdownError` that says why it does not."""
        path = urlsplit(parse_location(location).address).path.strip("/").removesuffix(".git")
        if len(path.split("/")) != 2:
            raise InvalidInputError(f"{location}: a repository on Shelf is {self.url}/owner/name")
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}", "Content-Type": "application/json"}
        try:
            answer = self._pool.request(
                "POST", f"{self.url}/api/{path}/{call}", body=json.dumps(arguments), headers=headers
            )
            said = json.loads(answer.data)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise RepositoryError(location, f"cannot {call}: Shelf gives no answer ({type(error).__name__})") from None
        if answer.status == 200:
            return said
        raise _error(location, answer.status, said, arguments)


def _error(location: str, status: int, said: Mapping[str, Any], arguments: Mapping[str, Any]) -> Exception:
    match status:
        case 401:
            return RepositoryError(location, "Shelf refuses the token; set another one")
        case 404 if said.get("repository"):
            return NotARepositoryError(location, str(said["message"]))
        case 404:
            return NotFoundError(said["kind"], said["key"], said["message"])
        case 409 if said.get("draft"):
            return DraftError(location, int(arguments["number"]))
        case 409 if "wanted" in said:
            return IllegalTransitionError(said["subject"], said["current"], said["wanted"])
        case 409:
            return ConflictError(location, said["message"])
        case 422:
            return InvalidInputError(f"{location}: {said['message']}")
    return RepositoryError(location, f"Shelf answers {status}: {said.get('message')}")


class ShelfMaker:
    """Makes one repository. See `shiftdown.forges.repository_maker.RepositoryMaker`."""

    def __init__(self, forge: ShelfForge, location: str) -> None:
        self._forge = forge
        self.url = location

    def look(self, visibility: Visibility) -> HostedRepository | None:
        found = self._forge._call(self.url, "look")
        return None if found is None else HostedRepository.model_validate({**found, "url": self.url})

    def make(self, visibility: Visibility, description: str | None) -> HostedRepository:
        made = self._forge._call(self.url, "make", description=description)
        return HostedRepository.model_validate({**made, "url": self.url})

    def set_default_branch(self, branch: str) -> None:
        self._forge._call(self.url, "set_default_branch", branch=branch)


def connect(host: ForgeHost[HostSettings]) -> ShelfForge:
    assert host.token is not None  # a Shelf needs one
    parse_location(f"{host.url}/owner/name")  # https, or http on this machine: else the token could be read
    return ShelfForge(host.url, host.token)


SHELF = ForgeKind(name="shelf", title="Shelf", connect=connect, settings=HostSettings)


@hookimpl
def shiftdown_forges() -> Iterable[ForgeKind[Any]]:
    return [SHELF]
