"""What GitHub is asked before something is done."""

from shiftdown.errors import NotFoundError
from shiftdown.forges.github import queries
from shiftdown.forges.github.answers import Home, Seen, home_of, seen_of
from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.github.errors import RefusedError


class Lookup:
    """Looks at repositories and their change requests. Errors are as those of `GitHubForge`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def of_branch(self, place: Place, branch: str) -> tuple[Home, Seen | None]:
        """The change request of a branch of the repository, else of that branch of our fork."""
        doing = f"find the change request of {branch}"
        given = {"branch": branch, "reference": f"refs/heads/{branch}"}
        data = self._client.query(place, doing, queries.BY_BRANCH, given)
        home = home_of(data)
        found = [seen_of(node) for node in data["repository"]["pullRequests"]["nodes"]]
        ours = [s for s in found if not s.cross]
        if not ours and not home.has_branch:
            ours = [s for s in found if s.source == home.viewer]
        return home, next((s for s in ours if s.request.status.is_open), ours[0] if ours else None)

    def numbered(self, place: Place, number: int) -> tuple[Home, Seen]:
        """A change request. Raises `NotFoundError`."""
        try:
            data = self._client.query(place, f"look at change request #{number}", queries.BY_NUMBER, {"number": number})
        except RefusedError as refused:
            if refused.status == 404:
                raise NotFoundError("change request", f"#{number}", f"{place.location} has none") from None
            raise
        return home_of(data), seen_of(data["repository"]["pullRequest"])
