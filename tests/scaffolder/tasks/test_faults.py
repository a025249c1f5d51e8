"""A registry that fails in the middle: nothing is lost, nothing is done twice."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from shiftdown.errors import RegistryError
from shiftdown.model.tasks import TaskStatus
from shiftdown.registry import Registry
from shiftdown.scaffolder.tasks import TaskEngine
from tests.registry.making import Clock

from .making import ALWAYS, given, lines, spin, states, step, submit

Engines = Callable[..., TaskEngine]
WRITES = ("begin_task", "record_task", "finish_task")


class FaultyStore:
    """The registry, but some writes of running tasks fail."""

    def __init__(
        self,
        registry: Registry,
        fails: Callable[[int], bool],
        *,
        names: Sequence[str] = WRITES,
        after: bool = False,
        on_fault: Callable[[], object] = lambda: None,
    ) -> None:
        self._registry = registry
        self._fails = fails
        self._names = names
        self._after = after
        self._on_fault = on_fault
        self.writes = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._registry, name)
        if name not in self._names:
            return method

        def write(*arguments: Any, **options: Any) -> Any:
            self.writes += 1
            if not self._fails(self.writes):
                return method(*arguments, **options)
            if self._after:
                method(*arguments, **options)
            self._on_fault()
            raise RegistryError("the line is dead")

        return write


def steps(folder: Path) -> list[dict[str, Any]]:
    """A small task that does a bit of everything."""
    return [
        step("create", "test:create", file=str(folder / "created")),
        step("write", "fs:write", path="a.txt", content="line ${{ steps.create.output.line }}"),
        step("each", "test:count", file=str(folder / "${{ each.value }}")) | {"each": ["x", "y"]},
        step("move", "fs:rename", files=[{"from": "a.txt", "to": "b.txt"}]),
        step("read", "fs:read", path="b.txt"),
        step("cleans", "debug:log", ALWAYS, message="x"),
    ]


OUTPUT = {"read": "${{ steps.read.output.content }}"}
STATES = [(s["id"], "completed") for s in steps(Path())]


def check(registry: Registry, id: str, folder: Path) -> None:
    """The task did what it should, once."""
    task = registry.task(id)
    assert (task.status, task.error, given(task)) == (TaskStatus.COMPLETED, None, {"read": "line 1"})
    assert [len(lines(folder / name)) for name in ("created", "x", "y")] == [1, 1, 1]
    events = registry.task_events(id)
    assert [e.id for e in events] == list(range(1, len(events) + 1))
    assert states(events)[-len(STATES) :] == STATES
    assert len([e for e in events if e.type == "completion"]) == 1
    assert len(registry.task_progress(id).effects) == 2


def count_writes(registry: Registry, new_engine: Engines, folder: Path) -> int:
    """How many writes the task needs."""
    store = FaultyStore(registry, lambda _: False, on_fault=lambda: None)
    folder.mkdir()
    engine = new_engine(store)
    task = submit(engine, folder, *steps(folder), output=OUTPUT)
    engine.wait(task.id)
    engine.close()
    check(registry, task.id, folder)
    return store.writes


def test_who_follows_waits_with_the_task_for_the_registry(
    registry: Registry, new_engine: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shiftdown.scaffolder.tasks.engine.POLL_SECONDS", 0.01)
    monkeypatch.setattr("shiftdown.scaffolder.tasks.running._FIRST_DELAY", 0)

    def fails(number: int) -> bool:
        if number == 40:
            (tmp_path / "g.open").touch()
        return 4 <= number < 40

    store = FaultyStore(registry, fails, names=("task", "task_events", "held_tasks", "task_progress"))
    engine = new_engine(store)
    task = submit(engine, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")))
    assert list(engine.follow(task.id)) == registry.task_events(task.id)
    assert registry.task(task.id).status is TaskStatus.COMPLETED


def test_who_follows_what_does_not_run_here_is_told_at_once(
    registry: Registry, new_engine: Engines, tmp_path: Path
) -> None:
    task = submit(new_engine(), tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")))
    there = new_engine(FaultyStore(registry, lambda _: True, names=("task",)))
    with pytest.raises(RegistryError, match="the line is dead"):
        next(there.follow(task.id))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_every_write_may_fail_once(
    registry: Registry, new_engine: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    monkeypatch.setattr("shiftdown.scaffolder.tasks.running._FIRST_DELAY", 0)
    expected = count_writes(registry, new_engine, tmp_path / "whole")
    for number in range(1, expected + 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        store = FaultyStore(registry, lambda n, bad=number: n == bad, after=after, on_fault=lambda: None)  # type: ignore[misc]
        engine = new_engine(store)
        task = submit(engine, folder, *steps(folder), output=OUTPUT)
        engine.wait(task.id)
        engine.close()
        assert registry.task(task.id).status is TaskStatus.COMPLETED, number
        if after:  # what was written and was told to have failed is written again
            events = registry.task_events(task.id)
            assert len({str(e.body) for e in events}) >= len(events) - 1
            assert [len(lines(folder / name)) for name in ("created", "x", "y")] == [1, 1, 1]
        else:
            check(registry, task.id, folder)


def test_the_registry_may_be_gone_for_good_after_any_write(
    registry: Registry, new_engine: Engines, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill: what was not written is lost, and another process goes on from what was."""
    monkeypatch.setattr("shiftdown.scaffolder.tasks.running._FIRST_DELAY", 0)
    expected = count_writes(registry, new_engine, tmp_path / "whole")
    for number in range(1, expected + 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        store = FaultyStore(
            registry,
            lambda n, first=number: n >= first,  # type: ignore[misc]
            on_fault=lambda: clock.advance(minutes=2),
        )
        first = new_engine(store, clock=clock)
        task = submit(first, folder, *steps(folder), output=OUTPUT)
        spin(lambda engine=first: not engine._held)  # type: ignore[misc]
        assert not registry.task(task.id).status.final, number
        second = new_engine(clock=clock)
        assert [t.id for t in second.recover()] == [task.id]
        second.wait(task.id)
        second.close()
        done = registry.task(task.id)
        assert (done.status, done.error, given(done)) == (TaskStatus.COMPLETED, None, {"read": "line 1"}), number
        counts = [len(lines(folder / name)) for name in ("created", "x", "y")]
        assert counts[0] == 1  # it finds what is there
        assert all(1 <= count <= 2 for count in counts)
        assert sum(counts) <= 4  # at most the one effect whose result could not be written was asked for again


def test_a_malformed_task_does_not_keep_others_from_being_recovered(
    url: str, registry: Registry, new_engine: Engines, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = new_engine()
    bad, good = (submit(first, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g"))) for _ in range(2))
    spin(lambda: len(lines(tmp_path / "g.reached")) == 2)
    first.close()
    database = create_engine(url)
    with database.begin() as connection:
        connection.execute(text("UPDATE tasks SET parameters = '?' WHERE id = :id"), {"id": bad.id})
    database.dispose()
    (tmp_path / "g.open").touch()
    second = new_engine()
    assert [t.id for t in second.recover()] == [good.id]
    assert second.wait(good.id).status is TaskStatus.COMPLETED
    assert f"task {bad.id} cannot be taken over: task {bad.id} is malformed in the registry" in caplog.text


def test_stored_data_that_is_malformed_fails_the_task(
    url: str, registry: Registry, new_engine: Engines, tmp_path: Path
) -> None:
    ruins = {
        "UPDATE task_progress SET outputs = '{{'": "malformed in the registry",
        "UPDATE task_progress SET effects = '[{}]'": "the workspace of task",
        "DELETE FROM task_blobs": "the workspace of task",
        'UPDATE task_progress SET files = \'[["../x","file","d"]]\'': "the workspace of task",
        "UPDATE tasks SET template = '{}'": "apiVersion",
    }
    for ruin, said in ruins.items():
        folder = tmp_path / str(len(registry.tasks().tasks))
        folder.mkdir()
        first = new_engine()
        write = step("write", "fs:write", path="a", content="x")
        task = submit(first, folder, write, step("gate", "test:gate", path=str(folder / "g")))
        spin((folder / "g.reached").exists)
        first.close()
        database = create_engine(url)
        with database.begin() as connection:
            connection.execute(text(ruin))
        database.dispose()
        second = new_engine()
        assert [t.id for t in second.recover()] == [task.id]
        done = second.wait(task.id)
        assert done.status is TaskStatus.FAILED
        assert said in str(done.error), ruin
