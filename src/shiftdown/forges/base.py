"""What every forge offers: change requests on a repository, and ways for commits to get there."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Protocol, Self

from pydantic import Field, StringConstraints

from shiftdown.errors import InvalidInputError, RepositoryError
from shiftdown.git import Commit
from shiftdown.git.carrier import Carrier
from shiftdown.model.base import Model, Moment
from shiftdown.model.states import ChangeRequestStatus, CIState, ReviewState

_Word = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class MergeMethod(StrEnum):
    """How a change gets into its base."""

    MERGE = "merge"
    """By a merge commit."""
    SQUASH = "squash"
    """As one new commit."""
    REBASE = "rebase"
    """Its commits anew on top of the base."""


class WriteWay(StrEnum):
    """How repositories are read and commits get there."""

    AUTO = "auto"
    """By what takes less time; by the API where the repository takes only commits that the forge signs."""
    PUSH = "push"
    """By git."""
    API = "api"
    """By the forge's API, without any git traffic."""


Pace = Callable[[str], float]
"""Asked before a request that creates content on a forge, with the account that sends it. 0 counts the request, which
is sent then; anything else is the seconds until it is worth asking again. Safe for threads."""


class RateLimitedError(RepositoryError):
    """The forge takes no more requests for now. Nothing was done by the last one."""

    def __init__(self, repository: str, problem: str, until: datetime | None = None) -> None:
        self.until = until
        """When it takes requests again, if it says so."""
        super().__init__(repository, problem)


class RequestOptions(Model):
    """How a change request is opened, and who is to take part.

    Labels, reviewers, assignees and a milestone are added where they are missing; what people added or answered
    stays as it is.
    """

    draft: bool = False
    """Whether it is not ready: a draft can be reviewed, and is not merged."""
    labels: tuple[_Word, ...] = ()
    """Labels; the forge makes those that it does not have."""
    reviewers: tuple[_Word, ...] = ()
    """People to be asked for a review, by login."""
    team_reviewers: tuple[_Word, ...] = ()
    """Teams to be asked for a review, by the name that their organisation gives them."""
    assignees: tuple[_Word, ...] = ()
    """People it is assigned to, by login."""
    milestone: _Word | None = None
    """Title of the milestone that it belongs to, unless it has one; it must exist."""
    auto_merge: MergeMethod | None = None
    """How it is to be merged as soon as reviews and checks allow it; `None` leaves that to people."""


class ChangeRequestText(RequestOptions):
    """What is to be shown to reviewers, and which branch is to go where."""

    title: str = Field(min_length=1, max_length=255)
    """Title, one line."""
    body: str
    """Text, Markdown."""
    branch: str
    """The branch that holds the change; it exists already."""
    base: str
    """The branch that it is to be merged into."""
    in_fork: bool = False
    """Whether `branch` is in our fork for certain; else it is there when we may not push to the repository."""

    @property
    def words(self) -> Self:
        """The same without labels, people, milestone and auto-merge."""
        return self.model_copy(update=RequestOptions(draft=self.draft).model_dump())


class ForgeChangeRequest(Model):
    """A change request as its forge has it."""

    number: int = Field(ge=1)
    """Number on the forge, unique in the repository."""
    url: str
    """Where a person finds it."""
    title: str
    """Title."""
    body: str
    """Text, Markdown."""
    branch: str
    """The branch that holds the change."""
    base: str
    """The branch that it is to be merged into."""
    head: str
    """Commit id at the tip of `branch` (when merged or closed: the last one)."""
    status: ChangeRequestStatus
    """DRAFT, OPEN, MERGED or CLOSED."""
    review: ReviewState = ReviewState.NONE
    """What reviewers said about `head`."""
    ci: CIState = CIState.UNKNOWN
    """What the checks on `head` say."""
    approved_by: tuple[str, ...] = ()
    """Who approved `head`."""
    labels: tuple[str, ...] = ()
    """Its labels."""
    reviewers: tuple[str, ...] = ()
    """Who was asked for a review and has not given one, by login."""
    team_reviewers: tuple[str, ...] = ()
    """Which teams were asked for a review."""
    assignees: tuple[str, ...] = ()
    """Who it is assigned to, by login."""
    milestone: str | None = None
    """Title of its milestone."""
    auto_merge: MergeMethod | None = None
    """How it will be merged as soon as reviews and checks allow it."""
    created_at: Moment
    """When it was opened."""
    updated_at: Moment
    """When it last changed."""
    merged_at: Moment | None = None
    """When it was merged."""
    merge_commit: str | None = None
    """The commit on `base` that it was merged with."""
    reason: str | None = None
    """Why it was closed."""


