"""What a GitLab is asked before something is done."""

from collections.abc import Mapping
from typing import Any

from shiftdown.errors import NotARepositoryError, NotFoundError
from shiftdown.forges.gitlab import queries
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
