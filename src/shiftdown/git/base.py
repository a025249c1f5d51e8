"""What every way to a repository offers, whatever carries it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self

from shiftdown.errors import (
    ConflictError,
    EmptyRepositoryError,
    InvalidInputError,
    NotFoundError,
    RepositoryError,
)
from shiftdown.git.commits import build_trees, new_objects, signed_off
from shiftdown.git.location import Location
from shiftdown.git.names import check_id, is_id
from shiftdown.git.objects import CommitData, GitObject, make_commit, parse_commit
from shiftdown.git.options import GitOptions, Identity
from shiftdown.git.packets import PushReport
from shiftdown.git.source import ObjectReader, ObjectSource
from shiftdown.repository import ChangeSet, ResolvedChange, Snapshot


@dataclass(frozen=True, slots=True)
class Head:
    """The default branch of a repository, as one look at it showed."""

    branch: str
    """Name of the default branch, without `refs/heads/`."""
    commit: str
    """Id of the commit at its tip."""
    own_branches: Mapping[str, str] = field(default_factory=dict)
    """Tips of the branches that start with `GitOptions.branch_prefix`, seen in the same look."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that exists in memory until it is pushed."""

    id: str
    """Object id, known before it is pushed."""
    tree: str
    """Id of its root tree."""
    parent: str
    """Id of the commit that it stands on."""
    message: str
    """Its message, trailers included."""
    files: tuple[str, ...]
    """The paths that it changes, sorted; both paths of a rename."""
    objects: tuple[GitObject, ...] = field(repr=False)
    """What the repository does not have yet: blobs, then trees, then the commit."""


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """A commit that a repository has."""

    id: str
    """Object id."""
    tree: str
    """Id of its root tree."""
    parents: tuple[str, ...]
    """Ids of its parents."""
    message: str
    """Its message."""
    author: Identity | None
    """Its author; `None` when the commit names nobody usable."""
    at: datetime
    """When it was authored."""


