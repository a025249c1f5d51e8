"""From a playbook to a program: dates and records."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from shiftdown.errors import InvalidInputError
from shiftdown.model import (
    Activity,
    DevOpsPhase,
    DevOpsProgram,
    DORAMetrics,
    MaturityLevel,
    Organization,
    ProgramStatus,
    Repository,
    TransformationRecord,
)
from shiftdown.model.base import Parameters, ParametersByType
from shiftdown.playbooks.parameters import as_typed, in_effect, over
from shiftdown.playbooks.playbook import Playbook, PlaybookPhase
from shiftdown.transformations import Transformation


class PhaseDates(NamedTuple):
    """When a phase is planned; an estimate is a range."""

    start: datetime
    """When it starts if all before it takes its most."""
    end: datetime
    """When it is over if it takes its most, too: the date to plan with."""
    earliest_start: datetime
    """When it starts if all before it takes its least."""
    earliest_end: datetime
    """When it is over if it takes its least, too."""


def schedule(playbook: Playbook, start: datetime) -> list[PhaseDates]:
    """The dates of every phase when the first starts at `start` and each of the others when the one before is over."""
    dates: list[PhaseDates] = []
    latest = earliest = start
    for phase in playbook.phases:
        ends = phase.duration.after(latest, at_most=True), phase.duration.after(earliest, at_most=False)
        dates.append(PhaseDates(latest, ends[0], earliest, ends[1]))
        latest, earliest = ends
    return dates


def program_from(
    playbook: Playbook,
    *,
    name: str,
    organization: Organization,
    repositories: Sequence[Repository],
    transformations: Mapping[str, Transformation],
    target_maturity: MaturityLevel,
    now: datetime,
    new_id: Callable[[], str],
    current_maturity: MaturityLevel | None = None,
    baseline: DORAMetrics | None = None,
    description: str = "",
    parameters: ParametersByType = MappingProxyType({}),
) -> DevOpsProgram:
    """An active program that starts `now`: its phases, a record per type and repository, and its activities.

    `transformations` are those that are installed; a type that is not is named after itself. Ids are drawn in the
    order in which the records are listed. `parameters` are the program's own: they hold over the organisation's as
    they are now, and those over the playbook's.

    Raises:
        InvalidInputError: the playbook applies transformations and there is no repository, or one is given twice; a
            parameter is wrong, or is of a type that the playbook does not apply; a type comes in an earlier phase than
            one that it needs.
    """
    locations = [repository.location for repository in repositories]
    if not repositories and any(phase.transformations for phase in playbook.phases):
        raise InvalidInputError(f"playbook {playbook.name} changes repositories: name at least one")
    repeated = next((location for location in locations if locations.count(location) > 1), None)
    if repeated is not None:
        raise InvalidInputError(f"repository {repeated} is named twice")
    _refuse_late_needs(playbook, transformations)
    types = {type for phase in playbook.phases for type in phase.types}
    of_organization = {type: values for type, values in organization.parameters.items() if type in types}
    phases = [(phase.types, phase.parameters) for phase in playbook.phases]
    own = as_typed(over(of_organization, parameters), transformations, phases)
    program_id = new_id()
    dates = schedule(playbook, now)
    records = _Records(program_id, repositories, transformations, own, now, new_id)
    return DevOpsProgram(
        id=program_id,
        organization_id=organization.id,
        organization=organization.name,
        name=name,
        description=description or playbook.description or "",
        playbook=playbook.name,
        current_maturity=current_maturity,
        target_maturity=target_maturity,
        baseline_dora=baseline,
        status=ProgramStatus.ACTIVE,
        start_date=now,
        target_end_date=dates[-1].end,
        repositories=tuple(locations),
        parameters=own,
        phases=tuple(
            records.phase(order, phase, planned)
            for order, (phase, planned) in enumerate(zip(playbook.phases, dates, strict=True), start=1)
        ),
        created_at=now,
        updated_at=now,
    )


def records_for(
    program: DevOpsProgram,
    repository: Repository,
    *,
    transformations: Mapping[str, Transformation],
    now: datetime,
    new_id: Callable[[], str],
) -> list[TransformationRecord]:
    """The transformation records of a repository that joins a program: one for each type of each phase.

    Raises:
        InvalidInputError: the parameters of one of them cannot be used any more.
    """
    records = _Records(program.id, [repository], transformations, program.parameters, now, new_id)
    return [
        records.record(phase.id, type, repository, records.parameters(type, phase.parameters))
        for phase in program.phases
        for type in phase.transformation_types
    ]


def _refuse_late_needs(playbook: Playbook, transformations: Mapping[str, Transformation]) -> None:
    """Refuse a type that would wait for a later phase, which waits for its own to be complete."""
    first: dict[str, int] = {}
    for order, phase in enumerate(playbook.phases, start=1):
        for type in phase.types:
            first.setdefault(type, order)
    for type, order in first.items():
        for need in transformations[type].needs if type in transformations else ():
            if first.get(need, order) > order:
                raise InvalidInputError(
                    f"playbook {playbook.name}: {type} of phase {order} needs {need}, which comes in phase "
                    f"{first[need]} only: list it in an earlier one"
                )


def own_parameters(
    program: DevOpsProgram, parameters: ParametersByType, transformations: Mapping[str, Transformation]
) -> dict[str, Parameters]:
    """What a program is to say about parameters, each value as its parameter has it.

    Raises:
        InvalidInputError: a value is wrong, or its type is not in the program, or provided by no plugin.
    """
    phases = [(phase.transformation_types, phase.parameters) for phase in program.phases]
    return as_typed(parameters, transformations, phases)


class _Records(NamedTuple):
    """What all records of one new program share."""

    program_id: str
    repositories: Sequence[Repository]
    transformations: Mapping[str, Transformation]
    own: ParametersByType
    now: datetime
    new_id: Callable[[], str]

    def phase(self, order: int, phase: PlaybookPhase, dates: PhaseDates) -> DevOpsPhase:
        id = self.new_id()
        decided = [(type, self.parameters(type, phase.parameters)) for type in phase.types]
        return DevOpsPhase(
            id=id,
            program_id=self.program_id,
            name=phase.name,
            phase_type=phase.phase_type,
            order=order,
            deliverable=phase.deliverable,
            transformation_types=phase.types,
            parameters=phase.parameters,
            start_date=dates.start,
            end_date=dates.end,
            transformations=tuple(
                self.record(id, type, repository, parameters)
                for type, parameters in decided
                for repository in self.repositories
            ),
            activities=tuple(self.activity(id, kind, name) for kind, name in phase.work),
            created_at=self.now,
            updated_at=self.now,
        )

    def parameters(self, type: str, of_playbook: ParametersByType) -> Parameters:
        return in_effect(type, self.transformations, of_playbook, self.own)

    def record(self, phase_id: str, type: str, repository: Repository, parameters: Parameters) -> TransformationRecord:
        return TransformationRecord(
            id=self.new_id(),
            phase_id=phase_id,
            program_id=self.program_id,
            repository_id=repository.id,
            repository=repository.location,
            name=self.transformations[type].title if type in self.transformations else type,
            transformation_type=type,
            parameters=parameters,
            created_at=self.now,
            updated_at=self.now,
        )

    def activity(self, phase_id: str, kind: str, name: str) -> Activity:
        return Activity(
            id=self.new_id(),
            phase_id=phase_id,
            program_id=self.program_id,
            kind=kind,
            name=name,
            created_at=self.now,
            updated_at=self.now,
        )
