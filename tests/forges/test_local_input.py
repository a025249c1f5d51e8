"""What cannot be used is refused, by name, and changes nothing."""

import os
import stat
from pathlib import Path

import pytest

from shiftdown.errors import (
    EmptyRepositoryError,
    IllegalTransitionError,
    InvalidInputError,
    NotARepositoryError,
    RepositoryError,
    ShiftdownError,
)
from shiftdown.forges.local import LocalForge

from .contract import text
from .local_bench import AUTHOR, Clock, LocalBench

REFERENCE = "refs/shiftdown/change-requests"


@pytest.mark.parametrize(
    "location",
    [
        "https://example.com/a/b",
        "ssh://git@example.com/a",
        "file://elsewhere/a",
        "file:///a?b",
        "ext::sh -c id",
        "",
        "\n",
        "/a\0b",
    ],
)
def test_only_paths_and_file_urls(bare: LocalBench, location: str) -> None:
    with pytest.raises(InvalidInputError):
        bare.forge.list(location)


def test_a_token_in_a_url_is_not_repeated(bare: LocalBench) -> None:
    with pytest.raises(InvalidInputError) as caught:
        bare.forge.list("https://me:secret@example.com/a/b")
    assert "secret" not in str(caught.value)


def test_what_is_no_repository(tmp_path: Path) -> None:
    forge = LocalForge(Clock(), AUTHOR)
    (tmp_path / "file").write_text("x")
    for place in (tmp_path, tmp_path / "file", tmp_path / "nowhere", tmp_path / "-x"):
        with pytest.raises(NotARepositoryError) as caught:
            forge.list(str(place))
        assert caught.value.repository == str(place)


def test_a_folder_of_a_repository_is_not_the_repository(tree: LocalBench) -> None:
    (tree.path / "src").mkdir()
    (tree.path / "damaged" / ".git").mkdir(parents=True)
    for inside in ("src", "damaged", ".git/objects"):
        with pytest.raises(NotARepositoryError, match="not its top folder"):
            tree.forge.list(str(tree.path / inside))


def test_a_repository_without_commits(tmp_path: Path) -> None:
    bench = LocalBench(tmp_path)
    bench.git("init", "-q", "-b", "main")
    assert bench.forge.list(bench.location) == []
    with pytest.raises(EmptyRepositoryError):
        bench.forge.open(bench.location, text())
    assert bench.git("for-each-ref") == ""


@pytest.mark.parametrize("name", ["with space", "with:colon", "ünï", "-dash", "$(id)", "it's"])
def test_folders_of_any_name(tmp_path: Path, name: str) -> None:
    bench = LocalBench.with_tree(tmp_path / name)
    bench.commit("topic", {"a.txt": "a\n"})
    opened = bench.forge.open(bench.location, text())
    url, _, _ = opened.url.partition("#")
    assert bench.forge.get(url, 1) == opened
    assert bench.forge.merge(bench.location, 1, by="ada").merge_commit == bench.git("rev-parse", "HEAD")


