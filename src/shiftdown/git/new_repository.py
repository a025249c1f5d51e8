"""A new repository on this disk: it appears whole, in one step, or not at all."""

import os
import shutil
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shiftdown.errors import InvalidInputError, RepositoryError
from shiftdown.git.names import check_branch
from shiftdown.git.options import Identity
from shiftdown.git.program import run_git
from shiftdown.git.temporary import OWN_SETTINGS_ONLY, File, TemporaryRepository, signature, write_files


@dataclass(frozen=True, slots=True)
class FirstCommit:
    """What the first commit of a repository says."""

    message: str
    """Its message."""
    author: Identity
    """Its author."""
    at: datetime
    """When it is made, with a time zone."""
    branch: str = "main"
    """The default branch."""
    references: Sequence[str] = ()
    """Further references that point to it, by full name."""


def check_free(target: Path) -> None:
    """See that a repository can be created at a path: nothing is there, or an empty folder.

    Raises:
        InvalidInputError: something is there, or what is there cannot be looked at.
    """
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise InvalidInputError(f"{target}: exists already, and is not a folder; choose another place")
    try:
        empty = not target.is_dir() or not any(target.iterdir())
    except OSError as error:
        raise InvalidInputError(f"{target}: cannot be looked at: {error.strerror}; choose another place") from error
    if not empty:
        raise InvalidInputError(f"{target}: exists already, and is not empty; choose another place")


def push_first(repository: TemporaryRepository, files: Sequence[File], first: FirstCommit) -> str:
    """Push the first commit to the branch and references of a repository; its id. The very same one is no error.

    Attributes in the files count, and all files are committed.

    Raises:
        ConflictError: one of them has another commit.
        RepositoryError: the push was refused, or the server cannot be reached.
    """
    wanted = [check_branch(first.branch), *first.references]
    commit = repository.commit(repository.tree(files), (), first.message, first.author, first.at)
    there = repository.references(wanted).tips
    missing: dict[str, tuple[str | None, str]] = {n: (None, commit) for n in wanted if there.get(n) != commit}
    if missing:
        repository.move(missing)
    return commit


def create_repository(
    target: Path, files: Sequence[File], first: FirstCommit, *, bare: bool = False, timeout: float = 600
) -> str:
    """Make a repository with one commit, and give the id of that commit. Equal input makes an equal id.

    It is built in a folder beside `target` and moved there when it is complete. Attributes in the files count, ignored
    files are committed too, and neither hooks nor anybody's configuration or templates of git take part.

    Raises:
        InvalidInputError: something is at `target` already, or the branch's name is not allowed.
        RepositoryError: it cannot be written; nothing is left behind.
    """
    check_branch(first.branch)
    check_free(target)
    work = target.parent / f".{target.name}.shiftdown-{uuid.uuid4().hex[:12]}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work.mkdir()
        git = _Git(work, target, timeout)
        commit = _build(git, files, first)
        if bare:
            git("config", "core.bare", "true")
            git("config", "--unset", "core.logAllRefUpdates")
            (work / ".git" / "index").unlink(missing_ok=True)
            shutil.rmtree(work / ".git" / "logs", ignore_errors=True)
        (work / ".git" if bare else work).rename(target)
    except OSError as error:
        check_free(target)
        raise RepositoryError(str(target), f"cannot be created: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            shutil.rmtree(work)
    return commit


@dataclass(frozen=True, slots=True)
class _Git:
    """The git program in a folder that is not at its place yet."""

    folder: Path
    target: Path
    timeout: float

    def __call__(self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> str:
        ours = OWN_SETTINGS_ONLY | {"GIT_CEILING_DIRECTORIES": str(self.folder.parent)}
        done = run_git(
            ["-c", f"core.hooksPath={os.devnull}", *arguments],
            place=str(self.target),
            environment=ours | dict(environment or {}),
            timeout=self.timeout,
            stdin=stdin,
            folder=self.folder,
        )
        if done.status:
            raise RepositoryError(str(self.target), f"git failed: {done.error or 'no reason given'}")
        return done.text.strip()


def _build(git: _Git, files: Sequence[File], first: FirstCommit) -> str:
    git("init", "--quiet", "--template=", "--object-format=sha1", f"--initial-branch={first.branch}")
    write_files(git.folder, files)
    git("-c", "core.safecrlf=false", "add", "--all", "--force")
    who = signature(first.author, first.at)
    commit = git("commit-tree", git("write-tree"), stdin=first.message.encode(), environment=who)
    for reference in (f"refs/heads/{first.branch}", *first.references):
        git("update-ref", reference, commit)
    return commit
