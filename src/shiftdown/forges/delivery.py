"""How a commit gets to a branch of a repository that a forge has."""

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.forges.base import RepositoryAccess
from shiftdown.git import Commit, CommitInfo, GitRepository


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


def deliver_once(
    forge: RepositoryAccess, git: GitRepository, commit: Commit, branch: str, *, expected: str | None
) -> str:
    """As `deliver`, for what may have been delivered before: the commit that is there already is kept."""
    now = git.tip(branch)
    if now not in (None, expected) and is_delivered(git.describe(now), commit):
        return now
    return deliver(forge, git, commit, branch, expected=expected)


def is_delivered(there: CommitInfo, commit: Commit) -> bool:
    """Whether a commit is that one, or what a forge's API made of it, which says who and when in its own way."""
    ours = commit.tree, (commit.parent,), commit.message.strip()
    return (there.tree, there.parents, there.message.strip()) == ours
