"""A git repository on disk with the local forge, worked on with the git program itself."""

import json
import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shiftdown.forges.local import LocalForge
from shiftdown.forges.local.records import REFERENCE
from shiftdown.git import Identity

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


AUTHOR = Identity(name="Shift Down", email="shift@example.com")


class Clock:
    """A clock that is a second later each time it is asked."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class LocalBench:
    """See `contract.Workbench`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.location = str(path)
        self.forge = self.new_forge()

    def new_forge(self, timeout: float = 60) -> LocalForge:
        return LocalForge(Clock(), AUTHOR, timeout=timeout)

    @classmethod
    def bare(cls, path: Path) -> "LocalBench":
        path.mkdir()
        bench = cls(path)
        bench.git("init", "-q", "--bare", "-b", "main")
        bench.commit("main", {"README.md": "hello\n"})
        return bench

    @classmethod
    def with_tree(cls, path: Path) -> "LocalBench":
        path.mkdir()
        bench = cls(path)
        bench.git("init", "-q", "-b", "main")
        bench.commit("main", {"README.md": "hello\n"})
        bench.git("reset", "-q", "--hard")
        return bench

    def run(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        who = {f"GIT_{w}_{k}": v for w in ("AUTHOR", "COMMITTER") for k, v in (("NAME", "Dev"), ("EMAIL", "d@e.org"))}
        return subprocess.run(
            ["git", "-C", str(self.path), *arguments],
            env={**os.environ, **who, **(env or {})},
            input=stdin,
            capture_output=True,
        )

    def git(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """What git prints; an error of git fails the test."""
        done = self.run(*arguments, stdin=stdin, env=env)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().removesuffix("\n")

    def commit(self, branch: str, files: dict[str, str], *, start: str = "main") -> str:
        return self.commit_bytes(branch, {name: content.encode() for name, content in files.items()}, start=start)

    def commit_bytes(self, branch: str, files: Mapping[str, bytes | None], *, start: str = "main") -> str:
        """Commit files; `None` removes one. A work tree that has the branch checked out follows."""
        parent = self.tip(branch) or self.tip(start)
        index = {"GIT_INDEX_FILE": str(self.path.parent / "index")}
        self.git("read-tree", *([parent] if parent else ["--empty"]), env=index)
        for name, content in files.items():
            blob = "0" * 40 if content is None else self.git("hash-object", "-w", "--stdin", stdin=content)
            mode = "0" if content is None else "100644"
            self.git("update-index", "--index-info", stdin=f"{mode} {blob}\t{name}\n".encode(), env=index)
        written = self.git("write-tree", env=index)
        commit = self.git("commit-tree", written, *(["-p", parent] if parent else []), "-m", "Change")
        if parent and self.checked_out == branch:
            self.git("merge", "-q", "--ff-only", commit)
        else:
            self.git("update-ref", f"refs/heads/{branch}", commit)
        return commit

    @property
    def checked_out(self) -> str | None:
        """The branch of the main work tree, if there is one."""
        return self.git("branch", "--show-current") if (self.path / ".git").exists() else None

    def comments(self, number: int) -> list[str]:
        record = json.loads(self.git("cat-file", "-p", f"{REFERENCE}:{number}.json"))
        return [comment["text"] for comment in record["comments"]]

    def say(self, number: int, text: str) -> None:
        person = LocalForge(Clock(), Identity(name="Ada", email="ada@example.org"))
        person.comment(self.location, number, text)

    def as_user(self, login: str) -> LocalForge:
        return self.forge

    def people(self, *logins: str) -> None:
        """The local forge takes any name."""

    def team(self, name: str) -> None:
        """The local forge takes any name."""

    def milestone(self, title: str) -> None:
        """The local forge takes any name."""

    def delete_branch(self, branch: str) -> None:
        self.git("update-ref", "-d", f"refs/heads/{branch}")

    def tip(self, branch: str) -> str | None:
        done = self.run("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")
        return done.stdout.decode().strip() or None

    def files(self, branch: str) -> dict[str, str]:
        names = self.git("ls-tree", "-r", "--name-only", f"refs/heads/{branch}").splitlines()
        return {name: self.git("cat-file", "-p", f"refs/heads/{branch}:{name}") + "\n" for name in names}
