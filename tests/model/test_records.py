from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from shiftdown.model import (
    ChangeRequest,
    DeploymentFrequency,
    DevOpsPhase,
    DevOpsPhaseType,
    DevOpsProgram,
    DevOpsTransformationType,
    DORAMetrics,
    MaturityLevel,
    Organization,
    PhaseStatus,
    Platform,
    PlatformCapability,
    PlatformCapabilityCategory,
    ProgramStatus,
    TransformationRecord,
)
from shiftdown.model.base import Model
from shiftdown.model.events import Record

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TIMES = {"created_at": NOW, "updated_at": NOW}


def phase(**fields: Any) -> DevOpsPhase:
    return DevOpsPhase(
        **{
            "id": "ph1",
            "program_id": "p1",
            "name": "Pipeline Foundation",
            "phase_type": "CI_CD_AUTOMATION",
            "order": 1,
            "start_date": NOW,
            "end_date": NOW + timedelta(days=21),
            **TIMES,
            **fields,
        }
    )


def program(**fields: Any) -> DevOpsProgram:
    return DevOpsProgram(
        **{
            "id": "p1",
            "organization_id": "o1",
            "organization": "acme",
            "name": "Payments",
            "playbook": "cicd-automation",
            "target_maturity": "ELITE",
            "start_date": NOW,
            "target_end_date": NOW + timedelta(days=90),
            **TIMES,
            **fields,
        }
    )


def test_the_24_types_of_the_data_model_and_the_8_of_the_phases() -> None:
    expected = """
        ADD_GITHUB_ACTIONS ADD_GITLAB_CI ADD_JENKINS_PIPELINE IMPLEMENT_GITOPS ADD_UNIT_TESTS
        ADD_INTEGRATION_TESTS ADD_E2E_TESTS ADD_PERFORMANCE_TESTS TERRAFORM_INFRASTRUCTURE
        PULUMI_INFRASTRUCTURE ANSIBLE_CONFIGURATION ADD_POLICY_AS_CODE ADD_PROMETHEUS_METRICS
        ADD_GRAFANA_DASHBOARDS ADD_DISTRIBUTED_TRACING ADD_LOG_AGGREGATION ADD_SAST_SCANNING
        ADD_DAST_SCANNING ADD_DEPENDENCY_SCANNING ADD_SECRET_SCANNING IMPLEMENT_VAULT CREATE_DOCKERFILES
        SETUP_KUBERNETES IMPLEMENT_SERVICE_MESH ADD_LINT_STAGE ADD_TEST_STAGE ADD_BUILD_STAGE
        ENFORCE_COVERAGE_THRESHOLD ADD_CONTAINER_SCANNING ADD_CANARY_DEPLOYMENTS ADD_AUTO_ROLLBACK
        ADD_SMOKE_TESTS
    """
    assert [t.value for t in DevOpsTransformationType] == expected.split()
    assert len(DevOpsTransformationType) == 24 + 8


def test_vocabularies() -> None:
    assert [t.value for t in DevOpsPhaseType] == [
        "CI_CD_AUTOMATION",
        "TESTING_AUTOMATION",
        "INFRASTRUCTURE_AS_CODE",
        "OBSERVABILITY",
        "SECURITY_AUTOMATION",
        "PLATFORM_ENGINEERING",
    ]
    assert [m.value for m in MaturityLevel] == ["LOW", "MEDIUM", "HIGH", "ELITE"]
    assert [f.value for f in DeploymentFrequency] == ["multiple-per-day", "daily", "weekly", "monthly", "yearly"]
    assert [c.value for c in PlatformCapabilityCategory] == [
        "PROVISIONING",
        "CI_CD",
        "OBSERVABILITY",
        "SECURITY",
        "DEVELOPER_EXPERIENCE",
    ]
    assert [s.value for s in PhaseStatus] == ["PENDING", "IN_PROGRESS", "BLOCKED", "COMPLETED", "SKIPPED"]
    assert [s.value for s in ProgramStatus] == ["DRAFT", "ACTIVE", "PAUSED", "COMPLETED", "CANCELLED"]


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (
            DevOpsProgram,
            "id organization_id organization name description current_maturity target_maturity baseline_dora status "
            "start_date target_end_date phases platform created_at updated_at",
        ),
        (
            DevOpsPhase,
            "id program_id name phase_type order status start_date end_date transformations created_at updated_at",
        ),
        (
            TransformationRecord,
            "id phase_id name transformation_type status change_request_id created_at updated_at completed_at",
        ),
        (
            Platform,
            "id organization_id name description capabilities portal_tool cicd_tool orchestrator iac_tool "
            "secrets_manager active_users daily_deployments avg_lead_time platform_uptime created_at updated_at",
        ),
        (PlatformCapability, "name category enabled adoption"),
        (DORAMetrics, "deployment_frequency lead_time_for_changes change_failure_rate time_to_restore"),
    ],
    ids=lambda v: v.__name__ if isinstance(v, type) else "",
)
def test_the_data_model_is_kept_field_by_field(model: type[Model], fields: str) -> None:
    assert set(fields.split()) <= set(model.model_fields)


