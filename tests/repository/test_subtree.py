from shiftdown.repository import MemorySource, Snapshot
from shiftdown.repository.subtree import subtree

BASE = Snapshot(
    MemorySource({"README.md": b"#", "a/README.md": b"a", "a/b/c.txt": b"c", "ab/other": b"o"}),
    name="everything",
    default_branch="trunk",
)


def test_a_folder_stands_by_itself() -> None:
    part = subtree(BASE, "a")
    assert {path: part.read(path) for path in part.entries()} == {"README.md": b"a", "b/c.txt": b"c"}
    assert (part.name, part.default_branch) == ("a", "trunk")


def test_a_folder_is_named_after_its_last_part() -> None:
    part = subtree(BASE, "a/b")
    assert part.name == "b"
    assert list(part.entries()) == ["c.txt"]


def test_the_root_is_the_snapshot_itself() -> None:
    assert subtree(BASE, "") is BASE
