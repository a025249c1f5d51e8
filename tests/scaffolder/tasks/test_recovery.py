"""Processes that are killed, frozen and closed, and others that go on with their tasks; on SQLite and PostgreSQL."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from shiftdown.model.tasks import TaskEventType, TaskStatus
from shiftdown.registry import Registry
from shiftdown.scaffolder.tasks import TaskEngine
from shiftdown.scaffolder.tasks.recovery import MAX_TAKEOVERS
from tests.registry.making import Clock

from .making import ALWAYS, given, lines, spin, states, step, submit
from .worker import LEASE

LATER = LEASE.total_seconds() + 60
"""Seconds after which the leases of a process are over."""

Engines = Callable[..., TaskEngine]
ROOT = Path(__file__).parents[3]


@contextmanager
def worker(*arguments: object, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """A process, killed at the end."""
    command = [sys.executable, "-W", "error", "-m", "tests.scaffolder.tasks.worker", *map(str, arguments)]
    started = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def running(
    url: str, folder: Path, *steps: Mapping[str, Any], times: int = 1, lease: float | None = None, **spec: Any
) -> Any:
    """A process that runs tasks with these steps."""
    environment = {} if lease is None else {"LEASE": str(lease)}
    return worker("run", url, folder, times, json.dumps(steps), json.dumps(spec), **environment)


def said(process: "subprocess.Popen[str]") -> str:
    """The next line that a process says."""
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line, process.communicate()[1]
    return line


def kill(process: "subprocess.Popen[str]") -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def freeze(process: "subprocess.Popen[str]", url: str) -> None:
    """Stop a process when it is not in the middle of a transaction: one that is keeps the database locked."""
    options = {"timeout": 0} if url.startswith("sqlite") else {"options": "-c lock_timeout=50"}
    engine = create_engine(url, connect_args=options)
    for _ in range(100):
        os.kill(process.pid, signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        try:
            with engine.begin() as connection:
                connection.execute(text("UPDATE tasks SET attempt = attempt"))
        except OperationalError:
            os.kill(process.pid, signal.SIGCONT)
            continue
        engine.dispose()
        return
    raise AssertionError("it is always in a transaction")


def recovered(url: str, times: int = 1, *, later: float = LATER) -> list[str]:
    """Let a new process bring everything to its end, when all leases are over; what it took over."""
    with worker("recover", url, times, LATER=str(later)) as process:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    return [line.split()[0] for line in out.splitlines()]


def test_killed_in_the_middle_of_a_step(url: str, registry: Registry, tmp_path: Path) -> None:
    steps = [
        step("before", "test:mark", file=str(tmp_path / "before")),
        step("write", "fs:write", path="deep/a.txt", content="ß\n"),
        step("gate", "test:count-and-gate", path=str(tmp_path / "g")),
        step("after", "test:count", file=str(tmp_path / "after")),
        step("read", "fs:read", path="deep/a.txt"),
    ]
    with running(url, tmp_path, *steps, output={"read": "${{ steps.read.output.content }}"}) as process:
        id = said(process)
        spin(lambda: lines(tmp_path / "g.reached") != [])
        kill(process)
    assert registry.task(id).status is TaskStatus.PROCESSING
    (tmp_path / "g.open").touch()
    assert recovered(url) == [id]
    task = registry.task(id)
    assert (task.status, given(task), task.attempt) == (TaskStatus.COMPLETED, {"read": "ß\n"}, 2)
    assert [len(lines(tmp_path / name)) for name in ("before", "g.count", "g.reached", "after")] == [1, 1, 2, 1]
    events = registry.task_events(id)
    assert [e.id for e in events] == list(range(1, len(events) + 1))
    (again,) = [e for e in events if e.type is TaskEventType.RECOVERED]
    assert again.body["recoverStrategy"] == "none"
    assert states([e for e in events if e.id > again.id])[:3] == [
        ("before", "completed"),
        ("write", "completed"),
        ("gate", "completed"),
    ]


def test_killed_between_steps(url: str, registry: Registry, tmp_path: Path) -> None:
    steps = [step(f"s{n}", "test:mark", file=str(tmp_path / f"s{n}")) for n in range(3)]
    gate = step("gate", "test:gate", path=str(tmp_path / "g"))
    with running(url, tmp_path, *steps, gate, *[s | {"id": f"{s['id']}-again"} for s in steps]) as process:
        id = said(process)
        spin(lambda: ("s2", "completed") in states(registry.task_events(id)))
        kill(process)
    (tmp_path / "g.open").touch()
    recovered(url)
    assert registry.task(id).status is TaskStatus.COMPLETED
    assert [len(lines(tmp_path / f"s{n}")) for n in range(3)] == [2, 2, 2]


def test_killed_again_and_again_at_any_time(url: str, registry: Registry, tmp_path: Path) -> None:
    chance = random.Random(4)
    steps: list[dict[str, Any]] = []
    for number in range(12):
        steps.append(step(f"c{number}", "test:create", file=str(tmp_path / f"c{number}")))
        steps.append(step(f"w{number}", "fs:write", path=f"f{number}.txt", content=f"{number} " * 2000))
        steps.append(step(f"p{number}", "debug:wait", milliseconds=15))
    steps.append(step("read", "fs:read", path="f0.txt"))
    with running(url, tmp_path, *steps, times=3, output={"read": "${{ steps.read.output.content }}"}) as process:
        ids = [said(process) for _ in range(3)]
        process_wait(process, chance.uniform(0.1, 0.4))
        kill(process)
    for number in range(1, 5):
        with worker("recover", url, 3, LATER=str(number * LATER)) as process:
            said_or_done(process)
            process_wait(process, chance.uniform(0.05, 0.5))
            kill(process)
    recovered(url, 3, later=5 * LATER)
    for id in ids:
        task = registry.task(id)
        assert (task.status, task.error, given(task)) == (TaskStatus.COMPLETED, None, {"read": "0 " * 2000})
        events = registry.task_events(id)
        assert [e.id for e in events] == list(range(1, len(events) + 1))
    for number in range(12):
        assert Counter(lines(tmp_path / f"c{number}")) == dict.fromkeys(ids, 1)


def process_wait(process: "subprocess.Popen[str]", seconds: float) -> None:
    """Let a process go on for a while, or to its end."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