def test_a_link_to_a_repository(bare: LocalBench, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(bare.path)
    bare.commit("topic", {"a.txt": "a\n"})
    assert bare.forge.open(str(tmp_path / "link"), text()) == bare.forge.get(bare.location, 1)


def test_a_large_body_is_kept_and_a_larger_one_refused(bare: LocalBench) -> None:
    bare.commit("topic", {"a.txt": "a\n"})
    body = "ü\x01" * 333_333
    opened = bare.forge.open(bare.location, text(body=body))
    assert bare.forge.get(bare.location, opened.number).body == body
    for refused in (body + "ab", "\ud800"):
        with pytest.raises(InvalidInputError, match="body"):
            bare.forge.open(bare.location, text(body=refused))
    assert bare.forge.get(bare.location, opened.number) == opened


@pytest.mark.parametrize("word", ["", " ", "a\nMerged-by: eve", "\x1b[0m", "x" * 1001])
def test_names_and_reasons_are_one_line(bare: LocalBench, word: str) -> None:
    bare.commit("topic", {"a.txt": "a\n"})
    opened = bare.forge.open(bare.location, text())
    with pytest.raises(InvalidInputError):
        bare.forge.approve(bare.location, 1, by=word)
    with pytest.raises(InvalidInputError):
        bare.forge.merge(bare.location, 1, by=word)
    with pytest.raises(InvalidInputError):
        bare.forge.close(bare.location, 1, reason=word)
    assert bare.forge.get(bare.location, 1) == opened


def test_a_branch_is_not_merged_into_itself(bare: LocalBench) -> None:
    with pytest.raises(InvalidInputError, match="itself"):
        bare.forge.open(bare.location, text("main"))


def test_a_change_request_keeps_its_branch(bare: LocalBench) -> None:
    for branch in ("topic", "other"):
        bare.commit(branch, {"a.txt": f"{branch}\n"})
    bare.forge.open(bare.location, text())
    with pytest.raises(InvalidInputError, match="open another one for other"):
        bare.forge.update(bare.location, 1, text("other"))


def test_a_new_base(bare: LocalBench) -> None:
    bare.commit("release", {"r.txt": "r\n"})
    bare.commit("topic", {"a.txt": "a\n"}, start="release")
    bare.forge.open(bare.location, text())
    assert "r.txt" in bare.forge.diff(bare.location, 1)
    assert bare.forge.update(bare.location, 1, text(base="release")).base == "release"
    assert "r.txt" not in bare.forge.diff(bare.location, 1)


def test_illegal_changes_name_both_states(bare: LocalBench) -> None:
    bare.commit("topic", {"a.txt": "a\n"})
    bare.forge.open(bare.location, text())
    bare.forge.close(bare.location, 1, reason="no")
    assert bare.forge.close(bare.location, 1, reason="again").reason == "no"
    with pytest.raises(IllegalTransitionError, match="from CLOSED to MERGED"):
        bare.forge.merge(bare.location, 1, by="ada")
    with pytest.raises(IllegalTransitionError, match="from CLOSED to OPEN"):
        bare.forge.approve(bare.location, 1, by="ada")
    with pytest.raises(IllegalTransitionError, match="from CLOSED to OPEN"):
        bare.forge.update(bare.location, 1, text())


def test_a_diff_of_bytes_that_are_no_text(bare: LocalBench) -> None:
    bare.commit_bytes("topic", {"latin.txt": b"caf\xe9\r\n", "image.bin": bytes(range(256))})
    bare.forge.open(bare.location, text())
    diff = bare.forge.diff(bare.location, 1)
    assert "+caf\N{REPLACEMENT CHARACTER}\r\n" in diff
    assert "Binary files /dev/null and b/image.bin differ" in diff


def test_settings_of_the_user_do_not_change_the_diff(bare: LocalBench, tmp_path: Path) -> None:
    bare.commit("topic", {"README.md": "other\n"})
    bare.forge.open(bare.location, text())
    before = bare.forge.diff(bare.location, 1)
    for key, value in (("color.ui", "always"), ("diff.noprefix", "true"), ("diff.external", "false")):
        bare.git("config", key, value)
    assert bare.forge.diff(bare.location, 1) == before


def test_the_surroundings_of_a_git_hook_do_not_matter(
    bare: LocalBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = LocalBench.bare(tmp_path / "other.git")
    bare.commit("topic", {"a.txt": "a\n"})
    with monkeypatch.context() as hook:
        hook.setenv("GIT_DIR", str(other.path))
        hook.setenv("GIT_OBJECT_DIRECTORY", str(other.path / "objects"))
        hook.setenv("GIT_INDEX_FILE", str(tmp_path / "foreign"))
        hook.setenv("GIT_NAMESPACE", "foreign")
        bare.forge.open(bare.location, text())
        bare.forge.merge(bare.location, 1, by="ada")
    assert bare.files("main")["a.txt"] == "a\n"
    assert REFERENCE not in other.git("for-each-ref")


def test_the_current_folder_and_the_locale_do_not_matter(
    tree: LocalBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree.commit("topic", {"a.txt": "a\n"})
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    assert tree.forge.open(tree.location, text(title="Prüfung ✓")).title == "Prüfung ✓"
    assert tree.forge.merge(tree.location, 1, by="ada").merge_commit == tree.tip("main")


def test_a_relative_path(tree: LocalBench, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.commit("topic", {"a.txt": "a\n"})
    opened = tree.forge.open(tree.location, text())
    monkeypatch.chdir(tree.path.parent)
    assert tree.forge.get("repo", 1) == opened


def test_a_git_that_is_too_old_is_named(bare: LocalBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho git version 2.30.2\n")
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{old.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(ShiftdownError, match=r"git 2\.30\.2 is too old.* 2\.38"):
        bare.new_forge().list(bare.location)


def test_a_git_that_hangs_is_stopped(bare: LocalBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "bin" / "git"
    slow.parent.mkdir()
    slow.write_text('#!/bin/sh\ncase "$*" in *--version) echo git version 2.40.0 ;; *) exec sleep 600 ;; esac\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{slow.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(RepositoryError, match="did not end within"):
        bare.new_forge(timeout=0.5).list(bare.location)


def put(bench: LocalBench, name: str, content: str) -> None:
    """Make a record say something, as a faulty program would."""
    blob = bench.git("hash-object", "-w", "--stdin", stdin=content.encode())
    listing = bench.git("ls-tree", REFERENCE).splitlines()
    entries = [line for line in listing if not line.endswith(f"\t{name}")]
    made = bench.git("mktree", stdin="\n".join([*entries, f"100644 blob {blob}\t{name}", ""]).encode())
    bench.git("update-ref", REFERENCE, bench.git("commit-tree", made, "-p", REFERENCE, "-m", "Damage"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{", "not JSON {"),
        ('"number":', '"nummer":'),
        ('"number": 1', '"number": 2'),
        ('"head": "', '"head": "--output=/tmp/x'),
        ('"branch": "topic"', '"branch": "--all"'),
        ('"status": "OPEN"', '"status": "AJAR"'),
        ('"start": "', '"start": "-'),
    ],
)
def test_a_damaged_record_is_named_not_dropped(bare: LocalBench, old: str, new: str) -> None:
    for branch in ("topic", "other"):
        bare.commit(branch, {f"{branch}.txt": "a\n"})
        bare.forge.open(bare.location, text(branch))
    good = bare.git("rev-parse", REFERENCE)
    record = bare.git("cat-file", "-p", f"{REFERENCE}:1.json")
    assert old in record
    put(bare, "1.json", record.replace(old, new, 1))
    with pytest.raises(RepositoryError, match=f"{REFERENCE}:1.json") as caught:
        bare.forge.list(bare.location)
    assert caught.value.repository == str(bare.path)
    bare.git("update-ref", REFERENCE, good)
    assert len(bare.forge.list(bare.location)) == 2


@pytest.mark.parametrize("name", ["01.json", "x.json", "1.txt", "²"])
def test_a_foreign_file_among_the_records_is_named(bare: LocalBench, name: str) -> None:
    bare.commit("topic", {"a.txt": "a\n"})
    bare.forge.open(bare.location, text())
    put(bare, name, "{}")
    with pytest.raises(RepositoryError, match="is not a record"):
        bare.forge.list(bare.location)


def test_a_huge_record_is_not_read(bare: LocalBench) -> None:
    bare.commit("topic", {"a.txt": "a\n"})
    bare.forge.open(bare.location, text())
    put(bare, "2.json", " " * 17_000_000)
    with pytest.raises(RepositoryError, match=r"2\.json has 17000000 bytes"):
        bare.forge.list(bare.location)


def test_a_lost_record_is_named(bare: LocalBench) -> None:
    bare.commit("topic", {"a.txt": "a\n"})
    bare.forge.open(bare.location, text())
    blob = bare.git("rev-parse", f"{REFERENCE}:1.json")
    (bare.path / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(RepositoryError, match=REFERENCE):
        bare.forge.list(bare.location)


def test_a_reference_in_the_way_is_named(bare: LocalBench) -> None:
    bare.commit("topic", {"a.txt": "a\n"})
    bare.git("update-ref", "refs/shiftdown", "refs/heads/main")
    with pytest.raises(RepositoryError, match="refs/shiftdown"):
        bare.forge.open(bare.location, text())


def test_a_reference_to_something_else_is_named(bare: LocalBench) -> None:
    blob = bare.git("hash-object", "-w", "--stdin", stdin=b"x")
    bare.git("update-ref", REFERENCE, blob)
    with pytest.raises(RepositoryError, match=REFERENCE):
        bare.forge.list(bare.location)
