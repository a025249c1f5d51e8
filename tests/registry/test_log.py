"""Events: append-only, and the records are their fold."""

import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from shiftdown.errors import AlreadyExistsError, IllegalTransitionError, InvalidInputError, NotFoundError, RegistryError
from shiftdown.model import ActivityStatus, ChangeRequestStatus, EventKind, ProgramStatus, TransformationStatus
from shiftdown.registry import Registry
from tests.exploring import examples

from .making import START, TYPES, Clock, change_request, platform, some_program
from .test_forge_events import event as forge_event

NOON = "2026-01-01T12:00:00Z"


def busy_registry(registry: Registry, clock: Clock) -> str:
    """Let something happen to every kind of record; the id of the program."""
    made = some_program(registry, activities=["Tell everybody"])
    acme = registry.organization(made.organization_id)
    registry.change_platform(registry.create_platform(platform(acme)).id, {"active_users": 12, "avg_lead_time": 7.5})
    clock.advance(hours=1)
    record = made.phases[0].transformations[0]
    request = registry.create_change_request(change_request(registry.repository(record.repository_id)))
    registry.change_change_request(request.id, {"ci": "SUCCESS"})
    registry.record_forge_event(forge_event(registry.repository(record.repository_id), 1))
    registry.set_record_status(record.id, TransformationStatus.PLANNED)
    registry.set_record_status(record.id, TransformationStatus.IN_REVIEW, change_request_id=request.id)
    registry.set_change_request_status(request.id, ChangeRequestStatus.MERGED, merge_commit="c" * 40)
    registry.set_record_status(record.id, TransformationStatus.MERGED)
    registry.set_activity_status(made.phases[0].activities[0].id, ActivityStatus.DONE, evidence=["seen"])
    registry.skip_phase(made.phases[1].id, "bought")
    registry.set_program_status(made.id, ProgramStatus.PAUSED)
    return made.id


def test_events_tell_what_happened_in_sequence(registry: Registry, clock: Clock) -> None:
    program_id = busy_registry(registry, clock)
    everything = registry.events()
    assert len({e.id for e in everything}) == len(everything)
    assert {e.kind.subject for e in everything} == {k.subject for k in EventKind}
    assert [e.at for e in everything] == sorted(e.at for e in everything)
    of_program = registry.events(program_id=program_id)
    assert of_program == [e for e in everything if e.program_id == program_id]
    assert {e.kind.subject for e in of_program} == {"program", "phase", "transformation", "activity"}
    late = registry.events(since=START + timedelta(hours=1))
    assert late == [e for e in everything if e.at >= START + timedelta(hours=1)]
    assert 0 < len(late) < len(everything)
    paused = everything[-1]
    assert (paused.kind, paused.status, paused.data) == (EventKind.PROGRAM_STATUS, "PAUSED", {"status": "PAUSED"})
    assert registry.events(subject_id=program_id)[-1] == paused
    skipped = registry.events(program_id=program_id, since=START + timedelta(hours=1))[-2]
    assert (skipped.kind, skipped.status, skipped.data) == (EventKind.PHASE_CHANGED, None, {"skipped": "bought"})


def test_the_records_are_the_fold_of_the_events(registry: Registry, clock: Clock) -> None:
    program_id = busy_registry(registry, clock)
    before = registry.program(program_id), registry.change_requests(), registry.platforms(), registry.events()
    assert registry.verify() == ()
    registry.rebuild()
    assert registry.verify() == ()
    assert (registry.program(program_id), registry.change_requests(), registry.platforms()) == before[:3]
    assert registry.events() == before[3]


def test_an_empty_registry_can_be_rebuilt(registry: Registry) -> None:
    registry.rebuild()
    assert registry.verify() == ()


def test_verify_finds_what_was_changed_by_hand_and_rebuild_mends_it(
    registry: Registry, clock: Clock, raw: Engine
) -> None:
    program_id = busy_registry(registry, clock)
    before = registry.program(program_id)
    changed, deleted = before.phases[0].transformations[1:3]
    with raw.begin() as connection:
        connection.execute(
            text(f"UPDATE transformations SET status = 'VERIFIED', reason = 'x' WHERE id = '{changed.id}'")
        )
        connection.execute(text(f"DELETE FROM transformations WHERE id = '{deleted.id}'"))
        connection.execute(
            text("INSERT INTO organizations (id, name, created_at) VALUES ('ghost', 'ghost', '2026-01-01 00:00:00')")
        )
    assert registry.verify() == (
        "organization ghost has no events",
        f"transformation {changed.id} differs from its events in reason, status",
        f"transformation {deleted.id} is missing",
    )
    registry.rebuild()
    assert registry.verify() == ()
    assert registry.program(program_id) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'nobody'",
        "UPDATE events SET data = '{}' WHERE seq = 1",
        "DELETE FROM events",
        "DELETE FROM events WHERE seq = 1",
    ],
)
def test_events_cannot_be_changed_or_removed(registry: Registry, raw: Engine, statement: str) -> None:
    some_program(registry)
    before = registry.events()
    with pytest.raises(DBAPIError, match="events are append-only"), raw.begin() as connection:
        connection.execute(text(statement))
    assert registry.events() == before


