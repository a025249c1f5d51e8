"""Roll-up: progress counted by the database, now or as it was at any moment."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select, true, union_all

from shiftdown.model import EventKind, Progress
from shiftdown.registry.schema import activities, events, phases, transformations

PhaseProgress: TypeAlias = dict[int, Progress]
"""Progress by the order of the phase."""


def phase_progress(
    connection: Connection, programs: Collection[str] | None = None, at: datetime | None = None
) -> dict[str, PhaseProgress]:
    """The progress of every phase by program, in one grouped query; an empty phase has nothing to count.

    Of some programs, or of all that have phases. With `at`, a record counts with the last status that was recorded
    until then, and not at all before it began.
    """
    counted = union_all(
        *(
            _now(table, programs) if at is None else _then(table, programs, at)
            for table in (transformations, activities)
        )
    ).subquery()
    statement = (
        select(phases.c.program_id, phases.c.order, counted.c.status, func.count(counted.c.status))
        .outerjoin(counted, counted.c.phase_id == phases.c.id)
        .where(_of(phases, programs))
        .group_by(phases.c.program_id, phases.c.order, counted.c.status)
        .order_by(phases.c.program_id, phases.c.order)
    )
    counts: dict[str, dict[int, dict[str, int]]] = {}
    for program, order, status, number in connection.execute(statement):
        counts.setdefault(program, {}).setdefault(order, {})[status] = number
    return {id: {order: Progress.of(c) for order, c in by_order.items()} for id, by_order in counts.items()}


def total(progress: Mapping[int, Progress]) -> Progress:
    """The progress of a program from that of its phases."""
    return sum(progress.values(), Progress.of({}))


def _of(table: Table, programs: Collection[str] | None) -> ColumnElement[bool]:
    return true() if programs is None else table.c.program_id.in_(programs)


def _now(table: Table, programs: Collection[str] | None) -> Select[Any]:
    return select(table.c.phase_id, table.c.status).where(_of(table, programs))


def _then(table: Table, programs: Collection[str] | None, at: datetime) -> Select[Any]:
    subject = "transformation" if table is transformations else "activity"
    newest_first = func.row_number().over(partition_by=events.c.subject_id, order_by=events.c.seq.desc())
    ranked = (
        select(events.c.subject_id, events.c.status, newest_first.label("rank"))
        .where(
            _of(events, programs),
            events.c.kind.in_([kind.value for kind in EventKind if kind.subject == subject]),
            events.c.at <= at,
        )
        .subquery()
    )
    return (
        select(table.c.phase_id, ranked.c.status)
        .join(ranked, ranked.c.subject_id == table.c.id)
        .where(ranked.c.rank == 1)
    )
