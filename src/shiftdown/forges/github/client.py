"""Requests to one GitHub: read from any thread, write one at a time."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, TypeVar

from cachetools import LRUCache
from github import Github
from github.GithubException import GithubException, UnknownObjectException
from github.Repository import Repository as Remote
from pydantic import SecretStr
from requests.exceptions import ChunkedEncodingError

from shiftdown.errors import InvalidInputError
from shiftdown.forges.base import Pace, WriteWay
from shiftdown.forges.github.credentials import LiveToken, Tokens
from shiftdown.forges.github.errors import RefusedError, translate, words
from shiftdown.forges.github.retry import PatientRetry
from shiftdown.forges.github.settings import GitHubSettings
from shiftdown.forges.pool import Pool
from shiftdown.forges.requesting import await_turn
from shiftdown.git.location import parse_location

_T = TypeVar("_T")
_KEPT = 16 * 1024 * 1024
"""How many characters of answers are kept, to ask only whether they have changed."""
_FAILURES = (GithubException, OSError, ValueError, RuntimeError, AssertionError)
"""What PyGithub raises: its own errors, those of `requests`, of JSON, and of redirects to other hosts."""


@dataclass(frozen=True)
class Place:
    """A repository on a GitHub."""

    location: str
    """Its address, as the caller gave it."""
    owner: str
    """Login of its owner."""
    name: str
    """Its name."""

    @property
    def full_name(self) -> str:
        """Owner and name."""
        return f"{self.owner}/{self.name}"


def place_of(location: str) -> Place:
    """The repository that an https or ssh address means.

    Raises:
        InvalidInputError: the address is not `host/owner/name`.
    """
    where = parse_location(location)
    address = where.address
    path = address.partition("://")[2].partition("/")[2] if "://" in address else address.partition(":")[2]
    parts = path.removesuffix(".git").split("/")
    if where.scheme == "file" or len(parts) != 2 or not all(parts):
        raise InvalidInputError(f"{location}: a repository on GitHub is https://host/owner/name")
    return Place(location, parts[0], parts[1])


class Client:
    """The API of one GitHub. PyGithub's connections are not safe for threads: each is lent to one at a time."""

    def __init__(self, settings: GitHubSettings, pace: Pace) -> None:
        self._settings = settings
        self._pace = pace
        self._viewers: dict[str, str] = {}
        self._tokens = Tokens(settings)
        self._readers: Pool[Github] = Pool()
        self._writers: Pool[Github] = Pool()
        self._writing = threading.Lock()
        self._kept: LRUCache[str, tuple[str, str]] = LRUCache(_KEPT, getsizeof=lambda pair: len(pair[1]) + 1)
        self._remembering = threading.Lock()

    def close(self) -> None:
        """Close all connections."""
        self._readers.close()
        self._writers.close()

    @property
    def is_app(self) -> bool:
        """Whether an app acts."""
        return self._settings.app is not None

    @property
    def writes_by_api(self) -> bool:
        """Whether the settings let nothing go by git."""
        return self._settings.write is WriteWay.API

    def token(self, place: Place) -> SecretStr:
        """The token for a repository, for git.

        Raises:
            ShiftdownError: an app gets none.
        """
        return self._do(place, "get a token", lambda: self._tokens.token(place.owner, place.name))

    def query(self, place: Place, doing: str, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Ask by GraphQL; the repository is `owner` and `name`.

        Raises:
            NotARepositoryError: there is no such repository for the token.
            ShiftdownError: GitHub refuses, or cannot be reached.
        """
        given = {"owner": place.owner, "name": place.name, **variables}

        def ask(reader: Github) -> dict[str, Any]:
            _, answer = reader.requester.graphql_query(document, given)
            data: dict[str, Any] = answer["data"]
            self._viewers[self._key(place)] = data["viewer"]["login"]
            return data

        return self._reading(place, doing, ask)

    def query_parts(
        self,
        place: Place,
        doing: str,
        document: str,
        variables: Mapping[str, Any],
        missing: Callable[[Sequence[Mapping[str, Any]]], None] = lambda _: None,
    ) -> dict[str, Any]:
        """Ask by GraphQL for independent parts; those that GitHub does not give are `None`.

        Args:
            place: whose token is used, and what messages are about.
            doing: what is done, for messages.
            document: the question.
            variables: its variables.
            missing: gets GraphQL's errors, which say what is not given and why.
        """

        def ask(reader: Github) -> dict[str, Any]:
            requester = reader.requester
            given = {"query": document, "variables": dict(variables)}
            try:
                headers, answer = requester.requestJsonAndCheck("POST", requester.graphql_url, input=given)
            except (ValueError, ChunkedEncodingError):  # half an answer: once more
                headers, answer = requester.requestJsonAndCheck("POST", requester.graphql_url, input=given)
            if not answer.get("data"):
                raise requester.createException(400, headers, answer)
            missing(answer.get("errors") or ())
            data: dict[str, Any] = answer["data"]
            return data

        return self._reading(place, doing, ask)

    def cached(self, place: Place, doing: str, path: str) -> Any:
        """What is at a path of the repository, by REST. What has not changed since is not sent again, and free.

        (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api, conditional requests)
        """
        url = f"/repos/{place.full_name}/{path}"
        key = f"{self._key(place)} {url}".lower()

        def ask(reader: Github) -> Any:
            requester = reader.requester
            with self._remembering:
                tag, kept = self._kept.get(key, ("", ""))
            status, got, text = requester.requestJson("GET", url, headers={"If-None-Match": tag} if tag else {})
            if status == 304:
                return json.loads(kept)
            if status != 200:
                raise requester.createException(status, got, _explained(text))
            data = json.loads(text)
            if got.get("etag") and len(text) < _KEPT:
                with self._remembering:
                    self._kept[key] = got["etag"], text
            return data

        return self._reading(place, doing, ask)

    def diff(self, place: Place, base: str, head: str) -> str:
        """The difference between two commits, from where they part."""

        def ask(reader: Github) -> str:
            requester = reader.requester
            url = f"/repos/{place.full_name}/compare/{base}...{head}"
            headers = {"Accept": "application/vnd.github.diff"}
            status, got, text = requester.requestJson("GET", url, headers=headers)
            if status != 200:
                raise requester.createException(status, got, {"message": text[:200]})
            return str(text)

        return self._reading(place, "compare", ask)

    def read(self, place: Place, doing: str, work: Callable[[Remote], _T]) -> _T:
        """Read by REST."""
        return self._reading(place, doing, lambda reader: work(reader.get_repo(place.full_name)))

    def write(self, place: Place, doing: str, work: Callable[[Remote], _T], *, creates: bool = False) -> _T:
        """Change something by REST, after other changes, and a pause.

        Args:
            place: the repository, by its present name.
            doing: what is done, for messages.
            work: sends one request.
            creates: whether it makes content, of which GitHub takes only so much from one account.

        Raises:
            UnsureError: nobody knows whether it took effect.
            RefusedError: it did not, for a reason that is GitHub's.
            RateLimitedError: it was not sent, or did nothing: a limit is in the way.
            ShiftdownError: it did nothing.
        """
        if creates:
            self._await_turn(place, doing)
        return self._writing_one(place, doing, lambda writer: work(writer.get_repo(place.full_name)))

    def _await_turn(self, place: Place, doing: str) -> None:
        who = f"{self._settings.rest_url} {self._viewers.get(self._key(place), '')} {self._key(place)}".rstrip()
        patience = self._settings.patience
        await_turn(self._pace, who, location=place.location, doing=doing, forge="GitHub", patience=patience)

    def mutate(self, place: Place, doing: str, document: str, given: Mapping[str, Any]) -> None:
        """Change something by GraphQL; see `write`."""
        self.execute(place, doing, document, {"input": dict(given)})

    def execute(self, place: Place, doing: str, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Change something by a GraphQL document, and return what it asks for; see `write`."""

        def send(writer: Github) -> dict[str, Any]:
            _, answer = writer.requester.graphql_query(document, dict(variables))
            data: dict[str, Any] = answer["data"]
            return data

        return self._writing_one(place, doing, send)

    def _reading(self, place: Place, doing: str, work: Callable[[Github], _T]) -> _T:
        def connect() -> Github:
            return self._connect(place, PatientRetry.for_reading(self._settings.patience), pause=0)

        with self._readers.borrow(self._key(place), connect) as reader:
            return self._do(place, doing, lambda: work(reader))

    def _writing_one(self, place: Place, doing: str, work: Callable[[Github], _T]) -> _T:
        def connect() -> Github:
            retry = PatientRetry.for_writing(self._settings.patience)
            return self._connect(place, retry, pause=self._settings.seconds_between_writes)

        with self._writing, self._writers.borrow(self._key(place), connect) as writer:
            return self._do(place, doing, lambda: work(writer), writes=True)

    def _do(self, place: Place, doing: str, work: Callable[[], _T], *, writes: bool = False) -> _T:
        problem: Exception
        try:
            return work()
        except UnknownObjectException as error:
            if "errors" in (error.data or ()) and "to a Repository" not in words(error.data):
                problem = RefusedError(place.location, f"cannot {doing}: it does not exist", 404, "")
            else:
                problem = translate(place.location, doing, error, writes=writes)
        except _FAILURES as error:
            problem = translate(place.location, doing, error, writes=writes)
        # Raised here it has no context: errors of `requests` hold the request, and that the token.
        raise problem

    def _key(self, place: Place) -> str:
        """Whose token is used: an app has one for each owner."""
        return place.owner.lower() if self._settings.app else ""

    def _connect(self, place: Place, retry: PatientRetry, *, pause: float) -> Github:
        return Github(
            auth=LiveToken(lambda: self._tokens.token(place.owner, place.name)),
            base_url=self._settings.rest_url,
            timeout=ceil(self._settings.timeout),  # PyGithub takes whole seconds only
            user_agent="shiftdown",
            retry=retry,
            seconds_between_requests=0,
            seconds_between_writes=pause,
            lazy=True,
        )


def _explained(text: str) -> dict[str, Any]:
    """What the answer to a refused request says."""
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    return said if isinstance(said, dict) else {"message": text[:200]}
