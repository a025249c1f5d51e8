"""Tasks in the registry: leases, events, progress, contents; on SQLite and PostgreSQL."""

import math
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from shiftdown.errors import AlreadyExistsError, AmbiguousIdError, InvalidInputError, NotFoundError, StoredDataError
from shiftdown.model.tasks import (
    NewTaskEvent,
    SavedFile,
    Task,
    TaskEventType,
    TaskLease,
    TaskProgress,
    TaskStatus,
)
from shiftdown.registry import Registry

from .making import START, Clock

LEASE = timedelta(minutes=1)
ODD: dict[str, Any] = {"nul": "a\0b", "lone": "\udc00", "text": "ß «🚀»", "nested": [1, 2.5, None, {"x": []}]}


def task(id: str = "t1", **fields: Any) -> Task:
    """A task that process "p1" holds."""
    defaults: dict[str, Any] = {
        "id": id,
        "location": "/templates/a",
        "template": {"kind": "Template"},
        "template_ref": "template:default/a",
        "parameters": {"name": "orders"},
        "created_at": START,
        "owner": "p1",
        "leased_until": START + LEASE,
    }
    return Task(**(defaults | fields))


def lease(task: Task) -> TaskLease:
    return TaskLease(task_id=task.id, owner=str(task.owner), attempt=task.attempt)


def event(message: str = "hello", type: TaskEventType = TaskEventType.LOG, **body: Any) -> NewTaskEvent:
    return NewTaskEvent(type=type, created_at=START, body={"message": message, **body})


@pytest.fixture
def made(registry: Registry) -> Task:
    """A task in the registry."""
    registry.create_task(task())
    return registry.task("t1")


def test_a_task_comes_back_as_it_was(registry: Registry) -> None:
    given = task(
        parameters={"a": ODD["text"], "n": ODD["nested"], "nul": ODD["nul"]},
        user={"ref": "user:default/ada", "entity": {"metadata": {"name": "ada"}}},
        created_by="user:default/ada",
        secret_names=("token",),
    )
    registry.create_task(given)
    assert registry.task("t1") == given
    assert registry.task_progress("t1") == TaskProgress()
    assert registry.task_events("t1") == []
    with pytest.raises(AlreadyExistsError, match="there is already a task t1"):
        registry.create_task(given)


def test_a_task_is_found_by_the_beginning_of_its_id(registry: Registry) -> None:
    for id in ("abc1", "abd2"):
        registry.create_task(task(id))
    assert registry.task("abc").id == "abc1"
    with pytest.raises(AmbiguousIdError, match="abc1, abd2"):
        registry.task("ab")
    with pytest.raises(NotFoundError, match="no task 'x'"):
        registry.task("x")
    with pytest.raises(NotFoundError):
        registry.task_progress("x")


def test_lists_filter_sort_and_page(registry: Registry) -> None:
    for number, (status, who) in enumerate([("open", "ada"), ("failed", "bob"), ("failed", "ada")], start=1):
        registry.create_task(
            task(f"t{number}", status=status, created_by=who, created_at=START + timedelta(hours=number))
        )

    def ids(**wanted: Any) -> list[str]:
        return [t.id for t in registry.tasks(**wanted).tasks]

    assert ids() == ["t3", "t2", "t1"]
    assert ids(created_by=["ada"]) == ["t3", "t1"]
    assert ids(created_by=["ada"], status=[TaskStatus.FAILED]) == ["t3"]
    assert ids(status=[TaskStatus.OPEN, TaskStatus.COMPLETED]) == ["t1"]
    assert ids(order=[("created_at", False)]) == ["t1", "t2", "t3"]
    assert ids(order=[("created_by", False), ("created_at", True)]) == ["t3", "t1", "t2"]
    assert ids(limit=1, offset=1) == ["t2"]
    assert ids(limit=0) == []
    page = registry.tasks(status=[TaskStatus.FAILED], limit=1)
    assert (len(page.tasks), page.total) == (1, 2)


