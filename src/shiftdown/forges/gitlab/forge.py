"""GitLab: each call looks, does what is missing, and looks again when nobody knows whether something was done."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import SecretStr

from shiftdown.errors import (
    IllegalTransitionError,
    InvalidInputError,
    RepositoryError,
)
from shiftdown.forges.base import ChangeRequestText, DraftError, ForgeChangeRequest, Pace, WriteWay
from shiftdown.forges.errors import RefusedError, illegal
from shiftdown.forges.gitlab import change_requests, commits, forks, maker, merges, queries, repository_search
from shiftdown.forges.gitlab.answers import Seen, project_of, seen_of
from shiftdown.forges.gitlab.api_carrier import ApiCarrier
from shiftdown.forges.gitlab.client import Client
from shiftdown.forges.gitlab.lookup import Lookup
from shiftdown.forges.gitlab.projects import Home, Place, check_writable
from shiftdown.forges.gitlab.settings import GitLabSettings
from shiftdown.forges.requesting import surely
from shiftdown.forges.selection import FoundRepository, Selection
from shiftdown.forges.text import check_comment, check_line, check_text
from shiftdown.git import Commit
from shiftdown.git.names import check_branch
from shiftdown.model.states import ChangeRequestStatus

MAX_BODY = 1_000_000
"""The most bytes that the text of a change request, or a comment, may have; GitLab takes about a million characters."""

_TOGETHER = 30
"""How many change requests one request asks for."""


class GitLabForge:
    """Change requests on gitlab.com or a self-managed GitLab. Safe for threads; `disconnect` it when done.

    One GraphQL request reads; changes go by REST, a request each. A request whose effect nobody knows (connection
    lost, 5xx) is never simply repeated: what is there is looked at first.

    Teams are groups below the project's top-level group: the description mentions them, which notifies their members.
    """

    name = "gitlab"
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
        self._look = Lookup(self._client, settings.url)
        """Sends requests, also about what no other forge has."""

    def disconnect(self) -> None:
        """Close the connections."""
        self._client.close()

    def token(self, location: str) -> SecretStr:
        """The token for a repository, for git."""
        self._look.place(location)
        return self._settings.token

    def maker(self, location: str) -> maker.Maker:
        """Makes a project that has no commit."""
        return maker.Maker(self._client, self._look.place(location), self._settings.url)

    def repositories(self, selection: Selection) -> Iterator[FoundRepository]:
        """The repositories that are meant, as they come: one request for 100 that are looked at."""
        return repository_search.repositories(self._client, self._settings.url, selection)

    def find(self, location: str, branch: str) -> ForgeChangeRequest | None:
        """The open change request of `branch`, else the newest one, else `None`."""
        check_branch(branch)
        _, found = self._look.of_branch(self._look.place(location), branch)
        return found.request if found else None

    def get(self, location: str, number: int) -> ForgeChangeRequest:
        """The change request with that number. Raises `NotFoundError`."""
        return self._look.numbered(self._look.place(location), number)[1].request

    def get_all(self, keys: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], ForgeChangeRequest]:
        """The change requests with those locations and numbers: one request for 30 of them.

        What cannot be seen is left out: `get` says why.
        """
        places = [(key, self._look.place(key[0])) for key in dict.fromkeys(keys)]
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
        place, after = self._look.place(location), None
        found: list[ForgeChangeRequest] = []
        while True:
            data = self._look.asked(place, "list change requests", queries.ALL, {"after": after})
            page = data["project"]["mergeRequests"]
            found += [seen_of(node, project_of(data)).request for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return found

    def open(self, location: str, text: ChangeRequestText) -> ForgeChangeRequest:
        """Open a change request; if the branch has an open one, update and return that.

        Raises:
            InvalidInputError: the branch has no change that its base does not have, or the text cannot be used.
            NotFoundError: a branch, person, group or milestone does not exist.
        """
        check(text)
        place = self._look.place(location)

        def act() -> ForgeChangeRequest:
            now, home = self._look.writable(place)
            data, present = self._look.of_branch(now, text.branch)
            if present is None or not present.request.status.is_open:
                pushes = data["project"]["userPermissions"]["pushCode"]
                source = home.id if pushes else forks.source(self._client, now, home)
                number = change_requests.create(self._client, now, home, source, text)
                present = self._look.numbered(now, number)[1]
            return self._brought(now, home, present, text)

        return surely(act)

    def update(self, location: str, number: int, text: ChangeRequestText) -> ForgeChangeRequest:
        """Replace the text of an open change request; its head follows the branch."""
        check(text)
        place = self._look.place(location)

        def act() -> ForgeChangeRequest:
            now, home, _, seen = self._open_one(place, number, ChangeRequestStatus.OPEN)
            if text.branch != seen.request.branch:
                raise InvalidInputError(
                    f"change request #{number} is about {seen.request.branch}; open another one for {text.branch}"
                )
            return self._brought(now, home, seen, text)

        return surely(act)

    def approve(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        """Record an approval of the present head by the account that the token belongs to.

        Raises:
            InvalidInputError: that account may not approve it, or not again.
        """
        check_line("the name of who approves", by)
        place = self._look.place(location)

        def act() -> ForgeChangeRequest:
            now, home, viewer, seen = self._open_one(place, number, ChangeRequestStatus.OPEN)
            if viewer in seen.request.approved_by:
                return seen.request
            if by != viewer:
                change_requests.say(self._client, now, home, seen, viewer, f"Approved by {by}.")
            try:
                change_requests.approve(self._client, now, home, seen)
            except RefusedError as refused:
                if refused.status != 401:
                    raise
                raise InvalidInputError(
                    f"{location}: {viewer} may not approve change request #{number}: it is their own, they have "
                    "approved it before, or they lack the role; use the token of another account"
                ) from None
            return self.get(location, number)

        return surely(act)

    def merge(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        """Merge it into its base. Again: no error.

        Raises:
            DraftError: it is a draft.
            ConflictError: it conflicts with its base; names the files that both change.
            RepositoryError: reviews, checks or rules of the project are in the way; says which.
        """
        check_line("the name of who merges", by)
        place = self._look.place(location)

        def act() -> ForgeChangeRequest:
            now, home = self._look.home(place)
            seen = merges.decided(lambda: self._look.numbered(now, number)[1])
            if seen.request.status is ChangeRequestStatus.MERGED:
                return seen.request
            if not seen.request.status.is_open:
                raise illegal(place.location, seen.request, ChangeRequestStatus.MERGED)
            if seen.request.status is ChangeRequestStatus.DRAFT:
                raise DraftError(location, number)
            check_writable(now, home)
            if seen.conflicts:
                raise merges.conflict(self._client, now, home, seen)
            try:
                merges.merge(self._client, now, home, seen, self._settings.merge_method)
            except RefusedError as refused:
                self._explain_merge(now, home, number, refused)
            return self.get(location, number)

        return surely(act)

    def close(self, location: str, number: int, *, reason: str) -> ForgeChangeRequest:
        """Close it without a merge, with a comment that gives the reason; its branch is kept. Again: no error."""
        check_line("the reason", reason)
        place = self._look.place(location)

        def act() -> ForgeChangeRequest:
            now, home = self._look.home(place)
            viewer, seen = self._look.numbered(now, number)
            if seen.request.status is ChangeRequestStatus.CLOSED:
                return seen.request
            if not seen.request.status.is_open:
                raise illegal(place.location, seen.request, ChangeRequestStatus.CLOSED)
            check_writable(now, home)
            change_requests.close(self._client, now, home, seen, viewer, reason)
            return self.get(location, number)

        return surely(act)

    def comment(self, location: str, number: int, text: str) -> None:
        """Say something on a change request, open or not. Said again by us with nothing in between, it is said once.

        Raises:
            InvalidInputError: the text is empty or too long.
        """
        check_comment(text, MAX_BODY)
        place = self._look.place(location)

        def act() -> None:
            now, home = self._look.writable(place)
            viewer, seen = self._look.numbered(now, number)
            change_requests.say(self._client, now, home, seen, viewer, text)

        surely(act)

    def remove_branch(self, location: str, number: int) -> bool:
        """Remove the branch of a merged or closed change request, in its repository or our fork.

        Returns:
            Whether it is gone; not when somebody has put commits on it since, another change request needs it, or it
            is the default branch or protected.

        Raises:
            IllegalTransitionError: the change request is open.
        """
        place = self._look.place(location)

        def act() -> bool:
            now, home = self._look.home(place)
            _, seen = self._look.numbered(now, number)
            if seen.request.status.is_open:
                subject = f"{location}: the branch of change request #{number}"
                raise IllegalTransitionError(subject, seen.request.status.value, "removed")
            check_writable(now, home)
            return change_requests.remove_branch(self._client, now, home, seen)

        return surely(act)

    def carrier(self, location: str) -> ApiCarrier | None:
        """Reads the repository by the API, if the settings say so: git needs fewer requests."""
        by_api = self._settings.write is WriteWay.API
        return ApiCarrier(self._client, self._look, self._look.place(location)) if by_api else None

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
        place = self._look.place(location)

        def act() -> str | None:
            now, home = self._look.writable(place)
            return commits.write(self._client, now, home, commit, branch, expected=expected)

        return surely(act)

    def fork(self, location: str) -> str | None:
        """Our fork of a repository, made when it does not exist; its default branch is brought up to date.

        Raises:
            RepositoryError: the owner allows no forks, ours cannot be made, or it is not ready in time.
        """
        place = self._look.place(location)

        def act() -> str | None:
            data = self._look.asked(place, "look at the project", queries.RIGHTS, {})
            if data["project"]["userPermissions"]["pushCode"]:
                return None
            now, home = self._look.home(place)
            check_writable(now, home)
            viewer = data["currentUser"]["username"]
            return f"{self._settings.url}/{forks.fork(self._client, now, home, viewer)}"

        return surely(act)

    def diff(self, location: str, number: int) -> str:
        """The change as a unified diff against the merge base."""
        now, home = self._look.home(self._look.place(location))
        self._look.numbered(now, number)
        path = f"/projects/{home.id}/merge_requests/{number}/raw_diffs"
        return self._client.content(now, "compare", path).decode(errors="replace")

    def _open_one(self, place: Place, number: int, wanted: ChangeRequestStatus) -> tuple[Place, Home, str, Seen]:
        now, home = self._look.writable(place)
        viewer, seen = self._look.numbered(now, number)
        if not seen.request.status.is_open:
            raise illegal(place.location, seen.request, wanted)
        return now, home, viewer, seen

    def _brought(self, place: Place, home: Home, seen: Seen, text: ChangeRequestText) -> ForgeChangeRequest:
        number = seen.request.number

        def look() -> Seen:
            return self._look.numbered(place, number)[1]

        if change_requests.bring_up_to_date(self._client, place, home, seen, text):
            seen = look()
        if (
            text.auto_merge is not None
            and not text.draft
            and not merges.is_set(seen.request.auto_merge, text.auto_merge)
        ):
            merges.merge_when_ready(self._client, place, home, merges.decided(look), text.auto_merge)
            seen = look()
        return seen.request

    def _explain_merge(self, place: Place, home: Home, number: int, refused: RefusedError) -> None:
        """Raise the error behind a refused merge; return if it is merged after all."""
        _, seen = self._look.numbered(place, number)
        if seen.request.status is not ChangeRequestStatus.MERGED:
            raise merges.explained(self._client, place, home, seen, refused)


def check(text: ChangeRequestText) -> None:
    """Refuse what GitLab would not take. Raises `InvalidInputError`."""
    check_text(text, MAX_BODY)
    change_requests.check_title(text)
