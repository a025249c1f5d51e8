"""GitHub: each call looks, does what is missing, and looks again when nobody knows whether something was done."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby

from pydantic import SecretStr

from shiftdown.errors import (
    InvalidInputError,
    NotARepositoryError,
    RepositoryError,
)
from shiftdown.forges.base import ChangeRequestText, DraftError, ForgeChangeRequest, MergeMethod, Pace, WriteWay
from shiftdown.forges.errors import illegal
from shiftdown.forges.github import change_requests, commits, forks, maker, queries, repository_search
from shiftdown.forges.github.administration import Administration
from shiftdown.forges.github.answers import Home, Seen, home_of, seen_of
from shiftdown.forges.github.api_carrier import ApiCarrier
from shiftdown.forges.github.client import Client, Place, place_of
from shiftdown.forges.github.errors import RefusedError
from shiftdown.forges.github.lookup import Lookup
from shiftdown.forges.github.settings import GitHubSettings
from shiftdown.forges.requesting import surely
from shiftdown.forges.selection import FoundRepository, Selection
from shiftdown.forges.text import check_comment, check_line, check_text
from shiftdown.forges.write_way import Cost, choose
from shiftdown.git import Commit
from shiftdown.git.names import check_branch
from shiftdown.model.states import ChangeRequestStatus

log = logging.getLogger(__name__)
MAX_BODY = 4 * 65_536
"""The most bytes that the text of a change request may have; GitHub takes 65,536 characters."""

_BY_API = Cost(requests=8, changes=3)
"""Head, references, list of files, files and tip are read; tree, commit and branch are written."""
_TOGETHER = 30
"""How many change requests of different repositories one request asks for."""


class GitHubForge:
    """Change requests on github.com or an Enterprise Server. Safe for threads; `disconnect` it when done.

    One GraphQL request reads; each change is a request of its own, after a pause. A request whose effect nobody
    knows (connection lost, 5xx) is never simply repeated: what is there is looked at first.
    """

    name = "github"
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
        self._look = Lookup(self._client)

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
        _, found = self._look.of_branch(place_of(location), branch)
        return found.request if found else None

    def get(self, location: str, number: int) -> ForgeChangeRequest:
        """The change request with that number. Raises `NotFoundError`."""
        return self._look.numbered(place_of(location), number)[1].request

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

    def open(self, location: str, text: ChangeRequestText, *, from_fork: bool = False) -> ForgeChangeRequest:
        """Open a change request; if the branch has an open one, update and return that.

        With `from_fork`, the branch is in our fork, although we may push to the repository.

        Raises:
            InvalidInputError: the branch has no change that its base does not have, or the text cannot be used.
            NotFoundError: a branch does not exist.
        """
        check_text(text, MAX_BODY)
        place = place_of(location)

        def act() -> ForgeChangeRequest:
            home, present = self._look.of_branch(place, text.branch)
            home = replace(home, writable=False) if from_fork else home
            if present is None or not present.request.status.is_open:
                number = change_requests.create(self._client, change_requests.writable_place(place, home), home, text)
                home, present = self._look.numbered(place, number)
            return self._brought(place, home, present, text)

        return surely(act)

    def update(self, location: str, number: int, text: ChangeRequestText) -> ForgeChangeRequest:
        """Replace the text of an open change request; its head follows the branch."""
        check_text(text, MAX_BODY)
        place = place_of(location)

        def act() -> ForgeChangeRequest:
            home, seen = self._open_one(place, number, ChangeRequestStatus.OPEN)
            if text.branch != seen.request.branch:
                raise InvalidInputError(
                    f"change request #{number} is about {seen.request.branch}; open another one for {text.branch}"
                )
            return self._brought(place, home, seen, text)

        return surely(act)

    def approve(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        """Record an approval of the present head by the account that the token belongs to.

        Raises:
            InvalidInputError: that account has opened it: nobody approves their own change.
        """
        check_line("the name of who approves", by)
        place = place_of(location)

        def act() -> ForgeChangeRequest:
            home, seen = self._open_one(place, number, ChangeRequestStatus.OPEN)
            if home.viewer in seen.request.approved_by:
                return seen.request
            if home.viewer == seen.author:
                raise InvalidInputError(
                    f"{location}: {home.viewer} has opened change request #{number}, and GitHub lets nobody approve "
                    "their own; use the token of another account"
                )
            words = "" if by == home.viewer else f"Approved by {by}."
            change_requests.approve(self._client, change_requests.writable_place(place, home), seen, words)
            return self.get(location, number)

        return surely(act)

    def merge(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        """Merge it into its base. Again: no error.

        Raises:
            DraftError: it is a draft.
            ConflictError: it conflicts with its base; names the files that both change.
            RepositoryError: reviews, checks or rules of the base are in the way; says which.
        """
        check_line("the name of who merges", by)
        place = place_of(location)

        def act() -> ForgeChangeRequest:
            home, seen = self._look.numbered(place, number)
            if seen.request.status is ChangeRequestStatus.MERGED:
                return seen.request
            if not seen.request.status.is_open:
                raise illegal(place.location, seen.request, ChangeRequestStatus.MERGED)
            if seen.request.status is ChangeRequestStatus.DRAFT:
                raise DraftError(location, number)
            target = change_requests.writable_place(place, home)
            if seen.conflicts:
                raise change_requests.conflict(self._client, target, seen)
            try:
                change_requests.merge(self._client, target, seen, self._method(home))
            except RefusedError as refused:
                self._explain_merge(place, number, refused)
            return self.get(location, number)

        return surely(act)

    def close(self, location: str, number: int, *, reason: str) -> ForgeChangeRequest:
        """Close it without a merge, with a comment that gives the reason; its branch is kept. Again: no error."""
        check_line("the reason", reason)
        place = place_of(location)

        def act() -> ForgeChangeRequest:
            home, seen = self._look.numbered(place, number)
            if seen.request.status is ChangeRequestStatus.CLOSED:
                return seen.request
            if not seen.request.status.is_open:
                raise illegal(place.location, seen.request, ChangeRequestStatus.CLOSED)
            change_requests.close(self._client, change_requests.writable_place(place, home), seen, reason)
            return self.get(location, number)

        return surely(act)

    def comment(self, location: str, number: int, text: str) -> None:
        """Say something on a change request. What we have said last is not said once more.

        Raises:
            InvalidInputError: the text is empty or too long.
        """
        check_comment(text, MAX_BODY)
        place = place_of(location)
        known: frozenset[str] | None = None

        def act() -> None:
            nonlocal known
            home, seen = self._look.numbered(place, number)
            if known is None:
                known = frozenset(comment.id for comment in seen.said[:-1])
            if not change_requests.is_said(seen.said, known, home.viewer, text):
                change_requests.comment(self._client, change_requests.writable_place(place, home), number, text)

        surely(act)

    def remove_branch(self, location: str, number: int) -> bool:
        """Remove the branch of a merged or closed change request, in its repository or our fork; whether it is gone.

        Raises:
            IllegalTransitionError: the change request is open.
        """
        place = place_of(location)

        def act() -> bool:
            home, seen = self._look.numbered(place, number)
            return change_requests.remove_branch(self._client, place, home, seen)

        return surely(act)

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
        _, seen = self._look.numbered(place, number)
        return self._client.diff(place, seen.base_tip, seen.request.head)

    def _open_one(self, place: Place, number: int, wanted: ChangeRequestStatus) -> tuple[Home, Seen]:
        home, seen = self._look.numbered(place, number)
        if not seen.request.status.is_open:
            raise illegal(place.location, seen.request, wanted)
        return home, seen

    def _brought(self, place: Place, home: Home, seen: Seen, text: ChangeRequestText) -> ForgeChangeRequest:
        target = change_requests.writable_place(place, home)
        if change_requests.bring_up_to_date(self._client, target, seen, text):
            return self._look.numbered(place, seen.request.number)[1].request
        return seen.request

    def _explain_merge(self, place: Place, number: int, refused: RefusedError) -> None:
        """Raise the error behind a refused merge; return if it is merged after all."""
        _, seen = self._look.numbered(place, number)
        if seen.request.status is ChangeRequestStatus.MERGED:
            return
        if seen.conflicts:
            raise change_requests.conflict(self._client, place, seen)
        moved = refused.status == 409
        advice = "its branch or base has moved: look, and merge again" if moved else "merge again when it has that"
        raise RepositoryError(place.location, f"{refused.problem}; {advice}")

    def _method(self, home: Home) -> MergeMethod:
        return self._settings.merge_method or next(iter(home.merge_methods), MergeMethod.MERGE)
