"""The files of a directory as a snapshot: a git work tree as it is on disk, or any folder."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shiftdown.errors import (
    EmptyRepositoryError,
    InvalidInputError,
    NotARepositoryError,
    RepositoryError,
    UnreadableFileError,
)
from shiftdown.git.directory_changes import apply_resolved
from shiftdown.git.local import LocalRepository
from shiftdown.git.location import Location, parse_location
from shiftdown.git.options import GitOptions
from shiftdown.repository import ChangeSet, Entry, Kind, ResolvedChange, Snapshot

if TYPE_CHECKING:
    from dulwich.repo import Repo

__all__ = ["apply_changes", "directory_snapshot", "folder_snapshot", "is_work_tree"]

MAX_FILE = 100 * 1024 * 1024
"""The largest file, in bytes, that is read from a directory: forges take no larger one."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What git knows about a directory."""

    tracked: Mapping[str, bool]
    """Paths in the index, from the directory, and whether each is a submodule."""
    folders: frozenset[str]
    """The folders of tracked files."""
    ignored: Callable[[str], bool]
    """Whether a path is ignored; a folder's ends with `/`."""


def is_work_tree(path: str) -> bool:
    """Whether `path` is a folder with files in it to look at, rather than a bare repository or nothing."""
    folder = Path(path)
    bare = (folder / "objects").is_dir() and (folder / "refs").is_dir() and (folder / "HEAD").is_file()
    return folder.is_dir() and not bare


def directory_snapshot(path: str) -> Snapshot:
    """The files that are in a directory now. Nothing is read before it is asked for.

    In a git work tree these are the tracked files and the untracked ones that are not ignored; elsewhere
    all but those that a `.gitignore` names. `.git` is never part of it.

    Raises:
        NotARepositoryError: it is not a directory.
    """
    root = _root(path)
    repository = _repository(root)
    if repository is None:
        return Snapshot(DirectorySource(root, _plain(root)), name=root.name or "repository")
    with repository:
        known = _known(repository.repo, root)
        return Snapshot(
            DirectorySource(root, known),
            name=root.name or "repository",
            default_branch=_default_branch(repository),
            url=repository.remote_url(),
        )


def folder_snapshot(path: str) -> Snapshot:
    """Every file that is in a folder now, those that git ignores included; `.git` is left out.

    Raises:
        NotARepositoryError: it is not a directory.
    """
    root = _root(path)
    return Snapshot(DirectorySource(root, _Known({}, frozenset(), lambda _: False)), name=root.name or "folder")


def apply_changes(path: str, changes: ChangeSet) -> tuple[ResolvedChange, ...]:
    """Write a change set into a directory, and say what changed. Nothing is committed.

    Everything is checked first. Each file is replaced in one step and keeps its mode; when one fails, those
    before it are put back.

    Raises:
        UnsafePathError, InvalidInputError: as `ChangeSet.resolve`, or a file that git ignores is in the way.
        RepositoryError: a file or folder cannot be written.
    """
    root = _root(path)
    resolved = changes.resolve(directory_snapshot(str(root)))
    apply_resolved(root, resolved)
    return resolved


class DirectorySource:
    """A source over a directory."""

    def __init__(self, root: Path, known: _Known) -> None:
        self._root = root
        self._known = known

    def children(self, directory: str) -> Iterable[Entry]:
        """See `Source`."""
        if directory and not self._is_real_folder(directory):
            return []
        prefix = f"{directory}/" if directory else ""
        try:
            with os.scandir(self._root / directory) as found:
                return [e for item in found if (e := self._entry(prefix + item.name, item)) is not None]
        except OSError as error:
            raise RepositoryError(str(self._root), f"{directory or '.'}: {error.strerror}") from error

    def walk(self) -> Iterable[Entry]:
        """See `Source`."""
        return self._below("")

    def read(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """See `Source`."""
        return {entry.path: self._content(entry) for entry in entries}

    def _below(self, directory: str) -> Iterator[Entry]:
        for entry in self.children(directory):
            if entry.kind is Kind.DIRECTORY:
                yield from self._below(entry.path)
            else:
                yield entry

    def _entry(self, path: str, item: "os.DirEntry[str]") -> Entry | None:
        if item.name == ".git":
            return None
        if item.is_dir(follow_symlinks=False):
            return self._folder(path)
        if path not in self._known.tracked and self._known.ignored(path):
            return None
        if item.is_symlink():
            return Entry(path, Kind.SYMLINK)
        if not item.is_file(follow_symlinks=False):
            return None
        executable = item.stat(follow_symlinks=False).st_mode & stat.S_IXUSR
        return Entry(path, Kind.EXECUTABLE if executable else Kind.FILE)

    def _folder(self, path: str) -> Entry | None:
        if self._known.tracked.get(path) or (self._root / path / ".git").exists():
            return Entry(path, Kind.SUBMODULE)
        if path not in self._known.folders and self._known.ignored(path + "/"):
            return None
        return Entry(path, Kind.DIRECTORY)

    def _is_real_folder(self, directory: str) -> bool:
        """Whether no part of the way there is a symbolic link."""
        place = self._root
        for part in directory.split("/"):
            place = place / part
            if place.is_symlink() or not place.is_dir():
                return False
        return True

    def _content(self, entry: Entry) -> bytes:
        place = self._root / entry.path
        try:
            if entry.kind is Kind.SYMLINK:
                return os.fsencode(place.readlink())
            with os.fdopen(os.open(place, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size > MAX_FILE:
                    raise UnreadableFileError(entry.path, f"is {size:,} bytes; files over {MAX_FILE:,} are not read")
                return file.read()
        except OSError as error:
            raise UnreadableFileError(entry.path, f"cannot be read: {error.strerror}") from error


def _root(path: str) -> Path:
    where = parse_location(path) if path else None
    if where is None or where.scheme != "file" or not where.path.is_dir():
        raise NotARepositoryError(path, "is not a directory")
    return where.path.resolve()


def _repository(root: Path) -> LocalRepository | None:
    try:
        repository = LocalRepository(Location("file", str(root)), GitOptions())
    except NotARepositoryError:
        return None
    if repository.repo.bare:
        repository.close()
        raise InvalidInputError(f"{root}: is a bare repository, which has no files to look at or change")
    return repository


def _default_branch(repository: LocalRepository) -> str:
    with suppress(EmptyRepositoryError, RepositoryError):
        return repository.head().branch
    return "main"


def _plain(root: Path) -> _Known:
    from dulwich.ignore import IgnoreFilterManager

    manager = IgnoreFilterManager(str(root), [], ignorecase=False)
    return _Known({}, frozenset(), lambda path: manager.is_ignored(path) is True)


def _known(repo: "Repo", root: Path) -> _Known:
    from dulwich.ignore import IgnoreFilterManager
    from dulwich.index import ConflictedIndexEntry

    top = Path(repo.path).resolve()
    inside = "" if root == top else root.relative_to(top).as_posix() + "/"
    tracked: dict[str, bool] = {}
    for name, entry in repo.open_index().items():
        path = os.fsdecode(name)
        if path.startswith(inside):
            submodule = not isinstance(entry, ConflictedIndexEntry) and entry.mode == Kind.SUBMODULE.mode
            tracked[path[len(inside) :]] = submodule
    folders = {str(p) for path in tracked for p in Path(path).parents}
    manager = IgnoreFilterManager.from_repo(repo)
    return _Known(tracked, frozenset(folders), lambda path: manager.is_ignored(inside + path) is True)
