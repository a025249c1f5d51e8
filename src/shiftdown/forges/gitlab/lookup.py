"""What a GitLab is asked before something is done, and what can be done to what it showed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from shiftdown.errors import ConflictError, InvalidInputError, NotARepositoryError, NotFoundError, RepositoryError
from shiftdown.forges.api_forge import ApiBranch, ApiChangeRequest
from shiftdown.forges.base import ChangeRequestText, ForgeChangeRequest, MergeMethod
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.gitlab import change_requests, forks, merges, queries
from shiftdown.forges.gitlab.answers import Seen, project_of, seen_of
from shiftdown.forges.gitlab.client import Client
from shiftdown.forges.gitlab.projects import Home, Place, check_writable, place_of


class Lookup:
    """Looks at projects and their change requests. Errors are as those of `GitLabForge`."""

    def __init__(self, client: Client, url: str) -> None:
        self._client = client
        self._url = url

    def place(self, location: str) -> Place:
        """The project that an address means."""
        return place_of(location, self._url)

    def home(self, place: Place) -> tuple[Place, Home]:
        """The project, and its place by its present path."""
        home = self._client.home(place)
        return Place(place.location, home.path), home

    def writable(self, place: Place) -> tuple[Place, Home]:
        """As `home`; refuses a project that is read-only."""
        now, home = self.home(place)
        check_writable(now, home)
        return now, home

    def asked(self, place: Place, doing: str, document: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Ask by GraphQL about a project, which does not follow renames by itself."""
        data = self._client.query(place, doing, document, {"path": place.path, **given})
        if data["project"] is None:
            now, _ = self.home(place)
            data = self._client.query(place, doing, document, {"path": now.path, **given})
        if data["project"] is None or data["currentUser"] is None:
            raise NotARepositoryError(place.location, f"cannot {doing}: GraphQL needs a token with the scope api")
        return data

    def of_branch(self, place: Place, branch: str) -> tuple[dict[str, Any], Seen | None]:
        """The change request of a branch of the repository, else of that branch of our fork."""
        data = self.asked(place, f"find the change request of {branch}", queries.BY_BRANCH, {"branch": branch})
        project = data["project"]
        found = [seen_of(node, project_of(data)) for node in project["mergeRequests"]["nodes"]]
        ours = [seen for seen in found if not seen.cross]
        if not ours and not project["userPermissions"]["pushCode"]:
            ours = [seen for seen in found if seen.author == data["currentUser"]["username"]]
        return data, next((s for s in ours if s.request.status.is_open), ours[0] if ours else None)

    def numbered(self, place: Place, number: int) -> tuple[str, Seen]:
        """Who we are, and a change request."""
        doing = f"look at change request #{number}"
        data = self.asked(place, doing, queries.BY_NUMBER, {"number": str(number)})
        node = data["project"]["mergeRequest"]
        if node is None:
            raise NotFoundError("change request", f"#{number}", f"{place.location} has none")
        return data["currentUser"]["username"], seen_of(node, project_of(data))


@dataclass(frozen=True)
class Site:
    """A project where it is now, and what asks and changes it."""

    lookup: Lookup
    client: Client
    place: Place
    home: Home
    merge_method: MergeMethod | None
    """How to merge; `None` does what the project's settings say."""

    def numbered(self, number: int, *, settled: bool = False) -> "GitLabChangeRequest":
        """A change request; with `settled`, once GitLab knows whether it can be merged."""

        def look() -> tuple[str, Seen]:
            return self.lookup.numbered(self.place, number)

        viewer, seen = merges.settled(look, lambda found: found[1].obstacle) if settled else look()
        return GitLabChangeRequest(self, viewer, seen)

    def check_writable(self) -> None:
        """Refuse a project that is read-only. Raises `RepositoryError`."""
        check_writable(self.place, self.home)


