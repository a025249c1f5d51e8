import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shiftdown.errors import InvalidInputError, NotARepositoryError, UnsafePathError
from shiftdown.git.directory import apply_changes, directory_snapshot, is_work_tree
from shiftdown.repository import Action, ChangeSet, Kind, ResolvedChange, delete, rename, write

from .conftest import SAMPLE, Git


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "plain"
    for path, content in SAMPLE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def contents(root: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(p.relative_to(root)): (p.read_bytes(), p.stat().st_mode)
        for p in sorted(root.rglob("*"))
        if p.is_file() and ".git" not in p.parts
    }


def test_a_plain_folder(folder: Path) -> None:
    (folder / ".gitignore").write_text("*.log\nbuild/\n!keep.log\n")
    (folder / "src" / ".gitignore").write_text("/secret\n")
    for path in ("a.log", "keep.log", "build/x", "src/secret", "src/lib/secret"):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text("x")
    snapshot = directory_snapshot(str(folder))
    assert sorted(snapshot.files()) == sorted([*SAMPLE, ".gitignore", "keep.log", "src/.gitignore", "src/lib/secret"])
    assert (snapshot.name, snapshot.revision, snapshot.url) == ("plain", None, None)
    assert snapshot.text("README.md") == "# Orders\n"
    assert [e.path for e in snapshot.children("build")] == []


def test_a_work_tree_as_it_is_on_disk(work_tree: Git, bare: Git) -> None:
    root = work_tree.path
    (root / ".gitignore").write_text("*.log\nvendor/\n")
    (root / "vendor").mkdir()
    (root / "vendor" / "kept.txt").write_text("x")
    (root / "vendor" / "other.txt").write_text("x")
    (root / "tracked.log").write_text("x")
    work_tree("add", "-f", "tracked.log", "vendor/kept.txt")
    (root / "untracked.txt").write_text("x")
    (root / "other.log").write_text("x")
    (root / "README.md").write_text("edited\n")
    (root / "package.json").unlink()
    (root / "run").write_text("#!/bin/sh\n")
    (root / "run").chmod(0o755)
    (root / "link").symlink_to("README.md")
    (root / "linked-folder").symlink_to("src")
    os.mkfifo(root / "pipe")
    subprocess.run(["git", "clone", "-q", str(bare.path), str(root / "nested")], check=True)
    work_tree("remote", "set-url", "origin", "https://github.com/acme/orders.git")
    snapshot = directory_snapshot(str(root))
    assert {p: e.kind for p, e in snapshot.entries().items()} == {
        **dict.fromkeys(SAMPLE.keys() - {"package.json"}, Kind.FILE),
        ".gitignore": Kind.FILE,
        "tracked.log": Kind.FILE,
        "vendor/kept.txt": Kind.FILE,
        "untracked.txt": Kind.FILE,
        "run": Kind.EXECUTABLE,
        "link": Kind.SYMLINK,
        "linked-folder": Kind.SYMLINK,
        "nested": Kind.SUBMODULE,
    }
    assert snapshot.text("README.md") == "edited\n"
    assert snapshot.read("link") == b"README.md"
    assert snapshot.children("linked-folder") == []
    assert (snapshot.default_branch, snapshot.url) == ("main", "https://github.com/acme/orders.git")


def test_a_submodule_that_is_not_there(work_tree: Git) -> None:
    tip = work_tree("rev-parse", "HEAD")
    work_tree("update-index", "--add", "--cacheinfo", f"160000,{tip},module")
    (work_tree.path / "module").mkdir()
    entry = directory_snapshot(str(work_tree.path)).entry("module")
    assert entry is not None
    assert entry.kind is Kind.SUBMODULE


def test_a_folder_of_a_work_tree_is_looked_at_by_itself(work_tree: Git) -> None:
    (work_tree.path / ".gitignore").write_text("/src/hidden\n")
    (work_tree.path / "src" / "hidden").write_text("x")
    snapshot = directory_snapshot(str(work_tree.path / "src"))
    assert list(snapshot.files()) == ["app.js", "lib/deep.js"]


def test_a_repository_without_commits(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "-b", "trunk", str(tmp_path / "new")], check=True)
    (tmp_path / "new" / "a").write_text("x")
    assert list(directory_snapshot(str(tmp_path / "new")).files()) == ["a"]


def test_names_that_are_not_utf8(folder: Path) -> None:
    (folder / os.fsdecode(b"\xff\xe9")).write_bytes(b"x")
    snapshot = directory_snapshot(str(folder))
    assert snapshot.read("\udcff\udce9") == b"x"


def test_what_is_no_folder(tmp_path: Path, bare: Git) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "nothing"):
        with pytest.raises(NotARepositoryError, match="not a directory"):
            directory_snapshot(str(path))
    with pytest.raises(InvalidInputError, match="bare repository"):
        directory_snapshot(str(bare.path))
    assert not is_work_tree(str(bare.path))
    assert not is_work_tree(str(tmp_path / "nothing"))
    assert is_work_tree(str(tmp_path))


