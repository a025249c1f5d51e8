"""The git program as carrier: for SSH, for servers that are too old, and for repositories with hooks.

It works in a bare repository of its own in a temporary folder, shallow and partial, which goes away with
it. Settings and credentials reach git by environment variables, never as arguments.
"""

import base64
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from shiftdown.errors import NotARepositoryError, RepositoryError
from shiftdown.git.carrier import FetchScope
from shiftdown.git.disk import repository_errors, write_loose
from shiftdown.git.location import Location, redact
from shiftdown.git.objects import GitObject, parse_commit
from shiftdown.git.options import GitOptions
from shiftdown.git.packets import PushReport, References
from shiftdown.git.program import run_git

if TYPE_CHECKING:
    from dulwich.object_store import DiskObjectStore

ZERO_ID = "0" * 40
_WHOLE = 10
"""A program as a whole may take this many times as long as it may be silent."""
_ABSENT = ("not found", "does not appear to be a git repository", "does not exist", "no such file")
_WAYS = (("--depth=1", "--filter=blob:none"), ("--depth=1",), ())
"""How objects are fetched, what costs least first."""
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "gc.auto": "0",
    "maintenance.auto": "false",
    "fetch.unpackLimit": "1",
    "http.followRedirects": "initial",
    "http.lowSpeedLimit": "1",
    "push.recurseSubmodules": "no",
    "fetch.recurseSubmodules": "no",
    "push.gpgSign": "false",
}


class ProgramCarrier:
    """A repository that git itself talks to."""

    def __init__(self, location: Location, options: GitOptions, *, borrow: Path | None = None) -> None:
        self._location = location
        self._options = options
        self._borrow = borrow
        self._folder: TemporaryDirectory[str] | None = None
        self._way = 0
        self._commits: list[str] = []

    def references(self, prefixes: Sequence[str]) -> References:
        """See `Carrier`."""
        patterns = [prefix if prefix == "HEAD" else f"{prefix}*" for prefix in prefixes]
        out = self._checked("ls-remote", "--symref", "--end-of-options", self._location.address, *patterns)
        tips: dict[str, str] = {}
        default = None
        for line in out.splitlines():
            value, _, name = line.partition("\t")
            if value.startswith("ref: "):
                default = value.removeprefix("ref: ") if name == "HEAD" else default
            elif any(name.startswith(prefix) for prefix in prefixes):
                tips[name] = value
        return References(tips, default)

    def fetch(self, wants: Sequence[str], scope: FetchScope) -> Iterable[GitObject]:
        """See `Carrier`. All that was fetched so far comes.

        From a server that does not filter, or that gives no single objects, whole commits are fetched; from one
        that gives no commits without their history, that, too.
        """
        if scope is FetchScope.FIRST_LOOK:
            self._commits.extend(wants)
        options = ["--quiet", "--no-tags", "--no-write-fetch-head"]
        for way in range(self._way, len(_WAYS)):
            asked = dict.fromkeys(self._commits) if way else wants
            command = ["fetch", *options, *_WAYS[way], "--end-of-options", self._location.address, *asked]
            code, _, errors = self._git(*command)
            if code == 0:
                self._way = way
                break
            self.close()
        else:
            raise self._failure(errors)
        with self._store() as store, repository_errors(self._location.address):
            return [GitObject(*store.get_raw(oid)) for oid in set(store)]

    def push(self, reference: str, old: str, new: str, objects: Sequence[GitObject]) -> PushReport:
        """See `Carrier`."""
        self._add(objects)
        lease = f"--force-with-lease={reference}:{'' if old == ZERO_ID else old}"
        what = f"{new}:{reference}"
        address = ["--end-of-options", self._location.address, what]
        code, out, errors = self._git("push", "--porcelain", lease, *address)
        said = [line.removeprefix("remote:").strip() for line in errors.splitlines() if line.startswith("remote:")]
        for line in out.splitlines():
            if line.startswith("!\t"):
                return PushReport(redact(line.rpartition("\t")[2]), "\n".join(filter(None, said)))
        if code:
            raise self._failure(errors)
        return PushReport(None, "\n".join(said))

    def close(self) -> None:
        """See `Carrier`."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _add(self, objects: Sequence[GitObject]) -> None:
        """Put new objects into the temporary repository, which must have the commit below them."""
        if not objects:
            return
        from dulwich.objects import ObjectID

        parents = parse_commit(objects[-1].data).parents
        with self._store() as store, repository_errors(self._location.address):
            missing = [parent for parent in parents if ObjectID(parent.encode()) not in store]
            write_loose(store, objects)
        if missing:
            self.fetch(missing, FetchScope.FIRST_LOOK)

    def _path(self) -> Path:
        if self._folder is None:
            from dulwich.repo import Repo

            self._folder = TemporaryDirectory(prefix="shiftdown-")
            Repo.init_bare(self._folder.name).close()
            if self._borrow is not None:
                alternates = Path(self._folder.name) / "objects" / "info" / "alternates"
                alternates.write_bytes(os.fsencode(self._borrow) + b"\n")
        return Path(self._folder.name)

    @contextmanager
    def _store(self) -> "Iterator[DiskObjectStore]":
        from dulwich.object_store import DiskObjectStore

        store = DiskObjectStore(self._path() / "objects")
        try:
            yield store
        finally:
            store.close()

    def _checked(self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> str:
        code, out, errors = self._git(*arguments, stdin=stdin, environment=environment)
        if code:
            raise self._failure(errors)
        return out

    def _git(
        self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Run git on the temporary repository."""
        done = run_git(
            [f"--git-dir={self._path()}", *arguments],
            place=self._location.address,
            stdin=stdin,
            environment=self._environment() | dict(environment or {}),
            timeout=self._options.timeout * _WHOLE,
        )
        return done.status, done.text, done.error

    def _environment(self) -> dict[str, str]:
        settings = dict(_SETTINGS) | {"http.lowSpeedTime": str(max(1, int(self._options.timeout)))}
        if self._options.token is not None and self._location.may_authenticate:
            pair = f"{self._options.username}:{self._options.token.get_secret_value()}".encode()
            header = "Authorization: Basic " + base64.b64encode(pair).decode()
            settings[f"http.{self._location.address}.extraHeader"] = header
        environment = {"GIT_CONFIG_COUNT": str(len(settings))}
        if self._location.scheme == "ssh" and "GIT_SSH_COMMAND" not in os.environ:
            wait = max(1, int(self._options.timeout))
            command = f"ssh -oBatchMode=yes -oConnectTimeout={wait} -oServerAliveInterval={wait}"
            environment["GIT_SSH_COMMAND"] = command
        for number, (key, value) in enumerate(settings.items()):
            environment[f"GIT_CONFIG_KEY_{number}"] = key
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        return environment

    def _failure(self, errors: str) -> RepositoryError:
        lines = [line.removeprefix("fatal: ") for line in errors.splitlines() if line.strip()]
        said = "; ".join(lines[:4])[:600] or "no reason given"
        if any(words in said.lower() for words in _ABSENT):
            return NotARepositoryError(self._location.address, f"cannot be found: {said}")
        return RepositoryError(self._location.address, f"git failed: {said}")
