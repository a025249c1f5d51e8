"""A snapshot's source over git objects."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from shiftdown.errors import RepositoryError
from shiftdown.git.objects import TreeEntry, parse_tree
from shiftdown.repository import Entry, Kind
from shiftdown.repository.paths import MAX_PATH

log = logging.getLogger(__name__)
MAX_ENTRIES = 1_000_000
"""The most files and directories that a listing may have: large repositories have a tenth."""
_IMPOSSIBLE = (b"", b".", b"..")


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
        return self._all()

    def read(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        """See `Source`."""
        oids = {e.path: e.oid or "" for e in entries}
        content = self._reader.blobs(list(dict.fromkeys(oids.values())))
        return {path: content[oid] for path, oid in oids.items()}

    def _all(self) -> Iterator[Entry]:
        """Every entry; trees that name each other over and over are stopped by a limit."""
        todo, seen = [""], 0
        while todo:
            for entry in self.children(todo.pop()):
                seen += 1
                if seen > MAX_ENTRIES or len(entry.path) > MAX_PATH:
                    raise RepositoryError(
                        self._repository, f"has more than {MAX_ENTRIES:,} files, or paths over {MAX_PATH:,} long"
                    )
                if entry.kind is Kind.DIRECTORY:
                    todo.append(entry.path)
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
            if line.name in _IMPOSSIBLE or b"/" in line.name:
                log.warning("%s: tree %s has an entry named %r; it is passed over", self._repository, tree, line.name)
                continue
            path = prefix + line.name.decode(errors="surrogateescape")
            if line.kind is Kind.DIRECTORY:
                self._trees[path] = line.oid
            yield Entry(path, line.kind, line.oid)

    def _parse(self, tree: str) -> list[TreeEntry]:
        try:
            return list(parse_tree(self._reader.tree(tree)))
        except ValueError as error:
            raise RepositoryError(self._repository, f"tree {tree} is damaged: {error}") from error
