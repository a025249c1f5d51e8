"""Tasks that run, fail, are cancelled, time out and are retried; on SQLite and PostgreSQL."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.model.tasks import TaskEventType, TaskStatus
from shiftdown.registry import Registry
from shiftdown.scaffolder.parameters import ParametersError
from shiftdown.scaffolder.tasks import TaskConflictError, TaskEngine
from tests.registry.making import Clock

from .actions import BUSY
from .making import ALWAYS, FAILURE, given, lines, spin, states, step, submit

Engines = Callable[..., TaskEngine]
FOREVER = {"seconds": 600}


def test_a_task_runs_and_tells_what_happens(engine: TaskEngine, registry: Registry, tmp_path: Path) -> None:
    task = submit(
        engine,
        tmp_path,
        step("greet", "debug:log", message="hello ${{ parameters.name }} of ${{ user.ref }}"),
        step("count", "test:count", file=str(tmp_path / "n")),
        step("never", "debug:log", "${{ false }}", message="never"),
        values={"name": "orders"},
        output={"text": [{"title": "line ${{ steps.count.output.line }}"}]},
    )
    assert task.status is TaskStatus.OPEN
    events = list(engine.follow(task.id))
    assert [e.id for e in events] == list(range(1, len(events) + 1))
    assert {e.type for e in events[:-1]} == {TaskEventType.LOG}
    assert states(events) == [("greet", "completed"), ("count", "completed"), ("never", "skipped")]
    assert "hello orders of user:default/ada" in [e.body["message"] for e in events]
    assert events[-1].type is TaskEventType.COMPLETION
    output = {"text": [{"title": "line 1"}]}
    done = registry.task(task.id)
    assert events[-1].body == {
        "message": "Run completed with status: completed",
        "status": "completed",
        "output": done.output,
    }
    assert (done.status, given(done), done.error, done.owner) == (TaskStatus.COMPLETED, output, None, None)
    assert (done.created_by, done.template_ref) == ("user:default/ada", "template:default/tested")
    assert lines(tmp_path / "n") == [task.id]
    assert registry.task_progress(task.id).effects == (
        {"action": "test:count", "kind": "line", "target": str(tmp_path / "n"), "details": {}},
    )
    assert list(engine.follow(task.id, after=events[-2].id)) == events[-1:]


def test_events_come_while_the_task_runs(engine: TaskEngine, tmp_path: Path) -> None:
    task = submit(engine, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")))
    for event in engine.follow(task.id):
        if event.body.get("status") == "processing":
            (tmp_path / "g.open").touch()
            break
    else:
        pytest.fail("the gate was opened by nobody")
    assert engine.wait(task.id).status is TaskStatus.COMPLETED


def test_many_tasks_run_a_few_at_a_time(new_engine: Engines, tmp_path: Path) -> None:
    engine = new_engine(concurrency=4)
    BUSY["most"] = 0
    tasks = [submit(engine, tmp_path, step("busy", "test:busy", path=str(tmp_path / "b"))) for _ in range(20)]
    assert {engine.wait(t.id).status for t in tasks} == {TaskStatus.COMPLETED}
    assert sorted(lines(tmp_path / "b.done")) == sorted(t.id for t in tasks)
    assert 1 < BUSY["most"] <= 4


def test_a_failed_step_leaves_out_the_rest_but_cleans_up(
    engine: TaskEngine, registry: Registry, tmp_path: Path
) -> None:
    task = submit(
        engine,
        tmp_path,
        step("fails", "test:fail", unless=str(tmp_path / "missing")),
        step("later", "test:count", file=str(tmp_path / "later")),
        step("cleans", "test:count", ALWAYS, file=str(tmp_path / "cleans")),
        step("mourns", "test:count", FAILURE, file=str(tmp_path / "mourns")),
    )
    events = list(engine.follow(task.id))
    assert states(events) == [
        ("fails", "failed"),
        ("later", "skipped"),
        ("cleans", "completed"),
        ("mourns", "completed"),
    ]
    error = "step fails: the file is missing"
    assert (registry.task(task.id).status, registry.task(task.id).error) == (TaskStatus.FAILED, error)
    assert events[-1].body["error"] == {"name": "Error", "message": error}
    assert (tmp_path / "cleans").exists()
    assert not (tmp_path / "later").exists()


def test_effects_of_a_failed_step_are_kept(engine: TaskEngine, registry: Registry, tmp_path: Path) -> None:
    each = step("each", "test:count", file="${{ each.value }}") | {"each": [str(tmp_path / "n"), "/nowhere/n"]}
    task = submit(engine, tmp_path, each)
    assert engine.wait(task.id).status is TaskStatus.FAILED
    assert [e["target"] for e in registry.task_progress(task.id).effects] == [str(tmp_path / "n")]
    assert registry.task_progress(task.id).outputs == {}
    engine.retry(task.id, secrets={})
    assert engine.wait(task.id).status is TaskStatus.FAILED
    assert [e["target"] for e in registry.task_progress(task.id).effects] == [str(tmp_path / "n")]
    assert len(lines(tmp_path / "n")) == 1


def test_an_action_cannot_end_the_process(engine: TaskEngine, tmp_path: Path) -> None:
    task = submit(engine, tmp_path, step("exit", "test:exit", value="gone"))
    assert engine.wait(task.id).error == "unexpected SystemExit: gone"


def test_what_is_done_once_gives_json(engine: TaskEngine, tmp_path: Path) -> None:
    task = submit(engine, tmp_path, step("odd", "test:odd-checkpoint"))
    assert "not JSON serializable" in str(engine.wait(task.id).error)


def test_a_bug_in_an_action_fails_its_step(engine: TaskEngine, tmp_path: Path) -> None:
    task = submit(
        engine,
        tmp_path,
        step("bug", "test:bug", value="oops"),
        step("cleans", "test:count", ALWAYS, file=str(tmp_path / "c")),
    )
    assert engine.wait(task.id).error == "step bug: unexpected ZeroDivisionError: oops"
    assert (tmp_path / "c").exists()


@pytest.mark.parametrize(
    ("steps", "error"),
    [
        ([step("a", "no:such-action")], "no action 'no:such-action'"),
        ([step("a", "test:count", wrong=1)], "invalid input of test:count"),
    ],
)
def test_what_cannot_run_fails(engine: TaskEngine, tmp_path: Path, steps: list[dict[str, object]], error: str) -> None:
    done = engine.wait(submit(engine, tmp_path, *steps).id)
    assert done.status is TaskStatus.FAILED
    assert error in str(done.error)


def test_a_template_whose_folder_is_gone_fails(engine: TaskEngine, tmp_path: Path) -> None:
    done = engine.wait(submit(engine, tmp_path / "gone", step("a", "debug:log", message="x")).id)
    assert done.status is TaskStatus.FAILED
    assert "gone" in str(done.error)


def test_wrong_values_are_refused_before_anything_is_recorded(
    engine: TaskEngine, registry: Registry, tmp_path: Path
) -> None:
    form = {"required": ["name"], "properties": {"name": {"type": "string"}}}
    with pytest.raises(ParametersError, match="name"):
        submit(engine, tmp_path, step("a", "debug:log", message="x"), parameters=form)
    assert registry.tasks().total == 0


def test_values_that_json_cannot_say_are_refused(engine: TaskEngine, registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"parameters\.x"):
        submit(engine, tmp_path, step("a", "debug:log", message="x"), values={"x": float("nan")})
    assert registry.tasks().total == 0


def test_odd_texts_survive(engine: TaskEngine, registry: Registry, tmp_path: Path) -> None:
    task = submit(engine, tmp_path, step("odd", "test:odd"), output={"odd": "${{ steps.odd.output.value }}"})
    assert given(engine.wait(task.id)) == {"odd": "\0 ß 🚀"}
    assert "odd \0 ? text" in [e.body["message"] for e in registry.task_events(task.id)]


def test_a_flood_of_lines_is_bounded(
    engine: TaskEngine, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shiftdown.scaffolder.tasks.running.MAX_LINES", 50)
    task = submit(engine, tmp_path, step("flood", "test:flood", value=200), step("b", "debug:log", message="x"))
    assert engine.wait(task.id).status is TaskStatus.COMPLETED
    events = registry.task_events(task.id)
    assert states(events) == [("flood", "completed"), ("b", "completed")]
    assert len([e for e in events if "status" not in e.body]) == 50
    assert max(len(str(e.body["message"])) for e in events) < 66_000
    assert any("more lines of this log are not kept" in str(e.body["message"]) for e in events)


def test_cancelling_stops_an_action_that_waits(engine: TaskEngine, registry: Registry, tmp_path: Path) -> None:
    task = submit(
        engine,
        tmp_path,
        step("wait", "debug:wait", **FOREVER),
        step("later", "test:count", file=str(tmp_path / "later")),
        step("cleans", "test:count", ALWAYS, file=str(tmp_path / "cleans")),
        step("mourns", "test:count", FAILURE, file=str(tmp_path / "mourns")),
    )
    events = []
    for event in engine.follow(task.id):
        events.append(event)
        if event.body.get("status") == "processing" and event.body["stepId"] == "wait":
            assert engine.cancel(task.id).status is TaskStatus.PROCESSING
    assert states(events) == [
        ("wait", "cancelled"),
        ("later", "skipped"),
        ("cleans", "completed"),
        ("mourns", "completed"),
    ]
    asked = next(e for e in events if e.type is TaskEventType.CANCELLED)
    assert asked.body == {"message": "Step wait has been cancelled.", "stepId": "wait", "status": "cancelled"}
    done = registry.task(task.id)
    assert (done.status, done.error) == (TaskStatus.CANCELLED, None)
    assert engine.cancel(task.id) == done


def test_cancelling_stops_between_renders(new_engine: Engines, tmp_path: Path) -> None:
    (tmp_path / "skeleton").mkdir()
    for number in range(50):
        (tmp_path / f"skeleton/{number:02}.txt").write_text("${{ values.x | trip }}")
    rendered: list[str] = []

    def trip(value: str) -> str:
        rendered.append(value)
        if len(rendered) == 10:
            engine.cancel(task_id[0])
        return value

    engine = new_engine(filters={"trip": trip})
    task_id: list[str] = []
    gate = step("gate", "test:gate", path=str(tmp_path / "g"))
    fetch = step("fetch", "fetch:template", url="./skeleton", values={"x": "y"})
    task = submit(engine, tmp_path, gate, fetch)
    task_id.append(task.id)
    (tmp_path / "g.open").touch()
    assert engine.wait(task.id).status is TaskStatus.CANCELLED
    assert len(rendered) == 10


def test_cancelling_stops_between_items_and_before_effects(engine: TaskEngine, tmp_path: Path) -> None:
    each = step("each", "test:gate", path=str(tmp_path / "${{ each.value }}")) | {"each": ["a", "b", "c"]}
    (tmp_path / "a.open").touch()
    task = submit(engine, tmp_path, each)
    spin((tmp_path / "b.reached").exists)
    engine.cancel(task.id)
    assert engine.wait(task.id).status is TaskStatus.CANCELLED
    assert not (tmp_path / "c.reached").exists()


def test_a_task_that_waits_for_a_place_is_cancelled_at_once(
    new_engine: Engines, registry: Registry, tmp_path: Path
) -> None:
    engine = new_engine(concurrency=1)
    first = submit(engine, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")))
    second = submit(engine, tmp_path, step("count", "test:count", file=str(tmp_path / "n")))
    assert engine.cancel(second.id).status is TaskStatus.CANCELLED
    assert [e.type for e in registry.task_events(second.id)] == ["cancelled", "completion"]
    (tmp_path / "g.open").touch()
    third = submit(engine, tmp_path, step("a", "debug:log", message="x"))
    assert [engine.wait(t.id).status for t in (first, third)] == [TaskStatus.COMPLETED] * 2
    assert not (tmp_path / "n").exists()


def test_a_task_of_another_engine_is_cancelled_too(new_engine: Engines, registry: Registry, tmp_path: Path) -> None:
    here, there = new_engine(), new_engine()
    task = submit(here, tmp_path, step("wait", "debug:wait", **FOREVER))
    spin(lambda: bool(registry.task_events(task.id)))
    there.cancel(task.id)
    assert there.wait(task.id).status is TaskStatus.CANCELLED


def test_what_takes_too_long_is_stopped_and_fails(new_engine: Engines, registry: Registry, tmp_path: Path) -> None:
    engine = new_engine(timeout=timedelta(seconds=0.2))
    task = submit(
        engine,
        tmp_path,
        step("wait", "debug:wait", **FOREVER),
        step("mourns", "test:count", FAILURE, file=str(tmp_path / "mourns")),
    )
    events = list(engine.follow(task.id))
    assert states(events) == [("wait", "cancelled"), ("mourns", "completed")]
    done = registry.task(task.id)
    assert (done.status, done.error) == (TaskStatus.FAILED, "it took longer than 0.2 seconds and was stopped")


def test_clean_up_has_its_own_limit(new_engine: Engines, registry: Registry, tmp_path: Path) -> None:
    engine = new_engine(cleanup=timedelta(seconds=0.2))
    task = submit(
        engine,
        tmp_path,
        step("wait", "debug:wait", **FOREVER),
        step("cleans", "debug:wait", ALWAYS, **FOREVER),
    )
    spin(lambda: bool(registry.task_events(task.id)))
    engine.cancel(task.id)
    events = list(engine.follow(task.id))
    assert states(events) == [("wait", "cancelled"), ("cleans", "cancelled")]
    assert engine.wait(task.id).status is TaskStatus.CANCELLED


def test_a_retry_goes_on_from_the_failed_step(engine: TaskEngine, registry: Registry, tmp_path: Path) -> None:
    good = tmp_path / "good"
    task = submit(
        engine,
        tmp_path,
        step("first", "test:count", file=str(tmp_path / "first")),
        step("write", "fs:write", path="a/b.txt", content="line ${{ steps.first.output.line }}"),
        step("fails", "test:fail", unless=str(good)),
        step("cleans", "test:count", ALWAYS, file=str(tmp_path / "cleans")),
        step("read", "fs:read", path="a/b.txt"),
        output={"content": "${{ steps.read.output.content }}"},
    )
    first_run = list(engine.follow(task.id))
    assert registry.task(task.id).status is TaskStatus.FAILED
    assert set(registry.task_progress(task.id).outputs) == {"first", "write"}
    good.touch()
    opened = engine.retry(task.id, secrets={})
    assert (opened.status, opened.error) == (TaskStatus.OPEN, None)
    events = list(engine.follow(task.id, after=first_run[-1].id))
    assert events[0].type is TaskEventType.RECOVERED
    assert states(events) == [(id, "completed") for id in ("first", "write", "fails", "cleans", "read")]
    assert given(registry.task(task.id)) == {"content": "line 1"}
    assert len(lines(tmp_path / "first")) == 1
    assert len(lines(tmp_path / "cleans")) == 1  # under a checkpoint: once per task
    ends = [e for e in registry.task_events(task.id) if e.type is TaskEventType.COMPLETION]
    assert [e.body["status"] for e in ends] == ["completed"]


def test_a_task_can_be_retried_as_soon_as_it_has_failed(engine: TaskEngine, tmp_path: Path) -> None:
    task = submit(engine, tmp_path, step("fails", "test:fail", unless=str(tmp_path / "good")))
    for _ in range(20):
        assert engine.wait(task.id).status is TaskStatus.FAILED
        engine.retry(task.id, secrets={})
    assert engine.wait(task.id).status is TaskStatus.FAILED


def test_a_cancelled_task_can_be_retried(engine: TaskEngine, tmp_path: Path) -> None:
    task = submit(engine, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")))
    spin((tmp_path / "g.reached").exists)
    engine.cancel(task.id)
    assert engine.wait(task.id).status is TaskStatus.CANCELLED
    (tmp_path / "g.open").touch()
    engine.retry(task.id, secrets={})
    assert engine.wait(task.id).status is TaskStatus.COMPLETED


def test_what_a_state_does_not_allow(engine: TaskEngine, registry: Registry, tmp_path: Path) -> None:
    task = submit(engine, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")))
    spin((tmp_path / "g.reached").exists)
    with pytest.raises(TaskConflictError, match="it is processing: it still runs") as caught:
        engine.retry(task.id, secrets={})
    assert (caught.value.task_id, caught.value.status) == (task.id, TaskStatus.PROCESSING)
    (tmp_path / "g.open").touch()
    done = engine.wait(task.id)
    with pytest.raises(TaskConflictError, match="it is completed: submit a new one"):
        engine.retry(task.id, secrets={})
    with pytest.raises(TaskConflictError, match="nothing to cancel"):
        engine.cancel(task.id)
    assert registry.task(task.id) == done
    for ask in (
        engine.cancel,
        engine.wait,
        lambda id: engine.retry(id, secrets={}),
        lambda id: next(engine.follow(id)),
    ):
        with pytest.raises(NotFoundError):
            ask("unknown")


def test_old_tasks_are_pruned(new_engine: Engines, registry: Registry, tmp_path: Path, clock: Clock) -> None:
    engine = new_engine(clock=clock, retention=timedelta(days=7))
    task = submit(engine, tmp_path, step("a", "debug:log", message="x"))
    engine.wait(task.id)
    assert engine.prune() == []
    clock.advance(days=8)
    running = submit(engine, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")))
    spin((tmp_path / "g.reached").exists)
    assert engine.prune() == [task.id]
    assert [t.id for t in registry.tasks().tasks] == [running.id]
    (tmp_path / "g.open").touch()
    engine.wait(running.id)
    assert engine.prune() == []
    clock.advance(hours=1)
    assert engine.prune(timedelta(minutes=59)) == [running.id]


def test_followers_wake_at_once(engine: TaskEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shiftdown.scaffolder.tasks.engine.POLL_SECONDS", 600)
    task = submit(engine, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")))
    spin((tmp_path / "g.reached").exists)
    threading.Timer(0.1, (tmp_path / "g.open").touch).start()
    assert list(engine.follow(task.id))[-1].type is TaskEventType.COMPLETION
