from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from shiftdown.errors import IllegalTransitionError, InvalidInputError
from shiftdown.model import (
    Activity,
    ChangeRequest,
    DevOpsPhase,
    DevOpsProgram,
    DORAMetrics,
    Event,
    EventKind,
    ForgeEvent,
    MaturityLevel,
    Organization,
    Platform,
    Repository,
    TransformationRecord,
)
from shiftdown.model.events import Record, apply, created

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
TIMES = {"created_at": NOW, "updated_at": NOW}

PLATFORM = Platform(
    id="x1",
    organization_id="o1",
    name="Paved road",
    portal_tool="Backstage",
    cicd_tool="GitHub Actions",
    orchestrator="Kubernetes",
    iac_tool="Terraform",
    secrets_manager="Vault",
    **TIMES,
)
TRANSFORMATION = TransformationRecord(
    id="x1",
    phase_id="ph1",
    program_id="p1",
    repository_id="r1",
    repository="/r",
    name="Add a lint stage",
    transformation_type="ADD_LINT_STAGE",
    **TIMES,
)
ACTIVITY = Activity(id="x1", phase_id="ph1", program_id="p1", kind="activity", name="Gather feedback", **TIMES)
PHASE = DevOpsPhase(
    id="x1",
    program_id="p1",
    name="Platform Design",
    phase_type="PLATFORM_ENGINEERING",
    order=1,
    start_date=NOW,
    end_date=LATER,
    transformations=(TRANSFORMATION,),
    activities=(ACTIVITY,),
    **TIMES,
)
RECORDS: dict[str, Record] = {
    "organization": Organization(id="x1", name="acme", created_at=NOW),
    "repository": Repository(id="x1", location="/r", created_at=NOW),
    "platform": PLATFORM,
    "program": DevOpsProgram(
        id="x1",
        organization_id="o1",
        organization="acme",
        name="Payments",
        playbook="cicd-automation",
        target_maturity=MaturityLevel.ELITE,
        baseline_dora=DORAMetrics(change_failure_rate=35),
        start_date=NOW,
        target_end_date=LATER,
        phases=(PHASE,),
        platform=PLATFORM,
        **TIMES,
    ),
    "phase": PHASE,
    "transformation": TRANSFORMATION,
    "activity": ACTIVITY,
    "change-request": ChangeRequest(
        id="x1",
        repository_id="r1",
        repository="/r",
        type="ADD_LINT_STAGE",
        forge="local",
        number=1,
        url="/r#1",
        branch="shiftdown/add-lint-stage",
        base="main",
        head="a" * 40,
        title="Add a lint stage",
        body="Why",
        status="OPEN",
        **TIMES,
    ),
    "forge-event": ForgeEvent(
        id="x1",
        repository_id="r1",
        repository="acme/r",
        kind="DEPLOYMENT",
        external_id="42",
        status="success",
        at=NOW,
        version="7",
        environment="production",
        host="github.com",
        delivery="d1",
        fact="a" * 64,
        created_at=LATER,
        followed=False,
    ),
}


def event(kind: str, data: dict[str, Any], subject_id: str = "x1", at: datetime = LATER) -> Event:
    return Event(id="e1", at=at, actor="tester", kind=EventKind(kind), subject_id=subject_id, data=data)


def changed(record: Record, kind: str, **data: Any) -> Any:
    return apply(record, event(kind, data))


def test_every_kind_has_a_subject_that_is_a_kind_of_record_and_begins_with_one_event() -> None:
    assert {kind.subject for kind in EventKind} == set(RECORDS)
    assert sorted(kind.subject for kind in EventKind if kind.creates) == sorted(RECORDS)


@pytest.mark.parametrize("subject", RECORDS)
def test_a_record_begins_with_the_event_that_holds_it(subject: str) -> None:
    record = RECORDS[subject]
    begun = apply(None, event(f"{subject}.created", created(record)))
    assert type(begun) is type(record)
    left_out = {"phases", "transformations", "activities", "platform"}
    assert begun.model_dump(exclude=left_out) == record.model_dump(exclude=left_out)
    assert not any(getattr(begun, name, None) for name in left_out)


