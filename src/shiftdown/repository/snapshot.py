"""A read-only, lazy view of a repository at one moment."""

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol, TypeVar, cast

from shiftdown.errors import UnreadableFileError

MAX_TEXT = 5 * 1024 * 1024
"""The largest file, in bytes, that `Snapshot.text` reads: what people edit by hand is smaller."""


_T = TypeVar("_T")


class Kind(StrEnum):
    """What an entry of a tree is."""

    FILE = "file"
    EXECUTABLE = "executable"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    DIRECTORY = "directory"

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return self in (Kind.FILE, Kind.EXECUTABLE)

    @property
    def mode(self) -> int:
        """Its mode in a git tree."""
        return _MODES[self]

    @classmethod
    def of_mode(cls, mode: int) -> "Kind":
        """The kind that a git tree's mode means; group-writable files (0100664) are files."""
        for kind, known in _MODES.items():
            if mode == known:
                return kind
        return cls.EXECUTABLE if mode & 0o111 else cls.FILE


_MODES = {
    Kind.FILE: 0o100644,
    Kind.EXECUTABLE: 0o100755,
    Kind.SYMLINK: 0o120000,
    Kind.SUBMODULE: 0o160000,
    Kind.DIRECTORY: 0o040000,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tree."""

    path: str
    """Path from the root of the repository, POSIX."""
    kind: Kind
    """What it is."""
    oid: str | None = None
    """Git object id, where known."""


class Source(Protocol):
    """Where a snapshot comes from. Implementations may fetch lazily; a snapshot asks once for each thing."""

    def children(self, directory: str) -> Iterable[Entry]:
        """The direct entries of a directory (`""` is the root); none if it does not exist."""
        ...

    def walk(self) -> Iterable[Entry]:
        """Every entry that is not a directory, in any order."""
        ...

    def read(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """The content of files and symbolic links (their target), by path. One round trip for all."""
        ...


class MemorySource:
    """A source made of a mapping of path to content."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        *,
        executable: Iterable[str] = (),
        symlinks: Iterable[str] = (),
        submodules: Iterable[str] = (),
    ) -> None:
        kinds = dict.fromkeys(files, Kind.FILE)
        kinds |= dict.fromkeys(executable, Kind.EXECUTABLE) | dict.fromkeys(symlinks, Kind.SYMLINK)
        kinds |= dict.fromkeys(submodules, Kind.SUBMODULE)
        self._files = dict(files)
        self._entries = [Entry(path, kind) for path, kind in sorted(kinds.items())]
        self._listings: dict[str, dict[str, Entry]] | None = None

    def children(self, directory: str) -> Iterable[Entry]:
        """See `Source`."""
        if self._listings is None:
            self._listings = _listings(self._entries)
        return self._listings.get(directory, {}).values()

    def walk(self) -> Iterable[Entry]:
        """See `Source`."""
        return self._entries

    def read(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """See `Source`."""
        return {e.path: self._files[e.path] for e in entries}


def _listings(entries: Iterable[Entry]) -> dict[str, dict[str, Entry]]:
    """The direct entries of every directory, by path."""
    found: dict[str, dict[str, Entry]] = {"": {}}
    for entry in entries:
        path, parent = entry.path, entry.path.rpartition("/")[0]
        new = parent not in found
        found.setdefault(parent, {})[path] = entry
        while new:
            path, parent = parent, parent.rpartition("/")[0]
            new = parent not in found
            found.setdefault(parent, {})[path] = Entry(path, Kind.DIRECTORY)
    return found


class Snapshot:
    """A repository at one moment: listing and contents on demand, each asked for once.

    Reading never follows symbolic links and never fails on odd content: what cannot be read as text
    raises `UnreadableFileError`, which names the file and says why.
    """

    def __init__(
        self,
        source: Source,
        *,
        name: str,
        revision: str | None = None,
        default_branch: str = "main",
        url: str | None = None,
        base: "Snapshot | None" = None,
        changed: Iterable[str] = (),
    ) -> None:
        self.name = name
        """Short name of the repository, for people: the last part of its URL or path."""
        self.revision = revision
        """Commit id; `None` for a directory or memory."""
        self.default_branch = default_branch
        """The branch that changes are to be merged into."""
        self.url = url
        """Where the repository is hosted, without credentials; `None` when it has no remote."""
        self.base = base
        """What it was laid over; `None` when it stands for itself."""
        self.changed = frozenset(changed)
        """The paths in which it may differ from `base`."""
        self._source = source
        self._children: dict[str, dict[str, Entry]] = {}
        self._all: dict[str, Entry] | None = None
        self._content: dict[str, bytes] = {}
        self._remembered: dict[object, object] = {}

    @classmethod
    def of(cls, files: Mapping[str, str | bytes], *, name: str = "example", default_branch: str = "main") -> "Snapshot":
        """A snapshot of files in memory; text is UTF-8."""
        content = {p: c.encode() if isinstance(c, str) else c for p, c in files.items()}
        return cls(MemorySource(content), name=name, default_branch=default_branch)

    def entry(self, path: str) -> Entry | None:
        """The entry at `path`, a directory included; `None` if there is none."""
        directory, _, name = path.rpartition("/")
        if self._all is not None and path in self._all:
            return self._all[path]
        return self._listing(directory).get(name)

    def exists(self, path: str) -> bool:
        """Whether there is anything at `path`."""
        return self.entry(path) is not None

    def is_file(self, path: str) -> bool:
        """Whether there is a regular file at `path`."""
        entry = self.entry(path)
        return entry is not None and entry.kind.is_file

    def children(self, directory: str = "") -> list[Entry]:
        """The direct entries of a directory, sorted by name; empty if it does not exist."""
        return [e for _, e in sorted(self._listing(directory).items())]

    def entries(self) -> Mapping[str, Entry]:
        """Every entry that is not a directory, by path, sorted."""
        if self._all is None:
            self._all = {e.path: e for e in sorted(self._source.walk(), key=lambda e: e.path)}
        return self._all

    def files(self) -> Iterator[str]:
        """The paths of all regular files, sorted."""
        return (path for path, entry in self.entries().items() if entry.kind.is_file)

    def glob(self, *patterns: str) -> list[str]:
        """The regular files that match any pattern: `*` within a name, `**/` any directories; sorted.

        A pattern without `**` is looked up directory by directory, without listing the repository.
        """
        found: set[str] = set()
        for pattern in patterns:
            if "**" in pattern:
                matches = _pattern(pattern).match
                found.update(path for path in self.files() if matches(path))
            else:
                found.update(self._expand("", pattern.split("/")))
        return sorted(found)

    def prefetch(self, paths: Iterable[str]) -> None:
        """Read the regular files among `paths` in one round trip; the others are passed over."""
        wanted = [e for p in dict.fromkeys(paths) if p not in self._content and (e := self.entry(p)) and e.kind.is_file]
        if wanted:
            self._content |= self._source.read(wanted)

    def read(self, path: str) -> bytes:
        """The content of a regular file, or the target of a symbolic link.

        Raises:
            UnreadableFileError: there is neither at `path`.
        """
        if path not in self._content:
            entry = self.entry(path)
            if entry is None:
                raise UnreadableFileError(path, "there is no such file")
            if not entry.kind.is_file and entry.kind is not Kind.SYMLINK:
                raise UnreadableFileError(path, f"is a {entry.kind}, not a file")
            self._content |= self._source.read([entry])
        return self._content[path]

    def text(self, path: str) -> str:
        """The content of a regular file as UTF-8 text, line endings and byte order mark as they are.

        Raises:
            UnreadableFileError: no regular file, over `MAX_TEXT` bytes, binary, or not UTF-8.
        """
        entry = self.entry(path)
        if entry is not None and entry.kind is Kind.SYMLINK:
            raise UnreadableFileError(path, "is a symbolic link; edit the file that it points to")
        content = self.read(path)
        if len(content) > MAX_TEXT:
            raise UnreadableFileError(path, f"is {len(content):,} bytes; text files over {MAX_TEXT:,} are not read")
        if b"\x00" in content:
            raise UnreadableFileError(path, "is binary")
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise UnreadableFileError(path, f"is not UTF-8 (line {line}, byte {error.start})") from error

    def remember(self, compute: "Callable[[Snapshot], _T]") -> _T:
        """The result of a pure function of this snapshot, computed once; errors are not kept."""
        if compute not in self._remembered:
            self._remembered[compute] = compute(self)
        return cast("_T", self._remembered[compute])

    def _listing(self, directory: str) -> dict[str, Entry]:
        if directory not in self._children:
            if directory and not self._is_directory(directory):
                return {}
            entries = self._source.children(directory)
            self._children[directory] = {e.path.rpartition("/")[2]: e for e in entries}
        return self._children[directory]

    def _is_directory(self, path: str) -> bool:
        entry = self.entry(path)
        return entry is not None and entry.kind is Kind.DIRECTORY

    def _expand(self, directory: str, parts: list[str]) -> Iterator[str]:
        prefix = f"{directory}/" if directory else ""
        if not any(c in parts[0] for c in "*?["):
            entry = self.entry(prefix + parts[0])
            names = [parts[0]] if entry else []
        else:
            names = fnmatch.filter(self._listing(directory), parts[0])
        for name in names:
            if len(parts) > 1:
                yield from self._expand(prefix + name, parts[1:])
            elif self.is_file(prefix + name):
                yield prefix + name


@lru_cache(maxsize=512)
def _pattern(pattern: str) -> re.Pattern[str]:
    out = []
    i = 0
    while i < len(pattern):
        if pattern.startswith("**/", i):
            out.append("(?:[^/]+/)*")
            i += 3
        elif pattern.startswith("**", i):
            out.append(".*")
            i += 2
        elif pattern[i] == "*":
            out.append("[^/]*")
            i += 1
        elif pattern[i] == "?":
            out.append("[^/]")
            i += 1
        else:
            out.append(re.escape(pattern[i]))
            i += 1
    return re.compile("".join(out) + r"\Z")
