"""Files in memory, always inside."""

import pytest

from shiftdown.errors import InvalidInputError, UnsafePathError
from shiftdown.repository import ChangeSet, Kind, MemorySource, Snapshot, delete, write
from shiftdown.scaffolder.workspace import Workspace, WorkspaceLimits, matches


def _workspace(*paths: str) -> Workspace:
    workspace = Workspace()
    for path in paths:
        workspace.write(path, path.encode())
    return workspace


def _paths(workspace: Workspace) -> list[str]:
    return [entry.path for entry in workspace.entries()]


@pytest.mark.parametrize(("given", "path"), [("./a", "a"), ("a/../b", "b"), ("", ""), (".", ""), ("a//b/", "a/b")])
def test_paths_as_templates_write_them(given: str, path: str) -> None:
    assert Workspace.path(given) == path


@pytest.mark.parametrize("given", ["../a", "/etc/passwd", "a/../../b", ".git/config", "a/.GIT/x", "a\x00b", "a\\b"])
def test_paths_that_lead_out(given: str) -> None:
    with pytest.raises(UnsafePathError):
        Workspace.path(given)


def test_a_file_is_no_folder() -> None:
    workspace = _workspace("a")
    with pytest.raises(UnsafePathError, match="is not a folder"):
        workspace.write("a/b", b"")
    workspace.make_folder("c")
    with pytest.raises(UnsafePathError, match="is a folder"):
        workspace.write("c", b"")


def test_nothing_is_written_through_a_symbolic_link() -> None:
    workspace = Workspace()
    workspace.write("link", b"/etc", Kind.SYMLINK)
    with pytest.raises(UnsafePathError, match="is not a folder"):
        workspace.write("link/passwd", b"")


def test_removing() -> None:
    workspace = _workspace("a/b", "a/c/d", "ab", "e")
    workspace.remove("a")
    workspace.remove("e")
    workspace.remove("nothing")
    assert _paths(workspace) == ["ab"]
    assert not workspace.exists("a")
    workspace.remove("")
    assert _paths(workspace) == []


def test_moving() -> None:
    workspace = _workspace("a/b", "a/c/d", "x")
    workspace.make_folder("a/empty")
    workspace.write("a/run", b"", Kind.EXECUTABLE, brought=True)
    workspace.move("a", "new/a")
    assert _paths(workspace) == ["new/a/b", "new/a/c/d", "new/a/run", "x"]
    assert workspace.kind("new/a/empty") is Kind.DIRECTORY
    assert workspace.kind("new/a/run") is Kind.EXECUTABLE
    assert workspace.is_brought("new/a/run")
    assert not workspace.exists("a")


@pytest.mark.parametrize(
    ("source", "target", "problem"),
    [
        ("none", "b", "nothing to rename"),
        ("", "b", "nothing to rename"),
        ("a", "a/b", "into itself"),
        ("a", "x", "exists"),
    ],
)
def test_moves_that_are_refused_change_nothing(source: str, target: str, problem: str) -> None:
    workspace = _workspace("a/f", "x")
    with pytest.raises(InvalidInputError, match=problem):
        workspace.move(source, target)
    assert _paths(workspace) == ["a/f", "x"]


def test_moving_in_place_of_something() -> None:
    workspace = _workspace("a", "b/c")
    workspace.move("a", "b", overwrite=True)
    assert (_paths(workspace), workspace.read("b")) == (["b"], b"a")


@pytest.mark.parametrize(
    ("pattern", "path", "match"),
    [
        ("*.md", "a.md", True),
        ("*.md", "docs/a.md", False),
        ("**/*.md", "docs/deep/a.md", True),
        ("**/*.md", "a.md", True),
        ("**", ".github/x", True),
        ("*", ".hidden", True),
        ("a/{b,c}.txt", "a/c.txt", True),
        ("a/!(b).txt", "a/c.txt", True),
        ("./a/*", "a/b", True),
        ("a", "a/b", False),
    ],
)
def test_globs(pattern: str, path: str, match: bool) -> None:
    assert matches(path, [pattern]) == match


def test_globs_that_leave_out() -> None:
    assert matches("a.md", ["*", "!*.txt"])
    assert not matches("a.txt", ["*", "!*.txt"])


def test_limits() -> None:
    workspace = Workspace(limits=WorkspaceLimits(files=3, bytes=10))
    workspace.write("a", b"12345")
    workspace.write("a", b"1234567890")
    with pytest.raises(InvalidInputError, match="more than 10 bytes"):
        workspace.write("b", b"1")
    workspace.remove("b")
    workspace.write("a", b"")
    workspace.write("c/d", b"")
    with pytest.raises(InvalidInputError, match="more than 3 files"):
        workspace.write("e", b"")
    with pytest.raises(InvalidInputError, match="4 files are more than"):
        workspace.check_room(4)


def test_over_a_snapshot() -> None:
    base = Snapshot(MemorySource({"a": b"old", "b": b"kept", "c/d": b"gone"}, executable=["b"]), name="base")
    workspace = Workspace(base)
    workspace.write("a", b"new")
    workspace.remove("c")
    assert workspace.read("b") == b"kept"
    changes = {c.path: (c.content, c.removed) for c in workspace.changes()}
    assert changes == {"a": (b"new", False), "c/d": (None, True)}


def test_a_change_set() -> None:
    workspace = _workspace("a", "b")
    workspace.apply(ChangeSet(files=(write("c/d", "x"), delete("a")), summary=""), name="w")
    assert _paths(workspace) == ["b", "c/d"]
    snapshot = workspace.snapshot(name="w")
    assert sorted(snapshot.entries()) == ["b", "c/d"]
    assert [e.path for e in snapshot.children("c")] == ["c/d"]
    assert snapshot.read("c/d") == b"x"
