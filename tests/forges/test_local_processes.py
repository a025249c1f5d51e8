"""Several processes on one repository, and processes that are killed."""

import fcntl
import itertools
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shiftdown.errors import IllegalTransitionError, RepositoryError
from shiftdown.forges.local import repository
from shiftdown.git.program import Outcome
from shiftdown.model.states import ChangeRequestStatus

from .contract import text
from .local_bench import LocalBench

WORKER = Path(__file__).parent / "local_worker.py"
BRANCHES = ("one", "two/three", "two/four", "five")


class Workers:
    """Processes that begin at the same moment."""

    def __init__(self, bench: LocalBench) -> None:
        self._bench = bench
        self._start = bench.path.parent / "start"
        self.processes: list[subprocess.Popen[str]] = []

    def add(self, verb: str, *arguments: str) -> None:
        command = [sys.executable, str(WORKER), self._bench.location, str(self._start), verb, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        self.processes.append(process)

    def go(self) -> list[list[Any]]:
        """What each process answered."""
        self._start.touch()
        answers = []
        for process in self.processes:
            out, error = process.communicate(timeout=120)
            assert process.returncode == 0, error
            answers.append([json.loads(line) for line in out.splitlines()])
        return answers


@pytest.fixture(params=["bare", "tree"])
def bench(request: pytest.FixtureRequest) -> LocalBench:
    """Both kinds of repository."""
    made: LocalBench = request.getfixturevalue(request.param)
    return made


def test_a_branch_gets_one_change_request_whoever_asks(bare: LocalBench) -> None:
    for branch in BRANCHES:
        bare.commit(branch, {f"{branch}.txt": "x\n"})
    workers = Workers(bare)
    for turn in range(4):
        workers.add("open", *BRANCHES[turn:], *BRANCHES[:turn])
    answers = workers.go()
    numbers = [dict(zip(BRANCHES[t:] + BRANCHES[:t], a, strict=True)) for t, a in enumerate(answers)]
    assert all(n == numbers[0] for n in numbers), "every process was told the same number for a branch"
    assert [c.number for c in bare.forge.list(bare.location)] == [1, 2, 3, 4]
    assert {c.branch for c in bare.forge.list(bare.location)} == set(BRANCHES)
    bare.git("fsck", "--strict")


def test_no_approval_is_lost(bare: LocalBench) -> None:
    bare.commit("topic", {"a.txt": "a\n"})
    bare.forge.open(bare.location, text())
    workers = Workers(bare)
    for name in ("ada", "grace", "edsger", "barbara"):
        workers.add("approve", *(f"1:{name}{n}" for n in range(3)))
    workers.go()
    assert len(bare.forge.get(bare.location, 1).approved_by) == 12


def test_one_merge_when_several_ask(bench: LocalBench) -> None:
    bench.commit("topic", {"a.txt": "a\n"})
    bench.forge.open(bench.location, text())
    workers = Workers(bench)
    for _ in range(3):
        workers.add("merge", "1")
    answers = workers.go()
    assert answers == [[[1, "MERGED", bench.tip("main")]]] * 3
    assert bench.git("rev-list", "--count", "--first-parent", "main") == "2"


def test_merges_of_different_change_requests_all_arrive(bench: LocalBench) -> None:
    for branch in BRANCHES:
        bench.commit(branch, {f"{branch}.txt": "x\n"})
        bench.forge.open(bench.location, text(branch))
    workers = Workers(bench)
    for number in range(1, 5):
        workers.add("merge", str(number))
    answers = workers.go()
    assert [a[0][1] for a in answers] == ["MERGED"] * 4
    assert set(bench.files("main")) == {"README.md", *(f"{b}.txt" for b in BRANCHES)}
    assert len({a[0][2] for a in answers}) == 4
    if bench.checked_out:
        assert bench.git("status", "--porcelain") == ""


def beside(monkeypatch: pytest.MonkeyPatch, command: str, act: Callable[[], object]) -> None:
    """Have `act` happen once, right before git runs `command`: what another process may do."""
    real, todo = repository._execute, [act]

    def execute(place: Any, arguments: list[str], *rest: Any, **named: Any) -> Outcome:
        if command in arguments and todo:
            todo.pop()()
        return real(place, arguments, *rest, **named)

    monkeypatch.setattr(repository, "_execute", execute)


def test_a_merge_while_it_is_being_closed_wins(tree: LocalBench, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.commit("topic", {"a.txt": "a\n"})
    tree.forge.open(tree.location, text())
    beside(monkeypatch, "update-ref", lambda: tree.git("merge", "-q", "topic"))
    with pytest.raises(IllegalTransitionError, match="from MERGED to CLOSED"):
        tree.forge.close(tree.location, 1, reason="late")


def test_an_approval_is_of_the_head_even_if_that_moves_meanwhile(
    bare: LocalBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.commit("topic", {"a.txt": "a\n"})
    bare.forge.open(bare.location, text())
    beside(monkeypatch, "update-ref", lambda: bare.commit("topic", {"a.txt": "b\n"}))
    approved = bare.forge.approve(bare.location, 1, by="ada")
    assert approved.head == bare.tip("topic")
    assert bare.forge.get(bare.location, 1) == approved


@pytest.mark.parametrize("command", ["update-ref", "--ff-only"])
def test_a_commit_to_the_base_during_a_merge_is_kept(
    bench: LocalBench, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    bench.commit("topic", {"a.txt": "a\n"})
    bench.forge.open(bench.location, text())
    beside(monkeypatch, command, lambda: bench.commit("main", {"b.txt": "b\n"}))
    merged = bench.forge.merge(bench.location, 1, by="ada")
    assert merged.status is ChangeRequestStatus.MERGED
    assert bench.forge.get(bench.location, 1) == merged
    assert "a.txt" in bench.files("main")


def test_merges_into_a_work_tree_take_turns(tree: LocalBench, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.commit("topic", {"a.txt": "a\n"})
    tree.forge.open(tree.location, text())
    seen = []

    def try_lock() -> None:
        with (tree.path / ".git" / "shiftdown-merge.lock").open("w") as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        seen.append(True)

    beside(monkeypatch, "--ff-only", try_lock)
    tree.forge.merge(tree.location, 1, by="ada")
    assert seen


class Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


def kill_before(monkeypatch: pytest.MonkeyPatch, step: int) -> Callable[[], bool]:
    """Let the process end before its git run number `step`; the answer tells whether it came to that."""
    real, runs, fell = repository._execute, itertools.count(1), []

    def execute(*arguments: Any, **named: Any) -> Outcome:
        if next(runs) == step:
            fell.append(step)
            raise Killed
        return real(*arguments, **named)

    monkeypatch.setattr(repository, "_execute", execute)
    return lambda: bool(fell)


def survives(bench: LocalBench, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object], step: int) -> bool:
    """Run `act` in a process that ends before git run number `step`; whether it got through."""
    with monkeypatch.context() as patch:
        fell = kill_before(patch, step)
        try:
            act()
        except Killed:
            assert fell()
            return False
        return True


def test_killed_at_any_step_of_opening(bare: LocalBench, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = itertools.count(1)
    for step in steps:
        branch = f"branch-{step}"
        bare.commit(branch, {f"{step}.txt": "x\n"})
        through = survives(bare, monkeypatch, partial(bare.forge.open, bare.location, text(branch)), step)
        assert bare.forge.open(bare.location, text(branch)).number == step
        if through:
            break
    assert step > 8
    assert [c.number for c in bare.forge.list(bare.location)] == list(range(1, step + 1))


def test_killed_at_any_step_of_merging(bench: LocalBench, monkeypatch: pytest.MonkeyPatch) -> None:
    for step in itertools.count(1):
        branch = f"branch-{step}"
        bench.commit(branch, {f"{step}.txt": "x\n"})
        number = bench.forge.open(bench.location, text(branch)).number
        if survives(bench, monkeypatch, partial(bench.forge.merge, bench.location, number, by="ada"), step):
            break
        moved = bench.tip("main") != bench.git("merge-base", "main", f"refs/heads/{branch}")
        found = bench.forge.get(bench.location, number)
        merged = bench.forge.merge(bench.location, number, by="ada")
        assert merged.status is ChangeRequestStatus.MERGED
        assert merged.merge_commit == bench.tip("main")
        assert (found.status is ChangeRequestStatus.MERGED) == moved, "a look tells what is in the base branch"
    assert step > 8
    assert bench.git("rev-list", "--count", "--first-parent", "main") == str(step + 1)
    if bench.checked_out:
        assert bench.git("status", "--porcelain") == ""


def test_kill_9(bare: LocalBench) -> None:
    branches = [f"branch-{n}" for n in range(12)]
    for branch in branches:
        bare.commit(branch, {f"{branch}.txt": "x\n"})
    for done in range(1, 4):
        workers = Workers(bare)
        workers.add("open", *branches)
        (bare.path.parent / "start").touch()
        process = workers.processes[0]
        assert process.stdout is not None
        for _ in range(done * 2):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate()
    opened = [bare.forge.open(bare.location, text(branch)).number for branch in branches]
    assert sorted(opened) == list(range(1, 13))
    assert len(bare.forge.list(bare.location)) == 12
    bare.git("fsck", "--strict")


def test_a_lock_that_a_dead_git_left_is_named(bare: LocalBench) -> None:
    bare.commit("topic", {"a.txt": "a\n"})
    lock = bare.path / "refs" / "shiftdown" / "change-requests.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()
    with pytest.raises(RepositoryError, match=r"change-requests\.lock"):
        bare.new_forge(timeout=8).open(bare.location, text())
    lock.unlink()
    assert bare.forge.open(bare.location, text()).number == 1


def test_an_index_lock_that_a_dead_git_left_is_named(tree: LocalBench) -> None:
    tree.commit("topic", {"a.txt": "a\n"})
    tree.forge.open(tree.location, text())
    before = tree.tip("main")
    (tree.path / ".git" / "index.lock").touch()
    with pytest.raises(RepositoryError, match=r"index\.lock"):
        tree.forge.merge(tree.location, 1, by="ada")
    assert tree.tip("main") == before
