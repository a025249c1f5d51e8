"""Repositories on this machine's disks: objects are read and written directly, without a program."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from shiftdown.errors import ConflictError, InvalidInputError, NotARepositoryError, RepositoryError
from shiftdown.git.base import Commit, GitRepository, Head
from shiftdown.git.disk import DiskObjects, locked_retry, repository_errors, write_loose
from shiftdown.git.location import Location, parse_location, redact
from shiftdown.git.names import HEADS, check_branch
from shiftdown.git.objects import parse_commit
from shiftdown.git.options import GitOptions

if TYPE_CHECKING:
    from dulwich.repo import Repo

ZERO = b"0" * 40
_SERVER_HOOKS = ("pre-receive", "update", "post-receive", "post-update", "reference-transaction", "proc-receive")


def open_disk(path: Path) -> "Repo":
    """The repository at `path`, or the one whose work tree it lies in.

    Raises:
        NotARepositoryError: there is none.
        RepositoryError: it uses SHA-256 or an extension of git that is not supported.
    """
    from dulwich.errors import NotGitRepository
    from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion

    if not path.exists():
        raise NotARepositoryError(str(path), "does not exist")
    try:
        repo = Repo.discover(str(path.parent if path.name == ".git" else path))
    except NotGitRepository:
        raise NotARepositoryError(str(path), "is not a git repository, and not inside one") from None
    except (UnsupportedExtension, UnsupportedVersion) as error:
        raise RepositoryError(
            str(path), f"cannot be opened directly ({error}); give the URL that it was cloned from"
        ) from error
    except (OSError, ValueError) as error:
        raise RepositoryError(str(path), f"cannot be opened: {error}") from error
    if repo.object_format is not None and repo.object_format.name != "sha1":
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

    def push(self, commit: Commit, branch: str, *, expected: str | None) -> None:
        """See `GitRepository`. A repository with hooks for pushes, or settings for them, is pushed to by git."""
        reference = check_branch(branch)
        self._refuse_checked_out(branch)
        current = self.tip(branch)
        if current == commit.id:
            return
        if current != expected:
            raise self._moved(branch, expected, current)
        self._refuse_name_clash(branch)
        if self._needs_git():
            from shiftdown.git.program import push_with_git

            push_with_git(self.location, self._options, commit, branch, expected, objects=self._objects_folder)
            return
        with self._errors():
            write_loose(self._repo.object_store, commit.objects)
            if not locked_retry(lambda: self._swap(reference, expected, commit)):
                raise self._moved(branch, expected, self._read(reference))

    def delete_branch(self, branch: str, *, expected: str) -> None:
        """See `GitRepository`."""
        reference = check_branch(branch)
        self._refuse_checked_out(branch)
        if branch == self.head().branch:
            raise InvalidInputError(f"{self.location}: {branch} is the default branch; it is not deleted")
        current = self.tip(branch)
        if current is None:
            return
        if current != expected:
            raise self._moved(branch, expected, current)
        from dulwich.refs import Ref

        with self._errors():
            name = Ref(reference.encode())
            if not locked_retry(lambda: self._repo.refs.remove_if_equals(name, expected.encode())):
                raise self._moved(branch, expected, self._read(reference))
            self._forget_reflog(reference)

    def close(self) -> None:
        """See `GitRepository`."""
        self._repo.close()

    def _objects(self, root: str | None = None) -> DiskObjects:
        return self._reader

    def _remote_url(self) -> str | None:
        with self._errors():
            try:
                url = self._repo.get_config().get((b"remote", b"origin"), b"url").decode()
            except KeyError:
                return None
        with contextlib.suppress(InvalidInputError):
            parsed = parse_location(redact(url) if "://" in url else url, allow_http=True)
            return None if parsed.scheme == "file" else parsed.address
        return None

    @property
    def _objects_folder(self) -> Path:
        return Path(self._repo.commondir()) / "objects"

    def _default_branch(self) -> tuple[str, str]:
        """Name and tip: HEAD's branch; when detached or unborn, what else points to the default one."""
        for branch in self._candidates():
            commit = self._read(HEADS + branch) or self._read(f"refs/remotes/origin/{branch}")
            if commit:
                return branch, commit
        branches = list(self._heads(HEADS))
        if len(branches) == 1:
            only = branches[0].decode().removeprefix(HEADS)
            return only, str(self._read(HEADS + only))
        if not branches and self._read("HEAD") is None:
            raise self._empty()
        raise RepositoryError(
            self.location,
            "it is not clear which branch is the default one: HEAD is on none, and none is called main or "
            "master; check out the default branch, or run `git remote set-head origin --auto`",
        )

    def _candidates(self) -> Iterator[str]:
        from dulwich.refs import Ref, parse_symref_value

        for name, start in ((b"HEAD", HEADS), (b"refs/remotes/origin/HEAD", "refs/remotes/origin/")):
            with contextlib.suppress(ValueError):
                target = parse_symref_value(self._repo.refs.read_loose_ref(Ref(name)) or b"").decode()
                if target.startswith(start):
                    yield target.removeprefix(start)
        with contextlib.suppress(KeyError):
            yield self._repo.get_config_stack().get((b"init",), b"defaultBranch").decode()
        yield from ("main", "master")

    def _heads(self, prefix: str) -> dict[bytes, bytes]:
        folder, _, start = prefix.rpartition("/")
        from dulwich.refs import Ref

        found = self._repo.refs.as_dict(Ref(folder.encode()))
        return {folder.encode() + b"/" + name: oid for name, oid in found.items() if name.startswith(start.encode())}

    def _read(self, reference: str) -> str | None:
        from dulwich.refs import Ref

        try:
            return self._repo.refs[Ref(reference.encode(errors="surrogateescape"))].decode()
        except KeyError:
            return None

    def _swap(self, reference: str, expected: str | None, commit: Commit) -> bool:
        from dulwich.refs import Ref

        old = expected.encode() if expected else ZERO
        if not self._keeps_reflog():
            return self._repo.refs.set_if_equals(Ref(reference.encode()), old, commit.id.encode())
        made = parse_commit(commit.objects[-1].data)
        offset = made.at.utcoffset()
        return self._repo.refs.set_if_equals(
            Ref(reference.encode()),
            old,
            commit.id.encode(),
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
            folder = Path(config.get((b"core",), b"hooksPath").decode())
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

    def _moved(self, branch: str, expected: str | None, current: str | None) -> ConflictError:
        return moved(self.location, branch, expected, current)

    def _forget_reflog(self, reference: str) -> None:
        logs = Path(self._repo.commondir()) / "logs"
        log = logs / reference
        log.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            for folder in log.parents:
                if folder == logs / "refs" / "heads" or logs not in folder.parents:
                    break
                folder.rmdir()

    def _errors(self) -> "contextlib.AbstractContextManager[None]":
        return repository_errors(self.location)


def moved(location: str, branch: str, expected: str | None, current: str | None) -> ConflictError:
    """The error for a branch that is not where it was expected."""
    was = f"at {expected[:12]}" if expected else "absent"
    now = f"at {current[:12]}" if current else "gone"
    return ConflictError(location, f"branch {branch} was expected {was} and is {now}; plan again and retry")


def name_clash(location: str, branch: str, other: str) -> ConflictError:
    """The error for two branches that git cannot keep beside each other."""
    return ConflictError(location, f"branch {branch} cannot exist beside branch {other}; rename or delete {other}")
