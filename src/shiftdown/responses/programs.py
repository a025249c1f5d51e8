"""Organisations and programs."""

from collections.abc import Mapping
from typing import Self

from shiftdown.model import (
    ActivityStatus,
    DevOpsPhase,
    DevOpsProgram,
    Organization,
    PhaseStatus,
    ProgramStatus,
    Progress,
    TransformationStatus,
)
from shiftdown.model.base import Moment, Parameters, ParametersByType
from shiftdown.responses.base import Response


class OrganizationResponse(Response):
    """An organisation."""

    name: str
    """Its name."""
    parameters: ParametersByType
    """What its programs use unless they say otherwise, by transformation type."""

    @classmethod
    def of(cls, organization: Organization) -> Self:
        """What is told about an organisation."""
        return cls._from(organization)


class ProgramHead(Response):
    """What every document about a program begins with."""

    id: str
    """Identifier in the registry."""
    organization: str
    """Name of the organisation that runs it."""
    name: str
    """Its name."""
    playbook: str
    """The playbook that it was started from."""
    status: ProgramStatus
    """Where it stands."""
    start_date: Moment
    """When it started."""
    target_end_date: Moment
    """When it is planned to be complete."""


class ProgramSummaryResponse(ProgramHead):
    """A program in a list."""

    progress: Progress
    """Of the whole program."""

    @classmethod
    def of(cls, program: DevOpsProgram, progress: Progress) -> Self:
        """What a list tells about a program."""
        return cls._from(program, progress=progress)


class RecordedTransformation(Response):
    """One transformation type for one repository in a phase."""

    id: str
    """Identifier in the registry."""
    repository: str
    """Location of the repository."""
    transformation_type: str
    """The type."""
    parameters: Parameters
    """What it is planned and verified with, defaults included; empty as long as no plugin provides the type."""
    status: TransformationStatus
    """Where it stands."""
    reason: str | None
    """Why it is NOT_APPLICABLE, EXEMPT, REJECTED or FAILED, or why it waits."""
    change_request_id: str | None
    """Its change request, once there is one."""
    evidence: tuple[str, ...]
    """What the last check or plan was based on: `path:line: fact`."""
    revision: str | None
    """The commit that the last check or plan looked at, on the default branch."""


class RecordedActivity(Response):
    """A piece of work that people do in a phase."""

    id: str
    """Identifier in the registry."""
    kind: str
    """What the playbook calls it: "activity", "component", "capability" or "stack"."""
    name: str
    """What is to be done."""
    status: ActivityStatus
    """Where it stands."""
    assignee: str | None
    """Who does it, or did it."""
    evidence: tuple[str, ...]
    """Links or sentences that show it was done."""


class PhaseResponse(Response):
    """A phase of a program."""

    order: int
    """Its place in the program, from 1."""
    name: str
    """Its name."""
    status: PhaseStatus
    """Where it stands."""
    parameters: ParametersByType
    """What the playbook says about parameters, by transformation type."""
    progress: Progress
    """Of the phase."""
    transformations: tuple[RecordedTransformation, ...]
    """One for each repository and type."""
    activities: tuple[RecordedActivity, ...]
    """What people do in it."""

    @classmethod
    def of(cls, phase: DevOpsPhase, progress: Progress) -> Self:
        """What is told about a phase."""
        return cls._from(phase, progress=progress)


class ProgramResponse(ProgramHead):
    """A program with all that is in it."""

    parameters: ParametersByType
    """What it says about parameters, by transformation type, over playbook and organisation."""
    progress: Progress
    """Of the whole program."""
    phases: tuple[PhaseResponse, ...]
    """Its phases, in order."""

    @classmethod
    def of(cls, program: DevOpsProgram, progress: Progress, by_phase: Mapping[int, Progress]) -> Self:
        """What is told about a program; `by_phase` is the progress of each phase, by its order."""
        phases = tuple(PhaseResponse.of(phase, by_phase[phase.order]) for phase in program.phases)
        return cls._from(program, progress=progress, phases=phases)
