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
