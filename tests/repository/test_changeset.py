import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.exploring import examples

from shiftdown.errors import InvalidInputError, UnsafePathError
from shiftdown.repository import Action, ChangeSet, FileChange, Kind, MemorySource, Snapshot, delete, rename, write

BASE = Snapshot(
    MemorySource(
        {"a.txt": b"one\ntwo\nthree\n", "run": b"#!/bin/sh\n", "dir/x": b"x", "bin": b"\x00\x01", "link": b"a.txt"},
        executable=["run"],
        symlinks=["link"],
        submodules=["module"],
    ),
    name="orders",
)


def test_what_is_equal_is_dropped() -> None:
    changes = ChangeSet(files=(write("a.txt", "one\ntwo\nthree\n"), write("run", "#!/bin/sh\n", executable=True)))
    assert changes.resolve(BASE) == ()
    assert changes.diff(BASE) == ""


def test_modes_are_kept_unless_given() -> None:
    changes = ChangeSet(
        files=(write("run", "new"), write("a.txt", "new", executable=True), write("n", ""), rename("dir/x", "y"))
    )
    resolved = {r.path: (r.action, r.old_kind, r.mode) for r in changes.resolve(BASE)}
    assert resolved == {
        "a.txt": (Action.MODIFY, Kind.FILE, "100755"),
        "n": (Action.CREATE, None, "100644"),
        "run": (Action.MODIFY, Kind.EXECUTABLE, "100755"),
        "y": (Action.RENAME, Kind.FILE, "100644"),
    }
    assert ChangeSet(files=(write("run", "#!/bin/sh\n", executable=False),)).resolve(BASE)[0].mode == "100644"


def test_a_renamed_executable_stays_one() -> None:
    (resolved,) = ChangeSet(files=(rename("run", "bin2/run"),)).resolve(BASE)
    assert (resolved.mode, resolved.after, resolved.source) == ("100755", b"#!/bin/sh\n", "run")


def test_the_order_does_not_matter() -> None:
    files = (write("z", "1"), write("b", "2"), delete("a.txt"))
    assert ChangeSet(files=files).resolve(BASE) == ChangeSet(files=files[::-1]).resolve(BASE)


@pytest.mark.parametrize(
    "change",
    [
        write("link", "x"),
        delete("link"),
        write("link/x", "x"),
        write("module", "x"),
        write("module/x", "x"),
        write("dir", "x"),
        delete("dir"),
        write("a.txt/x", "x"),
        rename("a.txt", "link/x"),
        rename("link", "other"),
        rename("a.txt", "module"),
    ],
)
def test_what_cannot_be_written_safely(change: FileChange) -> None:
    with pytest.raises(UnsafePathError):
        ChangeSet(files=(change,)).resolve(BASE)


@pytest.mark.parametrize("change", [delete("no"), rename("no", "x"), rename("a.txt", "run"), delete("dir/no")])
def test_what_does_not_fit(change: FileChange) -> None:
    with pytest.raises(InvalidInputError):
        ChangeSet(files=(change,)).resolve(BASE)


@pytest.mark.parametrize(
    "files",
    [
        (write("a", "1"), write("a", "2")),
        (write("a", "1"), delete("a")),
        (rename("a", "b"), write("b", "x")),
        (rename("a", "b"), write("a", "x")),
        (write("a", "1"), write("a/b", "2")),
        (write("a/b/c", "1"), write("a/b", "2")),
    ],
)
def test_changes_that_contradict_each_other(files: tuple[FileChange, ...]) -> None:
    with pytest.raises(ValidationError):
        ChangeSet(files=files)


def test_unsafe_paths_are_refused_when_the_change_is_made() -> None:
    for path in ("../x", "/x", ".git/config"):
        for make in (lambda p: write(p, ""), delete, lambda p: rename("a", p), lambda p: rename(p, "a")):
            with pytest.raises((UnsafePathError, ValidationError)):
                make(path)


def git(folder: Path, *arguments: str, input: str | None = None) -> str:
    done = subprocess.run(
        ["git", "-c", "core.autocrlf=false", "-C", str(folder), *arguments],
        input=input.encode() if input is not None else None, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (arguments, done.stderr.decode(), input)
    return done.stdout.decode()


TEXT = st.lists(st.text(alphabet="ab \t\r\f\x0b\x85\u2028é-+@\\", max_size=4), max_size=12).map("\n".join)
PATHS = ["plain.txt", "with space.txt", "é.txt", 'quote".txt', "tab-free/deep/er.txt", "-dash", "trailing ", "a b/c d"]


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_git_applies_the_diff_and_gets_the_same(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("apply")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    before = data.draw(st.dictionaries(st.sampled_from(PATHS), TEXT, max_size=4))
    executable = [p for p in before if data.draw(st.booleans())]
    for path, text in before.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode())
        (root / path).chmod(0o755 if path in executable else 0o644)
    files: list[FileChange] = []
    for path in PATHS:
        kind = data.draw(st.sampled_from(["keep", "write", "delete", "rename"]))
        if kind == "write":
            files.append(write(path, data.draw(TEXT), executable=data.draw(st.sampled_from([None, True, False]))))
        elif kind == "delete" and path in before:
            files.append(delete(path))
        elif kind == "rename" and path in before:
            files.append(rename(path, f"moved/{path}", data.draw(st.one_of(st.none(), TEXT))))
    snapshot = Snapshot(MemorySource({p: t.encode() for p, t in before.items()}, executable=executable), name="x")
    changes = ChangeSet(files=tuple(files))
    resolved = changes.resolve(snapshot)
    if not resolved:
        return
    git(root, "apply", "--whitespace=nowarn", "-", input=changes.diff(snapshot))
    for change in resolved:
        place = root / change.path
        if change.after is None:
            assert not place.exists()
        else:
            assert place.read_bytes() == change.after
            assert bool(place.stat().st_mode & 0o100) is (change.kind is Kind.EXECUTABLE)
        if change.source:
            assert not (root / change.source).exists()


def test_the_diff_reads_as_git_writes_it() -> None:
    changes = ChangeSet(files=(write("a.txt", "one\n2\nthree"), write("new", "x\n", executable=True), delete("dir/x")))
    assert changes.diff(BASE) == (
        "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n-three\n+2\n+three\n"
        "\\ No newline at end of file\n"
        "diff --git a/dir/x b/dir/x\ndeleted file mode 100644\n--- a/dir/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
        "\\ No newline at end of file\n"
        "diff --git a/new b/new\nnew file mode 100755\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+x\n"
    )


def test_binary_files_are_only_named() -> None:
    assert ChangeSet(files=(write("bin", b"\x00\x02"),)).diff(BASE) == (
        "diff --git a/bin b/bin\nBinary files a/bin and b/bin differ\n"
    )