class GitRepository(ABC):
    """One repository: read lazily, written by pushing commits that were built in memory.

    An object belongs to one thread; several objects for the same repository may be used at once.
    Every method raises `RepositoryError` (or a more precise one) when the repository cannot be reached.
    """

    def __init__(self, location: Location, options: GitOptions) -> None:
        self.location = location.address
        """Normalised URL or path, without credentials."""
        self.name = location.name
        """Short name for people."""
        self._options = options
        self._head: Head | None = None

    @abstractmethod
    def head(self) -> Head:
        """The default branch and its tip, asked anew each time.

        Raises:
            EmptyRepositoryError: there is no commit.
            RepositoryError: it is not clear which branch is the default one.
        """

    @abstractmethod
    def tip(self, branch: str) -> str | None:
        """The commit id at the tip of a branch, asked anew; `None` when it does not exist."""

    @abstractmethod
    def tag(self, name: str) -> str | None:
        """The commit id that a tag stands for, asked anew; `None` when it does not exist."""

    @abstractmethod
    def push(self, commit: Commit, branch: str, *, expected: str | None) -> None:
        """Make `branch` point at `commit`, if it still is at `expected` (`None`: does not exist).

        Pushing what is there already changes nothing and is no error.

        Raises:
            ConflictError: the branch is elsewhere, or another branch's name is in the way.
            InvalidInputError: the branch is checked out, or its name is not allowed.
        """

    @abstractmethod
    def _objects(self, root: str | None = None) -> ObjectReader:
        """What reads this repository's objects; `root` is the commit that a snapshot starts from."""

    @abstractmethod
    def remote_url(self) -> str | None:
        """Where the repository is hosted, without credentials, if that is known."""

    @abstractmethod
    def close(self) -> None:
        """Give back what is held open. The object cannot be used afterwards."""

    def find_commit(self, name: str) -> str:
        """The commit id that a branch, a tag or a full commit id names; a branch wins over a tag.

        Raises:
            NotFoundError: there is no such branch or tag.
            InvalidInputError: it is a name for neither.
        """
        if is_id(name):
            return name
        found = self.tip(name) or self.tag(name)
        if found is None:
            raise NotFoundError("branch or tag", name, f"{self.location} has none of that name")
        return found

    def snapshot(self, revision: str | None = None) -> Snapshot:
        """The repository at a commit (default: the tip of the default branch).

        Raises:
            InvalidInputError: `revision` is not a full commit id.
            RepositoryError: there is no such commit.
        """
        head = (self._head if revision else None) or self.head()
        commit = check_id(revision) if revision else head.commit
        reader = self._objects(commit)
        return Snapshot(
            ObjectSource(reader, self._parsed(reader, commit).tree, self.location),
            name=self.name,
            revision=commit,
            default_branch=head.branch,
            url=self.remote_url(),
        )

    def files_of(self, commit_id: str) -> tuple[GitObject, ...]:
        """Every file and tree of a commit, each before what names it.

        Raises:
            RepositoryError: there is no such commit.
        """
        reader = self._objects(check_id(commit_id))
        tree = self._parsed(reader, commit_id).tree
        reader.whole_tree(tree)
        return new_objects(reader, None, tree)

    def describe(self, commit_id: str) -> CommitInfo:
        """What a commit says.

        Raises:
            RepositoryError: there is no such commit.
        """
        commit = check_id(commit_id)
        data = self._parsed(self._objects(commit), commit)
        return CommitInfo(commit, data.tree, data.parents, data.message, data.author, data.at)

    def commit(self, base: Snapshot, changes: ChangeSet, *, message: str, author: Identity, at: datetime) -> Commit:
        """Build a commit on top of `base`, in memory. Equal input makes an equal id.

        Raises:
            InvalidInputError: `base` is not a snapshot of a commit, nothing would change, the message is
                empty, or `at` has no time zone.
            UnsafePathError: as `ChangeSet.resolve`.
        """
        return self.commit_resolved(base, changes.resolve(base), message=message, author=author, at=at)

    def commit_resolved(
        self,
        base: Snapshot,
        resolved: Sequence[ResolvedChange],
        *,
        message: str,
        author: Identity,
        at: datetime,
        empty: bool = False,
    ) -> Commit:
        """Build a commit of changes that fit `base`, symbolic links among them; with `empty`, also of none.

        See `commit`.
        """
        if base.revision is None:
            raise InvalidInputError(f"{base.name}: a commit needs a snapshot of a commit to stand on")
        if not message.strip() or "\x00" in message:
            raise InvalidInputError(f"{base.name}: the message of a commit must not be empty or hold NUL")
        if at.utcoffset() is None:
            raise InvalidInputError(f"{base.name}: the time of a commit needs a time zone")
        if not resolved and not empty:
            raise InvalidInputError(f"{base.name}: the change set changes nothing; there is nothing to commit")
        reader = self._objects(base.revision)
        tree, objects = build_trees(reader, self._parsed(reader, base.revision).tree, resolved)
        text = signed_off(message, author) if self._options.sign_off else message.strip("\n") + "\n"
        commit = make_commit(tree, [base.revision], text, author, at)
        paths = {p for r in resolved for p in (r.path, r.source) if p}
        return Commit(commit.id, tree, base.revision, text, tuple(sorted(paths)), (*objects, commit))

    def _parsed(self, reader: ObjectReader, commit: str) -> CommitData:
        data = reader.commit(commit)
        try:
            return parse_commit(data)
        except ValueError as error:
            raise RepositoryError(self.location, f"commit {commit} is damaged: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def default_among(location: str, branches: Mapping[str, str]) -> tuple[str, str]:
    """The branch that must be the default one when HEAD does not say so, and its tip.

    Raises:
        EmptyRepositoryError: there are no branches.
        RepositoryError: several could be.
    """
    if not branches:
        raise EmptyRepositoryError(location, "has no commits; push a first one, then try again")
    for name in ("main", "master", *branches):
        if name in branches and (name in ("main", "master") or len(branches) == 1):
            return name, branches[name]
    raise RepositoryError(
        location,
        "it is not clear which branch is the default one: HEAD is on none, and none is called main or "
        "master; check out the default branch, or set it with `git symbolic-ref HEAD refs/heads/NAME`",
    )


def moved(location: str, branch: str, expected: str | None, current: str | None) -> ConflictError:
    """The error for a branch that is not where it was expected."""
    was = f"at {expected[:12]}" if expected else "absent"
    now = f"at {current[:12]}" if current else "gone"
    return ConflictError(location, f"branch {branch} was expected {was} and is {now}; plan again and retry")


def name_clash(location: str, branch: str, other: str) -> ConflictError:
    """The error for two branches that git cannot keep beside each other."""
    return ConflictError(location, f"branch {branch} cannot exist beside branch {other}; rename or delete {other}")


def refused(location: str, branch: str, report: PushReport) -> RepositoryError:
    """The error for a push that a server's hook or rule turned down, with what it printed."""
    said = f"; the server says: {report.messages}" if report.messages else ""
    return RepositoryError(location, f"the push of {branch} was refused: {report.refused}{said}")
