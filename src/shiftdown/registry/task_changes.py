"""How tasks are read and changed inside a transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select, update

from shiftdown.errors import NotFoundError
from shiftdown.model.tasks import NewTaskEvent, Task, TaskEvent, TaskLease, TaskStatus
from shiftdown.registry.schema import task_blobs, task_events, task_progress, tasks
from shiftdown.registry.task_rows import event_to_row, task_from_row

LIVING = (TaskStatus.OPEN, TaskStatus.PROCESSING)
"""The states of tasks that have not ended."""
BATCH_KEYS = 500
"""How many keys one statement names at most."""
_BATCH_BYTES = 8 * 1024 * 1024


def load(connection: Connection, id: str, *, lock: bool = False) -> Task:
    """The task with that id, else NotFoundError; with `lock`, nobody else changes it until the end."""
    query = select(tasks).where(tasks.c.id == id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError("task", id)
    return task_from_row(row)


def hold(connection: Connection, lease: TaskLease, values: Mapping[str, Any]) -> bool:
    """Change the row of a task; whether the lease was held, else nothing was changed."""
    where = (
        tasks.c.id == lease.task_id,
        tasks.c.owner == lease.owner,
        tasks.c.attempt == lease.attempt,
        tasks.c.status.in_(LIVING),
    )
    return connection.execute(update(tasks).where(*where).values(values)).rowcount == 1


def append(connection: Connection, lease: TaskLease, events: Sequence[NewTaskEvent]) -> bool:
    """Add events under a lease; whether it was held."""
    if not hold(connection, lease, {"attempt": lease.attempt}):
        return False
    add(connection, lease.task_id, events)
    return True


def add(connection: Connection, id: str, events: Sequence[NewTaskEvent]) -> None:
    """Add events to a task whose row this transaction has locked."""
    if not events:
        return
    counted = update(tasks).where(tasks.c.id == id).values(events=tasks.c.events + len(events))
    last = connection.scalar(counted.returning(tasks.c.events))
    if last is None:
        raise NotFoundError("task", id)
    first = last - len(events) + 1
    stored = [
        TaskEvent(task_id=id, id=number, type=e.type, created_at=e.created_at, body=e.body)
        for number, e in enumerate(events, start=first)
    ]
    connection.execute(insert(task_events), [event_to_row(event) for event in stored])


def restart(connection: Connection, id: str) -> None:
    """Forget what steps completed; checkpoints and effects stay."""
    fresh = {"outputs": "{}", "files": "[]", "folders": "[]"}
    connection.execute(update(task_progress).where(task_progress.c.task_id == id).values(fresh))
    connection.execute(delete(task_blobs).where(task_blobs.c.task_id == id))
    connection.execute(update(tasks).where(tasks.c.id == id).values(sealed_progress=None))


def store(connection: Connection, id: str, contents: Mapping[str, bytes]) -> None:
    """Store contents by digest, but those that are stored already: a write that was made may be made again."""
    wanted = list(contents)
    for start in range(0, len(wanted), BATCH_KEYS):
        some = task_blobs.c.digest.in_(wanted[start : start + BATCH_KEYS])
        there = set(connection.scalars(select(task_blobs.c.digest).where(task_blobs.c.task_id == id, some)))
        contents = {digest: content for digest, content in contents.items() if digest not in there}
    batch: list[dict[str, Any]] = []
    size = 0
    for digest, content in contents.items():
        batch.append({"task_id": id, "digest": digest, "content": content})
        size += len(content)
        if size >= _BATCH_BYTES:
            connection.execute(insert(task_blobs), batch)
            batch, size = [], 0
    if batch:
        connection.execute(insert(task_blobs), batch)


def drop(connection: Connection, id: str, digests: Iterable[str]) -> None:
    """Delete contents by digest."""
    gone = list(digests)
    for start in range(0, len(gone), BATCH_KEYS):
        some = task_blobs.c.digest.in_(gone[start : start + BATCH_KEYS])
        connection.execute(delete(task_blobs).where(task_blobs.c.task_id == id, some))


def stale(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What holds for tasks that have not ended and that no living process holds."""
    return tasks.c.status.in_(LIVING), or_(tasks.c.leased_until.is_(None), tasks.c.leased_until <= now)
