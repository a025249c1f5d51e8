"""Records to fill a registry with."""

import itertools
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from shiftdown.model import (
    Activity,
    ChangeRequest,
    ChangeRequestStatus,
    DevOpsPhase,
    DevOpsPhaseType,
    DevOpsProgram,
    DORAMetrics,
    MaturityLevel,
    Organization,
    Platform,
    PlatformCapability,
    PlatformCapabilityCategory,
    ProgramStatus,
    Repository,
    TransformationRecord,
)
from shiftdown.registry import Registry

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TYPES = ("ADD_GITHUB_ACTIONS", "ADD_LINT_STAGE", "ADD_TEST_STAGE")

_numbers = itertools.count(1)


def new_id() -> str:
    """An id that no other process gives."""
    return f"t{os.getpid()}-{next(_numbers)}"


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


def program(
    organization: Organization,
    repositories: Sequence[Repository],
    *,
    id: str | None = None,
    phases: int = 2,
    types: Sequence[str] = TYPES,
    activities: Sequence[str] = (),
    status: ProgramStatus = ProgramStatus.ACTIVE,
    at: datetime = START,
) -> DevOpsProgram:
    """A program with `phases` phases of the same types, and activities in the first."""
    id = id or new_id()
    made = tuple(
        phase(id, order, repositories, types, activities if order == 1 else (), at=at) for order in range(1, phases + 1)
    )
    return DevOpsProgram(
        id=id,
        organization_id=organization.id,
        organization=organization.name,
        name=f"Program {id}",
        playbook="cicd-automation",
        current_maturity=MaturityLevel.LOW,
        target_maturity=MaturityLevel.ELITE,
        baseline_dora=DORAMetrics(lead_time_for_changes=336.5, change_failure_rate=35),
        status=status,
        start_date=at,
        target_end_date=at + timedelta(days=90),
        repositories=tuple(r.location for r in repositories),
        phases=made,
        created_at=at,
        updated_at=at,
    )


def phase(
    program_id: str,
    order: int,
    repositories: Sequence[Repository],
    types: Sequence[str],
    activities: Sequence[str] = (),
    *,
    at: datetime = START,
) -> DevOpsPhase:
    """A phase with a record per type and repository."""
    id = new_id()
    records = tuple(
        TransformationRecord(
            id=new_id(),
            phase_id=id,
            program_id=program_id,
            repository_id=repository.id,
            repository=repository.location,
            name=type.capitalize(),
            transformation_type=type,
            created_at=at,
            updated_at=at,
        )
        for type in types
        for repository in repositories
    )
    work = tuple(
        Activity(
            id=new_id(),
            phase_id=id,
            program_id=program_id,
            kind="activity",
            name=name,
            created_at=at,
            updated_at=at,
        )
        for name in activities
    )
    return DevOpsPhase(
        id=id,
        program_id=program_id,
        name=f"Phase {order}",
        phase_type=DevOpsPhaseType.CI_CD_AUTOMATION,
        order=order,
        deliverable="Everything",
        transformation_types=tuple(types),
        start_date=at + timedelta(days=14 * (order - 1)),
        end_date=at + timedelta(days=14 * order),
        transformations=records,
        activities=work,
        created_at=at,
        updated_at=at,
    )


def change_request(
    repository: Repository,
    type: str = TYPES[0],
    *,
    id: str | None = None,
    number: int = 1,
    status: ChangeRequestStatus = ChangeRequestStatus.OPEN,
    at: datetime = START,
) -> ChangeRequest:
    """A change request for `repository`."""
    return ChangeRequest(
        id=id or new_id(),
        repository_id=repository.id,
        repository=repository.location,
        type=type,
        forge="local",
        number=number,
        url=f"{repository.location}#{number}",
        branch="shiftdown/add-github-actions",
        base="main",
        head="a" * 40,
        title="Add GitHub Actions",
        body="Why.\n\n- What «ß 🚀»",
        status=status,
        created_at=at,
        updated_at=at,
    )


def platform(organization: Organization, name: str = "Paved road", at: datetime = START) -> Platform:
    """A platform without measured metrics."""
    return Platform(
        id=new_id(),
        organization_id=organization.id,
        name=name,
        capabilities=(
            PlatformCapability(name="Databases", category=PlatformCapabilityCategory.PROVISIONING, enabled=True),
        ),
        portal_tool="Backstage",
        cicd_tool="GitHub Actions",
        orchestrator="Kubernetes",
        iac_tool="Terraform",
        secrets_manager="Vault",
        created_at=at,
        updated_at=at,
    )


def some_program(registry: Registry, *, repositories: int = 2, **options: object) -> DevOpsProgram:
    """A recorded program of organisation "acme"."""
    acme = registry.ensure_organization("acme")
    covered = [registry.ensure_repository(f"https://git.example/acme/r{n}", acme.id) for n in range(repositories)]
    return registry.create_program(program(acme, covered, **options))  # type: ignore[arg-type]
