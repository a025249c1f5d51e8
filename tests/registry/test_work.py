from datetime import date

import pytest

from shiftdown.errors import (
    AlreadyExistsError,
    AmbiguousIdError,
    IllegalTransitionError,
    InvalidInputError,
    NotFoundError,
)
from shiftdown.model import ActivityStatus, ChangeRequestStatus, TransformationStatus
from shiftdown.model.base import ParametersByType
from shiftdown.registry import Registry

from .making import TYPES, Clock, change_request, some_program

T = TransformationStatus
C = ChangeRequestStatus


def test_a_transformation_from_pending_to_verified_and_back(registry: Registry, clock: Clock) -> None:
    made = some_program(registry)
    record = made.phases[0].transformations[0]
    request = registry.create_change_request(change_request(registry.repository(record.repository_id)))
    clock.advance(hours=1)
    registry.set_record_status(record.id, T.PLANNED, evidence=["package.json:3: scripts.test"])
    registry.set_record_status(record.id, T.IN_REVIEW, change_request_id=request.id)
    registry.set_record_status(record.id, T.MERGED)
    noted = registry.note_record(record.id, "check failed", ["ci.yml: not there"])
    assert (noted.status, noted.reason, noted.evidence) == (T.MERGED, "check failed", ("ci.yml: not there",))
    done = clock.advance(hours=1)
    verified = registry.set_record_status(record.id, T.VERIFIED, actor="sync")
    assert (verified.completed_at, verified.change_request_id, verified.reason) == (done, request.id, None)
    assert registry.record(record.id) == verified
    regressed = registry.set_record_status(record.id, T.REGRESSED)
    assert regressed.completed_at is None
    assert [(e.status, e.actor) for e in registry.events(subject_id=record.id)] == [
        ("PENDING", "tester"),
        ("PLANNED", "tester"),
        ("IN_REVIEW", "tester"),
        ("MERGED", "tester"),
        ("MERGED", "tester"),
        ("VERIFIED", "sync"),
        ("REGRESSED", "tester"),
    ]


def test_an_illegal_change_leaves_no_trace(registry: Registry) -> None:
    record = some_program(registry).phases[0].transformations[0]
    before = registry.events()
    with pytest.raises(IllegalTransitionError, match="cannot go from PENDING to VERIFIED"):
        registry.set_record_status(record.id, T.VERIFIED)
    with pytest.raises(InvalidInputError, match="refers to a record that does not exist"):
        registry.set_record_status(record.id, T.PLANNED, change_request_id="nope")
    with pytest.raises(NotFoundError):
        registry.set_record_status("nope", T.PLANNED)
    assert registry.record(record.id) == record
    assert registry.events() == before


def test_an_exemption(registry: Registry) -> None:
    record = some_program(registry).phases[0].transformations[0]
    exempt = registry.set_record_status(record.id, T.EXEMPT, reason="rewrite", exempt_until=date(2026, 6, 30))
    assert registry.record(record.id) == exempt
    assert (exempt.exempt_until, exempt.reason) == (date(2026, 6, 30), "rewrite")
    back = registry.set_record_status(record.id, T.PENDING)
    assert (back.exempt_until, back.reason) == (None, None)


def test_an_activity(registry: Registry, clock: Clock) -> None:
    activity = some_program(registry, activities=["Gather feedback"]).phases[0].activities[0]
    registry.set_activity_status(activity.id, ActivityStatus.IN_PROGRESS, assignee="kim")
    done = clock.advance(days=1)
    finished = registry.set_activity_status(activity.id, ActivityStatus.DONE, evidence=["https://wiki.example/1"])
    assert (finished.assignee, finished.evidence, finished.completed_at) == ("kim", ("https://wiki.example/1",), done)
    assert registry.activity(activity.id) == finished
    with pytest.raises(IllegalTransitionError, match="cannot go from DONE to SKIPPED"):
        registry.set_activity_status(activity.id, ActivityStatus.SKIPPED, reason="late")


def test_one_change_request_is_open_per_repository_and_type(registry: Registry) -> None:
    one, two = registry.ensure_repository("/r1"), registry.ensure_repository("/r2")
    first = registry.create_change_request(change_request(one))
    registry.create_change_request(change_request(two))
    registry.create_change_request(change_request(one, TYPES[1]))
    for status in (C.OPEN, C.DRAFT):
        with pytest.raises(AlreadyExistsError) as caught:
            registry.create_change_request(change_request(one, status=status, number=2))
        assert (caught.value.kind, caught.value.key) == ("change-request", f"{TYPES[0]} /r1")
        assert str(caught.value) == f"there is already an open change-request {TYPES[0]} /r1"
    registry.set_change_request_status(first.id, C.CLOSED, reason="not now")
    second = registry.create_change_request(change_request(one, number=2))
    assert registry.open_change_request(one.id, TYPES[0]) == second
    with pytest.raises(AlreadyExistsError):
        registry.set_change_request_status(first.id, C.OPEN)
    assert registry.change_request(first.id).status is C.CLOSED
    assert registry.verify() == ()


