"""A snapshot's source over git objects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from shiftdown.errors import RepositoryError
from shiftdown.git.objects import TreeEntry, parse_tree
from shiftdown.repository import Entry, Kind


class ObjectReader(Protocol):
    """Reads objects by id, as many as possible at once. Missing ones raise `RepositoryError`."""

    def commit(self, oid: str) -> bytes:
        """The content of a commit."""
        ...

    def tree(self, oid: str) -> bytes:
        """The content of one tree."""
        ...

    def whole_tree(self, oid: str) -> None:
        """Announce that every tree below `oid` is going to be asked for."""
        ...

    def blobs(self, oids: Sequence[str]) -> Mapping[str, bytes]:
        """The contents of blobs, in one round trip."""
        ...


class ObjectSource:
    """The tree of one commit. Names that are not UTF-8 are kept with surrogate escapes (PEP 383)."""

    def __init__(self, reader: ObjectReader, root: str, repository: str) -> None:
        self._reader = reader
        self._repository = repository
        self._trees: dict[str, str | None] = {"": root}
        self._whole = False

    def children(self, directory: str) -> Iterable[Entry]:
        """See `Source`."""
        tree = self._tree_of(directory)
        return [] if tree is None else list(self._entries(directory, tree))

    def walk(self) -> Iterable[Entry]:
        """See `Source`."""
        if not self._whole:
            self._reader.whole_tree(str(self._trees[""]))
            self._whole = True
        return self._below("")

    def read(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """See `Source`."""
        oids = {e.path: e.oid or "" for e in entries}
        content = self._reader.blobs(list(dict.fromkeys(oids.values())))
        return {path: content[oid] for path, oid in oids.items()}

    def _below(self, directory: str) -> Iterator[Entry]:
        for entry in self.children(directory):
            if entry.kind is Kind.DIRECTORY:
                yield from self._below(entry.path)
            else:
                yield entry

    def _tree_of(self, directory: str) -> str | None:
        if directory not in self._trees:
            self.children(directory.rpartition("/")[0])
            self._trees.setdefault(directory, None)
        return self._trees[directory]

    def _entries(self, directory: str, tree: str) -> Iterator[Entry]:
        prefix = f"{directory}/" if directory else ""
        for line in self._parse(tree):
            path = prefix + line.name.decode(errors="surrogateescape")
            if line.kind is Kind.DIRECTORY:
                self._trees[path] = line.oid
            yield Entry(path, line.kind, line.oid)

    def _parse(self, tree: str) -> list[TreeEntry]:
        try:
            return list(parse_tree(self._reader.tree(tree)))
        except ValueError as error:
            raise RepositoryError(self._repository, f"tree {tree} is damaged: {error}") from error
