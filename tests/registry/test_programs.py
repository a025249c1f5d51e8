from datetime import datetime, timedelta, timezone

import pytest

from shiftdown.errors import (
    AlreadyExistsError,
    AmbiguousIdError,
    IllegalTransitionError,
    InvalidInputError,
    NotFoundError,
)
from shiftdown.model import ActivityStatus, PhaseStatus, ProgramStatus, TransformationStatus
from shiftdown.registry import Registry

from .making import START, TYPES, Clock, platform, program, some_program

T = TransformationStatus


def finish(registry: Registry, program_id: str, order: int) -> None:
    """Find everything in a phase satisfied."""
    for record in registry.program(program_id).phases[order - 1].transformations:
        registry.set_record_status(record.id, T.ALREADY_SATISFIED)


def test_a_program_comes_back_as_it_was_recorded(registry: Registry) -> None:
    acme = registry.ensure_organization("acme")
    covered = [registry.ensure_repository(f"/r{n}", acme.id) for n in range(3)]
    made = program(acme, covered, activities=["Zebra", "Apple", "Mango"])
    assert registry.create_program(made) == made
    assert registry.program(made.id) == made
    assert [a.name for a in registry.program(made.id).phases[0].activities] == ["Zebra", "Apple", "Mango"]
    assert [r.transformation_type for r in registry.program(made.id).phases[0].transformations] == [
        type for type in TYPES for _ in covered
    ]


def test_its_platform_is_the_newest_of_its_organization(registry: Registry) -> None:
    made = some_program(registry)
    assert made.platform is None
    acme = registry.organization(made.organization_id)
    registry.create_platform(platform(acme, "Old"))
    new = registry.create_platform(platform(acme, "New", at=START + timedelta(days=1)))
    assert registry.program(made.id).platform == new


@pytest.mark.parametrize("broken", ["organization", "repository", "order", "record"])
def test_a_program_is_recorded_whole_or_not_at_all(registry: Registry, broken: str) -> None:
    acme = registry.ensure_organization("acme")
    repository = registry.ensure_repository("/r", acme.id)
    before = registry.events()
    made = program(acme, [repository], phases=1 if broken == "record" else 2)
    last = made.phases[-1]
    match broken:
        case "organization":
            made = made.model_copy(update={"organization_id": "nobody"})
        case "repository":
            records = (*last.transformations[:-1], last.transformations[-1].model_copy(update={"repository_id": "no"}))
            made = made.model_copy(
                update={"phases": (*made.phases[:-1], last.model_copy(update={"transformations": records}))}
            )
        case "order":
            made = made.model_copy(update={"phases": (made.phases[0], last.model_copy(update={"order": 1}))})
        case "record":
            records = (*last.transformations, last.transformations[1].model_copy(update={"id": "again"}))
            made = made.model_copy(update={"phases": (last.model_copy(update={"transformations": records}),)})
    expected = {
        "organization": "refers to a record that does not exist",
        "repository": "refers to a record that does not exist",
        "order": f"there is already a phase {made.id} 1",
        "record": f"there is already a transformation {TYPES[1]} /r",
    }[broken]
    with pytest.raises((AlreadyExistsError, InvalidInputError), match=expected):
        registry.create_program(made)
    assert registry.programs() == []
    assert registry.events() == before
    assert registry.verify() == ()


def test_a_program_cannot_be_recorded_twice(registry: Registry) -> None:
    made = some_program(registry)
    with pytest.raises(AlreadyExistsError, match=f"there is already a program {made.id}"):
        registry.create_program(made)


def test_statuses_follow_from_the_records(registry: Registry) -> None:
    made = some_program(registry, activities=["Tell everybody"])
    assert [p.status for p in made.phases] == ["PENDING", "PENDING"]
    first = made.phases[0].transformations[0]
    registry.set_record_status(first.id, T.PLANNED)
    assert [p.status for p in registry.program(made.id).phases] == ["IN_PROGRESS", "PENDING"]
    finish(registry, made.id, 1)
    assert registry.program(made.id).phases[0].status is PhaseStatus.IN_PROGRESS
    registry.set_activity_status(made.phases[0].activities[0].id, ActivityStatus.DONE)
    assert registry.program(made.id).phases[0].status is PhaseStatus.COMPLETED


def test_a_program_is_complete_when_its_phases_are_complete_or_skipped(registry: Registry) -> None:
    made = some_program(registry)
    finish(registry, made.id, 1)
    assert registry.program(made.id).status is ProgramStatus.ACTIVE
    registry.skip_phase(made.phases[1].id, "bought instead")
    now = registry.program(made.id)
    assert (now.status, [p.status for p in now.phases]) == ("COMPLETED", ["COMPLETED", "SKIPPED"])
    assert now.phases[1].skipped == "bought instead"
    record = now.phases[0].transformations[0]
    registry.set_record_status(record.id, T.REGRESSED, reason="lint job removed")
    assert registry.program(made.id).status is ProgramStatus.ACTIVE


