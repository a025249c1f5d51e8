"""The git program, run on one repository: no shell, no hooks, no prompts, a time limit."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import PIPE, Popen
from typing import cast

from shiftdown.errors import InvalidInputError, NotARepositoryError, RepositoryError, ShiftdownError
from shiftdown.git import parse_location
from shiftdown.git.program import Outcome, run_git

_MINIMUM = (2, 38)
"""The first version with `git merge-tree --write-tree`."""

_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "i18n.commitEncoding": "UTF-8",
    "submodule.recurse": "false",
}


class Repository:
    """A repository on disk, and the git program to ask it."""

    def __init__(self, path: Path, git_dir: Path, timeout: float) -> None:
        self.path = path
        """The folder people know: the main work tree, or the bare repository."""
        self.git_dir = git_dir
        """Where git keeps what all work trees share."""
        self._timeout = timeout

    @classmethod
    def at(cls, location: str, timeout: float) -> "Repository":
        """The repository at a path or file URL; a linked work tree leads to the repository it belongs to.

        Raises:
            InvalidInputError: `location` is neither a path nor a `file://` URL.
            NotARepositoryError: no repository is there. Folders above are not searched.
            RepositoryError: git refuses to use it.
        """
        path = local_path(location)
        if not path.is_dir():
            raise NotARepositoryError(str(path), "is not a folder")
        ask = ["rev-parse", "--path-format=absolute", "--git-common-dir", "--absolute-git-dir", "--show-prefix"]
        found = _execute(path, ["-C", str(path), *ask], timeout)
        if found.status != 0:
            problem = NotARepositoryError if "not a git repository" in found.error else RepositoryError
            raise problem(str(path), found.error or "git refuses to use it")
        common, own, prefix = (*found.out.decode(errors="surrogateescape").split("\n"), "")[:3]
        git_dir = Path(common)
        if prefix or (Path(own) != path and not (path / ".git").exists()):
            raise NotARepositoryError(str(path), f"is inside the repository {own}, but not its top folder")
        return cls(git_dir.parent if git_dir.name == ".git" else git_dir, git_dir, timeout)

    def attempt(
        self,
        *arguments: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        work_tree: Path | None = None,
    ) -> Outcome:
        """Run git, in a work tree when one is given; whatever it ends with is the answer."""
        place = ["-C", str(work_tree or self.git_dir), *([] if work_tree else [f"--git-dir={self.git_dir}"])]
        return _execute(self.path, [*place, *arguments], self._timeout, stdin, env)

    def run(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """Run git and return what it printed.

        Raises:
            RepositoryError: it failed; the error holds git's own words.
        """
        outcome = self.attempt(*arguments, stdin=stdin, env=env)
        if outcome.status != 0:
            raise self.failed(arguments[0], outcome)
        return outcome.out

    def word(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """As `run`, for an answer that is one word, such as an object id."""
        return self.run(*arguments, stdin=stdin, env=env).decode().strip()

    def failed(self, command: str, outcome: Outcome) -> RepositoryError:
        """The error for a run that failed."""
        return RepositoryError(
            str(self.path), f"git {command} failed ({outcome.status}): {outcome.error or 'it gave no reason'}"
        )


def local_path(location: str) -> Path:
    """The folder that a path or `file://` URL means, links resolved.

    Raises:
        InvalidInputError: it is neither.
    """
    place = parse_location(location, allow_http=True)
    if place.scheme != "file":
        raise InvalidInputError(f"{place.address}: the local forge works on a path or a file:/// URL")
    return Path(place.address).resolve()


def check_version() -> str:
    """The version of the git program, once it is certain that there is one and that it is new enough.

    Raises:
        ShiftdownError: there is none, or it is too old.
    """
    try:
        outcome = _execute("the local forge", ["--version"], timeout=10)
    except RepositoryError as error:
        raise ShiftdownError(f"the git program cannot be used: {error.problem}; install git 2.38 or newer") from error
    match = re.search(r"(\d+)\.(\d+)(\.\d+)*", outcome.out.decode(errors="replace"))
    if match is None:
        raise ShiftdownError(f"the git program does not tell its version: {outcome.error}; install git 2.38 or newer")
    version = match[0]
    if (int(match[1]), int(match[2])) < _MINIMUM:
        raise ShiftdownError(f"git {version} is too old for the local forge; install git 2.38 or newer")
    return version


def _execute(
    place: Path | str, arguments: list[str], timeout: float, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> Outcome:
    patience = str(int(timeout * 1000 / 4))
    settings = _SETTINGS | {"core.filesRefLockTimeout": patience, "core.packedRefsTimeout": patience}
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return run_git(
        [*options, *arguments], place=str(place), timeout=timeout, stdin=stdin, environment=env, start=_start
    )


def _start(command: Sequence[str], environment: Mapping[str, str], folder: Path | None) -> "Popen[bytes]":
    """Start git by GitPython, which adds to our environment but never takes away: `env -u` does.

    What is ours alone is emptied already for `env`, so that it never holds a token.

    Raises:
        ShiftdownError: git cannot be run at all: GitPython runs it when it is imported.
    """
    try:
        from git.cmd import Git
    except ImportError as error:
        problem = str(error).strip().splitlines()[0]
        raise ShiftdownError(f"the git program cannot be used: {problem}; install git 2.38 or newer") from error
    unset = [name for name in os.environ if name not in environment]
    started = Git(folder).execute(
        ["env", *(part for name in unset for part in ("-u", name)), *command],
        istream=PIPE,
        as_process=True,
        env=dict.fromkeys(unset, "") | dict(environment),
        start_new_session=True,
    )
    # Else it would be killed as soon as GitPython's own object for it is gone.
    process, started.proc = cast("Popen[bytes]", started.proc), None
    return process
