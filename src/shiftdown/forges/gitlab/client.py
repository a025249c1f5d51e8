"""Requests to one GitLab: read from any thread, write one at a time."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import requests
from gitlab import Gitlab
from gitlab.exceptions import GitlabError
from requests.adapters import HTTPAdapter

from shiftdown.forges.base import Pace
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.gitlab.errors import translate, words
from shiftdown.forges.gitlab.projects import Home, Place, encoded, home_of
from shiftdown.forges.gitlab.retry import PatientRetry
from shiftdown.forges.gitlab.settings import GitLabSettings
from shiftdown.forges.pool import Pool
from shiftdown.forges.requesting import await_turn

_T = TypeVar("_T")
_FAILURES = (GitlabError, OSError, ValueError)
"""What python-gitlab raises: its own errors, those of `requests`, and of JSON."""
_PAGE = 100


class _Connection:
    """python-gitlab, with its headers of the last answer, for one thread at a time."""

    def __init__(self, settings: GitLabSettings, retry: PatientRetry) -> None:
        self.headers: Mapping[str, str] = {}
        self.session = requests.Session()
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=retry))
        self.session.hooks["response"].append(self._heard)
        self.gitlab = Gitlab(
            settings.base_url,
            # As OAuth, which GitLab takes for each kind of access token: requests drops it when another host is next.
            oauth_token=settings.token.get_secret_value(),
            timeout=settings.timeout,
            user_agent="shiftdown",
            session=self.session,
        )

    def _heard(self, response: requests.Response, *args: object, **kwargs: object) -> None:
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    def close(self) -> None:
        """Close its sockets."""
        self.session.close()

    def send(self, verb: str, path: str, **given: Any) -> requests.Response:
        """One request; retries are those of the session."""
        self.headers = {}
        return self.gitlab.http_request(verb, path, obey_rate_limit=False, max_retries=0, **given)


class Client:
    """The API of one GitLab. Connections are not safe for threads: each is lent to one at a time."""

    def __init__(self, settings: GitLabSettings, pace: Pace) -> None:
        self._settings = settings
        self._pace = pace
        self._viewer = ""
        self._readers: Pool[_Connection] = Pool()
        self._writing = threading.Lock()
        self._writer: _Connection | None = None

    def close(self) -> None:
        """Close all connections."""
        self._readers.close()
        with self._writing:
            if self._writer is not None:
                self._writer.close()
            self._writer = None

    def home(self, place: Place) -> Home:
        """The project, wherever it is now: reading follows where GitLab sends.

        Raises:
            NotARepositoryError: there is none for the token.
        """
        return home_of(self.read(place, "look at the project", f"/projects/{encoded(place.path)}"))

    def read(self, place: Place, doing: str, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Read by REST; see `errors.translate` for what it raises."""
        return self._reading(place, doing, lambda c: c.send("get", path, query_data=dict(query or {})).json())

    def find(
        self, place: Place, doing: str, path: str, query: Mapping[str, Any] | None = None, *, what: str = ""
    ) -> Any:
        """Read by REST what may not exist: then `None`.

        Args:
            place: the project.
            doing: what is done, for messages.
            path: of the request.
            query: what stands behind the question mark.
            what: what GitLab says is not found: "Branch", "Group", "Ref"; an answer 404 about anything else is an
                error then.
        """

        def ask(connection: _Connection) -> Any:
            try:
                return connection.send("get", path, query_data=dict(query or {})).json()
            except GitlabError as error:
                if error.response_code == 404 and (not what or f"{what} Not Found" in words(error.error_message)):
                    return None
                raise

        return self._reading(place, doing, ask)

    def pages(self, place: Place, doing: str, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        """Read a list, a page after the other."""
        page = "1"
        while page:
            given = {**query, "per_page": _PAGE, "page": page}

            def ask(connection: _Connection, given: Mapping[str, Any] = given) -> tuple[list[Any], str]:
                response = connection.send("get", path, query_data=dict(given))
                return response.json(), response.headers.get("X-Next-Page", "")

            items, page = self._reading(place, doing, ask)
            yield from items

    def linked(self, place: Place, doing: str, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        """The pages of a list, as each leads to the next; one `None` when there is no such list."""
        following: dict[str, Any] | None = dict(query)
        while following is not None:

            def ask(connection: _Connection, given: Mapping[str, Any] = following) -> tuple[Any, str]:
                try:
                    response = connection.send("get", path, query_data=dict(given))
                except GitlabError as error:
                    if error.response_code == 404:
                        return None, ""
                    raise
                return response.json(), response.links.get("next", {}).get("url", "")

            items, link = self._reading(place, doing, ask)
            yield items
            # Only what it asks for: the address may be one by which the server knows itself.
            asked, following = following, dict(parse_qsl(urlsplit(link).query)) if link else None
            if following is not None and following == {name: str(value) for name, value in asked.items()}:
                raise RefusedError(place.location, f"cannot {doing}: GitLab's next page is the same one", 200, "")

    def content(self, place: Place, doing: str, path: str) -> bytes:
        """Read what is not JSON."""
        return self._reading(place, doing, lambda c: c.send("get", path).content)

    def query(self, place: Place, doing: str, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Ask by GraphQL.

        Raises:
            RefusedError: GitLab does not take the question.
            ShiftdownError: GitLab cannot be reached, or refuses the token.
        """
        data = self._reading(place, doing, lambda c: self._graphql(c, place, doing, document, variables))
        if data.get("currentUser"):
            self._viewer = data["currentUser"]["username"]
        return data

    def query_parts(
        self,
        place: Place,
        doing: str,
        document: str,
        variables: Mapping[str, Any],
        missing: Callable[[Sequence[Mapping[str, Any]]], None],
    ) -> dict[str, Any]:
        """Ask by GraphQL for independent parts; those that GitLab does not give are `None`.

        Args:
            place: what messages are about.
            doing: what is done, for messages.
            document: the question.
            variables: its variables.
            missing: gets GraphQL's errors, which say what is not given and why.
        """

        def ask(connection: _Connection) -> dict[str, Any]:
            try:
                return self._graphql(connection, place, doing, document, variables, missing)
            except (ValueError, requests.exceptions.ChunkedEncodingError):  # half an answer: once more
                return self._graphql(connection, place, doing, document, variables, missing)

        return self._reading(place, doing, ask)

    def write(
        self,
        place: Place,
        doing: str,
        verb: str,
        path: str,
        given: Mapping[str, Any] | None = None,
        *,
        creates: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Change something by REST, after other changes, and a pause; what GitLab answers, if it is JSON.

        Args:
            place: the project.
            doing: what is done, for messages.
            verb: `post`, `put` or `delete`.
            path: of the request, by the project's id.
            given: what is sent.
            creates: whether it makes content.
            headers: headers of the request.

        Raises:
            UnsureError: nobody knows whether it took effect.
            RefusedError: it did not, for a reason that is GitLab's.
            RateLimitedError: it was not sent, or did nothing: a limit is in the way.
            ShiftdownError: it did nothing.
        """

        def send(connection: _Connection) -> Any:
            response = connection.send(verb, path, post_data=dict(given or {}), extra_headers=dict(headers or {}))
            return response.json() if response.content else None

        return self._writing_one(place, doing, send, creates=creates)

    def mutate(self, place: Place, doing: str, document: str, given: Mapping[str, Any]) -> Any:
        """Change something by GraphQL, a document with one mutation; see `write`."""

        def send(connection: _Connection) -> Any:
            data = self._graphql(connection, place, doing, document, {"input": dict(given)})
            answer: Any = next(iter(data.values()))
            if answer and answer.get("errors"):
                said = words(answer["errors"])
                raise RefusedError(place.location, f"cannot {doing}: GitLab answers: {said}", 422, said)
            return answer

        return self._writing_one(place, doing, send)

    def _graphql(
        self,
        connection: _Connection,
        place: Place,
        doing: str,
        document: str,
        variables: Mapping[str, Any],
        missing: Callable[[Sequence[Mapping[str, Any]]], None] | None = None,
    ) -> dict[str, Any]:
        """Ask; any error is all that there is, unless `missing` takes them."""
        given = {"query": document, "variables": dict(variables)}
        answer = connection.send("post", self._settings.graphql_url, post_data=given).json()
        errors = answer.get("errors") or ()
        if (errors and missing is None) or not isinstance(answer.get("data"), dict):
            said = words([item.get("message") for item in errors])
            raise RefusedError(place.location, f"cannot {doing}: GitLab answers: {said}", 400, said)
        if missing is not None:
            missing(errors)
        data: dict[str, Any] = answer["data"]
        return data

    def _reading(self, place: Place, doing: str, work: Callable[[_Connection], _T]) -> _T:
        with self._readers.borrow("", self._reader) as connection:
            try:
                return work(connection)
            except _FAILURES as error:
                problem = translate(place.location, doing, error, connection.headers, writes=False, role=place.role)
        # Raised here it has no context: errors of `requests` hold the request, and that the token.
        raise problem

    def _writing_one(self, place: Place, doing: str, work: Callable[[_Connection], _T], *, creates: bool = False) -> _T:
        if creates:
            who, patience = f"{self._settings.base_url} {self._viewer}".rstrip(), self._settings.patience
            await_turn(self._pace, who, location=place.location, doing=doing, forge="GitLab", patience=patience)
        with self._writing:
            if self._writer is None:
                self._writer = _Connection(self._settings, PatientRetry.for_writing(self._settings.patience))
            else:
                time.sleep(self._settings.seconds_between_writes)
            try:
                return work(self._writer)
            except _FAILURES as error:
                problem = translate(place.location, doing, error, self._writer.headers, writes=True, role=place.role)
        raise problem

    def _reader(self) -> _Connection:
        return _Connection(self._settings, PatientRetry.for_reading(self._settings.patience))
