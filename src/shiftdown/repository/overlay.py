"""A snapshot with changes laid over it."""

from collections.abc import Iterable, Mapping, Sequence

from shiftdown.repository.changeset import ChangeSet, ResolvedChange
from shiftdown.repository.paths import ancestors
from shiftdown.repository.snapshot import Entry, Kind, Snapshot


class OverlaySource:
    """A source that shows a snapshot as it would be after changes."""

    def __init__(self, base: Snapshot, changes: Iterable[ResolvedChange]) -> None:
        self._base = base
        self._entries: dict[str, Entry | None] = {}
        self._content: dict[str, bytes] = {}
        for change in changes:
            if change.source:
                self._entries[change.source] = None
            self._entries[change.path] = Entry(change.path, change.kind) if change.kind else None
            if change.after is not None:
                self._content[change.path] = change.after

    @property
    def changed(self) -> Iterable[str]:
        """The paths that were written or deleted."""
        return self._entries

    def children(self, directory: str) -> Iterable[Entry]:
        """See `Source`."""
        found = {e.path: e for e in self._base.children(directory)}
        prefix = f"{directory}/" if directory else ""
        for path, entry in self._entries.items():
            if path.startswith(prefix) and "/" not in path[len(prefix) :]:
                if entry:
                    found[path] = entry
                else:
                    found.pop(path, None)
            elif entry and path.startswith(prefix):
                name = prefix + path[len(prefix) :].split("/")[0]
                found.setdefault(name, Entry(name, Kind.DIRECTORY))
        emptied = {a for p, e in self._entries.items() if e is None for a in ancestors(p)}
        return [e for e in found.values() if e.path not in emptied or self._has_files(e.path)]

    def walk(self) -> Iterable[Entry]:
        """See `Source`."""
        merged: dict[str, Entry | None] = {**self._base.entries(), **self._entries}
        return [e for e in merged.values() if e is not None]

    def read(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """See `Source`."""
        below = [e.path for e in entries if e.path not in self._content]
        self._base.prefetch(below)
        return {e.path: self._content[e.path] if e.path in self._content else self._base.read(e.path) for e in entries}

    def _has_files(self, directory: str) -> bool:
        return any(e.path.startswith(f"{directory}/") for e in self.walk())


def overlay(base: Snapshot, changes: ChangeSet | Iterable[ResolvedChange]) -> Snapshot:
    """`base` as it would be after `changes`, which may be resolved against it already.

    Raises:
        UnsafePathError, InvalidInputError: as `ChangeSet.resolve`.
    """
    source = OverlaySource(base, changes.resolve(base) if isinstance(changes, ChangeSet) else changes)
    return Snapshot(
        source,
        name=base.name,
        default_branch=base.default_branch,
        url=base.url,
        base=base,
        changed=source.changed,
    )