@pytest.mark.parametrize("subject", RECORDS)
def test_a_record_begins_once(subject: str) -> None:
    record = RECORDS[subject]
    with pytest.raises(InvalidInputError, match=f"{subject} x1 exists already"):
        apply(record, event(f"{subject}.created", created(record)))


def test_the_record_must_be_the_one_that_the_event_is_about() -> None:
    with pytest.raises(InvalidInputError, match="about x2 but holds x1"):
        apply(None, event("organization.created", created(RECORDS["organization"]), subject_id="x2"))
    for wrong in (None, ACTIVITY, TRANSFORMATION.model_copy(update={"id": "x2"})):
        with pytest.raises(InvalidInputError, match="is not about transformation x1"):
            apply(wrong, event("transformation.status", {"status": "PLANNED"}))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("platform.changed", {"organization_id": "o2"}),
        ("platform.changed", {"updated_at": "2026-01-01T00:00:00Z"}),
        ("program.status", {"status": "ACTIVE", "baseline_dora": None}),
        ("phase.changed", {"status": "COMPLETED"}),
        ("phase.changed", {"end_date": "2027-01-01T00:00:00Z"}),
        ("transformation.status", {"status": "PLANNED", "completed_at": "2026-01-01T00:00:00Z"}),
        ("transformation.noted", {"status": "VERIFIED"}),
        ("activity.status", {"status": "DONE", "name": "Other"}),
        ("change-request.status", {"status": "MERGED", "branch": "other"}),
        ("change-request.changed", {"status": "MERGED"}),
        ("change-request.changed", {"nonsense": 1}),
    ],
)
def test_what_an_event_may_not_change(kind: str, data: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="may not change"):
        apply(RECORDS[EventKind(kind).subject], event(kind, data))


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        ("transformation.status", {"status": "FINISHED"}, "'FINISHED' is not a TransformationStatus"),
        ("activity.status", {"status": "VERIFIED"}, "'VERIFIED' is not a ActivityStatus"),
        ("change-request.changed", {"review": "MAYBE"}, "makes no change-request: review"),
        ("platform.changed", {"platform_uptime": 101}, "makes no platform: platform_uptime"),
        ("platform.changed", {"capabilities": [{"name": "X"}]}, "makes no platform: capabilities.0.category"),
        ("transformation.noted", {"evidence": "not a list"}, "makes no transformation: evidence"),
        ("organization.created", {"id": "x1"}, "makes no organization: name"),
    ],
)
def test_events_that_make_no_record(kind: str, data: dict[str, Any], message: str) -> None:
    before = None if EventKind(kind).creates else RECORDS[EventKind(kind).subject]
    with pytest.raises(InvalidInputError, match=message):
        apply(before, event(kind, data))


def test_illegal_change_of_status_names_both_states() -> None:
    with pytest.raises(IllegalTransitionError, match="TransformationRecord x1 cannot go from PENDING to VERIFIED"):
        changed(TRANSFORMATION, "transformation.status", status="VERIFIED")


def test_only_a_done_transformation_is_completed_and_a_reason_holds_for_one_status() -> None:
    failed = changed(TRANSFORMATION, "transformation.status", status="FAILED", reason="no network")
    assert (failed.reason, failed.completed_at, failed.updated_at) == ("no network", None, LATER)
    satisfied = changed(failed, "transformation.status", status="ALREADY_SATISFIED", evidence=["ci.yml:3: eslint"])
    assert (satisfied.reason, satisfied.completed_at) == (None, LATER)
    assert satisfied.evidence == ("ci.yml:3: eslint",)
    regressed = changed(satisfied, "transformation.status", status="REGRESSED")
    assert regressed.completed_at is None
    assert regressed.evidence == satisfied.evidence


