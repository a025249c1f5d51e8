import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftdown.errors import UnsafePathError
from shiftdown.repository import ChangeSet, FileChange, Kind, MemorySource, Snapshot, delete, overlay, rename, write

BASE = Snapshot(
    MemorySource(
        {"README.md": b"# x\n", "src/a.py": b"a", "src/lib/b.py": b"b", "only/one": b"1", "link": b"src"},
        executable=["src/a.py"],
        symlinks=["link"],
        submodules=["module"],
    ),
    name="orders",
    revision="1" * 40,
    default_branch="trunk",
    url="https://example.com/orders",
)


def shown(snapshot: Snapshot) -> dict[str, tuple[Kind, bytes]]:
    return {p: (e.kind, b"" if e.kind is Kind.SUBMODULE else snapshot.read(p)) for p, e in snapshot.entries().items()}


def test_what_it_shows() -> None:
    changes = ChangeSet(
        files=(
            write("README.md", "new"),
            write("deep/er/file", "x", executable=True),
            delete("only/one"),
            rename("src/lib/b.py", "src/b.py"),
        )
    )
    after = overlay(BASE, changes)
    assert shown(after) == {
        "README.md": (Kind.FILE, b"new"),
        "deep/er/file": (Kind.EXECUTABLE, b"x"),
        "link": (Kind.SYMLINK, b"src"),
        "module": (Kind.SUBMODULE, b""),
        "src/a.py": (Kind.EXECUTABLE, b"a"),
        "src/b.py": (Kind.FILE, b"b"),
    }
    assert [e.path for e in after.children()] == ["README.md", "deep", "link", "module", "src"]
    assert [e.path for e in after.children("src")] == ["src/a.py", "src/b.py"]
    assert [e.path for e in after.children("deep")] == ["deep/er"]
    assert not after.exists("only")
    assert after.glob("deep/*/*") == ["deep/er/file"]
    assert (after.name, after.default_branch, after.url, after.revision) == (
        "orders",
        "trunk",
        "https://example.com/orders",
        None,
    )
    assert BASE.text("README.md") == "# x\n"


def test_overlays_lie_on_overlays() -> None:
    once = overlay(BASE, ChangeSet(files=(write("a", "1"), delete("README.md"))))
    twice = overlay(once, ChangeSet(files=(write("README.md", "again"), delete("a"))))
    assert twice.text("README.md") == "again"
    assert not twice.exists("a")


def test_a_deleted_file_may_become_a_directory() -> None:
    after = overlay(
        overlay(BASE, ChangeSet(files=(delete("README.md"),))), ChangeSet(files=(write("README.md/x", "y"),))
    )
    assert after.text("README.md/x") == "y"
    assert not after.is_file("README.md")


@pytest.mark.parametrize("change", [write("link/x", ""), write("module/x", ""), write("src", "")])
def test_what_is_unsafe_stays_so(change: FileChange) -> None:
    with pytest.raises(UnsafePathError):
        overlay(BASE, ChangeSet(files=(change,)))


PATHS = st.sampled_from(["README.md", "src/a.py", "src/lib/b.py", "only/one", "new", "n/e/w", "src/new", "only/two"])


@given(st.dictionaries(PATHS, st.one_of(st.none(), st.binary(max_size=3))))
def test_it_is_what_applying_the_changes_would_give(wanted: dict[str, bytes | None]) -> None:
    present = set(BASE.files())
    files = tuple(
        delete(path) if content is None else write(path, content)
        for path, content in wanted.items()
        if content is not None or path in present
    )
    after = overlay(BASE, ChangeSet(files=files))
    expected = {p: BASE.read(p) for p in present}
    for change in files:
        if change.content is None:
            del expected[change.path]
        else:
            expected[change.path] = change.content
    assert {p: after.read(p) for p in after.files()} == expected
    directories = {p.rpartition("/")[0] for p in expected}
    for directory in ("", "src", "src/lib", "only", "n", "n/e"):
        listed = {e.path for e in after.children(directory) if e.kind.is_file}
        assert listed == {p for p in expected if p.rpartition("/")[0] == directory}
        used = any(d == directory or d.startswith(f"{directory}/") for d in directories)
        assert directory == "" or after.exists(directory) is used
