"""What a commit changes, for forges that are told file by file."""

from collections.abc import Iterator

from shiftdown.git import Commit
from shiftdown.git.objects import GitObject, TreeEntry, parse_tree


def changed_files(commit: Commit) -> Iterator[tuple[str, tuple[TreeEntry, GitObject | None] | None]]:
    """The paths that a commit changes, with what is there now, if anything."""
    new = {item.id: item for item in commit.objects}
    for path in commit.files:
        entry: TreeEntry | None = None
        tree: GitObject | None = new.get(commit.tree)
        for part in path.split("/"):
            lines = parse_tree(tree.data) if tree else iter(())
            entry = next((line for line in lines if line.name == part.encode()), None)
            tree = new.get(entry.oid) if entry else None
        yield path, (entry, new.get(entry.oid)) if entry else None
