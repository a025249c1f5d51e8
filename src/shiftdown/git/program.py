"""How git is run: in one way and one environment, whichever part of shiftdown needs it."""

import os
import shutil
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired

from shiftdown.errors import RepositoryError
from shiftdown.git.environment import git_environment
from shiftdown.git.packets import printable

Start = Callable[[Sequence[str], Mapping[str, str], Path | None], "Popen[bytes]"]
"""Starts a command with an environment, and nothing beside it, in a folder: in a session of its own, with pipes."""


def start(command: Sequence[str], environment: Mapping[str, str], folder: Path | None) -> "Popen[bytes]":
    """Start a command. Nothing else sees its environment, which may hold a token."""
    return Popen(  # noqa: S603 - an argument list, no shell
        command, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, cwd=folder, start_new_session=True
    )


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
    start: Start = start,
) -> Outcome:
    """Run git in a process group of its own, so that its helpers end with it.

    Args:
        arguments: what follows `git`.
        place: the repository that it is about, for messages.
        timeout: seconds after which it is killed.
        environment: what it gets beside `git_environment`.
        stdin: its input.
        folder: where it runs.
        start: how it is started.

    Raises:
        RepositoryError: git is not installed, or did not end in time.
    """
    program = shutil.which("git")
    if program is None:
        raise RepositoryError(place, "needs the git program, which is not installed")
    process = start([program, *arguments], git_environment() | dict(environment or {}), folder)
    try:
        out, errors = process.communicate(stdin, timeout=timeout)
    except BaseException as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with process:  # waits for its end and closes its pipes
            pass
        if isinstance(error, TimeoutExpired):
            command = next((a for a in arguments if not a.startswith("-")), "")
            raise RepositoryError(place, f"git {command} did not end within {timeout:g} seconds") from None
        raise
    return Outcome(process.returncode, out, printable(errors))