class DraftError(InvalidInputError):
    """A draft that was to be merged."""

    def __init__(self, location: str, number: int) -> None:
        self.location = location
        """The repository."""
        self.number = number
        """The change request."""
        super().__init__(
            f"{location}: change request #{number} is a draft, which is not merged: do what its text says, then mark "
            "it as ready (`shiftdown change-requests ready ID`)"
        )


class ChangeRequestForge(Protocol):
    """What a forge does with change requests. `location` is the repository's URL or path.

    Every call raises `ShiftdownError`s only. `open` is safe to repeat: a branch has at most one open change request.
    """

    name: str
    """"local", "github", "gitlab", …"""

    def find(self, location: str, branch: str) -> ForgeChangeRequest | None:
        """The open change request of `branch`, else the newest one, else `None`."""
        ...

    def get(self, location: str, number: int) -> ForgeChangeRequest:
        """The change request with that number. Raises `NotFoundError`."""
        ...

    def get_all(self, keys: Sequence[tuple[str, int]]) -> Mapping[tuple[str, int], ForgeChangeRequest]:
        """The change requests with those locations and numbers, in as few requests as the forge needs.

        What cannot be seen is left out: `get` says why.
        """
        ...

    def list(self, location: str) -> Sequence[ForgeChangeRequest]:
        """All change requests of the repository, oldest first."""
        ...

    def check_text(self, text: ChangeRequestText) -> None:
        """Refuse what the forge would not take. It is asked nothing. Raises `InvalidInputError`."""
        ...

    def open(self, location: str, text: ChangeRequestText) -> ForgeChangeRequest:
        """Open a change request; if the branch has an open one, update and return that."""
        ...

    def update(self, location: str, number: int, text: ChangeRequestText) -> ForgeChangeRequest:
        """Replace the text of an open change request; its head follows the branch."""
        ...

    def approve(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        """Record an approval of the present head. On a forge with accounts, that of the account which is used."""
        ...

    def merge(self, location: str, number: int, *, by: str) -> ForgeChangeRequest:
        """Merge it into its base. Raises `ConflictError` with the files in conflict, `DraftError` for a draft."""
        ...

    def close(self, location: str, number: int, *, reason: str) -> ForgeChangeRequest:
        """Close it without a merge; its branch is kept."""
        ...

    def comment(self, location: str, number: int, text: str) -> None:
        """Say something on a change request, open or not. What we have said last is not said once more.

        Args:
            location: the repository.
            number: the change request.
            text: Markdown.

        Raises:
            InvalidInputError: the text is empty, too long, or not valid Unicode.
        """
        ...

    def remove_branch(self, location: str, number: int) -> bool:
        """Remove the branch of a merged or closed change request, in its repository or our fork.

        Returns:
            Whether it is gone, by us or before. It is kept when it is not at the last head of the change request any
            more, when another open change request comes from it or goes to it, when it is the default branch or a
            protected one, and when it is in a fork that is not ours.

        Raises:
            IllegalTransitionError: the change request is open.
        """
        ...

    def diff(self, location: str, number: int) -> str:
        """The change as a unified diff against the merge base."""
        ...


class RepositoryAccess(Protocol):
    """How a forge reads and writes repositories, where git is not the only way. Errors are `ShiftdownError`s."""

    @property
    def avoids_git(self) -> bool:
        """Whether nothing goes by git: its settings say that all is done by the API."""
        ...

    def carrier(self, location: str) -> Carrier | None:
        """What reads the repository by the forge's own means, if that is the way for it; `None`: git reads it."""
        ...

    def write(
        self,
        location: str,
        commit: Commit,
        branch: str,
        *,
        expected: str | None,
        refused: RepositoryError | None = None,
    ) -> str | None:
        """Put a commit on a branch by the forge's own means, if that is the way for it.

        Args:
            location: the repository.
            commit: what is to be written.
            branch: where it goes; made when nothing is expected there.
            expected: the commit that the branch is at; `None` when it must not exist.
            refused: why the same commit could not be pushed just now, if that was tried.

        Returns:
            Id of the commit that it made, which has the tree, parents and message of the one that was given; `None`
            when it is to be pushed.

        Raises:
            ConflictError: the branch is not where it was expected.
        """
        ...

    def fork(self, location: str) -> str | None:
        """Our fork of a repository, made when it does not exist; its default branch is brought up to date.

        Returns:
            Its URL; `None` when we may push to the repository itself, or the forge has no forks.
        """
        ...


class Forge(ChangeRequestForge, RepositoryAccess, Protocol):
    """A forge: where the change requests of a repository are, and how commits get there."""
