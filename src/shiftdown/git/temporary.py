"""Trees, commits and merges that git itself makes, away from the repository that they are for.

Everything happens in a temporary repository that borrows the objects of the real one, and reaches the real one by a
single push of all references together, or not at all.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from shiftdown.errors import ConflictError, InvalidInputError, NotARepositoryError, RepositoryError, UnsafePathError
from shiftdown.git.base import Commit, GitRepository
from shiftdown.git.commits import build_trees, new_objects
from shiftdown.git.disk import DiskObjects, repository_errors, write_loose
from shiftdown.git.location import Location, parse_location
from shiftdown.git.objects import make_commit, parse_commit
from shiftdown.git.options import GitOptions, Identity
from shiftdown.git.packets import References
from shiftdown.git.program_carrier import ProgramCarrier
from shiftdown.git.source import ObjectSource
from shiftdown.repository import Action, Kind, ResolvedChange, Snapshot
from shiftdown.repository.paths import ancestors, safe_path

OWN_SETTINGS_ONLY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_ATTR_NOSYSTEM": "1"}
"""The environment in which git makes the same of the same files, whatever it is configured with."""

_OURS, _THEIRS = "repository", "template"
_BRANCHES = tuple(f"+refs/{kind}/*:refs/fetched/{kind}/*" for kind in ("heads", "shiftdown"))
"""What is fetched from a server: branches, and what we keep beside them."""
_MAX_HISTORY = 1000
"""How many commits of one file's history are looked at."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to be put into a tree."""

    path: str
    """Its path."""
    content: bytes
    """Its content; the target of a symbolic link."""
    kind: Kind = Kind.FILE
    """FILE, EXECUTABLE or SYMLINK."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that a merge could not decide."""

    path: str
    """The file."""
    kind: str
    """What git calls it: "contents", "modify/delete", "rename/delete", "binary", …"""
    message: str
    """What git says about it."""


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge came to."""

    tree: str
    """The merged tree; files with conflicting contents have conflict markers."""
    conflicts: tuple[Conflict, ...]
    """What it could not decide, by path; empty for a clean merge."""


class TemporaryRepository(ProgramCarrier):
    """A temporary repository beside a real one on this disk. Nothing reaches the real one but by `move`."""

    def __init__(
        self, location: Location, options: GitOptions, objects: Path | None, *, fetched: Sequence[str] = ()
    ) -> None:
        super().__init__(location, options, borrow=objects)
        self._fetched = fetched
        self._shallow = objects.parent / "shallow" if objects else None
        self._stores = ExitStack()

    @classmethod
    def at(cls, location: str, options: GitOptions) -> Self:
        """Open one beside the repository at a path or URL; from a server, all its branches are fetched.

        Raises:
            InvalidInputError: the address is not allowed.
            NotARepositoryError: there is none.
        """
        where = parse_location(location, allow_http=options.allow_http)
        if where.scheme != "file":
            return cls(where, options, None, fetched=_BRANCHES)
        found = next((p for p in (where.path / ".git" / "objects", where.path / "objects") if p.is_dir()), None)
        if found is None and (where.path / ".git").is_file():
            found = _objects_of_linked(where.path / ".git")
        if found is None:
            raise NotARepositoryError(location, "is not a git repository")
        return cls(where, options, found.resolve())

    def __enter__(self) -> Self:
        try:
            self._fill()
        except BaseException:
            self.close()
            raise
        return self

    def _fill(self) -> None:
        """Get what must be there before anything is asked."""
        if self._shallow and self._shallow.is_file():
            shutil.copyfile(self._shallow, self._path() / "shallow")
        if self._fetched:
            options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--end-of-options")
            self._checked("fetch", *options, self._location.address, *self._fetched)

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """See `Carrier`."""
        self._stores.close()
        self.__dict__.pop("_reader", None)
        super().close()

    def tree(self, files: Iterable[File]) -> str:
        """The id of a tree with these files, as `git add` would make it.

        Attributes in the files count (line ends are normalised where `.gitattributes` says so), ignored files are
        included, and nobody's own configuration matters.

        Raises:
            UnsafePathError: a path is unsafe.
            RepositoryError: the files cannot be written, or git fails.
        """
        with TemporaryDirectory(prefix="shiftdown-", ignore_cleanup_errors=True) as folder, self._index() as index:
            write_files(Path(folder), files)
            add = ("-c", "core.safecrlf=false", "-C", folder, f"--work-tree={folder}", "add", "--all", "--force")
            self._checked(*add, environment=OWN_SETTINGS_ONLY | index)
            return self._checked("write-tree", environment=OWN_SETTINGS_ONLY | index).strip()

    def ignored(self, files: Iterable[File]) -> set[str]:
        """The paths that `git add` would leave out: those that the `.gitignore` files among them name."""
        known = {file.path: file for file in files}
        rules = [f for f in known.values() if f.path.rpartition("/")[2] == ".gitignore" and f.kind is not Kind.SYMLINK]
        if not rules:
            return set()
        with TemporaryDirectory(prefix="shiftdown-", ignore_cleanup_errors=True) as folder:
            write_files(Path(folder), rules)
            ask = ("-C", folder, f"--work-tree={folder}", "check-ignore", "--no-index", "--stdin", "-z")
            paths = "\0".join(known).encode()
            code, out, errors = self._git(*ask, stdin=paths, environment=OWN_SETTINGS_ONLY)
        if code not in (0, 1):
            raise self._failure(errors)
        return known.keys() & set(out.split("\0"))

    def edited(self, tree: str, changes: Mapping[str, File | None]) -> str:
        """The id of `tree` with files written as they are, or (`None`) removed.

        Raises:
            UnsafePathError: a path is unsafe, or lies under a file.
        """
        before = Snapshot(ObjectSource(self._reader, tree, self._location.address), name="tree")
        resolved = [file_change(before, path, file) for path, file in changes.items()]
        made, objects = build_trees(self._reader, tree, [r for r in resolved if r])
        with self._store() as store, repository_errors(self._location.address):
            write_loose(store, objects)
        return made

    def snapshot(self, tree: str) -> Snapshot:
        """The files of a tree."""
        return Snapshot(ObjectSource(self._reader, tree, self._location.address), name="tree")

    def tree_of(self, commit: str) -> str:
        """The id of a commit's tree."""
        return parse_commit(self._reader.commit(commit)).tree

    def full_id(self, beginning: str) -> str | None:
        """The id of the commit of the real repository that begins so; `None` if there is not exactly one."""
        arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{beginning}^{{commit}}")
        code, out, _ = self._git(*arguments)
        return out.split()[-1] if code == 0 and out.strip() else None

    def commit(self, tree: str, parents: Iterable[str], message: str, author: Identity, at: datetime) -> str:
        """Write a commit. Equal input makes an equal id."""
        names = [part for parent in parents for part in ("-p", parent)]
        environment = OWN_SETTINGS_ONLY | signature(author, at)
        return self._checked("commit-tree", tree, *names, stdin=message.encode(), environment=environment).strip()

    def commit_on(self, parent: str, tree: str, message: str, author: Identity, at: datetime) -> Commit:
        """A commit in memory, on top of one that the real repository has. Equal input makes an equal id."""
        before = self.tree_of(parent)
        made = make_commit(tree, [parent], message, author, at)
        files = tuple(path for _, path in self.differences(before, tree))
        return Commit(made.id, tree, parent, message, files, (*new_objects(self._reader, before, tree), made))

    def history(self, commit: str, path: str) -> list[str]:
        """The commits up to `commit`, newest first, that changed a file; merged branches included."""
        limit = f"--max-count={_MAX_HISTORY}"
        return self._checked("rev-list", "--full-history", limit, "--end-of-options", commit, "--", path).split()

    def differences(self, old: str, new: str) -> list[tuple[str, str]]:
        """What differs between two trees: git's letter (`A`, `M`, `D`, `T`) and path of each file, sorted by path."""
        fields = self._checked("diff-tree", "-r", "-z", "--name-status", "--no-renames", old, new).split("\0")
        return sorted(zip(fields[0::2], fields[1::2], strict=False), key=lambda pair: pair[1])

    def merge(self, base: str, ours: str, theirs: str) -> Merge:
        """Merge three trees as git merges branches: line by line, following renames.

        Where only git's choice is possible for a file that one side deleted and the other changed, the side of the
        repository stays. In conflict markers the sides are called `repository` and `template`.
        """
        nobody = Identity(name="shiftdown", email="shiftdown@localhost")
        start = self.commit(base, (), "base", nobody, _EPOCH)
        for name, tree in ((_OURS, ours), (_THEIRS, theirs)):
            tip = self.commit(tree, [start], name, nobody, _EPOCH)
            self._checked("update-ref", f"refs/heads/{name}", tip)
        arguments = ("merge-tree", "--write-tree", "-z", "--messages", _OURS, _THEIRS)
        code, out, errors = self._git(*arguments, environment=OWN_SETTINGS_ONLY)
        if code not in (0, 1):
            raise self._failure(errors)
        merged, stages, conflicts = _parse_merge(out)
        back = {path: None for path, seen in stages.items() if seen == {1, 3}}
        return Merge(self.edited(merged, back) if back else merged, conflicts)

    def move(self, moves: Mapping[str, tuple[str | None, str]]) -> None:
        """Move references of the real repository, all or none: by full name, where they are now (`None`: absent), and
        where they go.

        Raises:
            ConflictError: one of them is elsewhere by now.
            InvalidInputError: a branch is checked out there.
            RepositoryError: the push was refused.
        """
        leases = [f"--force-with-lease={name}:{old or ''}" for name, (old, _) in moves.items()]
        wanted = [f"{new}:{name}" for name, (_, new) in moves.items()]
        address = ["--end-of-options", self._location.address, *wanted]
        code, out, errors = self._git("push", "--porcelain", "--atomic", "--no-verify", *leases, *address)
        if code == 0:
            return
        place = self._location.address
        if "branch is currently checked out" in out + errors:
            raise InvalidInputError(f"{place}: the branch is checked out there; check out another one, then try again")
        now = self.references(list(moves)).tips
        if all(now.get(name) == new for name, (_, new) in moves.items()):
            return  # The push took effect, and its answer was lost.
        for name, (old, _) in moves.items():
            if now.get(name) != old:
                was = f"at {old[:12]}" if old else "absent"
                raise ConflictError(place, f"{name} was expected {was} and is not; try again")
        said = [line.rpartition("\t")[2] for line in out.splitlines() if line.startswith("!\t")]
        words = [line.removeprefix("remote:").strip() for line in errors.splitlines() if line.startswith("remote:")]
        told = f"; the server says: {' '.join(filter(None, words))}" if said and any(words) else ""
        raise RepositoryError(place, f"the push was refused: {'; '.join(dict.fromkeys(said)) or errors}{told}")

    @contextmanager
    def _index(self) -> Iterator[dict[str, str]]:
        """The environment of an index of its own."""
        with TemporaryDirectory(prefix="shiftdown-") as folder:
            yield {"GIT_INDEX_FILE": str(Path(folder) / "index")}

    @cached_property
    def _reader(self) -> DiskObjects:
        return DiskObjects(self._stores.enter_context(self._store()), self._location.address)


