"""Git's tree objects, from what a forge's API tells about the files of a repository."""

from collections.abc import Iterable
from dataclasses import dataclass

from shiftdown.git.carrier import OtherCarrierError
from shiftdown.git.objects import TREE, GitObject, TreeEntry


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
    lines: dict[str, list[TreeEntry]] = {"": []}
    for item in listing:
        above, _, name = item.path.rpartition("/")
        entry = TreeEntry(item.mode.lstrip("0").encode(), name.encode(errors="surrogatepass"), item.oid)
        lines.setdefault(above, []).append(entry)
        if item.folder:
            ids[item.path] = item.oid
            lines.setdefault(item.path, [])
    made = {path: _tree(entries) for path, entries in lines.items()}
    if any(tree.id != ids.get(path) for path, tree in made.items()):
        raise OtherCarrierError
    return list(made.values())


def _tree(entries: Iterable[TreeEntry]) -> GitObject:
    ordered = sorted(entries, key=lambda entry: entry.sort_key)
    return GitObject(TREE, b"".join(b"%s %s\x00%s" % (e.mode, e.name, bytes.fromhex(e.oid)) for e in ordered))
