"""How git is run: in one way and one environment, by GitPython, whichever part of shiftdown needs it."""

import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired
from typing import cast

from shiftdown.errors import RepositoryError
from shiftdown.git.environment import git_environment
from shiftdown.git.packets import printable


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of git ended."""

    status: int
    """Exit status."""
    out: bytes
    """Standard output, whole."""
    error: str
    """What it said on standard error, for people: without credentials and control characters."""

    @property
    def text(self) -> str:
        """The output as text; bytes that are none survive in file names."""
        return self.out.decode(errors="surrogateescape")


def run_git(
    arguments: Sequence[str],
    *,
    place: str,
    timeout: float,
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    folder: Path | None = None,
) -> Outcome:
    """Run git in a process group of its own, so that its helpers end with it.

    Args:
        arguments: what follows `git`.
        place: the repository that it is about, for messages.
        timeout: seconds after which it is killed.
        environment: what it gets beside `git_environment`.
        stdin: its input.
        folder: where it runs.

    Raises:
        RepositoryError: git is not installed, or did not end in time.
    """
    program = shutil.which("git")
    if program is None:
        raise RepositoryError(place, "needs the git program, which is not installed")
    try:
        from git.cmd import Git
    except ImportError as error:  # it runs git when it is imported
        raise RepositoryError(place, f"cannot run the git program: {str(error).strip().splitlines()[0]}") from error

    whole = git_environment() | dict(environment or {})
    # GitPython adds to the environment but never takes away, so `env -u` does.
    unset = [part for name in os.environ if name not in whole for part in ("-u", name)]
    started = Git(folder).execute(
        ["env", *unset, program, *arguments],
        istream=PIPE,
        as_process=True,
        env=whole,
        start_new_session=True,
    )
    process = cast("Popen[bytes]", started.proc)
    try:
        out, errors = process.communicate(stdin, timeout=timeout)
    except BaseException as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if isinstance(error, TimeoutExpired):
            command = next((a for a in arguments if not a.startswith("-")), "")
            raise RepositoryError(place, f"git {command} did not end within {timeout:g} seconds") from None
        raise
    return Outcome(process.returncode, out, printable(errors))
