"""Several processes at once, and processes that are killed."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shiftdown.model import EventKind, TransformationStatus
from shiftdown.registry import Registry

from .making import Clock, new_id, some_program

WORKER = Path(__file__).parent / "worker.py"


@contextmanager
def workers(number: int, job: str, *arguments: str) -> Iterator[list[subprocess.Popen[str]]]:
    """That many processes, loaded and told to begin at once."""
    command = [sys.executable, "-W", "error", str(WORKER), job, *arguments]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(number)
    ]
    try:
        for process in started:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", process.communicate()[1]
        for process in started:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()


def results(number: int, job: str, *arguments: str) -> list[list[str]]:
    """What each of the processes said, all having ended well."""
    with workers(number, job, *arguments) as started:
        said = [process.communicate(timeout=120) for process in started]
        assert [process.returncode for process in started] == [0] * number, said
    return [out.split("\n")[:-1] for out, _ in said]


def test_of_several_that_open_an_empty_registry_one_makes_the_tables(url: str, clock: Clock) -> None:
    said = results(5, "ensure", url)
    assert len({line for (line,) in said}) == 1
    with Registry.open(url, clock=clock, new_id=new_id) as registry:
        assert [o.name for o in registry.organizations()] == ["acme"]
        assert [r.location for r in registry.repositories()] == ["/r"]
        assert len(registry.events()) == 2
        assert registry.verify() == ()


def test_no_update_is_lost_and_no_illegal_state_is_reached(url: str, registry: Registry) -> None:
    record = some_program(registry, repositories=1, phases=1).phases[0].transformations[0]
    processes, times = 4, 12
    said = Counter(line for lines in results(processes, "append", url, record.id, str(times)) for line in lines)
    events = registry.events(subject_id=record.id)
    assert said["noted"] == processes * times
    assert Counter(e.kind for e in events) == {
        EventKind.TRANSFORMATION_CREATED: 1,
        EventKind.TRANSFORMATION_NOTED: said.pop("noted"),
        EventKind.TRANSFORMATION_STATUS: sum(said.values()),
    }
    assert Counter(e.status for e in events if e.kind is EventKind.TRANSFORMATION_STATUS) == said
    assert said["PLANNED"] > 0
    assert registry.verify() == ()


def test_of_several_change_requests_at_once_exactly_one_is_recorded(url: str, registry: Registry) -> None:
    repository = registry.ensure_repository("/r")
    said = Counter(line for lines in results(4, "create", url, repository.id, "5") for line in lines)
    assert said == {"created": 1, "exists": 19}
    assert len(registry.change_requests()) == 1
    assert registry.verify() == ()


def test_a_process_killed_inside_a_transaction_leaves_nothing_of_it(url: str, registry: Registry) -> None:
    record = some_program(registry).phases[0].transformations[0]
    before = registry.events()
    with workers(1, "hang", url, record.id) as (process,):
        assert process.stdout is not None
        assert process.stdout.readline() == "inside\n"
        assert registry.record(record.id) == record
        process.kill()
        process.wait()
        registry.set_record_status(record.id, TransformationStatus.ALREADY_SATISFIED)
    assert registry.events()[:-1] == before
    assert [o.name for o in registry.organizations()] == ["acme"]
    assert registry.verify() == ()


@pytest.mark.parametrize("others", [2])
def test_a_process_killed_while_it_makes_the_tables_leaves_them_to_the_next(
    url: str, clock: Clock, others: int
) -> None:
    with workers(1, "migrate-and-hang", url) as (process,):
        assert process.stdout is not None
        assert process.stdout.readline() == "inside\n", process.communicate()[1]
        with workers(others, "ensure", url) as waiting:
            process.kill()
            process.wait()
            assert [other.communicate(timeout=120)[1] for other in waiting] == [""] * others
    with Registry.open(url, clock=clock, new_id=new_id) as registry:
        assert [o.name for o in registry.organizations()] == ["acme"]
        assert registry.verify() == ()
