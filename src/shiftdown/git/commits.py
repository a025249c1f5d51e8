"""From resolved changes to the trees of a commit; only the trees on their way are read."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shiftdown.git.objects import BLOB, TREE, GitObject, TreeEntry, edit_tree, parse_tree
from shiftdown.git.options import Identity
from shiftdown.git.source import ObjectReader
from shiftdown.repository import Kind, ResolvedChange


@dataclass(slots=True)
class _Directory:
    """What is to change in one directory."""

    files: dict[bytes, GitObject | None] = field(default_factory=dict)
    kinds: dict[bytes, Kind] = field(default_factory=dict)
    directories: dict[bytes, "_Directory"] = field(default_factory=dict)

    def put(self, path: str, content: GitObject | None, kind: Kind = Kind.FILE) -> None:
        *above, name = path.encode(errors="surrogateescape").split(b"/")
        place = self
        for part in above:
            place = place.directories.setdefault(part, _Directory())
        place.files[name] = content
        place.kinds[name] = kind


def build_trees(
    reader: ObjectReader, root: str, changes: Sequence[ResolvedChange]
) -> tuple[str, tuple[GitObject, ...]]:
    """The id of the root tree after `changes`, and the new blobs and trees, each before what names it."""
    intended = _Directory()
    new: dict[str, GitObject] = {}
    for change in changes:
        if change.source:
            intended.put(change.source, None)
        if change.after is None or change.kind is None:
            intended.put(change.path, None)
        else:
            blob = GitObject(BLOB, change.after)
            new[blob.id] = blob
            intended.put(change.path, blob, change.kind)
    tree = _write(reader, root, intended, new) or _store(GitObject(TREE, b""), new)
    return tree, tuple(new.values())


def new_objects(reader: ObjectReader, before: str | None, after: str) -> tuple[GitObject, ...]:
    """What a tree has that another one has not at the same places: blobs, then trees, each before what names it."""
    blobs: dict[str, None] = {}
    trees: dict[str, GitObject] = {}
    _collect(reader, before, after, blobs, trees)
    contents = reader.blobs(list(blobs))
    return *(GitObject(BLOB, contents[oid]) for oid in blobs), *trees.values()


def _collect(
    reader: ObjectReader, before: str | None, after: str, blobs: dict[str, None], trees: dict[str, GitObject]
) -> None:
    old = {entry.name: entry for entry in parse_tree(reader.tree(before))} if before else {}
    data = reader.tree(after)
    for entry in parse_tree(data):
        present = old.get(entry.name)
        if present is not None and present.oid == entry.oid:
            continue
        if entry.kind is Kind.DIRECTORY:
            below = present.oid if present is not None and present.kind is Kind.DIRECTORY else None
            _collect(reader, below, entry.oid, blobs, trees)
        elif entry.kind is not Kind.SUBMODULE:
            blobs[entry.oid] = None
    trees[after] = GitObject(TREE, data)


def signed_off(message: str, author: Identity) -> str:
    """The message with a `Signed-off-by` trailer, once."""
    from dulwich.trailers import add_trailer_to_message

    text = message.strip("\n") + "\n"
    out = add_trailer_to_message(text.encode(), "Signed-off-by", str(author), separator=":", if_exists="addIfDifferent")
    return out.decode()


def _write(reader: ObjectReader, old: str | None, intended: _Directory, new: dict[str, GitObject]) -> str | None:
    """Write one directory and those below it; `None` when nothing is left in it: git keeps none empty."""
    data = reader.tree(old) if old else b""
    before = {e.name: e for e in parse_tree(data)}
    changes: dict[bytes, TreeEntry | None] = {
        name: None if blob is None else TreeEntry(_mode(before.get(name), intended.kinds[name]), name, blob.id)
        for name, blob in intended.files.items()
    }
    for name, directory in intended.directories.items():
        present = before.get(name)
        oid = _write(reader, present.oid if present else None, directory, new)
        changes[name] = TreeEntry(present.mode if present else b"40000", name, oid) if oid else None
    after = edit_tree(data, changes)
    return _store(GitObject(TREE, after), new) if after else None


def _mode(before: TreeEntry | None, kind: Kind) -> bytes:
    """The old mode as it was written, if it means the same; else the usual one."""
    return before.mode if before and before.kind is kind else b"%o" % kind.mode


def _store(made: GitObject, new: dict[str, GitObject]) -> str:
    oid = made.id
    new[oid] = made
    return oid