class FilesOnly(TemporaryRepository):
    """The files of one commit, and nothing else of its repository: for where nothing goes by git.

    There is no history in it, no references, and no way back.
    """

    def __init__(self, git: GitRepository, commit: str, options: GitOptions) -> None:
        super().__init__(parse_location(git.location, allow_http=options.allow_http), options, None)
        self._git_repository = git
        self._commit = commit
        self._tree = git.describe(commit).tree

    def _fill(self) -> None:
        with self._store() as store, repository_errors(self._location.address):
            write_loose(store, self._git_repository.files_of(self._commit))

    def references(self, prefixes: Sequence[str]) -> References:
        """None."""
        return References({}, None)

    def history(self, commit: str, path: str) -> list[str]:
        """None."""
        return []

    def tree_of(self, commit: str) -> str:
        """The id of the commit's tree; of commits that were made here, too."""
        return self._tree if commit == self._commit else super().tree_of(commit)

    def move(self, moves: Mapping[str, tuple[str | None, str]]) -> None:
        """Raise `RepositoryError`."""
        raise RepositoryError(self._location.address, f"{', '.join(moves)}: nothing goes by git there")


def scratch(options: GitOptions) -> TemporaryRepository:
    """A workshop that belongs to no repository: for the ids of trees."""
    return TemporaryRepository(Location("file", os.devnull), options, None)


