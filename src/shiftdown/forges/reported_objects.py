"""Git's objects, from what a forge's API tells about a repository."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shiftdown.git.carrier import FetchScope, OtherCarrierError
from shiftdown.git.objects import COMMIT, TREE, GitObject, ReportedObject, TreeEntry
from shiftdown.git.packets import PushReport


class ReadingCarrier(ABC):
    """The part of a `Carrier` that is the same on every forge. It only reads; the forge itself writes."""

    def fetch(self, wants: Sequence[str], scope: FetchScope) -> Iterable[GitObject]:
        """See `Carrier`."""
        match scope:
            case FetchScope.FIRST_LOOK:
                return [item for oid in wants for item in self._commit(oid)]
            case FetchScope.TREE | FetchScope.ALL_TREES:
                return [tree for oid in wants for tree in self._trees(oid)]
            case FetchScope.EXACT:
                return self._blobs(wants)

    def push(self, reference: str, old: str, new: str, objects: Sequence[GitObject]) -> PushReport:
        """See `Carrier`: left to git. Commits are made by `Forge.write`."""
        raise OtherCarrierError

    def close(self) -> None:  # noqa: B027 - nothing to give back, on any forge
        """See `Carrier`: the connections are the forge's."""

    @abstractmethod
    def _commit(self, oid: str) -> Iterable[GitObject]:
        """The commit, and what comes with it."""

    @abstractmethod
    def _trees(self, oid: str) -> Iterable[GitObject]:
        """A tree and all below it: they are most often wanted in the end."""

    @abstractmethod
    def _blobs(self, oids: Sequence[str]) -> Iterable[GitObject]:
        """Files."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of a listing of all files and folders below a tree."""

    path: str
    """Its path from that tree."""
    mode: str
    """Its mode, octal."""
    oid: str
    """Its object id."""
    folder: bool
    """Whether it is a folder."""


def trees_of(root: str, listing: Iterable[Listed]) -> list[GitObject]:
    """The tree with the id `root`, and every tree below it.

    Raises:
        OtherCarrierError: the listing does not tell all of them to the byte: names that are not UTF-8, modes that git
            does not write any more.
    """
    ids = {"": root}
    lines: dict[str, list[Listed]] = {"": []}
    for item in listing:
        lines.setdefault(item.path.rpartition("/")[0], []).append(item)
        if item.folder:
            ids[item.path] = item.oid
            lines.setdefault(item.path, [])
    made = {path: tree_of(items) for path, items in lines.items()}
    if any(tree.id != ids.get(path) for path, tree in made.items()):
        raise OtherCarrierError
    return list(made.values())


def tree_of(listing: Iterable[Listed]) -> GitObject:
    """The tree with these entries alone."""
    entries = [
        TreeEntry(item.mode.lstrip("0").encode(), item.path.rpartition("/")[2].encode(errors="surrogatepass"), item.oid)
        for item in listing
    ]
    ordered = sorted(entries, key=lambda entry: entry.sort_key)
    return GitObject(TREE, b"".join(b"%s %s\x00%s" % (e.mode, e.name, bytes.fromhex(e.oid)) for e in ordered))


def commit_of(
    oid: str, tree: str, parents: Iterable[str], *, name: str, email: str, at: datetime, message: str
) -> GitObject:
    """A commit as far as APIs tell of it: tree, parents, author and message; other lines of it are not known."""
    person = f"{name} <{email}> {int(at.timestamp())} {at:%z}"
    lines = [f"tree {tree}", *(f"parent {p}" for p in parents), f"author {person}", f"committer {person}"]
    return ReportedObject(COMMIT, ("\n".join(lines) + "\n\n" + message).encode(), oid)