class GitLabBranch(ApiBranch):
    """A branch, and the project that it is for."""

    def __init__(self, site: Site, branch: str) -> None:
        site.check_writable()
        data, seen = site.lookup.of_branch(site.place, branch)
        self._site = site
        self._pushes = bool(data["project"]["userPermissions"]["pushCode"])
        viewer = data["currentUser"]["username"]
        self._present = None if seen is None else GitLabChangeRequest(site, viewer, seen)

    @property
    def present(self) -> "GitLabChangeRequest | None":
        """See `ApiBranch`."""
        return self._present

    def create(self, text: ChangeRequestText) -> "GitLabChangeRequest":
        """See `ApiBranch`."""
        client, place, home = self._site.client, self._site.place, self._site.home
        source = home.id if self._pushes else forks.source(client, place, home)
        return self._site.numbered(change_requests.create(client, place, home, source, text))


class GitLabChangeRequest(ApiChangeRequest):
    """A merge request, and the project that it is in."""

    def __init__(self, site: Site, viewer: str, seen: Seen) -> None:
        self._site = site
        self._client, self._place, self._home = site.client, site.place, site.home
        self._viewer = viewer
        self._seen = seen

    @property
    def request(self) -> ForgeChangeRequest:
        """See `ApiChangeRequest`."""
        return self._seen.request

    @property
    def viewer(self) -> str:
        """See `ApiChangeRequest`."""
        return self._viewer

    @property
    def conflicts(self) -> bool:
        """See `ApiChangeRequest`."""
        return self._seen.conflicts

    def again(self) -> "GitLabChangeRequest":
        """See `ApiChangeRequest`."""
        return self._site.numbered(self.request.number)

    def bring_up_to_date(self, text: ChangeRequestText) -> ForgeChangeRequest:
        """See `ApiChangeRequest`."""
        self._site.check_writable()
        now = self
        if change_requests.bring_up_to_date(self._client, self._place, self._home, self._seen, text):
            now = self.again()
        if text.auto_merge is None or text.draft or merges.is_set(now.request.auto_merge, text.auto_merge):
            return now.request
        settled = self._site.numbered(self.request.number, settled=True)
        merges.merge_when_ready(self._client, self._place, self._home, settled._seen, text.auto_merge)
        return self.again().request

    def approve(self, by: str) -> None:
        """See `ApiChangeRequest`."""
        self._site.check_writable()
        if by != self.viewer:
            self._say(f"Approved by {by}.")
        try:
            change_requests.approve(self._client, self._place, self._home, self._seen)
        except RefusedError as refused:
            if refused.status != 401:
                raise
            raise InvalidInputError(
                f"{self._place.location}: {self.viewer} may not approve change request #{self.request.number}: it is "
                "their own, they have approved it before, or they lack the role; use the token of another account"
            ) from None

    def merge(self) -> None:
        """See `ApiChangeRequest`."""
        self._site.check_writable()
        merges.merge(self._client, self._place, self._home, self._seen, self._site.merge_method)

    def conflict(self) -> ConflictError:
        """See `ApiChangeRequest`."""
        self._site.check_writable()
        return merges.conflict(self._client, self._place, self._home, self._seen)

    def not_merged(self, refused: RefusedError) -> RepositoryError:
        """See `ApiChangeRequest`."""
        return merges.explained(self._place, self._seen, refused)

    def close(self, reason: str) -> None:
        """See `ApiChangeRequest`."""
        self._site.check_writable()
        change_requests.close(self._client, self._place, self._home, self._seen, self.viewer, reason)

    def say(self, text: str, first: Self) -> None:
        """See `ApiChangeRequest`."""
        self._site.check_writable()
        self._say(text)

    def remove_branch(self) -> bool:
        """See `ApiChangeRequest`."""
        self._site.check_writable()
        return change_requests.remove_branch(self._client, self._place, self._home, self._seen)

    def _say(self, text: str) -> None:
        change_requests.say(self._client, self._place, self._home, self._seen, self.viewer, text)