def said_or_done(process: "subprocess.Popen[str]") -> None:
    """Wait until a process says something or ends."""
    assert process.stdout is not None
    process.stdout.readline()


def test_of_four_processes_one_takes_each_task(url: str, registry: Registry, tmp_path: Path) -> None:
    steps = [
        step("gate", "test:gate", path=str(tmp_path / "g")),
        step("mark", "test:mark", file=str(tmp_path / "mark")),
        step("pause", "debug:wait", milliseconds=50),
    ]
    with running(url, tmp_path, *steps, times=8) as process:
        ids = [said(process) for _ in range(8)]
        spin(lambda: len(lines(tmp_path / "g.reached")) == 8)
        kill(process)
    (tmp_path / "g.open").touch()
    taken: list[str] = []
    later = {"LATER": str(LATER)}
    with (
        worker("recover", url, 8, **later) as a,
        worker("recover", url, 8, **later) as b,
        worker("recover", url, 8, **later) as c,
    ):
        taken += recovered(url, 8)
        for process in (a, b, c):
            out, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
            taken += [line.split()[0] for line in out.splitlines()]
    assert sorted(taken) == sorted(ids)
    assert sorted(lines(tmp_path / "mark")) == sorted(ids)
    assert {registry.task(id).status for id in ids} == {TaskStatus.COMPLETED}


def test_a_frozen_process_that_wakes_up_changes_nothing_any_more(url: str, registry: Registry, tmp_path: Path) -> None:
    steps = [
        step("gate", "test:gate", path=str(tmp_path / "g")),
        step("count", "test:count", file=str(tmp_path / "n")),
    ]
    with running(url, tmp_path, *steps) as process:
        id = said(process)
        spin(lambda: lines(tmp_path / "g.reached") != [])
        freeze(process, url)
        (tmp_path / "g.open").touch()
        assert recovered(url) == [id]
        done, events = registry.task(id), registry.task_events(id)
        os.kill(process.pid, signal.SIGCONT)
        assert said(process) == f"{id} completed"
        assert process.wait(60) == 0
    assert done.status is TaskStatus.COMPLETED
    assert (registry.task(id), registry.task_events(id)) == (done, events)
    assert lines(tmp_path / "n") == [id]


