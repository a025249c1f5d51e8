"""Repositories on this machine's disks: objects are read and written directly, without a program."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from shiftdown.errors import InvalidInputError, NotARepositoryError, RepositoryError
from shiftdown.git.base import Commit, GitRepository, Head, default_among, moved, name_clash, refused
from shiftdown.git.disk import DiskObjects, locked_retry, repository_errors, write_loose
from shiftdown.git.location import Location, parse_location, redact
from shiftdown.git.names import HEADS, TAGS, check_branch
from shiftdown.git.objects import parse_commit
from shiftdown.git.options import GitOptions
from shiftdown.git.program_carrier import ZERO_ID, ProgramCarrier
from shiftdown.user_paths import user_path

if TYPE_CHECKING:
    from dulwich.repo import Repo

_SERVER_HOOKS = ("pre-receive", "update", "post-receive", "post-update", "reference-transaction", "proc-receive")


def disk_folder(path: Path) -> Path:
    """The folder of the repository at `path`, or of the one whose work tree it lies in, which is not opened for that.

    Raises:
        NotARepositoryError: there is none.
        RepositoryError: a folder cannot be looked into.
    """
    try:
        if not path.exists():
            raise NotARepositoryError(str(path), "does not exist")
        start = (path.parent if path.name == ".git" else path).resolve()
        for folder in (start, *start.parents):
            kept = folder / ".git"
            bare = (folder / "objects").is_dir() and (folder / "refs").is_dir()
            if bare or kept.is_file() or (kept / "objects").is_dir():
                return folder
    except OSError as error:
        raise RepositoryError(str(path), f"cannot be opened: {error}") from error
    raise NotARepositoryError(str(path), "is not a git repository, and not inside one")


def open_disk(path: Path) -> "Repo":
    """The repository at `path`, or the one whose work tree it lies in.

    Raises:
        NotARepositoryError: there is none.
        RepositoryError: it uses SHA-256 or an extension of git that is not supported.
    """
    from dulwich.errors import NotGitRepository
    from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion

    try:
        repo = Repo(str(disk_folder(path)))
    except NotGitRepository:
        raise NotARepositoryError(str(path), "is not a git repository, and not inside one") from None
    except (UnsupportedExtension, UnsupportedVersion) as error:
        raise RepositoryError(
            str(path), f"cannot be opened directly ({error}); give the URL that it was cloned from"
        ) from error
    except (OSError, ValueError) as error:
        raise RepositoryError(str(path), f"cannot be opened: {error}") from error
    if repo.object_format.name != "sha1":
        repo.close()
        raise RepositoryError(str(path), "uses SHA-256 object ids, which are not supported; SHA-1 ones are")
    return repo


class LocalRepository(GitRepository):
    """A repository on disk: bare, or with a work tree, which is never touched."""

    def __init__(self, location: Location, options: GitOptions) -> None:
        self._repo = open_disk(Path(location.address))
        super().__init__(Location("file", str(Path(self._repo.path).absolute())), options)
        self._reader = DiskObjects(self._repo.object_store, self.location)

    def head(self) -> Head:
        """See `GitRepository`."""
        with self._errors():
            branch, commit = self._default_branch()
            prefix = HEADS + self._options.branch_prefix
            own = {
                name.decode(errors="surrogateescape").removeprefix(HEADS): oid.decode()
                for name, oid in self._heads(prefix).items()
            }
        self._head = Head(branch, commit, own)
        return self._head

    def tip(self, branch: str) -> str | None:
        """See `GitRepository`."""
        with self._errors():
            return self._read(check_branch(branch))

    def tag(self, name: str) -> str | None:
        """See `GitRepository`."""
        from dulwich.refs import Ref

        check_branch(name)
        with self._errors():
            try:
                return self._repo.get_peeled(Ref((TAGS + name).encode())).decode()
            except KeyError:
                return None

    def push(self, commit: Commit, branch: str, *, expected: str | None) -> None:
        """See `GitRepository`. A repository with hooks for pushes, or settings for them, is pushed to by git."""
        reference = check_branch(branch)
        self._refuse_checked_out(branch)
        current = self.tip(branch)
        if current == commit.id:
            return
        if current != expected:
            raise moved(self.location, branch, expected, current)
        self._refuse_name_clash(branch)
        if self._needs_git():
            self._push_with_git(reference, commit, branch, expected)
            return
        with self._errors():
            write_loose(self._repo.object_store, commit.objects)
            if not locked_retry(lambda: self._swap(reference, expected, commit)):
                raise moved(self.location, branch, expected, self._read(reference))

    def close(self) -> None:
        """See `GitRepository`."""
        self._repo.close()

    def _objects(self, root: str | None = None) -> DiskObjects:
        return self._reader

    @property
    def repo(self) -> "Repo":
        """The opened repository, for reading its index and settings."""
        return self._repo

    def remote_url(self) -> str | None:
        """See `GitRepository`: the address of the remote `origin`."""
        with self._errors():
            try:
                url = self._repo.get_config().get((b"remote", b"origin"), b"url").decode()
            except KeyError:
                return None
        with contextlib.suppress(InvalidInputError):
            parsed = parse_location(redact(url) if "://" in url else url, allow_http=True)
            return None if parsed.scheme == "file" else parsed.address
        return None

    def _push_with_git(self, reference: str, commit: Commit, branch: str, expected: str | None) -> None:
        carrier = ProgramCarrier(
            Location("file", self.location),
            self._options,
            borrow=Path(self._repo.commondir()).absolute() / "objects",
        )
        with contextlib.closing(carrier):
            report = carrier.push(reference, expected or ZERO_ID, commit.id, commit.objects)
        if report.refused is None:
            return
        current = self.tip(branch)
        if current != expected:
            raise moved(self.location, branch, expected, current)
        raise refused(self.location, branch, report)

    def _default_branch(self) -> tuple[str, str]:
        """Name and tip: HEAD's branch; when detached or unborn, what else points to the default one."""
        for branch in self._candidates():
            commit = self._read(HEADS + branch) or self._read(f"refs/remotes/origin/{branch}")
            if commit:
                return branch, commit
        heads = {name.decode().removeprefix(HEADS): oid.decode() for name, oid in self._heads(HEADS).items()}
        return default_among(self.location, heads)

    def _candidates(self) -> Iterator[str]:
        from dulwich.refs import Ref, parse_symref_value

        for name, start in ((b"HEAD", HEADS), (b"refs/remotes/origin/HEAD", "refs/remotes/origin/")):
            with contextlib.suppress(ValueError):
                target = parse_symref_value(self._repo.refs.read_loose_ref(Ref(name)) or b"").decode()
                if target.startswith(start):
                    yield target.removeprefix(start)
        with contextlib.suppress(KeyError):
            yield self._repo.get_config_stack().get((b"init",), b"defaultBranch").decode()

    def _heads(self, prefix: str) -> dict[bytes, bytes]:
        folder, _, start = prefix.rpartition("/")
        from dulwich.refs import Ref

        found = self._repo.refs.as_dict(Ref(folder.encode()))
        wanted = {name: oid for name, oid in found.items() if name and name.startswith(start.encode())}
        return {folder.encode() + b"/" + name: oid for name, oid in wanted.items()}

    def _read(self, reference: str) -> str | None:
        from dulwich.refs import Ref

        try:
            return self._repo.refs[Ref(reference.encode(errors="surrogateescape"))].decode()
        except KeyError:
            return None

    def _swap(self, reference: str, expected: str | None, commit: Commit) -> bool:
        from dulwich.objects import ZERO_SHA, ObjectID
        from dulwich.refs import Ref

        old = ObjectID(expected.encode()) if expected else ZERO_SHA
        new = ObjectID(commit.id.encode())
        if not self._keeps_reflog():
            return self._repo.refs.set_if_equals(Ref(reference.encode()), old, new)
        made = parse_commit(commit.objects[-1].data)
        offset = made.at.utcoffset()
        return self._repo.refs.set_if_equals(
            Ref(reference.encode()),
            old,
            new,
            committer=str(made.author).encode(),
            timestamp=int(made.at.timestamp()),
            timezone=int(offset.total_seconds()) if offset else 0,
            message=b"push",
        )

    def _keeps_reflog(self) -> bool:
        config = self._repo.get_config_stack()
        try:
            value = config.get((b"core",), b"logAllRefUpdates").lower()
        except KeyError:
            return not self._repo.bare
        return value in (b"true", b"always", b"yes", b"on", b"1")

    def _needs_git(self) -> bool:
        """Whether a push has to pass hooks or rules, or references are kept in a form of their own."""
        config = self._repo.get_config()
        sections = {section[0].lower() for section in config.sections()}
        if b"receive" in sections or config.get_boolean((b"extensions",), b"refStorage", False):
            return True
        try:
            folder = user_path(os.fsdecode(config.get((b"core",), b"hooksPath")), f"{self.location}: core.hooksPath")
        except KeyError:
            folder = Path(self._repo.commondir()) / "hooks"
        return any((folder / name).is_file() and (folder / name).stat().st_mode & 0o111 for name in _SERVER_HOOKS)

    def _refuse_checked_out(self, branch: str) -> None:
        if self._repo.bare:
            return
        common = Path(self._repo.commondir())
        for head in (common / "HEAD", *common.glob("worktrees/*/HEAD")):
            with contextlib.suppress(OSError):
                if head.read_bytes().strip() == b"ref: " + (HEADS + branch).encode():
                    raise InvalidInputError(
                        f"{self.location}: {branch} is checked out there; check out another branch, then try again"
                    )

    def _refuse_name_clash(self, branch: str) -> None:
        """Git keeps no branch `a/b` beside a branch `a`."""
        parts = branch.split("/")
        above = ("/".join(parts[:n]) for n in range(1, len(parts)))
        below = (name.decode(errors="replace").removeprefix(HEADS) for name in self._heads(f"{HEADS}{branch}/"))
        clash = next((n for n in above if self._read(HEADS + n)), None) or next(below, None)
        if clash:
            raise name_clash(self.location, branch, clash)

    def _errors(self) -> "contextlib.AbstractContextManager[None]":
        return repository_errors(self.location)
