"""One folder of a snapshot as a snapshot of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from shiftdown.repository.snapshot import Entry, Kind, Snapshot


class SubtreeSource:
    """A source that shows a folder of a snapshot."""

    def __init__(self, base: Snapshot, folder: str) -> None:
        self._base = base
        self._prefix = f"{folder}/"

    def children(self, directory: str) -> Iterable[Entry]:
        """See `Source`."""
        return self._cut(self._base.children(f"{self._prefix}{directory}".rstrip("/")))

    def walk(self) -> Iterable[Entry]:
        """See `Source`."""
        return self._below("")

    def read(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """See `Source`."""
        self._base.prefetch([self._prefix + e.path for e in entries])
        return {e.path: self._base.read(self._prefix + e.path) for e in entries}

    def _below(self, directory: str) -> Iterator[Entry]:
        for entry in self.children(directory):
            if entry.kind is Kind.DIRECTORY:
                yield from self._below(entry.path)
            else:
                yield entry

    def _cut(self, entries: Iterable[Entry]) -> list[Entry]:
        return [replace(e, path=e.path[len(self._prefix) :]) for e in entries]


def subtree(base: Snapshot, folder: str) -> Snapshot:
    """The files in `folder` of a snapshot, by their paths from there; `base` itself for `""`."""
    if not folder:
        return base
    return Snapshot(SubtreeSource(base, folder), name=folder.rpartition("/")[2], default_branch=base.default_branch)
