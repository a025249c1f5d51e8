"""The branch of a change: whose it is, and in which repository."""

import logging
from dataclasses import replace

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.forges.delivery import Change, Delivered, put
from shiftdown.forges.proposal import Destination
from shiftdown.git import Commit, CommitInfo, GitRepository
from shiftdown.transformations.text import is_ours

log = logging.getLogger(__name__)


class BranchHeldError(RepositoryError):
    """Somebody else's commit is at the tip of our branch: it is left alone."""


def ours(branch: str, type_: str, commit: Commit) -> Change:
    """The change that replaces what we have put on a branch before by a commit; what others put there stays.

    Raises (the change):
        BranchHeldError: somebody else's commit is there.
    """

    def change(git: GitRepository, there: CommitInfo | None) -> Commit:
        if there is not None and not is_ours(there.message, type_):
            raise BranchHeldError(
                git.location,
                f"branch {branch} has a commit that shiftdown did not make ({there.id[:10]}): it is left alone. Merge "
                "or close its change request, or delete the branch, and run again",
            )
        return commit

    return change


def put_where_allowed(to: Destination, branch: str, change: Change) -> Delivered:
    """Bring a branch to what a change makes: in the repository, or in our fork where that does not let us push.

    Raises:
        BranchHeldError: somebody else's commit is there.
        ConflictError: the branch moved meanwhile, twice.
        RepositoryError: it is refused for another reason than our rights, or there can be no fork.
    """
    fork = to.fork
    if fork is None:
        try:
            return put(to.forge, to.git, branch, change)
        except (BranchHeldError, ConflictError):
            raise
        except RepositoryError:
            fork = to.forge.fork(to.location)
            if fork is None:
                raise
    log.info("%s: the branch goes to the fork %s", to.location, fork)
    with to.open_fork(fork) as own:
        return replace(put(to.forge, own, branch, change), in_fork=True)
