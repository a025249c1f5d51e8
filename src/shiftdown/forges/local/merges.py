"""A real git merge, with or without a work tree."""

from datetime import datetime
from fcntl import LOCK_EX, flock
from pathlib import Path

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.forges.base import ForgeChangeRequest
from shiftdown.forges.local.branch_state import Tip, merge_base
from shiftdown.forges.local.records import signature
from shiftdown.forges.local.repository import Repository
from shiftdown.git import Identity
from shiftdown.git.names import check_branch
from shiftdown.retrying import until

_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds to wait, time after time, for another git program to be done with a work tree."""


def merge_commit(
    repository: Repository, request: ForgeChangeRequest, base: Tip, author: Identity, by: str, at: datetime
) -> str:
    """Write the commit that merges a change request into its base; no branch moves.

    Raises:
        ConflictError: git cannot merge them; the error names the files.
        InvalidInputError: they have no history in common.
    """
    outcome = repository.attempt("merge-tree", "--write-tree", "-z", "--name-only", base.commit, request.head)
    tree, *rest = outcome.out.decode(errors="replace").split("\0")
    if outcome.status == 1:
        files = rest[: rest.index("")] if "" in rest else rest
        raise ConflictError(
            str(repository.path),
            f"change request #{request.number} conflicts with {request.base} in {', '.join(files)}; "
            f"on {request.branch}, run `git merge {request.base}`, resolve, commit, and merge again",
        )
    if outcome.status != 0:
        merge_base(repository, base.commit, request.head)
        raise repository.failed("merge-tree", outcome)
    message = f"Merge change request #{request.number}: {request.title}\n\nMerged-by: {by}\n"
    parents = ("-p", base.commit, "-p", request.head)
    return repository.word("commit-tree", tree, *parents, stdin=message.encode(), env=signature(author, at))


def work_tree_of(repository: Repository, branch: str) -> Path | None:
    """The work tree that has a branch checked out, if one has.

    Raises:
        RepositoryError: several have: they cannot all follow when it moves.
    """
    found = _work_trees_of(repository, branch)
    if len(found) > 1:
        places = ", ".join(map(str, found))
        raise RepositoryError(
            str(repository.path), f"{branch} is checked out more than once ({places}); leave it checked out once"
        )
    return found[0] if found else None


def is_in_use(repository: Repository, branch: str) -> bool:
    """Whether a branch is the default one, or checked out anywhere."""
    head = repository.attempt("symbolic-ref", "--quiet", "HEAD").out.decode(errors="replace").strip()
    return head == check_branch(branch) or bool(_work_trees_of(repository, branch))


def _work_trees_of(repository: Repository, branch: str) -> list[Path]:
    listing = repository.run("worktree", "list", "--porcelain", "-z").decode(errors="surrogateescape")
    found: list[Path] = []
    for block in listing.split("\0\0"):
        facts = dict(line.partition(" ")[::2] for line in block.split("\0"))
        if facts.get("branch") == check_branch(branch) and "prunable" not in facts:
            found.append(Path(facts["worktree"]))
    return found


def fast_forward(repository: Repository, work_tree: Path, branch: str, commit: str) -> str | None:
    """Move the branch that is checked out in a work tree to a commit after it, and the files with it.

    Returns:
        Why git refused, in its words, having changed nothing; `None` when it is done.
    """
    # Two runs of `git merge` in one work tree can spoil its index, so that ours take turns. The system ends the
    # lock of a process that dies.
    with (repository.git_dir / "shiftdown-merge.lock").open("w") as turn:
        flock(turn, LOCK_EX)
        head = repository.attempt("symbolic-ref", "--quiet", "HEAD", work_tree=work_tree)
        if head.out.decode(errors="replace").strip() != check_branch(branch):
            return "it has another branch checked out by now"
        return _fast_forward(repository, work_tree, commit)


def _fast_forward(repository: Repository, work_tree: Path, commit: str) -> str | None:
    outcome = until(
        lambda: repository.attempt("merge", "--ff-only", "--quiet", commit, work_tree=work_tree),
        lambda done: done.status == 0 or "index.lock" not in done.error,
        _PAUSES,
    )
    return None if outcome.status == 0 else outcome.error or "git gave no reason"