@pytest.mark.parametrize("wanted", [{"limit": -1}, {"offset": -1}, {"order": [("secrets", True)]}])
def test_a_list_that_cannot_be_had(registry: Registry, wanted: Mapping[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="tasks"):
        registry.tasks(**wanted)


def test_events_are_counted_from_one_for_each_task(registry: Registry, made: Task) -> None:
    registry.create_task(task("t2"))
    assert registry.record_task(lease(made), [event("one"), event("two", status="processing", stepId="a")])
    assert registry.record_task(lease(made), [])
    assert registry.record_task(lease(made), [event("three")])
    found = registry.task_events("t1")
    assert [(e.id, e.body["message"]) for e in found] == [(1, "one"), (2, "two"), (3, "three")]
    assert found[1].body == {"message": "two", "status": "processing", "stepId": "a"}
    assert [e.id for e in registry.task_events("t1", after=2)] == [3]
    assert registry.task_events("t2") == []


def test_progress_and_contents_are_kept_once(registry: Registry, made: Task, raw: Engine) -> None:
    files = tuple(SavedFile(path=f"f{n}", kind="file", digest="d1" if n < 2 else "d2") for n in range(3))
    progress = TaskProgress(
        outputs={"a": {"x": ODD["nested"], "nul": ODD["nul"]}},
        checkpoints={"a[].make": 7},
        effects=({"kind": "repository"},),
        files=files,
        folders=("empty",),
    )
    contents = {"d1": b"\0\xff", "d2": b""}
    for _ in range(2):  # a write that was made may be made again
        assert registry.record_task(lease(made), [event()], progress=progress, contents=contents)
    assert registry.task_progress("t1") == progress
    assert registry.task_contents("t1", ["d1", "d2", "d3"]) == contents
    assert registry.record_task(lease(made), progress=progress, contents={"d4": b"new"}, unused=["d1", "nothing"])
    assert set(registry.task_contents("t1", ["d1", "d2", "d4"])) == {"d2", "d4"}
    with raw.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM task_blobs")) == 2


def test_many_contents_are_written_in_batches(registry: Registry, made: Task) -> None:
    contents = {f"d{n}": bytes([n % 256]) * 20_000 for n in range(1200)}
    assert registry.record_task(lease(made), progress=TaskProgress(), contents=contents)
    assert registry.task_contents("t1", contents) == contents
    assert registry.record_task(lease(made), progress=TaskProgress(), unused=contents)
    assert registry.task_contents("t1", contents) == {}


def test_a_task_begins_once_and_ends(registry: Registry, made: Task, clock: Clock) -> None:
    begun = registry.begin_task(lease(made), START, START + LEASE)
    assert begun is not None
    assert (begun.status, begun.started_at) == (TaskStatus.PROCESSING, START)
    again = registry.begin_task(lease(made), clock.advance(minutes=1), clock.now + LEASE)
    assert again is not None
    assert again.started_at == START
    progress = TaskProgress(files=(SavedFile(path="f", kind="file", digest="d"),), outputs={"a": 1})
    registry.record_task(lease(made), progress=progress, contents={"d": b"x"})
    end = event("done", TaskEventType.COMPLETION)
    assert registry.finish_task(
        lease(made), TaskStatus.COMPLETED, [end], at=clock.now, output={"text": ODD["text"], "nul": ODD["nul"]}
    )
    ended = registry.task("t1")
    assert (ended.status, ended.ended_at, ended.owner, ended.leased_until) == ("completed", clock.now, None, None)
    assert ended.output == {"text": ODD["text"], "nul": ODD["nul"]}
    assert registry.task_progress("t1").files == ()
    assert registry.task_progress("t1").outputs == {"a": 1}
    assert registry.task_contents("t1", ["d"]) == {}
    assert not registry.finish_task(lease(made), TaskStatus.FAILED, [end], at=clock.now)
    assert registry.begin_task(lease(made), clock.now, clock.now) is None


def test_an_error_may_hold_any_text(registry: Registry, made: Task) -> None:
    assert registry.finish_task(lease(made), TaskStatus.FAILED, [], at=START, error=ODD["nul"] + ODD["lone"])
    assert registry.task("t1").error == "a\\u0000b\ufffd"


def test_who_lost_the_lease_writes_nothing(registry: Registry, made: Task, clock: Clock) -> None:
    assert registry.take_over_task(made, "p2", START, START + LEASE, event()) is None
    clock.advance(minutes=1)
    taken = registry.take_over_task(made, "p2", clock.now, clock.now + LEASE, event("taken"))
    assert taken is not None
    assert (taken.owner, taken.attempt, taken.heartbeat_at) == ("p2", 2, clock.now)
    assert registry.take_over_task(made, "p3", clock.now, clock.now + LEASE, event()) is None
    old = lease(made)
    before = registry.task("t1"), registry.task_events("t1"), registry.task_progress("t1")
    assert registry.begin_task(old, clock.now, clock.now) is None
    assert not registry.record_task(old, [event()], progress=TaskProgress(outputs={"x": 1}), contents={"d": b"x"})
    assert not registry.finish_task(old, TaskStatus.FAILED, [event()], at=clock.now)
    assert not registry.release_task(old, clock.now)
    registry.renew_tasks("p1", ["t1"], clock.now, clock.now + LEASE * 9)
    assert before == (registry.task("t1"), registry.task_events("t1"), registry.task_progress("t1"))
    assert registry.task_contents("t1", ["d"]) == {}
    assert registry.record_task(lease(taken), [event()])


def test_a_task_is_taken_over_only_as_it_was_seen(registry: Registry, made: Task, clock: Clock) -> None:
    """Who saw it before somebody else took it over knows nothing of what that one did, stale again or not."""
    clock.advance(minutes=1)
    assert registry.take_over_task(made, "p2", clock.now, clock.now + LEASE, event("taken")) is not None
    clock.advance(minutes=9)
    assert registry.stale_tasks(clock.now) == ["t1"]
    assert registry.take_over_task(made, "p3", clock.now, clock.now + LEASE, event("taken")) is None
    seen = registry.task("t1")
    assert (seen.owner, seen.attempt) == ("p2", 2)
    again = registry.take_over_task(seen, "p3", clock.now, clock.now + LEASE, event("taken"))
    assert again is not None
    assert (again.owner, again.attempt) == ("p3", 3)


def test_a_lease_is_renewed_for_what_is_named(registry: Registry, made: Task, clock: Clock) -> None:
    registry.create_task(task("t2"))
    registry.create_task(task("t3", owner="p2"))
    registry.renew_tasks("p1", ["t1", "t3"], clock.advance(seconds=50), clock.now + LEASE)
    assert [registry.task(id).leased_until for id in ("t1", "t2", "t3")] == [
        clock.now + LEASE,
        START + LEASE,
        START + LEASE,
    ]
    assert registry.stale_tasks(START + LEASE) == ["t2", "t3"]
    assert registry.held_tasks("p1") == {"t1": (1, False), "t2": (1, False)}
    assert registry.release_task(lease(made), clock.now)
    assert registry.stale_tasks(clock.now) == ["t1"]


def test_taking_over_may_forget_steps_but_not_effects(registry: Registry, made: Task) -> None:
    progress = TaskProgress(
        outputs={"a": 1},
        checkpoints={"c": 1},
        effects=({"e": 1},),
        files=(SavedFile(path="f", kind="file", digest="d"),),
        folders=("x",),
    )
    registry.record_task(lease(made), progress=progress, contents={"d": b"x"})
    assert registry.take_over_task(made, "p2", START + LEASE, START + 2 * LEASE, event(), restart=True)
    assert registry.task_progress("t1") == TaskProgress(checkpoints={"c": 1}, effects=({"e": 1},))
    assert registry.task_contents("t1", ["d"]) == {}


def test_cancelling_what_never_ran_ends_it(registry: Registry, made: Task) -> None:
    asked, done = event("asked", TaskEventType.CANCELLED), event("done", TaskEventType.COMPLETION)
    ended = registry.cancel_task("t1", [asked], done, START)
    assert (ended.status, ended.ended_at, ended.owner) == (TaskStatus.CANCELLED, START, None)
    assert [e.type for e in registry.task_events("t1")] == [TaskEventType.CANCELLED, TaskEventType.COMPLETION]
    assert registry.begin_task(lease(made), START, START) is None
    assert registry.cancel_task("t1", [asked], done, START) == ended
    assert len(registry.task_events("t1")) == 2


def test_cancelling_what_runs_asks_once(registry: Registry, made: Task) -> None:
    registry.begin_task(lease(made), START, START + LEASE)
    asked, done = event("asked", TaskEventType.CANCELLED), event("done", TaskEventType.COMPLETION)
    for _ in range(2):
        assert registry.cancel_task("t1", [asked], done, START).status is TaskStatus.PROCESSING
    assert registry.held_tasks("p1") == {"t1": (1, True)}
    assert [e.type for e in registry.task_events("t1")] == [TaskEventType.CANCELLED]
    with pytest.raises(NotFoundError):
        registry.cancel_task("x", [asked], done, START)


def test_a_task_is_reopened_only_when_it_does_not_run(registry: Registry, made: Task, clock: Clock) -> None:
    def reopen(id: str = "t1", **given: Any) -> Task | None:
        return registry.reopen_task(id, "p2", clock.now, clock.now + LEASE, event("again"), **given)

    assert reopen() is None
    registry.begin_task(lease(made), START, START + LEASE)
    assert reopen() is None
    registry.record_task(lease(made), progress=TaskProgress(outputs={"a": 1}))
    registry.finish_task(
        lease(made), TaskStatus.FAILED, [event("failed", TaskEventType.COMPLETION)], at=START, error="broke"
    )
    opened = reopen(secret_names=("token",), sealed_secrets="sealed")
    assert opened is not None
    assert opened == registry.task("t1")
    assert (opened.status, opened.attempt, opened.owner, opened.error) == (TaskStatus.OPEN, 2, "p2", None)
    assert (opened.started_at, opened.ended_at, opened.secret_names) == (None, None, ("token",))
    assert registry.sealed_secrets("t1") == "sealed"
    assert registry.task_progress("t1").outputs == {"a": 1}
    assert [(e.type, e.body["message"]) for e in registry.task_events("t1")] == [("log", "failed"), ("log", "again")]
    assert reopen() is None
    clock.advance(minutes=1)
    assert reopen() is not None  # its process is gone
    assert registry.sealed_secrets("t1") is None


def test_a_completed_task_is_not_reopened(registry: Registry, made: Task) -> None:
    registry.finish_task(lease(made), TaskStatus.COMPLETED, [], at=START)
    assert registry.reopen_task("t1", "p2", START, START, event()) is None


def test_sealed_secrets_go_when_the_task_ends(registry: Registry) -> None:
    for id in ("t1", "t2"):
        registry.create_task(task(id), sealed_secrets="sealed")
    assert registry.sealed_secrets("t1") == "sealed"
    registry.finish_task(lease(task()), TaskStatus.FAILED, [], at=START)
    registry.cancel_task("t2", [], event(), START)
    assert [registry.sealed_secrets(id) for id in ("t1", "t2", "none")] == [None, None, None]


def test_old_tasks_are_deleted_whole(registry: Registry, clock: Clock, raw: Engine) -> None:
    for id in ("old", "new", "open"):
        registry.create_task(task(id))
        registry.record_task(lease(task(id)), [event()], progress=TaskProgress(), contents={"d": b"x"})
    for id, hours in (("old", 1), ("new", 2)):
        registry.finish_task(lease(task(id)), TaskStatus.FAILED, [], at=START + timedelta(hours=hours))
    assert registry.prune_tasks(START + timedelta(hours=2)) == ["old"]
    assert registry.prune_tasks(START + timedelta(hours=2)) == []
    assert sorted(t.id for t in registry.tasks().tasks) == ["new", "open"]
    with raw.connect() as connection:
        for table in ("task_events", "task_progress", "task_blobs"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 2
    assert registry.prune_tasks(START + timedelta(days=99)) == ["new"]


@pytest.mark.parametrize(
    ("statement", "what", "where"),
    [
        ("UPDATE tasks SET parameters = '{'", "task t1", "data that is not JSON"),
        ("UPDATE tasks SET parameters = '[1]'", "task t1", "parameters"),
        ("UPDATE tasks SET status = 'asleep'", "task t1", "status"),
        ("UPDATE task_events SET body = 'x'", "event 1 of task t1", "data that is not JSON"),
        ("UPDATE task_events SET body = '[]'", "event 1 of task t1", "body"),
        ("UPDATE task_progress SET outputs = 'nope'", "the progress of task t1", "data that is not JSON"),
        ("UPDATE task_progress SET files = '[[1]]'", "the progress of task t1", "files"),
        ("UPDATE task_progress SET files = '[[1, 2, 3]]'", "the progress of task t1", "files.0.path"),
        ("UPDATE task_progress SET effects = '{}'", "the progress of task t1", "effects"),
    ],
)
def test_what_somebody_else_wrote_is_an_error_that_says_where(
    registry: Registry, made: Task, raw: Engine, statement: str, what: str, where: str
) -> None:
    registry.record_task(lease(made), [event()])
    with raw.begin() as connection:
        connection.execute(text(statement))
    with pytest.raises(StoredDataError, match=re.escape(f"{what} is malformed in the registry ({where})")):
        (registry.task("t1"), registry.task_events("t1"), registry.task_progress("t1"))


def test_a_task_does_not_hold_what_json_cannot_say() -> None:
    with pytest.raises(ValueError, match="finite"):
        task(parameters={"x": {"y": math.nan}})


def test_tasks_are_no_part_of_the_log_of_programs(registry: Registry, made: Task) -> None:
    assert registry.events() == []
    registry.rebuild()
    assert registry.verify() == ()
    assert registry.task("t1") == made
