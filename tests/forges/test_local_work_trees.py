"""Merging into a branch that somebody has checked out."""

from pathlib import Path

import pytest

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.model.states import ChangeRequestStatus

from .contract import text
from .local_bench import LocalBench


@pytest.fixture
def number(tree: LocalBench) -> int:
    """An open change request that changes `README.md` and adds `new.txt`."""
    tree.commit("topic", {"README.md": "changed\n", "new.txt": "new\n"})
    return tree.forge.open(tree.location, text()).number


def test_the_files_follow(tree: LocalBench, number: int) -> None:
    merged = tree.forge.merge(tree.location, number, by="ada")
    assert merged.merge_commit == tree.git("rev-parse", "HEAD")
    assert (tree.path / "README.md").read_text() == "changed\n"
    assert (tree.path / "new.txt").read_text() == "new\n"
    assert tree.git("status", "--porcelain") == ""


def test_other_changes_of_the_work_tree_stay(tree: LocalBench, number: int) -> None:
    tree.commit("main", {"mine.txt": "mine\n"})
    (tree.path / "mine.txt").write_text("being edited\n")
    (tree.path / "scratch.txt").write_text("untracked\n")
    tree.forge.merge(tree.location, number, by="ada")
    assert (tree.path / "mine.txt").read_text() == "being edited\n"
    assert tree.git("status", "--porcelain").splitlines() == [" M mine.txt", "?? scratch.txt"]


@pytest.mark.parametrize("name", ["README.md", "new.txt"])
def test_changes_in_the_way_stop_it(tree: LocalBench, number: int, name: str) -> None:
    (tree.path / name).write_text("being edited\n")
    before = tree.git("for-each-ref"), tree.git("status", "--porcelain")
    with pytest.raises(RepositoryError, match=name.replace(".", r"\.")) as caught:
        tree.forge.merge(tree.location, number, by="ada")
    assert caught.value.repository == str(tree.path)
    assert (tree.git("for-each-ref"), tree.git("status", "--porcelain")) == before
    assert (tree.path / name).read_text() == "being edited\n"
    (tree.path / name).unlink()
    tree.git("checkout", "-q", "--", "README.md")
    assert tree.forge.merge(tree.location, number, by="ada").status is ChangeRequestStatus.MERGED


def test_a_merge_under_way_stops_it(tree: LocalBench, number: int) -> None:
    tree.commit("other", {"README.md": "third\n"})
    tree.commit("main", {"fine.txt": "x\n"})
    assert tree.run("merge", "--no-commit", "--no-ff", "other").returncode == 0
    with pytest.raises(RepositoryError, match="MERGE_HEAD"):
        tree.forge.merge(tree.location, number, by="ada")
    tree.git("merge", "--abort")
    assert tree.forge.merge(tree.location, number, by="ada").status is ChangeRequestStatus.MERGED


def test_a_conflict_touches_no_file(tree: LocalBench, number: int) -> None:
    tree.commit("main", {"README.md": "ours\n"})
    with pytest.raises(ConflictError, match="git merge main"):
        tree.forge.merge(tree.location, number, by="ada")
    assert (tree.path / "README.md").read_text() == "ours\n"
    assert tree.git("status", "--porcelain") == ""


def test_a_linked_work_tree_follows_and_is_a_location(tree: LocalBench, number: int, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    tree.git("switch", "-q", "--detach")
    tree.git("worktree", "add", "-q", str(linked), "main")
    assert tree.forge.get(str(linked), number) == tree.forge.get(tree.location, number)
    merged = tree.forge.merge(str(linked), number, by="ada")
    assert (linked / "new.txt").read_text() == "new\n"
    assert not (tree.path / "new.txt").exists()
    assert merged.merge_commit == tree.tip("main")


def test_a_work_tree_on_another_branch_is_left_alone(tree: LocalBench, number: int) -> None:
    tree.git("switch", "-q", "topic")
    tree.forge.merge(tree.location, number, by="ada")
    assert tree.git("status", "--porcelain", "--branch") == "## topic"
    assert tree.files("main")["new.txt"] == "new\n"


def test_a_linked_work_tree_that_is_gone_does_not_matter(tree: LocalBench, number: int, tmp_path: Path) -> None:
    tree.git("switch", "-q", "--detach")
    tree.git("worktree", "add", "-q", str(tmp_path / "linked"), "main")
    (tmp_path / "linked").rename(tmp_path / "moved away")
    assert tree.forge.merge(tree.location, number, by="ada").status is ChangeRequestStatus.MERGED


def test_a_branch_checked_out_twice_is_not_moved(tree: LocalBench, number: int, tmp_path: Path) -> None:
    tree.git("worktree", "add", "-q", "--force", str(tmp_path / "linked"), "main")
    before = tree.tip("main")
    with pytest.raises(RepositoryError, match="more than once"):
        tree.forge.merge(tree.location, number, by="ada")
    assert tree.tip("main") == before


def test_hooks_do_not_run(tree: LocalBench, number: int, tmp_path: Path) -> None:
    for name in ("post-merge", "reference-transaction", "pre-merge-commit", "post-checkout"):
        hook = tree.path / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran-{name}'\nexit 1\n")
        hook.chmod(0o755)
    tree.forge.merge(tree.location, number, by="ada")
    assert not list(tmp_path.glob("ran-*"))


def test_the_git_folder_is_a_location_too(tree: LocalBench, number: int) -> None:
    assert tree.forge.get(str(tree.path / ".git"), number) == tree.forge.get(tree.path.as_uri(), number)
