"""What GitHub is asked before something is done, and what can be done to what it showed."""

from typing import Self

from shiftdown.errors import ConflictError, InvalidInputError, NotFoundError, RepositoryError
from shiftdown.forges.api_forge import ApiBranch, ApiChangeRequest
from shiftdown.forges.base import ChangeRequestText, ForgeChangeRequest, MergeMethod
from shiftdown.forges.github import change_requests, queries
from shiftdown.forges.github.answers import Home, Seen, home_of, seen_of
from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.github.errors import RefusedError


class Lookup:
    """Looks at repositories and their change requests. Errors are as those of `GitHubForge`."""

    def __init__(self, client: Client, merge_method: MergeMethod | None) -> None:
        self._client = client
        self._merge_method = merge_method

    def of_branch(self, place: Place, branch: str) -> "GitHubBranch":
        """A branch of the repository, else of our fork."""
        doing = f"find the change request of {branch}"
        given = {"branch": branch, "reference": f"refs/heads/{branch}"}
        data = self._client.query(place, doing, queries.BY_BRANCH, given)
        home = home_of(data)
        found = [seen_of(node) for node in data["repository"]["pullRequests"]["nodes"]]
        ours = [s for s in found if not s.cross]
        if not ours and not home.has_branch:
            ours = [s for s in found if s.source == home.viewer]
        seen = next((s for s in ours if s.request.status.is_open), ours[0] if ours else None)
        present = None if seen is None else self._shown(place, home, seen)
        return GitHubBranch(self, self._client, place, home, present)

    def numbered(self, place: Place, number: int) -> "GitHubChangeRequest":
        """A change request. Raises `NotFoundError`."""
        try:
            data = self._client.query(place, f"look at change request #{number}", queries.BY_NUMBER, {"number": number})
        except RefusedError as refused:
            if refused.status == 404:
                raise NotFoundError("change request", f"#{number}", f"{place.location} has none") from None
            raise
        return self._shown(place, home_of(data), seen_of(data["repository"]["pullRequest"]))

    def _shown(self, place: Place, home: Home, seen: Seen) -> "GitHubChangeRequest":
        return GitHubChangeRequest(self, self._client, place, home, seen, self._merge_method)


class GitHubBranch(ApiBranch):
    """A branch, and the repository that it is for."""

    def __init__(
        self,
        lookup: Lookup,
        client: Client,
        place: Place,
        home: Home,
        present: "GitHubChangeRequest | None",
    ) -> None:
        self._lookup = lookup
        self._client = client
        self._place = place
        self._home = home
        self._present = present

    @property
    def present(self) -> "GitHubChangeRequest | None":
        """See `ApiBranch`."""
        return self._present

    def create(self, text: ChangeRequestText) -> "GitHubChangeRequest":
        """See `ApiBranch`."""
        home, target = self._home, change_requests.writable_place(self._place, self._home)
        in_fork = text.in_fork or not (home.has_branch or home.writable)
        head = f"{home.viewer}:{text.branch}" if in_fork else text.branch
        return self._lookup.numbered(self._place, change_requests.create(self._client, target, head, text))


class GitHubChangeRequest(ApiChangeRequest):
    """A pull request, and the repository that it is in."""

    def __init__(
        self,
        lookup: Lookup,
        client: Client,
        place: Place,
        home: Home,
        seen: Seen,
        merge_method: MergeMethod | None,
    ) -> None:
        self._lookup = lookup
        self._client = client
        self._place = place
        self._home = home
        self._merge_method = merge_method
        self.seen = seen
        """What only this forge needs to know about it."""

    @property
    def request(self) -> ForgeChangeRequest:
        """See `ApiChangeRequest`."""
        return self.seen.request

    @property
    def viewer(self) -> str:
        """See `ApiChangeRequest`."""
        return self._home.viewer

    @property
    def conflicts(self) -> bool:
        """See `ApiChangeRequest`."""
        return self.seen.conflicts

    def again(self) -> "GitHubChangeRequest":
        """See `ApiChangeRequest`."""
        return self._lookup.numbered(self._place, self.request.number)

    def bring_up_to_date(self, text: ChangeRequestText) -> ForgeChangeRequest:
        """See `ApiChangeRequest`."""
        changed = change_requests.bring_up_to_date(self._client, self._target, self.seen, text)
        return self.again().request if changed else self.request

    def approve(self, by: str) -> None:
        """See `ApiChangeRequest`."""
        if self.viewer == self.seen.author:
            raise InvalidInputError(
                f"{self._place.location}: {self.viewer} has opened change request #{self.request.number}, and GitHub "
                "lets nobody approve their own; use the token of another account"
            )
        words = "" if by == self.viewer else f"Approved by {by}."
        change_requests.approve(self._client, self._target, self.seen, words)

    def merge(self) -> None:
        """See `ApiChangeRequest`."""
        method = self._merge_method or next(iter(self._home.merge_methods), MergeMethod.MERGE)
        change_requests.merge(self._client, self._target, self.seen, method)

    def conflict(self) -> ConflictError:
        """See `ApiChangeRequest`."""
        return change_requests.conflict(self._client, self._target, self.seen)

    def not_merged(self, refused: RefusedError) -> RepositoryError:
        """See `ApiChangeRequest`."""
        moved = refused.status == 409
        advice = "its branch or base has moved: look, and merge again" if moved else "merge again when it has that"
        return RepositoryError(self._place.location, f"{refused.problem}; {advice}")

    def close(self, reason: str) -> None:
        """See `ApiChangeRequest`."""
        change_requests.close(self._client, self._target, self.seen, reason)

    def say(self, text: str, first: Self) -> None:
        """See `ApiChangeRequest`."""
        known = frozenset(comment.id for comment in first.seen.said[:-1])
        if not change_requests.is_said(self.seen.said, known, self.viewer, text):
            change_requests.comment(self._client, self._target, self.request.number, text)

    def remove_branch(self) -> bool:
        """See `ApiChangeRequest`."""
        return change_requests.remove_branch(self._client, self._place, self._home, self.seen)

    @property
    def _target(self) -> Place:
        """Where it is changed. Raises `RepositoryError` if it cannot be."""
        return change_requests.writable_place(self._place, self._home)