def test_a_phase_is_blocked_when_what_is_left_needs_a_person(registry: Registry) -> None:
    made = some_program(registry, phases=1, types=TYPES[:1])
    one, two = made.phases[0].transformations
    registry.set_record_status(one.id, T.FAILED, reason="no network")
    assert registry.program(made.id).phases[0].status is PhaseStatus.IN_PROGRESS
    registry.set_record_status(two.id, T.EXEMPT, reason="retired in May")
    assert registry.program(made.id).phases[0].status is PhaseStatus.BLOCKED


def test_starting_a_phase_early_is_recorded(registry: Registry) -> None:
    made = some_program(registry)
    registry.override_phase(made.phases[1].id, "pilot team", actor="kim")
    assert registry.program(made.id).phases[1].override == "pilot team"
    assert registry.events(subject_id=made.phases[1].id)[-1].actor == "kim"


def test_pause_resume_cancel(registry: Registry) -> None:
    made = some_program(registry)
    for status in (ProgramStatus.PAUSED, ProgramStatus.ACTIVE, ProgramStatus.PAUSED, ProgramStatus.CANCELLED):
        assert registry.set_program_status(made.id, status).status is status
    before = registry.events()
    with pytest.raises(IllegalTransitionError, match=f"DevOpsProgram {made.id} cannot go from CANCELLED to ACTIVE"):
        registry.set_program_status(made.id, ProgramStatus.ACTIVE)
    assert registry.events() == before


def test_the_list_shows_progress_without_records(registry: Registry) -> None:
    assert registry.programs() == []
    one = some_program(registry)
    two = some_program(registry, phases=1, at=START + timedelta(days=1))
    finish(registry, two.id, 1)
    listed = registry.programs()
    assert [s.program.id for s in listed] == [one.id, two.id]
    assert [s.program.status for s in listed] == ["ACTIVE", "COMPLETED"]
    assert [s.progress for s in listed] == [registry.progress(one.id), registry.progress(two.id)]
    assert [dict(s.phases) for s in listed] == [registry.phase_progress(one.id), registry.phase_progress(two.id)]
    for summary in listed:
        whole = registry.program(summary.program.id)
        assert [p.status for p in summary.program.phases] == [p.status for p in whole.phases]
        assert not any(phase.transformations or phase.activities for phase in summary.program.phases)


def test_a_program_without_phases_can_be_listed(registry: Registry) -> None:
    made = some_program(registry, phases=0)
    assert registry.program(made.id).status is ProgramStatus.ACTIVE
    assert registry.programs()[0].progress.total == 0
    assert registry.phase_progress(made.id) == {}


def test_the_beginning_of_an_id_is_enough(registry: Registry) -> None:
    for id in ("abc1", "abc2", "abc", "ABD", "a_c9"):
        some_program(registry, id=id)
    assert registry.find_program_id("abc1") == "abc1"
    assert registry.find_program_id("abc") == "abc"
    assert registry.find_program_id("AB") == "ABD"
    assert registry.find_program_id("a_") == "a_c9"
    with pytest.raises(AmbiguousIdError, match="'ab' is the beginning of more than one program: abc, abc1, abc2"):
        registry.find_program_id("ab")
    for nothing in ("", "zzz", "%", "abc12"):
        with pytest.raises(NotFoundError, match="no program"):
            registry.find_program_id(nothing)


def test_an_ambiguous_id_lists_ten_matches_at_most(registry: Registry) -> None:
    for n in range(12):
        some_program(registry, repositories=0, phases=0, id=f"x{n:02}")
    with pytest.raises(AmbiguousIdError) as caught:
        registry.find_program_id("x")
    assert caught.value.matches == tuple(f"x{n:02}" for n in range(10))


def test_moments_come_back_aware_and_exact(registry: Registry, clock: Clock) -> None:
    odd = datetime(2026, 3, 2, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=-9, minutes=-30)))
    made = some_program(registry, at=odd)
    assert made.start_date == odd
    assert made.start_date.utcoffset() == timedelta(0)
    assert made.phases[0].start_date.tzinfo is not None


def test_programs_by_name_and_the_repositories_of_one(registry: Registry) -> None:
    acme = registry.ensure_organization("acme")
    one, two, three = (registry.ensure_repository(f"/r{n}", acme.id) for n in range(3))
    first = registry.create_program(program(acme, [one, two]))
    other = program(acme, [three], at=START + timedelta(days=1)).model_copy(update={"name": first.name})
    second = registry.create_program(other)
    assert registry.program_ids_named(first.name) == [first.id, second.id]
    assert registry.program_ids_named(first.name[:-1]) == []
    assert registry.repositories(program_id=first.id) == [one, two]
    assert registry.repositories(program_id=second.id) == [three]
    assert registry.repositories(program_id="nobody") == []
