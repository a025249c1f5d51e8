"""From a playbook to dates and records."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from shiftdown.errors import InvalidInputError
from shiftdown.model import DevOpsProgram, DORAMetrics, MaturityLevel, Organization, Repository
from shiftdown.playbooks import (
    DurationRange,
    DurationUnit,
    builtin_playbook,
    parse_playbook,
    program_from,
    records_for,
    schedule,
)
from shiftdown.playbooks.duration import parse_duration
from shiftdown.plugin import ChangeSet, Model, Snapshot, transformation

from .making import SMALL, START

ACME = Organization(id="o1", name="acme", created_at=START)
REPOSITORIES = [Repository(id=f"r{n}", location=f"/repos/{n}", created_at=START) for n in (1, 2, 3)]


@transformation("ADD_LINT_STAGE", title="Add a lint stage", family="ci-cd", verified_by="a-b")
def add_lint_stage(repo: Snapshot) -> ChangeSet:
    """It has no parameters."""
    return ChangeSet()


class Coverage(Model):
    """Parameters."""

    threshold: int
    """How much must be covered; it has no default."""
    tool: str = "any"
    """What measures it."""


@transformation("ENFORCE_OURS", title="Enforce coverage", family="testing", verified_by="a-b")
def enforce_coverage(repo: Snapshot, params: Coverage) -> ChangeSet:
    """It has parameters."""
    return ChangeSet()


def ids() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"i{next(numbers)}"


def started(playbook: str = "cicd-automation", **fields: Any) -> DevOpsProgram:
    return program_from(
        builtin_playbook(playbook),
        **{
            "name": "Payments",
            "organization": ACME,
            "repositories": REPOSITORIES,
            "transformations": {t.type: t for t in (add_lint_stage, enforce_coverage)},
            "target_maturity": MaturityLevel.ELITE,
            "now": START,
            "new_id": ids(),
            **fields,
        },
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2-3 weeks", (2, 3, "weeks")),
        ("1 month", (1, 1, "months")),
        ("1 months", (1, 1, "months")),
        ("10 days", (10, 10, "days")),
        ("120 months", (120, 120, "months")),
        ("1-520 weeks", (1, 520, "weeks")),
    ],
)
def test_durations(text: str, expected: tuple[int, int, str]) -> None:
    found = parse_duration(text)
    assert isinstance(found, DurationRange)
    assert (found.min, found.max, found.unit) == expected
    assert str(found) == text.replace("1 months", "1 month")


@pytest.mark.parametrize(
    "text",
    ["", "weeks", "0 weeks", "2- 3 weeks", "2–3 weeks", "1.5 weeks", "-1 days", "2 years", "2-3 weeks\n", "02 days"],
)
def test_what_is_not_a_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("least", "most", "unit"), [(3, 2, "weeks"), (1, 3651, "days"), (1, 521, "weeks"), (0, 1, "days")]
)
def test_impossible_ranges(least: int, most: int, unit: str) -> None:
    with pytest.raises(ValidationError):
        DurationRange(min=least, max=most, unit=DurationUnit(unit))


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2028, 1, 31), 1, (2028, 2, 29)),
        ((2026, 1, 15), 12, (2027, 1, 15)),
        ((2026, 11, 30), 3, (2027, 2, 28)),
        ((2026, 12, 1), 1, (2027, 1, 1)),
        ((2026, 1, 1), 11, (2026, 12, 1)),
        ((2024, 2, 29), 120, (2034, 2, 28)),
    ],
)
def test_months_are_calendar_months(start: tuple[int, int, int], months: int, expected: tuple[int, int, int]) -> None:
    duration = DurationRange(min=months, max=months, unit=DurationUnit.MONTHS)
    for at_most in (True, False):
        assert duration.after(datetime(*start, 8, 30, tzinfo=UTC), at_most=at_most) == datetime(
            *expected, 8, 30, tzinfo=UTC
        )


def test_phases_follow_each_other_and_dates_are_ranges() -> None:
    dates = schedule(builtin_playbook("cicd-automation"), START)
    weeks = [[0, 3, 0, 2], [3, 7, 2, 5], [7, 10, 5, 7], [10, 14, 7, 10]]
    assert [list(phase) for phase in dates] == [[START + timedelta(weeks=n) for n in row] for row in weeks]


def test_units_may_be_mixed() -> None:
    dates = schedule(parse_playbook(SMALL, "own.yaml"), START)
    assert [phase.end for phase in dates] == [START + timedelta(days=10), datetime(2026, 4, 10, 12, tzinfo=UTC)]
    assert dates[1].earliest_end == datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_a_program_has_a_record_for_each_type_and_repository() -> None:
    program = started()
    assert (program.status, program.playbook, program.organization) == ("ACTIVE", "cicd-automation", "acme")
    assert program.repositories == ("/repos/1", "/repos/2", "/repos/3")
    assert (program.start_date, program.target_end_date) == (START, START + timedelta(weeks=14))
    assert [phase.order for phase in program.phases] == [1, 2, 3, 4]
    assert [len(phase.transformations) for phase in program.phases] == [12, 12, 12, 12]
    first = program.phases[0]
    assert [(r.transformation_type, r.repository_id) for r in first.transformations][:4] == [
        ("ADD_GITHUB_ACTIONS", "r1"),
        ("ADD_GITHUB_ACTIONS", "r2"),
        ("ADD_GITHUB_ACTIONS", "r3"),
        ("ADD_LINT_STAGE", "r1"),
    ]
    assert {r.status for phase in program.phases for r in phase.transformations} == {"PENDING"}
    assert all(r.phase_id == p.id and r.program_id == program.id for p in program.phases for r in p.transformations)
    assert (first.start_date, first.end_date) == (START, START + timedelta(weeks=3))


def test_every_record_has_an_id_of_its_own() -> None:
    program = started("platform-engineering", repositories=[])
    found = [program.id]
    for phase in program.phases:
        found += [phase.id, *(activity.id for activity in phase.activities)]
    assert found == [f"i{n}" for n in range(1, len(found) + 1)]


def test_types_are_called_by_their_title_if_there_is_one() -> None:
    names = {r.transformation_type: r.name for r in started().phases[0].transformations}
    assert names["ADD_LINT_STAGE"] == "Add a lint stage"
    assert names["ADD_TEST_STAGE"] == "ADD_TEST_STAGE"


def test_work_of_people_becomes_activities() -> None:
    program = started("platform-engineering", repositories=[])
    assert [[(a.kind, a.status) for a in phase.activities] for phase in program.phases] == [
        [(kind, "PENDING")] * 4 for kind in ("activity", "component", "capability", "stack", "activity")
    ]
    assert program.phases[3].activities[1].name == "Loki (logs)"
    assert all(a.program_id == program.id and a.phase_id == p.id for p in program.phases for a in p.activities)


def test_what_was_measured_at_the_start_is_kept() -> None:
    baseline = DORAMetrics(change_failure_rate=35)
    program = started(baseline=baseline, current_maturity=MaturityLevel.LOW, description="For the payments team")
    assert program.baseline_dora == baseline
    assert (program.current_maturity, program.target_maturity) == ("LOW", "ELITE")
    assert program.description == "For the payments team"
    assert started().description == builtin_playbook("cicd-automation").description
    assert started().baseline_dora is None


def test_a_playbook_that_changes_repositories_needs_one_and_each_once() -> None:
    with pytest.raises(InvalidInputError, match="cicd-automation changes repositories: name at least one"):
        started(repositories=[])
    with pytest.raises(InvalidInputError, match="/repos/2 is named twice"):
        started(repositories=[*REPOSITORIES, REPOSITORIES[1]])


RISING = """
name: rising
phases:
  - name: Half
    phase_type: TESTING_AUTOMATION
    duration: 1 week
    transformations: [{type: ENFORCE_OURS, parameters: {threshold: 50}}, ADD_LINT_STAGE, ADD_NOBODYS]
  - name: Most
    phase_type: TESTING_AUTOMATION
    duration: 1 week
    transformations:
      - type: ENFORCE_OURS
        parameters:
          threshold: 80
          tool: istanbul