def test_events_cannot_be_removed_by_the_back_door(registry: Registry, raw: Engine) -> None:
    some_program(registry)
    before = registry.events()
    back_door = (
        "TRUNCATE events"
        if raw.dialect.name == "postgresql"
        else "INSERT OR REPLACE INTO events (seq, id, at, actor, kind, subject_id, data) "
        "SELECT seq, 'other', at, 'nobody', kind, subject_id, '{}' FROM events"
    )
    with pytest.raises(DBAPIError, match="events are append-only"), raw.begin() as connection:
        connection.execute(text(back_door))
    assert registry.events() == before


def test_append_by_hand(registry: Registry) -> None:
    acme = registry.ensure_organization("acme")
    data = {"id": "p7", "location": "/r", "organization_id": acme.id, "created_at": START.isoformat()}
    repository = registry.append(EventKind.REPOSITORY_CREATED, "p7", data, actor="importer")
    assert repository == registry.repository("p7")
    assert registry.events(subject_id="p7")[0].actor == "importer"


@pytest.mark.parametrize(
    ("kind", "subject", "data", "error"),
    [
        (EventKind.PROGRAM_STATUS, "nope", {"status": "ACTIVE"}, NotFoundError),
        (EventKind.ORGANIZATION_CREATED, "o9", {"id": "o9"}, InvalidInputError),
        (EventKind.ORGANIZATION_CREATED, "o9", {"id": "o8", "name": "x", "created_at": NOON}, InvalidInputError),
        (EventKind.ORGANIZATION_CREATED, "o 9", {}, InvalidInputError),
        (EventKind.ORGANIZATION_CREATED, "o9", {"id": "o9", "name": "acme", "created_at": NOON}, AlreadyExistsError),
        (EventKind.ORGANIZATION_CREATED, "o9", {"id": object()}, InvalidInputError),
    ],
)
def test_what_cannot_be_appended(
    registry: Registry, kind: EventKind, subject: str, data: dict[str, object], error: type[Exception]
) -> None:
    registry.ensure_organization("acme")
    before = registry.events()
    with pytest.raises(error):
        registry.append(kind, subject, data)  # type: ignore[arg-type]
    assert registry.events() == before
    assert registry.verify() == ()


def test_a_transaction_is_all_or_nothing(registry: Registry) -> None:
    made = some_program(registry)
    record = made.phases[0].transformations[0]
    repository = registry.repository(record.repository_id)
    before = registry.events()

    def half() -> None:
        with registry.transaction():
            request = registry.create_change_request(change_request(repository))
            assert registry.change_request(request.id) == request
            registry.set_record_status(record.id, TransformationStatus.VERIFIED)

    with pytest.raises(IllegalTransitionError):
        half()
    assert registry.events() == before
    assert registry.change_requests() == []
    with registry.transaction(), registry.transaction():
        registry.create_change_request(change_request(repository))
        registry.set_record_status(record.id, TransformationStatus.PLANNED)
    assert len(registry.events()) == len(before) + 2


def test_an_organization_can_be_found_or_made_inside_a_transaction(registry: Registry) -> None:
    with registry.transaction():
        acme = registry.ensure_organization("acme")
        assert registry.ensure_organization("acme") == acme
        registry.ensure_repository("/r", acme.id)
    assert [r.organization_id for r in registry.repositories()] == [acme.id]


def test_what_another_thread_writes_is_not_part_of_the_transaction(registry: Registry) -> None:
    seen: list[int] = []
    with registry.transaction():
        registry.ensure_organization("acme")
        reader = threading.Thread(target=lambda: seen.append(len(registry.organizations())))
        reader.start()
        reader.join()
    assert seen == [0]
    assert len(registry.organizations()) == 1


def test_a_broken_event_is_not_silently_skipped(registry: Registry, raw: Engine) -> None:
    some_program(registry)
    with raw.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO events (id, at, actor, kind, subject_id, data) "
                "VALUES ('bad', '2026-01-01 00:00:00', 'me', 'program.status', 'nope', '{\"status\": \"ACTIVE\"}')"
            )
        )
    with pytest.raises(RegistryError, match=r"event bad .*is not about program nope"):
        registry.verify()
    with pytest.raises(RegistryError, match="event bad"):
        registry.rebuild()


STEPS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([s.value for s in TransformationStatus])), min_size=1, max_size=25
)


@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_tried_the_records_are_the_fold(registry: Registry, steps: list[tuple[int, str]]) -> None:
    records = some_program(registry, repositories=1, phases=1, types=TYPES).phases[0].transformations
    for which, status in steps:
        before = registry.record(records[which].id)
        try:
            after = registry.set_record_status(before.id, TransformationStatus(status))
        except IllegalTransitionError:
            after = before
        assert registry.record(before.id) == after
    assert registry.verify() == ()