def write_files(folder: Path, files: Iterable[File]) -> None:
    """Write files into a folder that is empty and ours.

    Raises:
        UnsafePathError: a path is unsafe.
        RepositoryError: a file cannot be written.
    """
    for file in files:
        target = folder / safe_path(file.path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if file.kind is Kind.SYMLINK:
                target.symlink_to(os.fsdecode(file.content))
                continue
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            descriptor = os.open(target, flags, 0o777 if file.kind is Kind.EXECUTABLE else 0o666)
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(file.content)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise RepositoryError(str(folder), f"{file.path}: cannot be written: {reason}") from error


def signature(author: Identity, at: datetime) -> dict[str, str]:
    """The environment in which git commits in somebody's name, at a moment (with its time zone)."""
    when = f"@{int(at.timestamp())} {at.strftime('%z')[:5]}"
    return {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", author.name), ("EMAIL", author.email), ("DATE", when))
    }


_EPOCH = datetime.fromisoformat("1970-01-02T00:00:00+00:00")


def _objects_of_linked(link: Path) -> Path | None:
    """The objects of the repository that a linked work tree or a submodule belongs to."""
    git_dir = (link.parent / link.read_text().removeprefix("gitdir:").strip()).resolve()
    common = git_dir / "commondir"
    root = (git_dir / common.read_text().strip()).resolve() if common.is_file() else git_dir
    return root / "objects" if (root / "objects").is_dir() else None


def file_change(before: Snapshot, path: str, file: File | None) -> ResolvedChange | None:
    """What writes a file into a tree as it is, or (`None`) removes it; `None` when there is none to remove.

    Raises:
        UnsafePathError: the path is unsafe, lies under a file, or is a folder.
    """
    if file is None:
        return ResolvedChange(path=path, action=Action.DELETE) if before.exists(path) else None
    entry = before.entry(safe_path(path))
    above = next((a for a in ancestors(path) if (e := before.entry(a)) and e.kind is not Kind.DIRECTORY), None)
    if above or (entry and entry.kind in (Kind.DIRECTORY, Kind.SUBMODULE)):
        raise UnsafePathError(path, f"lies under {above}, which is no folder" if above else "is a folder")
    return ResolvedChange(path=path, action=Action.CREATE, after=file.content, kind=file.kind)


def _parse_merge(out: str) -> tuple[str, dict[str, set[int]], tuple[Conflict, ...]]:
    """The answer of `git merge-tree -z --messages`: the tree, the stages of each path in conflict, and the messages."""
    tree, *rest = out.split("\0")
    end = rest.index("") if "" in rest else len(rest)
    stages: dict[str, set[int]] = {}
    for line in rest[:end]:
        facts, _, path = line.partition("\t")
        stages.setdefault(path, set()).add(int(facts.split()[2]))
    found: list[Conflict] = []
    fields = iter(rest[end + 1 :])
    for count in fields:
        if not count.strip():
            break
        paths = [next(fields) for _ in range(int(count))]
        kind, message = next(fields), next(fields)
        if kind.startswith("CONFLICT"):
            found.append(Conflict(paths[0], kind[len("CONFLICT (") : -1], message.strip()))
    return tree, stages, _by_path(found)


def _by_path(found: list[Conflict]) -> tuple[Conflict, ...]:
    """One conflict for each path: of binary files git reports two, the second a matter of course."""
    first: dict[str, Conflict] = {}
    for conflict in found:
        first.setdefault(conflict.path, conflict)
    return tuple(sorted(first.values(), key=lambda c: c.path))
