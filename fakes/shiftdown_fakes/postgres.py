"""A temporary PostgreSQL server of one's own, on a Unix socket."""

import itertools
import os
import pwd
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from shiftdown.errors import ShiftdownError
from shiftdown.testing.tools import MissingToolError, find_tool, run_tool

UNSAFE_BUT_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Settings for data that nobody needs after a crash."""


class PostgresServer:
    """Run the real server in a temporary folder until the end of the `with` block.

        with PostgresServer() as server:
            create_engine(server.create_database())

    The server listens on a Unix socket only. PostgreSQL refuses to run as root: then it runs as the user
    `postgres`, or `nobody` when there is no such user.
    """

    def __init__(self) -> None:
        # A socket's path may have 107 bytes at most, which TMPDIR can exceed.
        self.folder = Path(tempfile.mkdtemp(prefix="shiftdown-pg-", dir="/tmp"))
        self._numbers = itertools.count(1)
        self._as_owner = drop_root(self.folder)

    def __enter__(self) -> Self:
        data = self.folder / "data"
        self._run(
            "initdb",
            "-D",
            str(data),
            "-U",
            "shiftdown",
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        )
        settings = [*UNSAFE_BUT_FAST, "listen_addresses=", f"unix_socket_directories={self.folder}"]
        options = " ".join(f"-c {setting}" for setting in settings)
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(data), "-l", log, "-o", options, "-w", "-t", "60", "start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder)

    def create_database(self) -> str:
        """Create an empty database and return its SQLAlchemy URL, for the driver psycopg."""
        name = f"test_{next(self._numbers)}"
        self._run(
            "psql",
            "-h",
            str(self.folder),
            "-U",
            "shiftdown",
            "-d",
            "postgres",
            "-c",
            f"CREATE DATABASE {name}",
        )
        return f"postgresql+psycopg://shiftdown@/{name}?host={self.folder}"

    def _run(self, name: str, *arguments: str) -> None:
        command = [*self._as_owner, postgres_tool(name), *arguments]
        code, output = run_tool(command, directory=self.folder)
        if code != 0:
            log = self.folder / "log"
            said = log.read_text(errors="replace") if log.exists() else ""
            raise ShiftdownError(f"{name} failed with exit code {code}:\n{output}\n{said}")


def postgres_tool(name: str) -> str:
    """Return the path of one of PostgreSQL's programs; Debian keeps them off PATH, by version."""
    try:
        return find_tool(name)
    except MissingToolError:
        found = sorted(
            Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
            key=lambda path: int(path.parts[4].split(".")[0]),
        )
        if not found:
            raise
        return str(found[-1])


def drop_root(folder: Path) -> list[str]:
    """Return what to put before a command so that root runs it as an ordinary user, who gets `folder`."""
    if os.geteuid() != 0:
        return []
    users = {entry.pw_name for entry in pwd.getpwall()}
    owner = "postgres" if "postgres" in users else "nobody"
    shutil.chown(folder, owner)
    return [find_tool("setpriv"), f"--reuid={owner}", "--clear-groups"]
