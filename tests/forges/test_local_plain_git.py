"""What people do with plain git is noticed, and recorded."""

import subprocess
from pathlib import Path

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.model.states import ChangeRequestStatus, ReviewState

from .contract import text
from .local_bench import NOON, LocalBench

REFERENCE = "refs/shiftdown/change-requests"


def opened(bench: LocalBench, branch: str = "topic", files: dict[str, str] | None = None) -> int:
    bench.commit(branch, files or {f"{branch}.txt": "a\n"})
    return bench.forge.open(bench.location, text(branch)).number


def test_a_merge_by_hand(tree: LocalBench) -> None:
    number = opened(tree)
    tree.commit("main", {"other.txt": "x\n"})
    tree.git("merge", "-q", "--no-edit", "topic")
    merge = tree.tip("main")
    tree.commit("main", {"later.txt": "x\n"})
    found = tree.forge.get(tree.location, number)
    assert (found.status, found.merge_commit) == (ChangeRequestStatus.MERGED, merge)


def test_a_fast_forward_by_hand(tree: LocalBench) -> None:
    number = opened(tree)
    head = tree.commit("topic", {"more.txt": "x\n"})
    tree.git("merge", "-q", "--ff-only", "topic")
    tree.commit("main", {"later.txt": "x\n"})
    found = tree.forge.get(tree.location, number)
    assert (found.status, found.merge_commit, found.head) == (ChangeRequestStatus.MERGED, head, head)
    assert found.merged_at == found.created_at, "a commit made before the change request does not date the merge"


def test_a_merge_by_way_of_another_branch(tree: LocalBench) -> None:
    number = opened(tree)
    tree.git("switch", "-q", "-c", "develop")
    tree.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    tree.git("switch", "-q", "main")
    tree.commit("main", {"other.txt": "x\n"})
    tree.git("merge", "-q", "--no-ff", "--no-edit", "develop")
    merge = tree.tip("main")
    tree.commit("main", {"later.txt": "x\n"})
    assert tree.forge.get(tree.location, number).merge_commit == merge


def test_a_squash_by_hand_is_remembered(tree: LocalBench) -> None:
    number = opened(tree)
    tree.git("merge", "-q", "--squash", "topic")
    tree.git("commit", "-q", "-m", "Squashed")
    squash = tree.tip("main")
    found = tree.forge.get(tree.location, number)
    assert (found.status, found.merge_commit) == (ChangeRequestStatus.MERGED, squash)
    tree.commit("main", {"topic.txt": "changed since\n"})
    tree.delete_branch("topic")
    assert tree.forge.get(tree.location, number) == found


def test_new_commits_after_a_merge_by_hand_keep_it_open(tree: LocalBench) -> None:
    number = opened(tree)
    tree.git("merge", "-q", "--no-ff", "--no-edit", "topic")
    head = tree.commit("topic", {"more.txt": "x\n"})
    found = tree.forge.get(tree.location, number)
    assert (found.status, found.head) == (ChangeRequestStatus.OPEN, head)
    diff = tree.forge.diff(tree.location, number)
    assert "more.txt" in diff
    assert "topic.txt" not in diff


def test_a_part_that_was_merged_by_hand_is_no_longer_in_the_diff(tree: LocalBench) -> None:
    first = tree.commit("topic", {"first.txt": "x\n"})
    number = opened(tree, files={"second.txt": "x\n"})
    assert "first.txt" in tree.forge.diff(tree.location, number)
    tree.git("merge", "-q", "--no-ff", "--no-edit", first)
    diff = tree.forge.diff(tree.location, number)
    assert "second.txt" in diff
    assert "first.txt" not in diff


def test_a_branch_that_was_emptied_is_closed_not_merged(bare: LocalBench) -> None:
    number = opened(bare)
    bare.commit("main", {"other.txt": "x\n"})
    bare.git("update-ref", "refs/heads/topic", "refs/heads/main")
    found = bare.forge.get(bare.location, number)
    assert (found.status, found.merge_commit) == (ChangeRequestStatus.CLOSED, None)
    assert "not merged" in (found.reason or "")


def test_a_branch_that_undoes_itself_is_not_merged(bare: LocalBench) -> None:
    number = opened(bare, files={"README.md": "other\n"})
    bare.commit("topic", {"README.md": "hello\n"})
    assert bare.forge.get(bare.location, number).status is ChangeRequestStatus.OPEN


def test_a_deleted_branch_says_so_and_the_change_is_kept(bare: LocalBench) -> None:
    number = opened(bare)
    bare.delete_branch("topic")
    closed = bare.forge.get(bare.location, number)
    assert (closed.status, closed.reason) == (ChangeRequestStatus.CLOSED, "branch topic was deleted")
    bare.commit("topic", {"again.txt": "x\n"})
    assert bare.forge.get(bare.location, number) == closed, "a branch of the same name is another one"
    bare.delete_branch("topic")
    bare.git("reflog", "expire", "--expire=now", "--all")
    bare.git("gc", "-q", "--prune=now")
    bare.git("fsck", "--strict")
    assert "+a\n" in bare.forge.diff(bare.location, number)


