"""Progress, counted by the database."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta, timezone

import pytest
from sqlalchemy import Engine, event

from shiftdown.errors import NotFoundError
from shiftdown.model import ActivityStatus, Progress, TransformationStatus
from shiftdown.registry import Registry

from .making import START, TYPES, Clock, some_program

T = TransformationStatus


def counted(registry: Registry, program_id: str) -> dict[int, Progress]:
    """The progress as Python counts it."""
    return {
        phase.order: Progress.of(
            Counter([r.status.value for r in phase.transformations] + [a.status.value for a in phase.activities])
        )
        for phase in registry.program(program_id).phases
    }


def test_the_database_counts_as_python_does(registry: Registry) -> None:
    other = some_program(registry)
    made = some_program(registry, repositories=4, activities=["A", "B", "C"])
    assert registry.phase_progress(made.id) == counted(registry, made.id)
    statuses = [T.PLANNED, T.ALREADY_SATISFIED, T.NOT_APPLICABLE, T.EXEMPT, T.FAILED, T.ALREADY_SATISFIED]
    for record, status in zip(made.phases[0].transformations, statuses, strict=False):
        registry.set_record_status(record.id, status)
    one, two, _ = made.phases[0].activities
    registry.set_activity_status(one.id, ActivityStatus.DONE)
    registry.set_activity_status(two.id, ActivityStatus.SKIPPED, reason="have it")
    found = registry.phase_progress(made.id)
    assert found == counted(registry, made.id)
    assert found[1] == Progress(
        done=3,
        total=12,
        percent=25.0,
        by_status={
            "ALREADY_SATISFIED": 2,
            "DONE": 1,
            "EXEMPT": 1,
            "FAILED": 1,
            "NOT_APPLICABLE": 1,
            "PENDING": 7,
            "PLANNED": 1,
            "SKIPPED": 1,
        },
    )
    assert registry.progress(made.id) == found[1] + found[2]
    assert registry.progress(other.id) == Progress.of({"PENDING": 12})


def test_a_phase_with_nothing_in_it_is_there(registry: Registry) -> None:
    made = some_program(registry, types=(), activities=["Talk"])
    assert registry.phase_progress(made.id) == {1: Progress.of({"PENDING": 1}), 2: Progress.of({})}


def test_no_program_no_progress(registry: Registry) -> None:
    for question in (registry.progress, registry.phase_progress):
        with pytest.raises(NotFoundError, match="no program 'nope'"):
            question("nope")


def test_any_past_moment_can_be_shown(registry: Registry, clock: Clock) -> None:
    clock.now = START
    made = some_program(registry, repositories=1, phases=1, types=TYPES, activities=["Talk"])
    one, two, _ = made.phases[0].transformations
    steps: list[tuple[int, Callable[[], object]]] = [
        (1, lambda: registry.set_record_status(one.id, T.PLANNED)),
        (2, lambda: registry.set_record_status(two.id, T.NOT_APPLICABLE, reason="no code")),
        (2, lambda: registry.note_record(one.id, "waits")),
        (3, lambda: registry.set_record_status(one.id, T.ALREADY_SATISFIED)),
        (4, lambda: registry.set_activity_status(made.phases[0].activities[0].id, ActivityStatus.DONE)),
        (5, lambda: registry.set_record_status(one.id, T.REGRESSED)),
    ]
    for day, step in steps:
        clock.now = START + timedelta(days=day)
        step()

    def on(day: float) -> dict[str, int]:
        return dict(registry.progress(made.id, at=START + timedelta(days=day)).by_status)

    assert on(-1) == {}
    assert on(-1e-6) == {}
    assert on(0) == on(0.99) == {"PENDING": 4}
    assert on(1) == on(1.5) == {"PENDING": 3, "PLANNED": 1}
    assert on(2) == {"NOT_APPLICABLE": 1, "PENDING": 2, "PLANNED": 1}
    assert on(3) == {"ALREADY_SATISFIED": 1, "NOT_APPLICABLE": 1, "PENDING": 2}
    assert on(4) == {"ALREADY_SATISFIED": 1, "DONE": 1, "NOT_APPLICABLE": 1, "PENDING": 1}
    assert on(5) == on(500) == {"DONE": 1, "NOT_APPLICABLE": 1, "PENDING": 1, "REGRESSED": 1}
    assert on(500) == dict(registry.progress(made.id).by_status)
    assert registry.phase_progress(made.id, at=START + timedelta(days=3))[1].percent == 33.3
    assert registry.phase_progress(made.id, at=START - timedelta(days=1)) == {1: Progress.of({})}


def test_a_moment_in_another_time_zone_is_the_same_moment(registry: Registry, clock: Clock) -> None:
    made = some_program(registry)
    local = clock.now.astimezone(timezone(timedelta(hours=9)))
    assert registry.progress(made.id, at=local).total == 12
    assert registry.progress(made.id, at=local - timedelta(seconds=1)).total == 0


@pytest.mark.parametrize("programs", [1, 7])
def test_the_list_asks_the_database_the_same_number_of_questions(registry: Registry, programs: int) -> None:
    for _ in range(programs):
        some_program(registry)
    asked: list[str] = []

    def note(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert len(registry.programs()) == programs
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    selects = [statement for statement in asked if statement.startswith("SELECT")]
    assert len(selects) == 3
    assert sum("GROUP BY" in statement for statement in selects) == 1
