"""The workspace of a task: a tree of files in memory, over the snapshot that it started from."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from wcmatch import glob

from shiftdown.errors import InvalidInputError, UnsafePathError
from shiftdown.model.base import Model
from shiftdown.repository import ChangeSet, Entry, FileChange, Kind, Snapshot
from shiftdown.repository.paths import ancestors, safe_path

_GLOB = glob.GLOBSTAR | glob.DOTMATCH | glob.BRACE | glob.EXTGLOB
"""How patterns are read: as globby reads them, with dot files."""


class WorkspaceLimits(Model):
    """What a task may write at most: templates are untrusted."""

    files: int = 50_000
    """Files and folders."""
    bytes: int = 512 * 1024 * 1024
    """All contents together, in bytes."""


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Whether a list of globs matches a path; one that begins with `!` leaves out."""
    wanted = [p.removeprefix("./") for p in patterns if not p.startswith("!")]
    unwanted = [p[1:].removeprefix("./") for p in patterns if p.startswith("!")]
    return glob.globmatch(path, wanted, flags=_GLOB) and not (unwanted and glob.globmatch(path, unwanted, flags=_GLOB))


class Workspace:
    """Files and folders that the steps of a task work on. Nothing is on disk.

    Paths are given as templates write them (`./a`, `a/../b`) and always stay inside.
    """

    def __init__(self, base: Snapshot | None = None, *, limits: WorkspaceLimits | None = None) -> None:
        self._base = base
        self._limits = limits or WorkspaceLimits()
        self._kinds: dict[str, Kind] = {p: e.kind for p, e in base.entries().items()} if base else {}
        self._content: dict[str, bytes] = {}
        self._folders: set[str] = {a for p in self._kinds for a in ancestors(p)}
        self._brought: set[str] = set()
        self._size = 0

    @staticmethod
    def path(given: str) -> str:
        """A path as a template writes it, normal and inside the workspace; the workspace itself is `""`.

        Raises:
            UnsafePathError: it leads outside, or into `.git`.
        """
        normal = posixpath.normpath(given) if given else "."
        return "" if normal == "." else safe_path(normal)

    def kind(self, path: str) -> Kind | None:
        """What is at a path; `None` if there is nothing."""
        if path == "" or path in self._folders:
            return Kind.DIRECTORY
        return self._kinds.get(path)

    def exists(self, path: str) -> bool:
        """Whether there is anything at a path."""
        return self.kind(path) is not None

    def read(self, path: str) -> bytes:
        """The content of a file, or the target of a symbolic link.

        Raises:
            InvalidInputError: there is no file.
        """
        if path in self._content:
            return self._content[path]
        if path not in self._kinds or self._base is None:
            raise InvalidInputError(f"{path or '.'}: there is no such file in the workspace")
        return self._base.read(path)

    def write(self, path: str, content: bytes, kind: Kind = Kind.FILE, *, brought: bool = False) -> None:
        """Create or replace a file, and the folders above it.

        Args:
            path: where.
            content: the content; the target of a symbolic link.
            kind: what it is.
            brought: whether it came with the template, `kind` included.

        Raises:
            UnsafePathError: the path is unsafe, a folder is there, or it lies under a file or symbolic link.
            InvalidInputError: the workspace would be too large.
        """
        safe_path(path)
        if path in self._folders:
            raise UnsafePathError(path, "is a folder in the workspace")
        self._make_room(ancestors(path))
        self._size += len(content) - len(self._content.get(path, b""))
        self._kinds[path] = kind
        self._content[path] = content
        (self._brought.add if brought else self._brought.discard)(path)
        self._check_limits()

    def is_brought(self, path: str) -> bool:
        """Whether a file came with the template, from the folder that this is in."""
        return path in self._brought

    def make_folder(self, path: str) -> None:
        """Create a folder and those above it, if they do not exist.

        Raises:
            UnsafePathError: a file is in the way.
        """
        if path:
            safe_path(path)
            self._make_room([*ancestors(path), path])
            self._check_limits()

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with everything in it; nothing happens if there is none."""
        whole = path == "" or path in self._folders
        for gone in [p for p in self._kinds if _within(p, path)] if whole else [path] if path in self._kinds else ():
            del self._kinds[gone]
            self._brought.discard(gone)
            self._size -= len(self._content.pop(gone, b""))
        if whole:
            self._folders -= {f for f in self._folders if _within(f, path)}

    def move(self, source: str, target: str, *, overwrite: bool = False) -> None:
        """Move a file or a folder.

        Raises:
            InvalidInputError: there is nothing to move, something is at the target, or it is inside the source.
        """
        if not source or not self.exists(source):
            raise InvalidInputError(f"{source or '.'}: there is nothing to rename in the workspace")
        if source == target:
            return
        if target.startswith(f"{source}/"):
            raise InvalidInputError(f"{source} cannot be moved into itself ({target})")
        if self.exists(target):
            if not overwrite:
                raise InvalidInputError(f"{target}: exists already; say `overwrite: true` to replace it")
            self.remove(target)
        files = [(p, self.read(p), k, p in self._brought) for p, k in self._kinds.items() if _within(p, source)]
        folders = [f for f in self._folders if _within(f, source)]
        self.remove(source)
        for folder in folders:
            self.make_folder(target + folder[len(source) :])
        for path, content, kind, brought in files:
            self.write(target + path[len(source) :], content, kind, brought=brought)

    def matching(self, patterns: Sequence[str]) -> list[str]:
        """The files that a list of globs matches, sorted; a leading `!` leaves out."""
        return sorted(path for path in self._kinds if matches(path, patterns))

    def entries(self) -> Iterator[Entry]:
        """Every file and symbolic link, sorted by path."""
        return (Entry(path, kind) for path, kind in sorted(self._kinds.items()))

    def folders(self) -> list[str]:
        """Every folder, sorted."""
        return sorted(self._folders)

    def snapshot(self, *, name: str) -> Snapshot:
        """The workspace as a repository that transformations can be planned for."""
        base = self._base
        return Snapshot(
            _WorkspaceSource(self),
            name=name,
            default_branch=base.default_branch if base else "main",
            url=base.url if base else None,
        )

    def apply(self, changes: ChangeSet, *, name: str) -> None:
        """Make the changes that a transformation intends.

        Raises:
            UnsafePathError, InvalidInputError: as `ChangeSet.resolve`.
        """
        for change in changes.resolve(self.snapshot(name=name)):
            if change.source:
                self.remove(change.source)
            if change.kind is None:
                self.remove(change.path)
            elif change.after is not None:
                self.write(change.path, change.after, change.kind)

    def changes(self) -> tuple[FileChange, ...]:
        """What differs from the snapshot that it started from; all files when there was none."""
        before = set(self._base.entries()) if self._base else set()
        written = [
            FileChange(path=p, content=c, executable=self._kinds[p] is Kind.EXECUTABLE)
            for p, c in sorted(self._content.items())
            if self._kinds[p].is_file
        ]
        return (*written, *(FileChange(path=p, removed=True) for p in sorted(before - set(self._kinds))))

    def _make_room(self, folders: Sequence[str]) -> None:
        for folder in folders:
            if folder in self._kinds:
                raise UnsafePathError(folder, "is not a folder in the workspace")
        self._folders.update(folders)

    def check_room(self, more: int) -> None:
        """Refuse early what would be too much.

        Raises:
            InvalidInputError: there is no room for so many more files.
        """
        if more > self._limits.files:
            raise InvalidInputError(f"{more} files are more than a workspace may hold, {self._limits.files}")

    def _check_limits(self) -> None:
        if self._size > self._limits.bytes:
            raise InvalidInputError(
                f"the workspace holds more than {self._limits.bytes} bytes; the template is too large"
            )
        if len(self._kinds) + len(self._folders) > self._limits.files:
            raise InvalidInputError(f"the workspace holds more than {self._limits.files} files and folders")


class _WorkspaceSource:
    """A source over a workspace, as it is at the moment of asking."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def children(self, directory: str) -> Iterable[Entry]:
        """See `Source`."""
        prefix = f"{directory}/" if directory else ""
        files = [e for e in self._workspace.entries() if e.path.startswith(prefix) and "/" not in e.path[len(prefix) :]]
        held = {a for e in self._workspace.entries() for a in ancestors(e.path)}
        return files + [
            Entry(f, Kind.DIRECTORY)
            for f in held
            if f.startswith(prefix) and "/" not in f[len(prefix) :] and f != directory
        ]

    def walk(self) -> Iterable[Entry]:
        """See `Source`."""
        return self._workspace.entries()

    def read(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """See `Source`."""
        return {e.path: self._workspace.read(e.path) for e in entries}


def _within(path: str, folder: str) -> bool:
    return folder == "" or path == folder or path.startswith(f"{folder}/")
