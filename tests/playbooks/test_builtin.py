"""The playbooks that come with shiftdown, compared with the facts that they were made from."""

import pytest

from shiftdown.errors import NotFoundError
from shiftdown.playbooks import builtin_playbook, builtin_playbooks, schedule

from .making import START

CICD = [
    (
        "Pipeline Foundation",
        "CI_CD_AUTOMATION",
        "2-3 weeks",
        "ADD_GITHUB_ACTIONS ADD_LINT_STAGE ADD_TEST_STAGE ADD_BUILD_STAGE",
        "Basic CI pipeline running on every PR",
    ),
    (
        "Testing Automation",
        "TESTING_AUTOMATION",
        "3-4 weeks",
        "ADD_UNIT_TESTS ADD_INTEGRATION_TESTS ADD_E2E_TESTS ENFORCE_COVERAGE_THRESHOLD",
        "80%+ test coverage, automated",
    ),
    (
        "Security Integration",
        "SECURITY_AUTOMATION",
        "2-3 weeks",
        "ADD_SAST_SCANNING ADD_DEPENDENCY_SCANNING ADD_SECRET_SCANNING ADD_CONTAINER_SCANNING",
        "Automated security gates in pipeline",
    ),
    (
        "Deployment Automation",
        "CI_CD_AUTOMATION",
        "3-4 weeks",
        "IMPLEMENT_GITOPS ADD_CANARY_DEPLOYMENTS ADD_AUTO_ROLLBACK ADD_SMOKE_TESTS",
        "Automated deployments to production",
    ),
]

PLATFORM = [
    (
        "Platform Design",
        "PLATFORM_ENGINEERING",
        "1-2 months",
        "activities",
        [
            "Developer needs assessment",
            "Define golden paths",
            "Choose platform tech stack",
            "Design self-service APIs",
        ],
    ),
    (
        "Core Platform",
        "PLATFORM_ENGINEERING",
        "2-3 months",
        "components",
        ["Backstage developer portal", "Service catalog", "Scaffolding templates", "Documentation hub"],
    ),
    (
        "Self-Service Provisioning",
        "PLATFORM_ENGINEERING",
        "2-3 months",
        "capabilities",
        [
            "Environment creation (dev/staging/prod)",
            "Database provisioning",
            "Cache/queue setup",
            "Secrets management",
        ],
    ),
    (
        "Observability",
        "OBSERVABILITY",
        "1-2 months",
        "stack",
        ["Prometheus (metrics)", "Loki (logs)", "Tempo (traces)", "Grafana (dashboards)"],
    ),
    (
        "Platform Adoption",
        "PLATFORM_ENGINEERING",
        "2-3 months",
        "activities",
        ["Onboard pilot teams", "Gather feedback", "Iterate on UX", "Scale to all teams"],
    ),
]


def test_there_are_two() -> None:
    playbooks = builtin_playbooks()
    assert list(playbooks) == ["cicd-automation", "platform-engineering"]
    assert all(playbook.name == name for name, playbook in playbooks.items())


def test_cicd_automation() -> None:
    playbook = builtin_playbook("cicd-automation")
    assert (playbook.title, str(playbook.duration)) == ("CI/CD Automation", "2-3 months")
    assert [
        (p.name, p.phase_type.value, str(p.duration), " ".join(p.types), p.deliverable) for p in playbook.phases
    ] == CICD
    assert sum(len(phase.transformations) for phase in playbook.phases) == 16
    assert all(phase.work == () for phase in playbook.phases)
    assert playbook.metrics is not None
    assert playbook.metrics.model_dump() == {
        "before": {
            "deployment_frequency": "bi-weekly",
            "lead_time": "14 days",
            "change_failure_rate": "35%",
            "time_to_restore": "6 hours",
        },
        "after": {
            "deployment_frequency": "multiple-per-day",
            "lead_time": "< 1 day",
            "change_failure_rate": "< 5%",
            "time_to_restore": "< 30 minutes",
        },
    }


def test_platform_engineering() -> None:
    playbook = builtin_playbook("platform-engineering")
    assert (playbook.title, str(playbook.duration)) == ("Platform Engineering", "6-12 months")
    assert playbook.vision == "Build Internal Developer Platform (IDP) to abstract complexity"
    assert [(p.name, p.phase_type.value, str(p.duration)) for p in playbook.phases] == [p[:3] for p in PLATFORM]
    for phase, (_, _, _, field, names) in zip(playbook.phases, PLATFORM, strict=True):
        assert list(getattr(phase, field)) == names
        assert [name for _, name in phase.work] == names
    assert playbook.outcomes == {
        "developer_productivity": "+40%",
        "deployment_frequency": "5x increase",
        "onboarding_time": "1 week → 1 day",
        "toil": "30% → 10%",
    }


def test_the_kinds_of_work() -> None:
    kinds = [{kind for kind, _ in phase.work} for phase in builtin_playbook("platform-engineering").phases]
    assert kinds == [{"activity"}, {"component"}, {"capability"}, {"stack"}, {"activity"}]


@pytest.mark.parametrize("name", ["cicd-automation", "platform-engineering"])
def test_the_phases_take_about_as_long_as_the_whole(name: str) -> None:
    playbook = builtin_playbook(name)
    assert playbook.duration is not None
    planned = playbook.duration.after(START, at_most=True) - START
    assert planned <= schedule(playbook, START)[-1].end - START <= planned * 1.15


def test_an_unknown_one_lists_the_known() -> None:
    with pytest.raises(NotFoundError, match="no playbook 'cicd': there are cicd-automation, platform-engineering"):
        builtin_playbook("cicd")
