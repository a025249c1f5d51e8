"""Programs with their phases, transformation records and activities."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import Field, JsonValue
from sqlalchemy import Connection, Select, Table, and_, select

from shiftdown.errors import InvalidInputError
from shiftdown.model import (
    Activity,
    DevOpsPhase,
    DevOpsProgram,
    EventKind,
    Platform,
    ProgramStatus,
    Progress,
    TransformationRecord,
)
from shiftdown.model.base import Model, ParametersByType
from shiftdown.model.progress import program_status
from shiftdown.registry import log, rollup
from shiftdown.registry.find import find_id
from shiftdown.registry.paging import page
from shiftdown.registry.schema import activities, events, phases, platforms, programs, transformations
from shiftdown.registry.store import Store


class ProgramSummary(Model):
    """A program as a list shows it."""

    program: DevOpsProgram
    """The program with its phases, statuses derived; without transformation records and activities."""
    progress: Progress
    """Of the whole program."""
    phases: Mapping[int, Progress] = Field(default_factory=dict)
    """Of each phase, by its order."""


class Programs(Store):
    """Programs and all that is in them."""

    def create_program(self, program: DevOpsProgram) -> DevOpsProgram:
        """Record a program with its phases, transformation records and activities: all of it or nothing.

        Raises:
            AlreadyExistsError: two phases of one order, or two records of one type and repository in a phase.
            InvalidInputError: its organisation or one of its repositories is not recorded.
        """
        batches = (
            (EventKind.PROGRAM_CREATED, [program]),
            (EventKind.PHASE_CREATED, program.phases),
            (EventKind.TRANSFORMATION_CREATED, [t for phase in program.phases for t in phase.transformations]),
            (EventKind.ACTIVITY_CREATED, [a for phase in program.phases for a in phase.activities]),
        )
        with self._database.writing() as connection:
            for kind, records in batches:
                log.append_new(connection, [self._creation(kind, record) for record in records])
        return self.program(program.id)

    def program(self, id: str) -> DevOpsProgram:
        """The whole program: phases, records, activities, its organisation's platform; statuses derived.

        Raises:
            NotFoundError: there is none with that id.
        """
        with self._database.reading() as connection:
            program = log.load(connection, DevOpsProgram, id)
            progress = rollup.phase_progress(connection, [id]).get(id, {})
            query = select(phases).where(phases.c.program_id == id).order_by(phases.c.order)
            stored = log.load_all(connection, DevOpsPhase, query)
            records = log.load_all(connection, TransformationRecord, _of_program(transformations, id))
            work = log.load_all(connection, Activity, _of_program(activities, id))
            platform = _platform(connection, program.organization_id)
        whole = [
            phase.model_copy(
                update={
                    "transformations": tuple(r for r in records if r.phase_id == phase.id),
                    "activities": tuple(a for a in work if a.phase_id == phase.id),
                }
            )
            for phase in stored
        ]
        return _derived(program, whole, progress).model_copy(update={"platform": platform})

    def programs(self, *, after: str | None = None, limit: int | None = None) -> list[ProgramSummary]:
        """Programs, oldest first, with their progress; the records themselves are not read. All, or a page.

        Args:
            after: id of the program behind which the page begins.
            limit: how many at most.

        Raises:
            InvalidInputError: `limit` is not from 1 to 1,000.
            NotFoundError: there is no program `after`.
        """
        with self._database.reading() as connection:
            order = (programs.c.created_at, programs.c.id)
            query = page(connection, select(programs), order, kind="program", after=after, limit=limit)
            stored = log.load_all(connection, DevOpsProgram, query)
            ids = None if limit is None else [program.id for program in stored]
            wanted = select(phases) if ids is None else select(phases).where(phases.c.program_id.in_(ids))
            of_all = log.load_all(connection, DevOpsPhase, wanted.order_by(phases.c.order))
            progress = rollup.phase_progress(connection, ids)
        by_program: dict[str, list[DevOpsPhase]] = defaultdict(list)
        for phase in of_all:
            by_program[phase.program_id].append(phase)
        return [_summary(p, by_program[p.id], progress.get(p.id, {})) for p in stored]

    def add_to_program(self, id: str, location: str, records: Sequence[TransformationRecord]) -> int:
        """Record that a repository joins a program: those of its records that the program does not have yet.

        Returns:
            How many were added.

        Raises:
            NotFoundError: there is no such program.
            InvalidInputError: it was cancelled, or the repository is not recorded.
        """
        with self._database.writing() as connection:
            program = log.load(connection, DevOpsProgram, id, lock=True)
            if program.status is ProgramStatus.CANCELLED:
                raise InvalidInputError(f"program {program.name} ({id}) was cancelled: nothing joins it")
            present = log.load_all(connection, TransformationRecord, _of_program(transformations, id))
            known = {(r.phase_id, r.transformation_type, r.repository_id) for r in present}
            fresh = [r for r in records if (r.phase_id, r.transformation_type, r.repository_id) not in known]
            log.append_new(connection, [self._creation(EventKind.TRANSFORMATION_CREATED, r) for r in fresh])
            if location not in program.repositories:
                locations: list[JsonValue] = [*program.repositories, location]
                log.append(connection, self._event(EventKind.PROGRAM_CHANGED, id, {"repositories": locations}))
        return len(fresh)

    def set_program_parameters(self, id: str, parameters: ParametersByType, *, actor: str | None = None) -> None:
        """Record what a program says about parameters from now on."""
        given: dict[str, JsonValue] = {type: dict(values) for type, values in parameters.items()}
        self.append(EventKind.PROGRAM_CHANGED, id, {"parameters": given}, actor=actor)

    def find_program_id(self, prefix: str) -> str:
        """The id of the one program whose id begins with `prefix`.

        Raises:
            NotFoundError, AmbiguousIdError: there is none, or more than one.
        """
        with self._database.reading() as connection:
            return find_id(connection, "program", programs, prefix)

    def program_ids_named(self, name: str) -> list[str]:
        """The ids of the programs of that name, oldest first."""
        query = select(programs.c.id).where(programs.c.name == name).order_by(programs.c.created_at, programs.c.id)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def progress(self, program_id: str, at: datetime | None = None) -> Progress:
        """The progress of a program, now or as it was at a moment; `NotFoundError` if there is none."""
        return rollup.total(self.phase_progress(program_id, at))

    def phase_progress(self, program_id: str, at: datetime | None = None) -> rollup.PhaseProgress:
        """The progress of each phase by its order, now or as it was at a moment; `NotFoundError` if there is none."""
        with self._database.reading() as connection:
            log.load(connection, DevOpsProgram, program_id)
            return rollup.phase_progress(connection, [program_id], at).get(program_id, {})

    def set_program_status(self, id: str, status: ProgramStatus, *, actor: str | None = None) -> DevOpsProgram:
        """Start, pause, resume or cancel a program.

        Raises:
            IllegalTransitionError: the status may not follow the present one.
        """
        self.append(EventKind.PROGRAM_STATUS, id, {"status": status.value}, actor=actor)
        return self.program(id)


def _of_program(table: Table, program_id: str) -> Select[Any]:
    """The rows of a program in the order in which they were recorded."""
    kind = EventKind.TRANSFORMATION_CREATED if table is transformations else EventKind.ACTIVITY_CREATED
    began = and_(events.c.subject_id == table.c.id, events.c.kind == kind.value)
    return select(table).join(events, began).where(table.c.program_id == program_id).order_by(events.c.seq)


def _platform(connection: Connection, organization_id: str) -> Platform | None:
    """The platform of the organisation; of several the newest."""
    query = select(platforms).where(platforms.c.organization_id == organization_id)
    found = log.load_all(connection, Platform, query.order_by(platforms.c.created_at.desc(), platforms.c.id).limit(1))
    return found[0] if found else None


def _derived(program: DevOpsProgram, phases: Sequence[DevOpsPhase], progress: Mapping[int, Progress]) -> DevOpsProgram:
    """The program with its phases, and with the statuses that follow from their progress."""
    with_status = tuple(
        phase.model_copy(update={"status": progress[phase.order].phase_status(phase.skipped is not None)})
        for phase in phases
    )
    status = program_status(program.status, [phase.status for phase in with_status])
    return program.model_copy(update={"phases": with_status, "status": status})


def _summary(program: DevOpsProgram, phases: Sequence[DevOpsPhase], progress: Mapping[int, Progress]) -> ProgramSummary:
    whole = _derived(program, phases, progress)
    return ProgramSummary(program=whole, progress=rollup.total(progress), phases=progress)