@pytest.mark.parametrize("model", [*get_args(Record), PlatformCapability, DORAMetrics], ids=lambda m: m.__name__)
def test_models_are_closed(model: type[Model]) -> None:
    assert model.model_config["frozen"]
    assert model.model_config["extra"] == "forbid"


def test_what_was_not_measured_is_none_and_zero_is_a_measurement() -> None:
    nothing = DORAMetrics()
    assert set(nothing.model_dump().values()) == {None}
    assert DORAMetrics(change_failure_rate=0).change_failure_rate == 0
    platform = Platform(
        id="pl1",
        organization_id="o1",
        name="Paved road",
        portal_tool="Backstage",
        cicd_tool="GitHub Actions",
        orchestrator="Kubernetes",
        iac_tool="Terraform",
        secrets_manager="Vault",
        **TIMES,
    )
    measured = (platform.active_users, platform.daily_deployments, platform.avg_lead_time, platform.platform_uptime)
    assert measured == (None, None, None, None)
    capability = PlatformCapability(name="Databases", category=PlatformCapabilityCategory.PROVISIONING, enabled=True)
    assert capability.adoption is None


@pytest.mark.parametrize(
    "fields",
    [
        {"lead_time_for_changes": -1},
        {"lead_time_for_changes": float("inf")},
        {"lead_time_for_changes": float("nan")},
        {"change_failure_rate": 100.1},
        {"change_failure_rate": -0.1},
        {"time_to_restore": -5},
        {"deployment_frequency": "bi-weekly"},
        {"mttr": 6},
    ],
)
def test_measurements_that_cannot_be(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DORAMetrics(**fields)


@pytest.mark.parametrize(
    ("type", "good"),
    [
        ("ADD_LINT_STAGE", True),
        ("A1_B2", True),
        ("ADD", False),
        ("add_lint", False),
        ("ADD_", False),
        ("_ADD_X", False),
        ("ADD__X", False),
        ("1ADD_X", False),
        ("xADD_LINT_STAGE", False),
        ("ADD_LINT_STAGE please", False),
        ("ADD_LINT_STAGE\n", False),
        ("", False),
    ],
)
def test_shape_of_types(type: str, good: bool) -> None:
    fields = {"id": "t1", "phase_id": "ph1", "program_id": "p1", "repository_id": "r1", "repository": "/r", "name": "N"}
    if good:
        assert TransformationRecord(**fields, transformation_type=type, **TIMES).transformation_type == type
        return
    with pytest.raises(ValidationError, match="transformation_type"):
        TransformationRecord(**fields, transformation_type=type, **TIMES)
    with pytest.raises(ValidationError, match="type"):
        ChangeRequest(
            id="c1",
            repository_id="r1",
            repository="/r",
            type=type,
            forge="local",
            number=1,
            url="u",
            branch="b",
            base="main",
            head="h",
            title="t",
            body="b",
            status="OPEN",
            **TIMES,
        )


@pytest.mark.parametrize("id", ["", "a b", "a/b", "ä", "x" * 65, "a\n"])
def test_ids_are_plain(id: str) -> None:
    with pytest.raises(ValidationError, match="id"):
        Organization(id=id, name="acme", created_at=NOW)


@pytest.mark.parametrize("name", ["", "   ", "n" * 201])
def test_names_are_not_empty_nor_endless(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        Organization(id="o1", name=name, created_at=NOW)


def test_names_are_stripped() -> None:
    assert Organization(id="o1", name="  acme ", created_at=NOW).name == "acme"


def test_moments_have_a_time_zone() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        Organization(id="o1", name="acme", created_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_phase_ends_after_it_starts_and_orders_begin_at_one() -> None:
    with pytest.raises(ValidationError, match="end_date is before start_date"):
        phase(end_date=NOW - timedelta(seconds=1))
    with pytest.raises(ValidationError, match="order"):
        phase(order=0)
    assert phase(end_date=NOW).end_date == NOW


@pytest.mark.parametrize("status", PhaseStatus)
def test_a_phase_is_late_when_its_end_has_passed_and_it_is_not_over(status: PhaseStatus) -> None:
    made = phase(status=status)
    over = status in (PhaseStatus.COMPLETED, PhaseStatus.SKIPPED)
    assert not made.is_late(made.end_date)
    assert made.is_late(made.end_date + timedelta(microseconds=1)) is not over


@pytest.mark.parametrize("status", ProgramStatus)
def test_a_program_is_late_when_its_end_has_passed_and_it_is_not_over(status: ProgramStatus) -> None:
    made = program(status=status)
    over = status in (ProgramStatus.COMPLETED, ProgramStatus.CANCELLED)
    assert not made.is_late(made.target_end_date)
    assert made.is_late(made.target_end_date + timedelta(microseconds=1)) is not over


def test_records_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(program(), "name", "Other")  # noqa: B010