def test_a_process_that_lives_keeps_its_tasks(url: str, registry: Registry, tmp_path: Path) -> None:
    with running(url, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")), lease=6) as process:
        id = said(process)
        spin(lambda: lines(tmp_path / "g.reached") != [])
        first = registry.task(id).leased_until
        assert first is not None
        spin(lambda: (registry.task(id).heartbeat_at or first) > first)
        (tmp_path / "g.open").touch()
        assert said(process) == f"{id} completed"
    assert registry.task(id).attempt == 1


def test_what_waited_for_a_place_is_recovered_too(url: str, registry: Registry, tmp_path: Path) -> None:
    steps = [step("gate", "test:gate", path=str(tmp_path / "g")), step("mark", "test:mark", file=str(tmp_path / "m"))]
    with running(url, tmp_path, *steps, times=10) as process:
        ids = [said(process) for _ in range(10)]
        spin(lambda: len(lines(tmp_path / "g.reached")) == 8)
        kill(process)
    assert registry.tasks(status=[TaskStatus.OPEN]).total == 2
    (tmp_path / "g.open").touch()
    assert sorted(recovered(url, 10)) == sorted(ids)
    assert sorted(lines(tmp_path / "m")) == sorted(ids)


@pytest.mark.parametrize(
    ("strategy", "status", "marks"), [("none", TaskStatus.FAILED, 1), ("startOver", TaskStatus.COMPLETED, 2)]
)
def test_what_the_template_says_about_recovery(
    url: str, registry: Registry, tmp_path: Path, strategy: str, status: TaskStatus, marks: int
) -> None:
    steps = [
        step("mark", "test:mark", file=str(tmp_path / "mark")),
        step("count", "test:count", file=str(tmp_path / "count")),
        step("gate", "test:gate", path=str(tmp_path / "g")),
    ]
    recovery = {"EXPERIMENTAL_strategy": strategy}
    with running(url, tmp_path, *steps, EXPERIMENTAL_recovery=recovery) as process:
        id = said(process)
        spin(lambda: lines(tmp_path / "g.reached") != [])
        kill(process)
    (tmp_path / "g.open").touch()
    assert recovered(url) == [id]
    task = registry.task(id)
    assert task.status is status
    assert (len(lines(tmp_path / "mark")), len(lines(tmp_path / "count"))) == (marks, 1)
    recoveries = [e for e in registry.task_events(id) if e.type is TaskEventType.RECOVERED]
    assert [e.body["recoverStrategy"] for e in recoveries] == [strategy]
    if status is TaskStatus.FAILED:
        assert "its template says not to recover it" in str(task.error)


def test_a_task_that_kills_its_process_is_given_up(new_engine: Engines, registry: Registry, tmp_path: Path) -> None:
    engine = new_engine()
    task = submit(engine, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")))
    for number in range(1, MAX_TAKEOVERS + 2):
        spin(lambda number=number: len(lines(tmp_path / "g.reached")) == number)  # type: ignore[misc]
        engine.close()
        engine = new_engine()
        assert [t.id for t in engine.recover()] == [task.id]
    done = registry.task(task.id)
    assert (done.status, len(lines(tmp_path / "g.reached"))) == (TaskStatus.FAILED, MAX_TAKEOVERS + 1)
    assert "the processes that ran it were gone 11 times" in str(done.error)
    (tmp_path / "g.open").touch()
    engine.retry(task.id, secrets={})
    assert engine.wait(task.id).status is TaskStatus.COMPLETED


def test_a_closed_engine_hands_its_tasks_on(new_engine: Engines, registry: Registry, tmp_path: Path) -> None:
    first = new_engine(concurrency=1)
    tasks = [
        submit(
            first,
            tmp_path,
            step("gate", "test:gate", path=str(tmp_path / "g")),
            step("cleans", "test:mark", ALWAYS, file=str(tmp_path / "cleans")),
        )
        for _ in range(2)
    ]
    spin(lambda: lines(tmp_path / "g.reached") != [])
    first.close()
    assert not (tmp_path / "cleans").exists()  # it is not cancelled: it goes on elsewhere
    (tmp_path / "g.open").touch()
    second = new_engine()
    assert [t.id for t in second.recover()] == [t.id for t in tasks]
    assert {second.wait(t.id).status for t in tasks} == {TaskStatus.COMPLETED}
    assert second.recover() == []


def test_no_more_is_taken_over_than_there_are_places(new_engine: Engines, tmp_path: Path) -> None:
    first = new_engine()
    tasks = [submit(first, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g"))) for _ in range(3)]
    spin(lambda: len(lines(tmp_path / "g.reached")) == 3)
    first.close()
    second, third = new_engine(concurrency=2), new_engine()
    assert [t.id for t in second.recover()] == [t.id for t in tasks[:2]]
    assert [t.id for t in third.recover()] == [tasks[2].id]
    (tmp_path / "g.open").touch()
    assert {third.wait(t.id).status for t in tasks} == {TaskStatus.COMPLETED}


def test_cancelling_a_task_without_a_process_cleans_up_here(
    new_engine: Engines, registry: Registry, tmp_path: Path
) -> None:
    first = new_engine()
    task = submit(
        first,
        tmp_path,
        step("gate", "test:gate", path=str(tmp_path / "g")),
        step("cleans", "test:mark", ALWAYS, file=str(tmp_path / "cleans")),
    )
    spin(lambda: lines(tmp_path / "g.reached") != [])
    first.close()
    second = new_engine()
    second.cancel(task.id)
    assert second.wait(task.id).status is TaskStatus.CANCELLED
    assert lines(tmp_path / "cleans") == [task.id]
    assert lines(tmp_path / "g.reached") == [task.id]


def test_a_task_without_a_process_can_be_retried(new_engine: Engines, tmp_path: Path) -> None:
    first = new_engine()
    task = submit(first, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")))
    spin(lambda: lines(tmp_path / "g.reached") != [])
    first.close()
    (tmp_path / "g.open").touch()
    second = new_engine()
    second.retry(task.id, secrets={})
    assert second.wait(task.id).status is TaskStatus.COMPLETED


def test_following_may_adopt(new_engine: Engines, tmp_path: Path) -> None:
    first = new_engine()
    task = submit(first, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")))
    spin(lambda: lines(tmp_path / "g.reached") != [])
    first.close()
    (tmp_path / "g.open").touch()
    events = list(new_engine().follow(task.id, adopt=True))
    assert events[-1].body["status"] == "completed"


def test_nothing_is_submitted_to_a_closed_engine(engine: TaskEngine, tmp_path: Path, clock: Clock) -> None:
    engine.close()
    with pytest.raises(Exception, match="tasks are closed"):
        submit(engine, tmp_path, step("a", "debug:log", message="x"))
