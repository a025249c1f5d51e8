"""Tasks of the scaffolder: the part of the registry that `shiftdown.scaffolder.tasks` runs them from.

Each write is one transaction. What a running task writes is conditional on its lease, so that a process that lost
it (it was killed, frozen, or cut off) can change nothing any more.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from shiftdown.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from shiftdown.model.tasks import (
    NewTaskEvent,
    Task,
    TaskEvent,
    TaskEventType,
    TaskLease,
    TaskPage,
    TaskProgress,
    TaskStatus,
)
from shiftdown.registry import task_changes as rows
from shiftdown.registry.find import find_id
from shiftdown.registry.schema import task_blobs, task_events, task_progress, tasks
from shiftdown.registry.store import Store
from shiftdown.registry.task_rows import (
    dump,
    event_from_row,
    plain,
    progress_from_row,
    progress_to_row,
    task_from_row,
    task_to_row,
)

_ORDERS = {
    "created_at": tasks.c.created_at,
    "status": tasks.c.status,
    "created_by": tasks.c.created_by,
    "id": tasks.c.id,
}
_ENDED = {"owner": None, "leased_until": None, "sealed_secrets": None, "sealed_progress": None}


class Tasks(Store):
    """The tasks, their events, their progress and the contents of their workspaces."""

    def create_task(self, task: Task, *, sealed_secrets: str | None = None) -> None:
        """Record a new task, held by its owner.

        Raises:
            AlreadyExistsError: there is one with that id.
        """
        with self._database.writing() as connection:
            try:
                row = task_to_row(task) | {"events": 0, "sealed_secrets": sealed_secrets}
                connection.execute(insert(tasks).values(row))
            except IntegrityError as error:
                raise AlreadyExistsError("task", task.id) from error
            empty = progress_to_row(TaskProgress()) | {"task_id": task.id}
            connection.execute(insert(task_progress).values(empty))

    def task(self, id: str) -> Task:
        """The task with that id, or with an id that begins so.

        Raises:
            NotFoundError: there is none.
            AmbiguousIdError: there are several.
        """
        with self._database.reading() as connection:
            return rows.load(connection, find_id(connection, "task", tasks, id))

    def tasks(
        self,
        *,
        created_by: Sequence[str] = (),
        status: Sequence[TaskStatus] = (),
        order: Sequence[tuple[str, bool]] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> TaskPage:
        """The tasks, newest first unless told otherwise.

        Args:
            created_by: only those of one of these; empty for all.
            status: only those in one of these; empty for all.
            order: columns to sort by, and whether downwards: `created_at`, `status`, `created_by`, `id`.
            limit: how many at most.
            offset: how many to pass over.

        Raises:
            InvalidInputError: there is no such column, or a number is negative.
        """
        if offset < 0 or (limit is not None and limit < 0):
            raise InvalidInputError("limit and offset of tasks must not be negative")
        found = select(tasks)
        if created_by:
            found = found.where(tasks.c.created_by.in_(created_by))
        if status:
            found = found.where(tasks.c.status.in_(status))
        with self._database.reading() as connection:
            total = connection.scalar(select(func.count()).select_from(found.subquery()))
            query = found.order_by(*_sorting(order)).limit(limit).offset(offset)
            page = tuple(task_from_row(row) for row in connection.execute(query))
        return TaskPage(tasks=page, total=total or 0)

    def task_events(self, id: str, *, after: int = 0) -> list[TaskEvent]:
        """The events of a task with greater ids than `after`, in their order."""
        query = select(task_events).where(task_events.c.task_id == id, task_events.c.id > after)
        with self._database.reading() as connection:
            return [event_from_row(row) for row in connection.execute(query.order_by(task_events.c.id))]

    def task_progress(self, id: str) -> TaskProgress:
        """How far a task came, else NotFoundError."""
        with self._database.reading() as connection:
            row = connection.execute(select(task_progress).where(task_progress.c.task_id == id)).one_or_none()
        if row is None:
            raise NotFoundError("task", id)
        return progress_from_row(row)

    def task_contents(self, id: str, digests: Iterable[str]) -> dict[str, bytes]:
        """Contents of a task's workspace by digest; those that are not stored are left out."""
        wanted, found = list(dict.fromkeys(digests)), dict[str, bytes]()
        with self._database.reading() as connection:
            for start in range(0, len(wanted), rows.BATCH_KEYS):
                some = task_blobs.c.digest.in_(wanted[start : start + rows.BATCH_KEYS])
                query = select(task_blobs.c.digest, task_blobs.c.content).where(task_blobs.c.task_id == id, some)
                found.update({row.digest: bytes(row.content) for row in connection.execute(query)})
        return found

    def sealed_secrets(self, id: str) -> str | None:
        """The sealed secrets of a task, if it has some."""
        return self._sealed(tasks.c.sealed_secrets, id)

    def sealed_progress(self, id: str) -> str | None:
        """The sealed part of the progress of a task that runs, if it has one: what was made of secrets."""
        return self._sealed(tasks.c.sealed_progress, id)

    def _sealed(self, column: Column[Any], id: str) -> str | None:
        with self._database.reading() as connection:
            found = connection.scalar(select(column).where(tasks.c.id == id))
        return None if found is None else str(found)

    def begin_task(self, lease: TaskLease, now: datetime, until: datetime) -> Task | None:
        """Let a task run; `None` when the lease is lost or the task has ended."""
        started = func.coalesce(tasks.c.started_at, now, type_=tasks.c.started_at.type)
        values = {"status": TaskStatus.PROCESSING, "started_at": started, "heartbeat_at": now, "leased_until": until}
        with self._database.writing() as connection:
            return rows.load(connection, lease.task_id) if rows.hold(connection, lease, values) else None

    def record_task(
        self,
        lease: TaskLease,
        events: Sequence[NewTaskEvent] = (),
        *,
        progress: TaskProgress | None = None,
        contents: Mapping[str, bytes] | None = None,
        unused: Iterable[str] = (),
        sealed_progress: str | None = None,
    ) -> bool:
        """Add events and progress to a task that runs; whether the lease was held, else nothing was written.

        Args:
            lease: the lease.
            events: the events.
            progress: all of the progress.
            contents: those of its files that are not stored yet, by digest.
            unused: digests of contents that no file has any more.
            sealed_progress: the sealed part of the progress; `None` leaves it as it is.
        """
        with self._database.writing() as connection:
            if not rows.append(connection, lease, events):
                return False
            if sealed_progress is not None:
                where = tasks.c.id == lease.task_id
                connection.execute(update(tasks).where(where).values(sealed_progress=sealed_progress))
            if progress is not None:
                rows.store(connection, lease.task_id, contents or {})
                rows.drop(connection, lease.task_id, unused)
                where = task_progress.c.task_id == lease.task_id
                connection.execute(update(task_progress).where(where).values(progress_to_row(progress)))
            return True

    def finish_task(
        self,
        lease: TaskLease,
        status: TaskStatus,
        events: Sequence[NewTaskEvent],
        *,
        at: datetime,
        error: str | None = None,
        output: Mapping[str, Any] | None = None,
    ) -> bool:
        """End a task; whether the lease was held.

        What is sealed is removed, and its workspace when it completed.
        """
        with self._database.writing() as connection:
            if not rows.append(connection, lease, events):
                return False
            told = {"error": plain(error), "output": None if output is None else dump(output)}
            values = {"status": status, "ended_at": at, **told, **_ENDED}
            connection.execute(update(tasks).where(tasks.c.id == lease.task_id).values(values))
            if status is TaskStatus.COMPLETED:
                connection.execute(delete(task_blobs).where(task_blobs.c.task_id == lease.task_id))
                where = task_progress.c.task_id == lease.task_id
                connection.execute(update(task_progress).where(where).values(files="[]", folders="[]"))
            return True

    def renew_tasks(self, owner: str, ids: Sequence[str], now: datetime, until: datetime) -> None:
        """Say that the process `owner` lives: it goes on holding these of its tasks."""
        with self._database.writing() as connection:
            for start in range(0, len(ids), rows.BATCH_KEYS):
                some = tasks.c.id.in_(ids[start : start + rows.BATCH_KEYS])
                where = (some, tasks.c.owner == owner, tasks.c.status.in_(rows.LIVING))
                connection.execute(update(tasks).where(*where).values(heartbeat_at=now, leased_until=until))

    def held_tasks(self, owner: str) -> dict[str, tuple[int, bool]]:
        """The tasks that a process holds: the attempt of each, and whether somebody asked to cancel it."""
        query = select(tasks.c.id, tasks.c.attempt, tasks.c.cancel_requested)
        with self._database.reading() as connection:
            found = connection.execute(query.where(tasks.c.owner == owner, tasks.c.status.in_(rows.LIVING)))
            return {row.id: (row.attempt, row.cancel_requested) for row in found}

    def release_task(self, lease: TaskLease, now: datetime) -> bool:
        """Let any process take over a task from now on; whether the lease was held."""
        with self._database.writing() as connection:
            return rows.hold(connection, lease, {"leased_until": now})

    def stale_tasks(self, now: datetime) -> list[str]:
        """The ids of the tasks that have not ended and that no living process holds, oldest first."""
        query = select(tasks.c.id).where(*rows.stale(now)).order_by(tasks.c.created_at, tasks.c.id)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def take_over_task(
        self, task: Task, owner: str, now: datetime, until: datetime, event: NewTaskEvent, *, restart: bool = False
    ) -> Task | None:
        """Hold a stale task from now on; `None` when another process was first.

        Args:
            task: the task, as it was seen.
            owner: the process.
            now: the present.
            until: until when it is held.
            event: what is added to the events.
            restart: whether it begins with the first step again; checkpoints and effects stay.
        """
        values = {"owner": owner, "attempt": task.attempt + 1, "heartbeat_at": now, "leased_until": until}
        with self._database.writing() as connection:
            where = (tasks.c.id == task.id, tasks.c.attempt == task.attempt, *rows.stale(now))
            if connection.execute(update(tasks).where(*where).values(values)).rowcount == 0:
                return None
            if restart:
                rows.restart(connection, task.id)
            rows.append(connection, TaskLease(task_id=task.id, owner=owner, attempt=task.attempt + 1), [event])
            return rows.load(connection, task.id)

    def cancel_task(self, id: str, events: Sequence[NewTaskEvent], completion: NewTaskEvent, now: datetime) -> Task:
        """Ask for a task to be cancelled, and return it as it is then; one that has ended is left as it is.

        One that never began to run ends at once, with the event `completion`.
        """
        with self._database.writing() as connection:
            task = rows.load(connection, id, lock=True)
            if task.status.final or task.cancel_requested:
                return task
            at_once = task.started_at is None
            values: dict[str, Any] = {"cancel_requested": True}
            if at_once:
                values |= _ENDED | {"status": TaskStatus.CANCELLED, "ended_at": now}
            connection.execute(update(tasks).where(tasks.c.id == id).values(values))
            rows.add(connection, id, [*events, completion] if at_once else events)
            return rows.load(connection, id)

    def reopen_task(
        self,
        id: str,
        owner: str,
        now: datetime,
        until: datetime,
        event: NewTaskEvent,
        *,
        secret_names: Sequence[str] = (),
        sealed_secrets: str | None = None,
    ) -> Task | None:
        """Open a task again that failed, was cancelled or is stale; `None` when it is none of these.

        Its former end becomes a line of its log, so that whoever reads the events does not stop there.
        """
        with self._database.writing() as connection:
            task = rows.load(connection, id, lock=True)
            stale = task.leased_until is not None and task.leased_until <= now and not task.status.final
            if not (task.status in (TaskStatus.FAILED, TaskStatus.CANCELLED) or stale):
                return None
            opened = task.model_copy(
                update={
                    "status": TaskStatus.OPEN,
                    "started_at": None,
                    "ended_at": None,
                    "heartbeat_at": now,
                    "owner": owner,
                    "leased_until": until,
                    "attempt": task.attempt + 1,
                    "cancel_requested": False,
                    "error": None,
                    "output": None,
                    "secret_names": tuple(secret_names),
                }
            )
            row = task_to_row(opened) | {"sealed_secrets": sealed_secrets, "sealed_progress": None}
            connection.execute(update(tasks).where(tasks.c.id == id).values(row))
            ends = task_events.c.type.in_((TaskEventType.CANCELLED, TaskEventType.COMPLETION))
            past = update(task_events).where(task_events.c.task_id == id, ends)
            connection.execute(past.values(type=TaskEventType.LOG))
            rows.add(connection, id, [event])
            return opened

    def prune_tasks(self, before: datetime) -> list[str]:
        """Delete the tasks that ended before a moment, with all that belongs to them; their ids."""
        with self._database.writing() as connection:
            old = tasks.c.ended_at < before
            query = select(tasks.c.id).where(old, tasks.c.status.not_in(rows.LIVING)).order_by(tasks.c.ended_at)
            ids = list(connection.scalars(query.with_for_update()))
            for start in range(0, len(ids), rows.BATCH_KEYS):
                some = ids[start : start + rows.BATCH_KEYS]
                for table in (task_events, task_progress, task_blobs):
                    connection.execute(delete(table).where(table.c.task_id.in_(some)))
                connection.execute(delete(tasks).where(tasks.c.id.in_(some)))
            return ids


def _sorting(order: Sequence[tuple[str, bool]]) -> list[ColumnElement[Any]]:
    unknown = next((name for name, _ in order if name not in _ORDERS), None)
    if unknown is not None:
        raise InvalidInputError(f"tasks cannot be sorted by {unknown!r}: give one of {', '.join(_ORDERS)}")
    wanted = [*order, ("created_at", True), ("id", True)]
    return [_ORDERS[name].desc() if down else _ORDERS[name].asc() for name, down in wanted]