def test_an_exemption_has_an_end_and_a_reason_and_both_go_with_it() -> None:
    exempt = changed(
        TRANSFORMATION, "transformation.status", status="EXEMPT", reason="rewrite", exempt_until="2026-06-30"
    )
    assert (exempt.exempt_until, exempt.reason) == (date(2026, 6, 30), "rewrite")
    again = changed(exempt, "transformation.status", status="PENDING")
    assert (again.exempt_until, again.reason) == (None, None)


def test_a_note_leaves_the_status() -> None:
    noted = changed(TRANSFORMATION, "transformation.noted", reason="waits for phase 1")
    assert (noted.status, noted.reason, noted.updated_at) == ("PENDING", "waits for phase 1", LATER)


def test_an_activity_keeps_who_did_it_and_what_shows_it() -> None:
    begun = changed(ACTIVITY, "activity.status", status="IN_PROGRESS", assignee="kim")
    done = changed(begun, "activity.status", status="DONE", evidence=["https://wiki.example/42"])
    assert (done.assignee, done.evidence, done.completed_at) == ("kim", ("https://wiki.example/42",), LATER)
    assert changed(done, "activity.status", status="IN_PROGRESS").completed_at is None


def test_the_reason_for_skipping_goes_when_it_is_taken_up_again() -> None:
    skipped = changed(ACTIVITY, "activity.status", status="SKIPPED", reason="have one")
    assert (skipped.reason, skipped.completed_at) == ("have one", None)
    assert changed(skipped, "activity.status", status="PENDING").reason is None


def test_a_change_request_from_open_to_merged() -> None:
    request = RECORDS["change-request"]
    updated = changed(request, "change-request.changed", head="b" * 40, review="APPROVED", ci="SUCCESS")
    assert (updated.head, updated.review, updated.ci, updated.status) == ("b" * 40, "APPROVED", "SUCCESS", "OPEN")
    merged = changed(updated, "change-request.status", status="MERGED", merge_commit="c" * 40)
    assert (merged.merged_at, merged.merge_commit) == (LATER, "c" * 40)
    with pytest.raises(IllegalTransitionError, match="from MERGED to OPEN"):
        changed(merged, "change-request.status", status="OPEN")


def test_the_reason_for_closing_goes_when_it_is_reopened() -> None:
    closed = changed(RECORDS["change-request"], "change-request.status", status="CLOSED", reason="not now")
    assert (closed.reason, closed.merged_at) == ("not now", None)
    assert changed(closed, "change-request.status", status="OPEN").reason is None


def test_a_phase_is_skipped_or_started_early_for_a_reason() -> None:
    assert changed(PHASE, "phase.changed", skipped="bought").skipped == "bought"
    overridden = changed(PHASE, "phase.changed", override="pilot")
    assert (overridden.override, overridden.skipped) == ("pilot", None)


def test_a_platform_changes_whole_fields() -> None:
    wanted = [{"name": "Queues", "category": "PROVISIONING", "enabled": False, "adoption": 12.5}]
    after = changed(PLATFORM, "platform.changed", capabilities=wanted, active_users=0)
    assert [c.name for c in after.capabilities] == ["Queues"]
    assert (after.active_users, after.avg_lead_time, after.updated_at) == (0, None, LATER)


def test_folding_does_not_change_the_record_before() -> None:
    before = TRANSFORMATION.model_dump()
    changed(TRANSFORMATION, "transformation.status", status="PLANNED")
    assert TRANSFORMATION.model_dump() == before


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": object()}, b"bytes"])
def test_data_is_json(value: object) -> None:
    with pytest.raises(ValidationError):
        event("platform.changed", {"avg_lead_time": value})


def test_an_event_moment_has_a_time_zone() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        event("program.status", {}, at=datetime(2026, 1, 1))  # noqa: DTZ001
