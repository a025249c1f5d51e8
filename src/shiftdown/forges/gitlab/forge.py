"""GitLab: each call looks, does what is missing, and looks again when nobody knows whether something was done."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import SecretStr

from shiftdown.errors import (
    RepositoryError,
)
from shiftdown.forges.api_forge import ApiForge
from shiftdown.forges.base import ChangeRequestText, ForgeChangeRequest, Pace, WriteWay
from shiftdown.forges.gitlab import change_requests, commits, forks, maker, queries, repository_search
from shiftdown.forges.gitlab.answers import project_of, seen_of
from shiftdown.forges.gitlab.api_carrier import ApiCarrier
from shiftdown.forges.gitlab.client import Client
from shiftdown.forges.gitlab.lookup import GitLabBranch, GitLabChangeRequest, Lookup, Site
from shiftdown.forges.gitlab.projects import Place, check_writable
from shiftdown.forges.gitlab.settings import GitLabSettings
from shiftdown.forges.requesting import surely
from shiftdown.forges.selection import FoundRepository, Selection
from shiftdown.git import Commit
from shiftdown.git.names import check_branch

_TOGETHER = 30
"""How many change requests one request asks for."""


class GitLabForge(ApiForge[GitLabChangeRequest]):
    """Change requests on gitlab.com or a self-managed GitLab. Safe for threads; `disconnect` it when done.

    One GraphQL request reads; changes go by REST, a request each. A request whose effect nobody knows (connection
    lost, 5xx) is never simply repeated: what is there is looked at first.

    Teams are groups below the project's top-level group: the description mentions them, which notifies their members.
    """

    name = "gitlab"
    max_body = change_requests.MAX_BODY
    git_user = "oauth2"
    """Who git says it is: what GitLab wants beside OAuth tokens; beside others, any name will do."""

    def __init__(self, settings: GitLabSettings, *, pace: Pace = lambda who: 0) -> None:
        """A forge.

        Args:
            settings: which GitLab, with which credentials.
            pace: says when content may be created; default whenever there is something to create.
        """
        self._settings = settings
        self.url = settings.url
        """Address of its pages and repositories."""
        self.client = self._client = Client(settings, pace)
        """Sends requests, also about what no other forge has."""
        self._lookup = Lookup(self._client, settings.url)

    def disconnect(self) -> None:
        """Close the connections."""
        self._client.close()

    def token(self, location: str) -> SecretStr:
        """The token for a repository, for git."""
        self._lookup.place(location)
        return self._settings.token

    def maker(self, location: str) -> maker.Maker:
        """Makes a project that has no commit."""
        return maker.Maker(self._client, self._lookup.place(location), self._settings.url)

    def repositories(self, selection: Selection) -> Iterator[FoundRepository]:
        """The repositories that are meant, as they come: one request for 100 that are looked at."""
        return repository_search.repositories(self._client, self._settings.url, selection)

    def find(self, location: str, branch: str) -> ForgeChangeRequest | None:
        """The open change request of `branch`, else the newest one, else `None`."""
        check_branch(branch)
        _, found = self._lookup.of_branch(self._lookup.place(location), branch)
        return found.request if found else None

    def get(self, location: str, number: int) -> ForgeChangeRequest:
        """The change request with that number. Raises `NotFoundError`."""
        return self._lookup.numbered(self._lookup.place(location), number)[1].request

    def look_at(self, location: str, number: int) -> GitLabChangeRequest:
        """See `ApiForge`."""
        return self._site(location).numbered(number)

    def look_before_merge(self, location: str, number: int) -> GitLabChangeRequest:
        """See `ApiForge`."""
        return self._site(location).numbered(number, settled=True)

    def look_at_branch(self, location: str, branch: str) -> GitLabBranch:
        """See `ApiForge`."""
        return GitLabBranch(self._site(location), branch)

    def check_text(self, text: ChangeRequestText) -> None:
        """See `ApiForge`."""
        change_requests.check_text(text)

    def get_all(self, keys: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], ForgeChangeRequest]:
        """The change requests with those locations and numbers: one request for 30 of them.

        What cannot be seen is left out: `get` says why.
        """
        places = [(key, self._lookup.place(key[0])) for key in dict.fromkeys(keys)]
        found: dict[tuple[str, int], ForgeChangeRequest] = {}
        for start in range(0, len(places), _TOGETHER):
            found |= self._together(places[start : start + _TOGETHER])
        return found

    def _together(self, places: Sequence[tuple[tuple[str, int], Place]]) -> dict[tuple[str, int], ForgeChangeRequest]:
        paths = list(dict.fromkeys(place.path for _, place in places))
        numbers = list(dict.fromkeys(str(number) for (_, number), _ in places))
        doing, given = "look at change requests", {"paths": paths, "numbers": numbers}
        data = self._client.query(places[0][1], doing, queries.MANY, given)
        found: dict[tuple[str, int], ForgeChangeRequest] = {}
        for node in data["projects"]["nodes"]:
            project = project_of({"project": node})
            for change in (node["mergeRequests"] or {}).get("nodes", ()):
                request = seen_of(change, project).request
                found[node["fullPath"].lower(), request.number] = request
        keys = [(key, (place.path.lower(), key[1])) for key, place in places]
        return {key: found[where] for key, where in keys if where in found}

    def list(self, location: str) -> Sequence[ForgeChangeRequest]:
        """All change requests of the repository, oldest first: one request for 50 of them."""
        place, after = self._lookup.place(location), None
        found: list[ForgeChangeRequest] = []
        while True:
            data = self._lookup.asked(place, "list change requests", queries.ALL, {"after": after})
            page = data["project"]["mergeRequests"]
            found += [seen_of(node, project_of(data)).request for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return found

    @property
    def avoids_git(self) -> bool:
        """Whether the settings let nothing go by git."""
        return self._settings.write is WriteWay.API

    def carrier(self, location: str) -> ApiCarrier | None:
        """Reads the repository by the API, if the settings say so: git needs fewer requests."""
        by_api = self._settings.write is WriteWay.API
        return ApiCarrier(self._client, self._lookup, self._lookup.place(location)) if by_api else None

    def write(
        self,
        location: str,
        commit: Commit,
        branch: str,
        *,
        expected: str | None,
        refused: RepositoryError | None = None,
    ) -> str | None:
        """Put a commit on a branch by the API, if the settings say so: pushing costs less.

        Raises:
            ConflictError: the branch is not where it was expected.
            RepositoryError: rules of the branch are in the way.
        """
        if self._settings.write is not WriteWay.API:
            return None
        place = self._lookup.place(location)

        def act() -> str | None:
            now, home = self._lookup.writable(place)
            return commits.write(self._client, now, home, commit, branch, expected=expected)

        return surely(act)

    def fork(self, location: str) -> str | None:
        """Our fork of a repository, made when it does not exist; its default branch is brought up to date.

        Raises:
            RepositoryError: the owner allows no forks, ours cannot be made, or it is not ready in time.
        """
        place = self._lookup.place(location)

        def act() -> str | None:
            data = self._lookup.asked(place, "look at the project", queries.RIGHTS, {})
            if data["project"]["userPermissions"]["pushCode"]:
                return None
            now, home = self._lookup.home(place)
            check_writable(now, home)
            viewer = data["currentUser"]["username"]
            return f"{self._settings.url}/{forks.fork(self._client, now, home, viewer)}"

        return surely(act)

    def diff(self, location: str, number: int) -> str:
        """The change as a unified diff against the merge base."""
        now, home = self._lookup.home(self._lookup.place(location))
        self._lookup.numbered(now, number)
        path = f"/projects/{home.id}/merge_requests/{number}/raw_diffs"
        return self._client.content(now, "compare", path).decode(errors="replace")

    def _site(self, location: str) -> Site:
        now, home = self._lookup.home(self._lookup.place(location))
        return Site(self._lookup, self._client, now, home, self._settings.merge_method)
