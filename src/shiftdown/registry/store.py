"""The base of the registry: opening it, transactions, events."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Self

from pydantic import JsonValue
from sqlalchemy import select

from shiftdown.model import Event, EventKind
from shiftdown.model.events import Record, created
from shiftdown.registry import log
from shiftdown.registry.database import Database
from shiftdown.registry.migrate import migrate
from shiftdown.registry.paging import check_limit, page
from shiftdown.registry.schema import KINDS, events


class Store:
    """Events and transactions. Safe to share between threads and, each with its own, between processes."""

    def __init__(
        self, database: Database, *, clock: Callable[[], datetime], new_id: Callable[[], str], actor: str
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._actor = actor

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        actor: str = "shiftdown",
    ) -> Self:
        """Open the registry at `url`, creating or upgrading its tables (and the folder of an SQLite file).

        `clock` gives the present with its time zone, `new_id` an id that was never given before; `actor` is who
        is recorded as having done what is written.

        Raises:
            InvalidInputError: the URL is not one of a registry.
            RegistryError: it cannot be reached, is not a registry, or is a newer shiftdown's.
        """
        database = Database(url)
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
        return cls(database, clock=clock, new_id=new_id, actor=actor)

    def acting_as(self, actor: str) -> Self:
        """The same registry, where what is written is recorded as done by somebody else. Close only one of the two."""
        return type(self)(self._database, clock=self._clock, new_id=self._new_id, actor=actor)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """Where the registry is, without credentials."""
        return self._database.name

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that this thread writes inside is written together, or not at all when an error leaves the block.

        Do not go on inside the block after catching a `RegistryError`: PostgreSQL refuses what follows.
        """
        with self._database.writing():
            yield

    def append(
        self, kind: EventKind, subject_id: str, data: Mapping[str, JsonValue], *, actor: str | None = None
    ) -> Record:
        """Record that something happened to one record, and return the record as it is then.

        The present status is read under a lock, so that of two processes the second sees what the first did.

        Raises:
            NotFoundError: there is no such record.
            IllegalTransitionError: the status may not follow the present one.
            InvalidInputError: the event does not fit.
            AlreadyExistsError: it would make a second one of what must be unique.
        """
        with self._database.writing() as connection:
            return log.append(connection, self._event(kind, subject_id, data, actor))

    def _event(
        self, kind: EventKind, subject_id: str, data: Mapping[str, JsonValue], actor: str | None = None
    ) -> Event:
        return log.new_event(
            id=self._new_id(),
            at=self._clock(),
            actor=actor or self._actor,
            kind=kind,
            subject_id=subject_id,
            data=dict(data),
        )

    def _creation(self, kind: EventKind, record: Record) -> Event:
        return self._event(kind, record.id, created(record))

    def events(
        self,
        *,
        program_id: str | None = None,
        subject_id: str | None = None,
        since: datetime | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Event]:
        """What happened, in its sequence. All of it, or a page.

        Args:
            program_id: the program that it happened to, or to something in it.
            subject_id: the record that it happened to.
            since: the moment from which on it happened.
            after: id of the event behind which the page begins.
            limit: how many at most.

        Raises:
            InvalidInputError: `limit` is not from 1 to 1,000.
            NotFoundError: there is no event `after`.
        """
        query = select(events)
        if program_id is not None:
            query = query.where(events.c.program_id == program_id)
        if subject_id is not None:
            query = query.where(events.c.subject_id == subject_id)
        if since is not None:
            query = query.where(events.c.at >= since)
        check_limit(limit)
        with self._database.reading() as connection:
            paged = page(connection, query, (events.c.seq,), kind="event", after=after, limit=None)
            return list(islice(log.read_events(connection, paged), limit))

    def verify(self) -> tuple[str, ...]:
        """Compare every record with the fold of its events: what differs, one line each; empty when nothing does."""
        with self._database.reading() as connection:
            return tuple(log.differences(connection))

    def rebuild(self) -> None:
        """Write every record anew from the events."""
        with self._database.writing() as connection:
            self._database.lock_tables(connection, [*(kind.table.name for kind in KINDS.values()), events.name])
            log.rebuild(connection)