"""


def rising(of_organization: Any = None, of_program: Any = None, text: str = RISING) -> DevOpsProgram:
    return program_from(
        parse_playbook(text, "rising.yaml"),
        name="Rising",
        organization=ACME.model_copy(update={"parameters": of_organization or {}}),
        repositories=REPOSITORIES,
        transformations={t.type: t for t in (add_lint_stage, enforce_coverage)},
        target_maturity=MaturityLevel.ELITE,
        now=START,
        new_id=ids(),
        parameters=of_program or {},
    )


def by_phase(program: DevOpsProgram) -> list[Any]:
    return [
        next(r.parameters for r in phase.transformations if r.transformation_type == "ENFORCE_OURS")
        for phase in program.phases
    ]


def test_each_phase_of_a_playbook_has_its_parameters() -> None:
    program = rising()
    assert by_phase(program) == [{"threshold": 50, "tool": "any"}, {"threshold": 80, "tool": "istanbul"}]
    assert [phase.parameters for phase in program.phases] == [
        {"ENFORCE_OURS": {"threshold": 50}},
        {"ENFORCE_OURS": {"threshold": 80, "tool": "istanbul"}},
    ]
    assert program.phases[0].transformation_types == ("ENFORCE_OURS", "ADD_LINT_STAGE", "ADD_NOBODYS")
    others = [r.parameters for r in program.phases[0].transformations if r.transformation_type != "ENFORCE_OURS"]
    assert others == [{}] * 6
    assert program.parameters == {}


def test_the_organisation_holds_over_the_playbook_and_the_program_over_both() -> None:
    house = {"ENFORCE_OURS": {"threshold": 70}, "ADD_ELSEWHERE": {"x": 1}}
    program = rising(of_organization=house)
    assert by_phase(program) == [{"threshold": 70, "tool": "any"}, {"threshold": 70, "tool": "istanbul"}]
    assert program.parameters == {"ENFORCE_OURS": {"threshold": 70}}
    program = rising(of_organization=house, of_program={"ENFORCE_OURS": {"threshold": "60"}})
    assert by_phase(program) == [{"threshold": 60, "tool": "any"}, {"threshold": 60, "tool": "istanbul"}]
    assert program.parameters == {"ENFORCE_OURS": {"threshold": 60}}


def test_a_repository_that_joins_has_what_the_program_decided() -> None:
    program = rising(of_organization={"ENFORCE_OURS": {"tool": "kover"}})
    late = Repository(id="r9", location="/repos/9", created_at=START)
    types = {t.type: t for t in (add_lint_stage, enforce_coverage)}
    records = records_for(program, late, transformations=types, now=START, new_id=ids())
    assert [r.parameters for r in records if r.transformation_type == "ENFORCE_OURS"] == by_phase(program)
    assert [r.name for r in records] == ["Enforce coverage", "Add a lint stage", "ADD_NOBODYS", "Enforce coverage"]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"ENFORCE_OURS": {"threshold": "much"}},
            r"ENFORCE_OURS: threshold: .*integer.* \(parameters: threshold, tool\)",
        ),
        ({"ENFORCE_OURS": {"limit": 3}}, r"ENFORCE_OURS: limit: there is no such parameter"),
        ({"ADD_LINT_STAGE": {"x": 3}}, r"ADD_LINT_STAGE: x: there is no such parameter \(parameters: none\)"),
        ({"ADD_ELSEWHERE": {}}, "ADD_ELSEWHERE: no phase applies it"),
        ({"ADD_NOBODYS": {"x": 3}}, r"ADD_NOBODYS: parameters are given \(x\), but no plugin provides the type"),
    ],
)
def test_parameters_that_cannot_be_used(given: Any, problem: str) -> None:
    with pytest.raises(InvalidInputError, match=problem):
        rising(of_program=given)


def test_a_parameter_that_nobody_gives_is_missing() -> None:
    with pytest.raises(InvalidInputError, match="ENFORCE_OURS: threshold: Field required"):
        rising(text=RISING.replace("{type: ENFORCE_OURS, parameters: {threshold: 50}}", "ENFORCE_OURS"))