def test_a_deleted_base_leaves_it_open_but_not_mergeable(bare: LocalBench) -> None:
    bare.commit("release", {"r.txt": "x\n"})
    bare.commit("topic", {"a.txt": "a\n"})
    number = bare.forge.open(bare.location, text(base="release")).number
    bare.delete_branch("release")
    assert bare.forge.get(bare.location, number).status is ChangeRequestStatus.OPEN
    with pytest.raises(NotFoundError, match="release"):
        bare.forge.merge(bare.location, number, by="ada")
    assert bare.forge.close(bare.location, number, reason="gone").status is ChangeRequestStatus.CLOSED


def test_an_approval_does_not_survive_a_forced_branch_and_its_return(bare: LocalBench) -> None:
    number = opened(bare)
    first = bare.tip("topic") or ""
    bare.forge.approve(bare.location, number, by="ada")
    bare.commit("topic", {"topic.txt": "b\n"})
    assert bare.forge.get(bare.location, number).review is ReviewState.NONE
    bare.git("update-ref", "refs/heads/topic", first)
    assert bare.forge.get(bare.location, number).approved_by == ()


def test_approvals_add_up_once_each(bare: LocalBench) -> None:
    number = opened(bare)
    for who in ("ada", "ada", "grace"):
        found = bare.forge.approve(bare.location, number, by=who)
    assert found.approved_by == ("ada", "grace")


def test_reading_writes_nothing_when_nothing_happened(bare: LocalBench) -> None:
    number = opened(bare)
    before = bare.git("for-each-ref")
    bare.forge.list(bare.location)
    bare.forge.find(bare.location, "topic")
    bare.forge.diff(bare.location, number)
    bare.forge.open(bare.location, text())
    assert bare.git("for-each-ref") == before


def test_what_is_noticed_is_recorded_once(tree: LocalBench) -> None:
    number = opened(tree)
    tree.git("merge", "-q", "topic")
    found = tree.forge.get(tree.location, number)
    before = tree.git("for-each-ref")
    assert tree.forge.get(tree.location, number) == found
    assert tree.git("for-each-ref") == before


def test_the_reference_is_the_history(bare: LocalBench) -> None:
    number = opened(bare)
    bare.forge.approve(bare.location, number, by="ada")
    bare.forge.merge(bare.location, number, by="grace")
    log = bare.git("log", "--first-parent", "--format=%an <%ae> %s", REFERENCE).splitlines()
    head = bare.tip("topic")
    assert log == [
        "Shift Down <shift@example.com> grace merges #1",
        f"Shift Down <shift@example.com> ada approves #1 at {head}",
        "Shift Down <shift@example.com> Open #1: Lint",
        "Shift Down <shift@example.com> No change requests yet",
    ]


def test_the_merge_commit_is_an_ordinary_one(bare: LocalBench) -> None:
    number = opened(bare)
    base, head = bare.tip("main"), bare.tip("topic")
    merged = bare.forge.merge(bare.location, number, by="grace")
    shown = bare.git("show", "--no-patch", "--format=%P|%an|%ce|%B", str(merged.merge_commit))
    message = "Merge change request #1: Lint\n\nMerged-by: grace"
    assert shown.strip() == f"{base} {head}|Shift Down|shift@example.com|{message}"
    assert merged.merged_at is not None
    assert merged.merged_at > NOON


def test_a_rename_on_one_side_and_an_edit_on_the_other_merge(bare: LocalBench) -> None:
    lines = "".join(f"line {n}\n" for n in range(20))
    bare.commit("main", {"old.txt": lines})
    bare.commit_bytes("topic", {"old.txt": None, "new.txt": lines.encode()})
    number = bare.forge.open(bare.location, text()).number
    bare.commit("main", {"old.txt": lines.replace("line 7", "line seven")})
    assert "rename from old.txt\nrename to new.txt" in bare.forge.diff(bare.location, number)
    bare.forge.merge(bare.location, number, by="ada")
    assert bare.files("main") == {"README.md": "hello\n", "new.txt": lines.replace("line 7", "line seven")}


def test_a_mirror_has_the_change_requests(bare: LocalBench, tmp_path: Path) -> None:
    number = opened(bare)
    bare.forge.approve(bare.location, number, by="ada")
    copy = tmp_path / "copy.git"
    subprocess.run(["git", "clone", "-q", "--mirror", bare.location, str(copy)], check=True)
    there = bare.forge.get(str(copy), number)
    assert there.url == f"{copy.as_uri()}#change-request/{number}"
    assert there.model_copy(update={"url": ""}) == bare.forge.get(bare.location, number).model_copy(update={"url": ""})


def test_histories_without_a_common_commit_are_refused(bare: LocalBench) -> None:
    bare.git("symbolic-ref", "HEAD", "refs/heads/none")
    bare.commit("orphan", {"a.txt": "a\n"}, start="none")
    with pytest.raises(InvalidInputError, match="no history in common"):
        bare.forge.open(bare.location, text("orphan"))


def test_sha256_repositories_work(tmp_path: Path) -> None:
    path = tmp_path / "sha256.git"
    path.mkdir()
    bench = LocalBench(path)
    bench.git("init", "-q", "--bare", "-b", "main", "--object-format=sha256")
    bench.commit("main", {"README.md": "hello\n"})
    number = opened(bench)
    assert bench.forge.merge(bench.location, number, by="ada").merge_commit == bench.tip("main")
