"""GitHub: each call looks, does what is missing, and looks again when nobody knows whether something was done."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

from pydantic import SecretStr

from shiftdown.errors import (
    NotARepositoryError,
    RepositoryError,
)
from shiftdown.forges.api_forge import ApiForge
from shiftdown.forges.base import ForgeChangeRequest, Pace, WriteWay
from shiftdown.forges.github import change_requests, commits, forks, maker, queries, repository_search
from shiftdown.forges.github.administration import Administration
from shiftdown.forges.github.answers import home_of, seen_of
from shiftdown.forges.github.api_carrier import ApiCarrier
from shiftdown.forges.github.client import Client, Place, place_of
from shiftdown.forges.github.errors import RefusedError
from shiftdown.forges.github.lookup import GitHubBranch, GitHubChangeRequest, Lookup
from shiftdown.forges.github.settings import GitHubSettings
from shiftdown.forges.requesting import surely
from shiftdown.forges.selection import FoundRepository, Selection
from shiftdown.forges.write_way import Cost, choose
from shiftdown.git import Commit
from shiftdown.git.names import check_branch

log = logging.getLogger(__name__)

_BY_API = Cost(requests=8, changes=3)
"""Head, references, list of files, files and tip are read; tree, commit and branch are written."""
_TOGETHER = 30
"""How many change requests of different repositories one request asks for."""


class GitHubForge(ApiForge[GitHubChangeRequest]):
    """Change requests on github.com or an Enterprise Server. Safe for threads; `disconnect` it when done.

    One GraphQL request reads; each change is a request of its own, after a pause. A request whose effect nobody
    knows (connection lost, 5xx) is never simply repeated: what is there is looked at first.
    """

    name = "github"
    max_body = 4 * 65_536
    """GitHub takes 65,536 characters."""
    git_user = "x-access-token"
    """Who git says it is, with a token."""

    def __init__(self, settings: GitHubSettings, *, pace: Pace = lambda who: 0) -> None:
        """A forge.

        Args:
            settings: which GitHub, with which credentials.
            pace: says when content may be created; default whenever there is something to create.
        """
        self._settings = settings
        self._client = Client(settings, pace)
        self._lookup = Lookup(self._client, settings.merge_method)

    def disconnect(self) -> None:
        """Close the connections."""
        self._client.close()

    def token(self, location: str) -> SecretStr:
        """The token for a repository, for git; one of an app is valid for some minutes at least."""
        return self._client.token(place_of(location))

    @property
    def url(self) -> str:
        """Address of its pages and repositories."""
        return self._settings.url

    def repositories(self, selection: Selection) -> Iterator[FoundRepository]:
        """The repositories that are meant, as they come: one request for 100 that are looked at."""
        return repository_search.repositories(self._client, self._settings.url, selection, datetime.now(UTC))

    @property
    def avoids_git(self) -> bool:
        """Whether the settings let nothing go by git."""
        return self._settings.write is WriteWay.API

    def carrier(self, location: str) -> ApiCarrier | None:
        """Reads the repository by the API, if the settings say so or it costs less than git."""
        by_git = self._way(location) is WriteWay.PUSH
        return None if by_git else ApiCarrier(self._client, place_of(location))

    def administration(self, location: str) -> Administration:
        """Makes a repository, and sets it up."""
        return Administration(self._client, place_of(location))

    def maker(self, location: str) -> maker.Maker:
        """Makes a repository that has no commit."""
        return maker.Maker(self._client, place_of(location), self._settings.url)

    def find(self, location: str, branch: str) -> ForgeChangeRequest | None:
        """The open change request of `branch`, else the newest one, else `None`."""
        check_branch(branch)
        present = self._lookup.of_branch(place_of(location), branch).present
        return present.request if present else None

    def get(self, location: str, number: int) -> ForgeChangeRequest:
        """The change request with that number. Raises `NotFoundError`."""
        return self.look_at(location, number).request

    def look_at(self, location: str, number: int) -> GitHubChangeRequest:
        """See `ApiForge`."""
        return self._lookup.numbered(place_of(location), number)

    def look_at_branch(self, location: str, branch: str) -> GitHubBranch:
        """See `ApiForge`."""
        return self._lookup.of_branch(place_of(location), branch)

    def get_all(self, keys: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], ForgeChangeRequest]:
        """The change requests with those locations and numbers: one request for 30 of them.

        What cannot be seen is left out: `get` says why.
        """
        places = [(key, place_of(key[0])) for key in dict.fromkeys(keys)]
        # An app sees what belongs to one owner with one token.
        places.sort(key=lambda pair: pair[1].owner.lower())
        found: dict[tuple[str, int], ForgeChangeRequest] = {}
        for _, group in groupby(places, key=lambda pair: pair[1].owner.lower() if self._settings.app else ""):
            several = list(group)
            for start in range(0, len(several), _TOGETHER):
                found |= self._together(several[start : start + _TOGETHER])
        return found

    def _together(self, places: Sequence[tuple[tuple[str, int], Place]]) -> dict[tuple[str, int], ForgeChangeRequest]:
        given: dict[str, object] = {}
        for n, ((_, number), place) in enumerate(places):
            given |= {f"owner{n}": place.owner, f"name{n}": place.name, f"number{n}": number}
        doing = "look at change requests"
        data = self._client.query_parts(places[0][1], doing, queries.many(len(places)), given)
        nodes = [(key, (data.get(f"r{n}") or {}).get("pullRequest")) for n, (key, _) in enumerate(places)]
        return {key: seen_of(node).request for key, node in nodes if node}

    def list(self, location: str) -> Sequence[ForgeChangeRequest]:
        """All change requests of the repository, oldest first: one request for 50 of them."""
        place, after = place_of(location), None
        found: list[ForgeChangeRequest] = []
        while True:
            data = self._client.query(place, "list change requests", queries.ALL, {"after": after})
            page = data["repository"]["pullRequests"]
            found += [seen_of(node).request for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return found

    def write(
        self,
        location: str,
        commit: Commit,
        branch: str,
        *,
        expected: str | None,
        refused: RepositoryError | None = None,
    ) -> str | None:
        """Put a commit on a branch by the API, if the settings say so, it costs less, or it may not be pushed unsigned.

        Raises:
            ConflictError: the branch is not where it was expected.
            RepositoryError: rules of the branch are in the way.
        """
        way = self._way(location)
        signed = commits.wants_signature(refused)
        if (way is WriteWay.PUSH and not signed) or self._settings.write is WriteWay.PUSH:
            return None
        place = place_of(location)
        data = self._client.query(place, f"write {branch}", queries.TREE, {"commit": commit.parent})
        found, home = data["repository"]["object"], home_of(data)
        if found is None or found["__typename"] != "Commit":
            raise RepositoryError(location, f"has no commit {commit.parent}; run again")
        try:
            return commits.write(
                self._client,
                change_requests.writable_place(place, home),
                commit,
                branch,
                expected=expected,
                repository=data["repository"]["id"],
                base=found["tree"]["oid"],
                signed=signed,
            )
        except (RefusedError, NotARepositoryError) as problem:
            # The rights of a token may be less than those of an ssh key.
            rights = isinstance(problem, NotARepositoryError) or problem.status == 403
            if not rights or self._settings.write is WriteWay.API or signed:
                raise
            log.info("%s; git may be allowed to do it", problem)
            return None

    def _way(self, location: str) -> WriteWay:
        return choose(self._settings.write, location, api=_BY_API, pause=self._settings.seconds_between_writes)

    def fork(self, location: str, *, always: bool = False) -> str | None:
        """Our fork of a repository, made when it does not exist; its default branch is brought up to date.

        `None` when we may push to the repository itself, unless a fork is wanted `always`.

        Raises:
            RepositoryError: the owner allows no forks, or it is not ready in time: run again later.
        """
        place = place_of(location)

        def act() -> str | None:
            data = self._client.query(place, "look at the repository", queries.HOME, {})
            home, branch = home_of(data), data["repository"]["defaultBranchRef"]
            if home.writable and not always:
                return None
            target = change_requests.writable_place(place, home)
            return f"{self._settings.url}/{forks.fork(self._client, target, branch['name'] if branch else 'main')}"

        return surely(act)

    def diff(self, location: str, number: int) -> str:
        """The change as a unified diff against the merge base."""
        place = place_of(location)
        seen = self._lookup.numbered(place, number).seen
        return self._client.diff(place, seen.base_tip, seen.request.head)