def test_changes_are_written(folder: Path) -> None:
    (folder / "src" / "app.js").chmod(0o600)
    (folder / "run").write_text("x")
    (folder / "run").chmod(0o640)
    changes = ChangeSet(
        files=(
            write("src/app.js", "new\n"),
            write(".github/workflows/ci.yml", "on: push\n"),
            write("bin/tool", "#!/bin/sh\n", executable=True),
            write("run", "x", executable=True),
            delete("src/lib/deep.js"),
            rename("docs/guide.md", "GUIDE.md"),
            write("README.md", "# Orders\n"),
        )
    )
    before = (folder / "README.md").stat()
    resolved = apply_changes(str(folder), changes)
    assert {r.path: r.action for r in resolved} == {
        ".github/workflows/ci.yml": Action.CREATE,
        "GUIDE.md": Action.RENAME,
        "bin/tool": Action.CREATE,
        "run": Action.MODIFY,
        "src/app.js": Action.MODIFY,
        "src/lib/deep.js": Action.DELETE,
    }
    after = contents(folder)
    assert after["src/app.js"] == (b"new\n", 0o100600)
    assert after["run"] == (b"x", 0o100750)
    assert after["bin/tool"][1] & 0o111
    assert after["GUIDE.md"][0] == SAMPLE["docs/guide.md"]
    assert not (folder / "src" / "lib").exists()
    assert not (folder / "docs").exists()
    assert (folder / "README.md").stat() == before
    assert not list(folder.rglob(".shiftdown-*"))


def test_doing_it_again_changes_nothing(folder: Path) -> None:
    changes = ChangeSet(files=(write("a/b", "c"),))
    assert len(apply_changes(str(folder), changes)) == 1
    assert apply_changes(str(folder), changes) == ()


def outside(folder: Path) -> None:
    (folder.parent / "outside").mkdir()
    (folder / "out").symlink_to("../outside")


def file_as_folder(folder: Path) -> None:
    (folder / "out").write_text("x")


def link_as_file(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "x").symlink_to("../README.md")


def folder_as_file(folder: Path) -> None:
    (folder / "out" / "x").mkdir(parents=True)
    (folder / "out" / "x" / "y").write_text("z")


def ignored_file(folder: Path) -> None:
    (folder / ".gitignore").write_text("out/\n")
    (folder / "out").mkdir()
    (folder / "out" / "x").write_text("precious")


def ignored_link(folder: Path) -> None:
    outside(folder)
    (folder / ".gitignore").write_text("out\n")


@pytest.mark.parametrize("prepare", [outside, file_as_folder, link_as_file, folder_as_file, ignored_file, ignored_link])
def test_what_is_in_the_way_is_left_alone(folder: Path, prepare: Callable[[Path], None]) -> None:
    prepare(folder)
    before = contents(folder.parent)
    with pytest.raises(UnsafePathError):
        apply_changes(str(folder), ChangeSet(files=(write("README.md", "new"), write("out/x", "y"))))
    assert contents(folder.parent) == before


def test_an_error_midway_puts_everything_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full for the last file: a real limit on file sizes stands for it."""
    script = """
import resource, signal, sys
from shiftdown.errors import RepositoryError
from shiftdown.git.directory import apply_changes
from shiftdown.repository import ChangeSet, delete, rename, write
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
changes = ChangeSet(files=(
    write("README.md", "new", executable=True), delete("package.json"), rename("docs/guide.md", "a/GUIDE.md"),
    write("new/folder/file", "x"), write("zzz", "x" * 5000)))
try:
    apply_changes(sys.argv[1], changes)
except RepositoryError as error:
    print(error)
"""
    before = contents(folder)
    done = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False)
    assert "nothing was changed" in done.stdout, done
    assert contents(folder) == before
    assert not (folder / "new").exists()
    assert not (folder / "a").exists()


def test_a_read_only_folder(folder: Path, visible_folder: Path) -> None:
    script = """
import importlib.metadata, os, sys
from shiftdown.errors import RepositoryError
from shiftdown.git.directory import apply_changes
from shiftdown.repository import ChangeSet, write
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
try:
    apply_changes(sys.argv[1], ChangeSet(files=(write("a", "b"), write("src/x", "y"))))
except RepositoryError as error:
    print(error)
"""
    root = visible_folder / "plain"
    subprocess.run(["cp", "-r", str(folder), str(root)], check=True)
    subprocess.run(["chmod", "-R", "a+rwX", str(root)], check=True)
    (root / "src").chmod(0o555)
    before = contents(root)
    done = subprocess.run([sys.executable, "-c", script, str(root)], capture_output=True, text=True, check=False)
    assert "read-only; nothing was changed" in done.stdout, done
    assert contents(root) == before


def test_large_and_binary_files_are_not_read(folder: Path) -> None:
    with (folder / "big.bin").open("wb") as file:
        file.truncate(50_000_000)
    snapshot = directory_snapshot(str(folder))
    assert snapshot.is_file("big.bin")
    assert list(snapshot.files())
    resolved: tuple[ResolvedChange, ...] = apply_changes(str(folder), ChangeSet(files=(write("x", "y"),)))
    assert [r.path for r in resolved] == ["x"]
    assert (folder / "big.bin").stat().st_blocks == 0


def test_line_endings_stay(folder: Path) -> None:
    (folder / ".gitattributes").write_text("* text=auto eol=lf\n")
    text = directory_snapshot(str(folder)).text("docs/guide.md")
    apply_changes(str(folder), ChangeSet(files=(write("docs/guide.md", text + "more\r\n"),)))
    assert (folder / "docs" / "guide.md").read_bytes() == b"windows\r\nlines\r\nmore\r\n"
