"""The log of events and its fold: the only code that writes.

Each event is folded into its record by `shiftdown.model.events.apply`, and both are written in one transaction.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, Select, Table, insert, select, update
from sqlalchemy.exc import IntegrityError

from shiftdown.errors import AlreadyExistsError, InvalidInputError, NotFoundError, RegistryError, ShiftdownError
from shiftdown.model import Event
from shiftdown.model.base import Model
from shiftdown.model.events import Record, apply
from shiftdown.registry.rows import event_from_row, event_to_row, from_row, to_row
from shiftdown.registry.schema import KINDS, SUBJECTS, Kind, events

_R = TypeVar("_R", bound=Model)
_BATCH = 1000

_NATURAL_KEYS: Mapping[str, tuple[str, ...]] = {
    "organization": ("name",),
    "repository": ("location",),
    "platform": ("name",),
    "phase": ("program_id", "order"),
    "transformation": ("transformation_type", "repository"),
    "change-request": ("type", "repository"),
    "forge-event": ("delivery",),
}


def new_event(**fields: Any) -> Event:
    """An event of `fields`.

    Raises:
        InvalidInputError: they make none.
    """
    try:
        return Event(**fields)
    except ValidationError as error:
        raise InvalidInputError(f"not an event: {error.errors()[0]['msg']}") from error


def load(connection: Connection, model: type[_R], id: str, *, lock: bool = False) -> _R:
    """The record of that kind with that id; with `lock`, nobody else changes it until the end.

    Raises:
        NotFoundError: there is none.
    """
    table = table_of(model)
    query = select(table).where(table.c.id == id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError(SUBJECTS[model], id)
    return from_row(model, row)


def load_all(connection: Connection, model: type[_R], query: Select[Any]) -> list[_R]:
    """The records of that kind whose rows `query` selects."""
    return [from_row(model, row) for row in connection.execute(query)]


def table_of(model: type[Model]) -> Table:
    """The table of that kind of record."""
    return KINDS[SUBJECTS[model]].table


def append(connection: Connection, event: Event) -> Record:
    """Fold `event` into the record it is about, write both, and return the record.

    Raises:
        NotFoundError: the record does not exist.
        AlreadyExistsError: the event would make a second one of what must be unique.
        IllegalTransitionError, InvalidInputError: see `shiftdown.model.events.apply`.
    """
    kind = KINDS[event.kind.subject]
    if event.kind.creates:
        record = apply(None, event)
        statement: Any = insert(kind.table)
    else:
        current = load(connection, kind.model, event.subject_id, lock=True)
        record = apply(current, event)
        statement = update(kind.table).where(kind.table.c.id == record.id)
    row = to_row(kind, record)
    try:
        connection.execute(statement.values(row))
        connection.execute(insert(events).values(event_to_row(_completed(kind, event, record))))
    except IntegrityError as error:
        raise _violation(event, [row], error) from error
    return record


def append_new(connection: Connection, batch: Sequence[Event]) -> None:
    """Append events with which records of one kind begin, in one go.

    Raises:
        AlreadyExistsError, InvalidInputError: as `append`; about one of them.
    """
    if not batch:
        return
    kind = KINDS[batch[0].kind.subject]
    records = [(event, apply(None, event)) for event in batch]
    rows = [to_row(kind, record) for _, record in records]
    try:
        connection.execute(insert(kind.table), rows)
        connection.execute(insert(events), [event_to_row(_completed(kind, event, record)) for event, record in records])
    except IntegrityError as error:
        raise _violation(batch[0], rows, error) from error


def _completed(kind: Kind, event: Event, record: Record) -> Event:
    """The event with what the record tells: its program, and its status unless that is derived."""
    program = record.id if kind is KINDS["program"] else getattr(record, "program_id", None)
    status = str(record.status) if hasattr(record, "status") and "status" in kind.table.c else None
    return event.model_copy(update={"program_id": program, "status": status})


def _violation(
    event: Event, rows: Sequence[Mapping[str, Any]], error: IntegrityError
) -> RegistryError | InvalidInputError:
    """What a broken constraint means: `rows` could not be written."""
    subject = event.kind.subject
    if _is_foreign_key(error):
        return InvalidInputError(f"{subject} {event.subject_id} refers to a record that does not exist")
    keys = [" ".join(str(row[name]) for name in _NATURAL_KEYS.get(subject, ("id",))) for row in rows]
    most_frequent, _ = Counter(keys).most_common(1)[0]
    return AlreadyExistsError(subject, most_frequent)


def _is_foreign_key(error: IntegrityError) -> bool:
    """Whether a reference is broken, by SQLSTATE on PostgreSQL and by the error's name on SQLite."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return state in ("23503", "SQLITE_CONSTRAINT_FOREIGNKEY")


def read_events(connection: Connection, query: Select[Any] | None = None) -> Iterator[Event]:
    """The events that `query` selects, or all; in their sequence, read in batches."""
    statement = (select(events) if query is None else query).order_by(events.c.seq).limit(_BATCH)
    last = 0
    while rows := connection.execute(statement.where(events.c.seq > last)).all():
        yield from (event_from_row(row) for row in rows)
        last = rows[-1].seq


def fold(log: Iterable[Event]) -> dict[str, dict[str, Record]]:
    """The records by kind and id, as the events alone tell them.

    Raises:
        RegistryError: an event cannot follow those before it; the database was changed by other means.
    """
    records: dict[str, dict[str, Record]] = {subject: {} for subject in KINDS}
    for event in log:
        of_kind = records[event.kind.subject]
        try:
            of_kind[event.subject_id] = apply(of_kind.get(event.subject_id), event)
        except ShiftdownError as error:
            raise RegistryError(
                f"the events of the registry contradict each other at event {event.id}: {error}"
            ) from error
    return records


def differences(connection: Connection) -> Iterator[str]:
    """What the tables hold that the fold of the events does not, and the other way round; one line per record."""
    folded = fold(read_events(connection))
    for subject, kind in KINDS.items():
        expected = {id: to_row(kind, record) for id, record in folded[subject].items()}
        for row in connection.execute(select(kind.table)):
            wanted = expected.pop(row.id, None)
            found = dict(row._mapping)
            if wanted is None:
                yield f"{subject} {row.id} has no events"
            elif wanted != found:
                fields = ", ".join(sorted(name for name in wanted if wanted[name] != found[name]))
                yield f"{subject} {row.id} differs from its events in {fields}"
        for missing in expected:
            yield f"{subject} {missing} is missing"


def rebuild(connection: Connection) -> None:
    """Write the tables anew from the events."""
    folded = fold(read_events(connection))
    for kind in reversed(KINDS.values()):
        connection.execute(kind.table.delete())
    for subject, kind in KINDS.items():
        rows = [to_row(kind, record) for record in folded[subject].values()]
        if rows:
            connection.execute(insert(kind.table), rows)