@pytest.mark.parametrize("status", [C.MERGED, C.CLOSED, C.SUPERSEDED])
def test_any_number_may_be_over(registry: Registry, status: ChangeRequestStatus) -> None:
    repository = registry.ensure_repository("/r")
    for number in (1, 2, 3):
        registry.create_change_request(change_request(repository, number=number, status=status))
    assert registry.open_change_request(repository.id, TYPES[0]) is None
    assert len(registry.change_requests(repository_id=repository.id)) == 3


def test_a_change_request_and_what_happens_to_it(registry: Registry, clock: Clock) -> None:
    repository = registry.ensure_repository("/r")
    made = change_request(repository, status=C.DRAFT)
    assert registry.create_change_request(made) == made == registry.change_request(made.id)
    registry.change_change_request(made.id, {"head": "b" * 40, "review": "APPROVED", "ci": "SUCCESS"}, actor="sync")
    merged_at = clock.advance(days=1)
    merged = registry.set_change_request_status(made.id, C.MERGED, merge_commit="c" * 40, head="d" * 40)
    assert (merged.merged_at, merged.merge_commit, merged.head) == (merged_at, "c" * 40, "d" * 40)
    assert (merged.review, merged.ci) == ("APPROVED", "SUCCESS")
    with pytest.raises(IllegalTransitionError, match="from MERGED to OPEN"):
        registry.set_change_request_status(made.id, C.OPEN)
    with pytest.raises(InvalidInputError, match="may not change status"):
        registry.change_change_request(made.id, {"status": "OPEN"})
    with pytest.raises(InvalidInputError, match="refers to a record that does not exist"):
        registry.create_change_request(made.model_copy(update={"id": "other", "repository_id": "nope"}))


def test_change_requests_are_found_by_what_they_are_about(registry: Registry, clock: Clock) -> None:
    made = some_program(registry)
    one, two = registry.repositories()
    requests = {
        "a": registry.create_change_request(change_request(one, id="a-1", at=clock.now)),
        "b": registry.create_change_request(change_request(two, id="b-1", at=clock.advance(hours=1))),
        "c": registry.create_change_request(change_request(one, TYPES[1], id="b-2", at=clock.advance(hours=1))),
    }
    registry.set_change_request_status("b-1", C.MERGED)
    record = made.phases[0].transformations[0]
    registry.set_record_status(record.id, T.PLANNED)
    registry.set_record_status(record.id, T.IN_REVIEW, change_request_id="a-1")

    def ids(**filters: object) -> list[str]:
        return [found.id for found in registry.change_requests(**filters)]  # type: ignore[arg-type]

    assert ids() == ["a-1", "b-1", "b-2"]
    assert ids(repository_id=one.id) == ["a-1", "b-2"]
    assert ids(type=TYPES[0]) == ["a-1", "b-1"]
    assert ids(status=C.MERGED) == ["b-1"]
    assert ids(program_id=made.id) == ["a-1"]
    assert ids(program_id=made.id, status=C.MERGED) == []
    assert registry.open_change_request(one.id, TYPES[1]) == requests["c"]
    assert registry.open_change_request(two.id, TYPES[0]) is None
    assert [r.id for r in registry.records_of("a-1")] == [record.id]
    assert registry.find_change_request_id("a") == "a-1"
    with pytest.raises(AmbiguousIdError, match="more than one change request: b-1, b-2"):
        registry.find_change_request_id("b")
    with pytest.raises(NotFoundError, match="no change request 'x'"):
        registry.find_change_request_id("x")


def test_what_is_said_about_parameters_is_kept_and_changes_by_events(registry: Registry, clock: Clock) -> None:
    program = some_program(registry)
    record = program.phases[0].transformations[0]
    said: ParametersByType = {"ADD_TEST_STAGE": {"threshold": 80, "names": ["ä", None], "deep": {"on": True}}}
    clock.advance(days=1)
    registry.set_program_parameters(program.id, said)
    owner = registry.set_organization_parameters(program.organization_id, said)
    changed = registry.change_record(record.id, parameters=said["ADD_TEST_STAGE"])
    noted = registry.note_record(record.id, "looked again", revision="a" * 40)
    assert registry.organization(owner.id).parameters == said
    assert registry.find_organization(owner.name) == owner
    assert registry.find_organization("nobody") is None
    assert registry.program(program.id).parameters == said
    assert (changed.parameters, noted.revision) == (said["ADD_TEST_STAGE"], "a" * 40)
    assert (changed.status, changed.updated_at) == (record.status, clock.now)
    assert registry.verify() == ()
    registry.rebuild()
    assert registry.record(record.id) == noted
