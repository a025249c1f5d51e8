"""What the engine needs of the registry."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from shiftdown.model.tasks import NewTaskEvent, Task, TaskEvent, TaskLease, TaskPage, TaskProgress, TaskStatus


class TaskStore(Protocol):
    """Keeps tasks. Each method is one transaction; all raise `RegistryError` when the store fails.

    What is told to hold, to return and to raise is told by `shiftdown.registry.Registry`.
    """

    def create_task(self, task: Task, *, sealed_secrets: str | None = None) -> None:
        """Record a new task."""
        ...

    def task(self, id: str) -> Task:
        """The task with that id, or with an id that begins so."""
        ...

    def tasks(
        self,
        *,
        created_by: Sequence[str] = (),
        status: Sequence[TaskStatus] = (),
        order: Sequence[tuple[str, bool]] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> TaskPage:
        """Some of the tasks."""
        ...

    def task_events(self, id: str, *, after: int = 0) -> list[TaskEvent]:
        """The events of a task after one."""
        ...

    def task_progress(self, id: str) -> TaskProgress:
        """How far a task came."""
        ...

    def task_contents(self, id: str, digests: Iterable[str]) -> dict[str, bytes]:
        """Contents of a task's workspace."""
        ...

    def sealed_secrets(self, id: str) -> str | None:
        """The sealed secrets of a task."""
        ...

    def sealed_progress(self, id: str) -> str | None:
        """The sealed part of a task's progress."""
        ...

    def begin_task(self, lease: TaskLease, now: datetime, until: datetime) -> Task | None:
        """Let a task run."""
        ...

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
        """Add events and progress; whether the lease was held."""
        ...

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
        """End a task; whether the lease was held."""
        ...

    def renew_tasks(self, owner: str, ids: Sequence[str], now: datetime, until: datetime) -> None:
        """Say that a process lives."""
        ...

    def held_tasks(self, owner: str) -> dict[str, tuple[int, bool]]:
        """The tasks that a process holds: attempt, and whether it is to be cancelled."""
        ...

    def release_task(self, lease: TaskLease, now: datetime) -> bool:
        """Let any process take a task over."""
        ...

    def stale_tasks(self, now: datetime) -> list[str]:
        """The ids of the tasks that no living process holds."""
        ...

    def take_over_task(
        self, task: Task, owner: str, now: datetime, until: datetime, event: NewTaskEvent, *, restart: bool = False
    ) -> Task | None:
        """Hold a stale task; `None` when another process was first."""
        ...

    def cancel_task(self, id: str, events: Sequence[NewTaskEvent], completion: NewTaskEvent, now: datetime) -> Task:
        """Ask for a task to be cancelled."""
        ...

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
        """Open a task again; `None` when its state does not allow it."""
        ...

    def prune_tasks(self, before: datetime) -> list[str]:
        """Delete old tasks."""
        ...
