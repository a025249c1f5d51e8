"""How a commit gets to a branch of a repository that a forge has."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.forges.base import RepositoryAccess
from shiftdown.git import Commit, CommitInfo, GitRepository
from shiftdown.retrying import again

log = logging.getLogger(__name__)
_T = TypeVar("_T")

Change = Callable[[GitRepository, CommitInfo | None], Commit | None]
"""Makes the commit that a branch is to be at, in the repository that has the branch.

It is given the commit that the branch is at now (`None`: there is no such branch). `None` leaves the branch as it is.
It is asked again when the branch moves meanwhile, and for the fork when the repository does not let us push. It raises
an error when the commit that is there must stay.
"""


@dataclass(frozen=True)
class Delivered:
    """Where a branch is afterwards."""

    head: str | None
    """The commit that it is at; `None` when there is no such branch, and none was wanted."""
    commit: str | None
    """The commit of the change, which is the head then; `None` when there was nothing to change."""
    kept: bool
    """Whether the head was there before."""
    in_fork: bool = False
    """Whether the branch is in our fork of the repository."""


def put(forge: RepositoryAccess, git: GitRepository, branch: str, change: Change) -> Delivered:
    """Bring a branch to the commit that a change makes; the commit that is there is kept when it is the same one.

    Repeated after a process was killed anywhere, it finishes what that began.

    Raises:
        ConflictError: the branch moved twice meanwhile.
        RepositoryError: it is refused, or the repository cannot be reached.
        ShiftdownError: whatever `change` raises.
    """
    return despite_others(lambda: _put(forge, git, branch, change), times=2)


def despite_others(act: Callable[[], _T], *, times: int) -> _T:
    """Act, which begins with a look; again when somebody else was faster. Raises what the last time raises."""

    def others_were_faster(error: Exception) -> bool:
        if isinstance(error, ConflictError):
            log.info("%s; looking again", error)
        return isinstance(error, ConflictError)

    return again(act, others_were_faster, (0.0,) * (times - 1))


def _put(forge: RepositoryAccess, git: GitRepository, branch: str, change: Change) -> Delivered:
    tip = git.tip(branch)
    there = git.describe(tip) if tip else None
    commit = change(git, there)
    if commit is None:
        return Delivered(tip, None, kept=True)
    if there is not None and is_delivered(there, commit):
        return Delivered(tip, tip, kept=True)
    head = deliver(forge, git, commit, branch, expected=tip)
    return Delivered(head, head, kept=False)


def deliver(forge: RepositoryAccess, git: GitRepository, commit: Commit, branch: str, *, expected: str | None) -> str:
    """Put a commit on a branch, by the way that the forge has for it, else by git; the id that it has there.

    Raises:
        ConflictError: the branch is not where it was expected (`None`: absent).
        RepositoryError: it is refused, or the repository cannot be reached.
    """
    made = forge.write(git.location, commit, branch, expected=expected)
    if made is not None:
        return made
    try:
        git.push(commit, branch, expected=expected)
    except ConflictError:
        raise
    except RepositoryError as refused:
        made = forge.write(git.location, commit, branch, expected=expected, refused=refused)
        if made is None:
            raise
        return made
    return commit.id


def is_delivered(there: CommitInfo, commit: Commit) -> bool:
    """Whether a commit is that one, or what a forge's API made of it, which says who and when in its own way."""
    ours = commit.tree, (commit.parent,), commit.message.strip()
    return (there.tree, there.parents, there.message.strip()) == ours
