"""The engine: threads of this process run tasks, a pulse keeps their leases, and orphans are taken over."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr, ValidationError

from shiftdown.errors import InvalidInputError, RegistryError, ShiftdownError, StoredDataError
from shiftdown.model.tasks import NewTaskEvent, Task, TaskEvent, TaskEventType, TaskLease, TaskStatus
from shiftdown.scaffolder.parameters import check_parameters, check_secrets
from shiftdown.scaffolder.runner import Host
from shiftdown.scaffolder.tasks.errors import SecretsNeededError, TaskConflictError
from shiftdown.scaffolder.tasks.feed import Bell
from shiftdown.scaffolder.tasks.options import TaskOptions
from shiftdown.scaffolder.tasks.recovery import RETRIED, TAKEN_OVER, secrets_of, strategy_of, why_not
from shiftdown.scaffolder.tasks.running import Stop, TaskRun
from shiftdown.scaffolder.tasks.sealing import Sealer, SealError
from shiftdown.scaffolder.tasks.store import TaskStore
from shiftdown.scaffolder.template import Template

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""How often other processes' doings are looked for: events that are followed, and requests to cancel."""

LET_GO = timedelta(seconds=5)
"""How long a retry waits for the thread that has ended the task to let go of it."""


class TaskEngine:
    """Runs tasks in this process. Safe to share between threads; close it at the end."""

    def __init__(
        self,
        store: TaskStore,
        open_host: Callable[[Task], Host],
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        options: TaskOptions,
        sealer: Sealer | None,
    ) -> None:
        """Prepare the engine; nothing runs yet.

        Args:
            store: keeps the tasks.
            open_host: gives what a task takes from around it; may raise `ShiftdownError`, which fails the task.
            clock: gives the time, with its zone.
            new_id: gives a new identifier.
            options: limits.
            sealer: seals secrets; without one they are in memory only.
        """
        self._store = store
        self._open_host = open_host
        self._clock = clock
        self._new_id = new_id
        self._options = options
        self._sealer = sealer
        self._owner = new_id()
        self._bell = Bell()
        self._lock = threading.Lock()
        self._held: dict[str, TaskLease] = {}
        self._runs: dict[str, TaskRun] = {}
        self._secrets: dict[str, Mapping[str, SecretStr]] = {}
        self._hosts: dict[str, Host] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._pulse: threading.Thread | None = None
        self._closing = threading.Event()
        self._leased_until: datetime | None = None
        self._renewed_at: datetime | None = None

    def submit(
        self,
        template: Template,
        location: str,
        parameters: Mapping[str, Any],
        *,
        secrets: Mapping[str, SecretStr],
        user: Mapping[str, Any],
        actor: str | None = None,
        host: Host | None = None,
    ) -> Task:
        """Record a task and run it in this process as soon as there is a place.

        What it does is recorded under the name of `actor`, whoever goes on with it.
        With `host`, its first run takes from around it what is in there, so that it runs what was submitted.

        Raises:
            ParametersError: the parameters or secrets do not fit the template; nothing was recorded.
            RegistryError: it cannot be recorded.
        """
        check_parameters(template, parameters)
        check_secrets(template, _plain(secrets))
        now = self._clock()
        ref = user.get("ref")
        try:
            task = Task(
                id=self._new_id(),
                location=location,
                template=template.model_dump(mode="json", by_alias=True, exclude_unset=True),
                template_ref=template.ref,
                parameters=dict(parameters),
                user=dict(user),
                created_by=ref if isinstance(ref, str) else None,
                actor=actor,
                secret_names=tuple(secrets),
                created_at=now,
                heartbeat_at=now,
                owner=self._owner,
                leased_until=now + self._options.lease,
            )
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(map(str, problem["loc"]))
            raise InvalidInputError(f"{place} cannot be kept as JSON: {problem['msg']}") from None
        self._store.create_task(task, sealed_secrets=self._seal(task.id, secrets))
        self._schedule(task, secrets, host)
        return task

    def follow(self, id: str, *, after: int = 0, adopt: bool = False) -> Iterator[TaskEvent]:
        """The events of a task after one, as they come, until it has ended.

        While the task runs here, it waits with it for a registry that fails.

        Args:
            id: the task.
            after: id of the last event that is known.
            adopt: whether the task is taken over when its process is gone, instead of waiting for somebody to do it.
        """
        while True:
            rung = self._bell.rung
            try:
                task = self._store.task(id)
                events = self._store.task_events(task.id, after=after)
            except RegistryError as error:
                if isinstance(error, StoredDataError) or not self._holds(id):
                    raise
                self._bell.wait(rung, POLL_SECONDS)
                continue
            for event in events:
                after = event.id
                yield event
            if task.status.final:
                return
            if adopt and self._is_stale(task) and not self._holds(task.id):
                self._take_over(task)
            self._bell.wait(rung, POLL_SECONDS)

    def wait(self, id: str) -> Task:
        """Wait until a task has ended, in this process or another one."""
        for _ in self.follow(id):
            pass
        return self._store.task(id)

    def cancel(self, id: str) -> Task:
        """Cancel a task, wherever it runs: the running action is stopped, steps with `always()` and `failure()` run.

        Raises:
            TaskConflictError: it has ended otherwise.
        """
        task = self._store.task(id)
        if task.status.final and task.status is not TaskStatus.CANCELLED:
            raise TaskConflictError(task, "cancelled", "there is nothing to cancel")
        step_id = self._current_step(task.id)
        said = f"Step {step_id} has been cancelled." if step_id else "The task has been cancelled."
        request = self._event(TaskEventType.CANCELLED, message=said, stepId=step_id, status="cancelled")
        done = self._event(TaskEventType.COMPLETION, message="Run completed with status: cancelled", status="cancelled")
        task = self._store.cancel_task(task.id, [request], done, self._clock())
        self._bell.ring()
        with self._lock:
            run = self._runs.get(task.id)
            if task.status.final:
                self._secrets.pop(task.id, None)
                self._hosts.pop(task.id, None)
        if run:
            run.stop(Stop.CANCELLED)
        elif self._is_stale(task) and not self._holds(task.id):
            return self._take_over(task) or self._store.task(task.id)
        return task

    def retry(self, id: str, *, secrets: Mapping[str, SecretStr]) -> Task:
        """Run a task again that failed, was cancelled or lost its process, from the step that was not completed.

        Raises:
            TaskConflictError: it completed, or still runs.
            SecretsNeededError: it was given secrets before, and not all of them now.
            ParametersError: the secrets do not fit the template.
        """
        task = self._store.task(id)
        if task.status is TaskStatus.COMPLETED:
            raise TaskConflictError(task, "retried", "submit a new one")
        if missing := set(task.secret_names) - set(secrets):
            raise SecretsNeededError(task.id, missing)
        check_secrets(Template.model_validate(dict(task.template)), _plain(secrets))
        now = self._clock()
        strategy = strategy_of(task) or "none"
        event = self._event(TaskEventType.RECOVERED, message=RETRIED, recoverStrategy=strategy)
        opened = None
        if self._let_go(task):
            opened = self._store.reopen_task(
                task.id,
                self._owner,
                now,
                now + self._options.lease,
                event,
                secret_names=tuple(secrets),
                sealed_secrets=self._seal(task.id, secrets),
            )
        if opened is None:
            raise TaskConflictError(self._store.task(task.id), "retried", "it still runs; cancel it first")
        self._schedule(opened, secrets)
        return opened

    def recover(self) -> list[Task]:
        """Take over tasks whose process is gone, as many as there are free places, and run them here.

        One that cannot go on is ended: its template says `none` for recovery, or its secrets are gone.

        Returns:
            Those that were taken over, as they are then.
        """
        taken: list[Task] = []
        for id_ in self._store.stale_tasks(self._clock()):
            with self._lock:
                full, ours = len(self._held) >= self._options.concurrency, id_ in self._held
            if full:
                break
            try:
                found = None if ours else self._take_over(self._store.task(id_))
            except StoredDataError as error:
                log.warning("task %s cannot be taken over: %s", id_, error)
                continue
            if found:
                taken.append(found)
        return taken

    def prune(self, older_than: timedelta | None = None) -> list[str]:
        """Delete the tasks that ended longer ago, by default than they are kept; their ids."""
        kept = self._options.retention if older_than is None else older_than
        return self._store.prune_tasks(self._clock() - kept)

    def close(self) -> None:
        """Stop the tasks that run here, so that another process can go on with them, and end the threads."""
        self._closing.set()
        with self._lock:
            runs, pool, pulse = list(self._runs.values()), self._pool, self._pulse
        for run in runs:
            run.stop(Stop.RELEASED)
        if pool:
            pool.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            queued = list(self._held.values())
            self._held.clear()
            self._secrets.clear()
            self._hosts.clear()
        for lease in queued:
            self._store.release_task(lease, self._clock())
        self._bell.ring()
        if pulse:
            pulse.join()

    def _take_over(self, task: Task) -> Task | None:
        try:
            secrets = secrets_of(self._store, task, self._sealer)
        except SealError as error:
            log.warning("task %s is left to another process: %s", task.id, error)
            return None
        strategy, now = strategy_of(task), self._clock()
        event = self._event(TaskEventType.RECOVERED, message=TAKEN_OVER, recoverStrategy=strategy or "none")
        found = self._store.take_over_task(
            task, self._owner, now, now + self._options.lease, event, restart=strategy == "startOver"
        )
        if found is None:
            return None
        problem = why_not(found, secrets, self._store.task_events(found.id))
        if problem is None:
            self._schedule(found, secrets or {})
            return found
        run = self._new_run(TaskLease(task_id=found.id, owner=self._owner, attempt=found.attempt))
        run.end_unrun(TaskStatus.CANCELLED if found.cancel_requested else TaskStatus.FAILED, problem)
        return self._store.task(found.id)

    def _seal(self, task_id: str, secrets: Mapping[str, SecretStr]) -> str | None:
        return self._sealer.seal(task_id, _plain(secrets)) if self._sealer and secrets else None

    def _schedule(self, task: Task, secrets: Mapping[str, SecretStr], host: Host | None = None) -> None:
        lease = TaskLease(task_id=task.id, owner=self._owner, attempt=task.attempt)
        with self._lock:
            if self._closing.is_set():
                raise ShiftdownError(f"task {task.id} is recorded, but cannot run here: tasks are closed")
            self._held[task.id] = lease
            self._secrets[task.id] = secrets
            if host is not None:
                self._hosts[task.id] = host
            if len(self._held) == 1:
                self._leased_until, self._renewed_at = task.leased_until, task.heartbeat_at
            self._pool = self._pool or ThreadPoolExecutor(self._options.concurrency, thread_name_prefix="task")
            if self._pulse is None:
                self._pulse = threading.Thread(target=self._beat_on, name="task-pulse", daemon=True)
                self._pulse.start()
            self._pool.submit(self._work, lease)

    def _work(self, lease: TaskLease) -> None:
        """Run one task, in a thread of the pool."""
        run = self._new_run(lease)
        try:
            with self._lock:
                if self._closing.is_set():
                    return
                self._runs[lease.task_id] = run
                secrets = self._secrets.get(lease.task_id, {})
                host = self._hosts.get(lease.task_id)
            now = self._clock()
            task = run.begin(now, now + self._options.lease)
            if task is not None:
                run.execute(task, _plain(secrets), (lambda _: host) if host else self._open_host)
        except RegistryError as error:
            log.warning("task %s is left for recovery: %s", lease.task_id, error)
        except Exception as error:  # noqa: BLE001 - a traceback may hold secrets
            log.warning("task %s is left for recovery after an unexpected %s", lease.task_id, type(error).__name__)
        finally:
            with self._lock:
                self._runs.pop(lease.task_id, None)
                if not self._closing.is_set() and self._held.get(lease.task_id) == lease:
                    del self._held[lease.task_id]
                    self._secrets.pop(lease.task_id, None)
                    self._hosts.pop(lease.task_id, None)
            self._bell.ring()

    def _new_run(self, lease: TaskLease) -> TaskRun:
        return TaskRun(
            lease,
            self._store,
            self._options,
            sealer=self._sealer,
            clock=self._clock,
            still_held=self._lives,
            ring=self._bell.ring,
        )

    def _lives(self) -> bool:
        """Whether this process is still known to live: its leases are not over."""
        return self._leased_until is not None and self._clock() < self._leased_until

    def _beat_on(self) -> None:
        while True:
            with self._lock:
                if not self._held or self._closing.is_set():
                    self._pulse = None
                    return
                held, runs = dict(self._held), dict(self._runs)
            try:
                self._beat(held, runs)
            except RegistryError as error:
                log.warning("the registry failed: %s", error)
                for run in runs.values() if not self._lives() else ():
                    run.stop(Stop.LOST)
            except Exception:
                log.exception("the pulse of tasks missed a beat")
            self._closing.wait(POLL_SECONDS)

    def _beat(self, held: Mapping[str, TaskLease], runs: Mapping[str, TaskRun]) -> None:
        """Keep the leases, stop what takes too long, and hear what other processes ask for."""
        now = self._clock()
        for run in runs.values():
            run.check(now)
        if self._renewed_at is None or now >= self._renewed_at + self._options.lease / 3:
            self._store.renew_tasks(self._owner, list(held), now, now + self._options.lease)
            self._leased_until, self._renewed_at = now + self._options.lease, now
        known = self._store.held_tasks(self._owner)
        for id_, lease in held.items():
            attempt, cancelled = known.get(id_, (0, False))
            if id_ in runs and attempt != lease.attempt:
                runs[id_].stop(Stop.LOST)
            elif id_ in runs and cancelled:
                runs[id_].stop(Stop.CANCELLED)

    def _holds(self, id: str) -> bool:
        with self._lock:
            return id in self._held

    def _let_go(self, task: Task) -> bool:
        """Whether this process does not hold a task; waits for a thread that has just ended it."""
        until = self._clock() + LET_GO if task.status.final else self._clock()
        while self._holds(task.id):
            rung = self._bell.rung
            if self._clock() >= until:
                return False
            self._bell.wait(rung, 0.05)
        return True

    def _is_stale(self, task: Task) -> bool:
        return not task.status.final and task.leased_until is not None and task.leased_until <= self._clock()

    def _current_step(self, task_id: str) -> str | None:
        """The step that a task is at."""
        steps = (event.body.get("stepId") for event in reversed(self._store.task_events(task_id)))
        return next((step for step in steps if isinstance(step, str)), None)

    def _event(self, type_: TaskEventType, **body: Any) -> NewTaskEvent:
        given = {name: value for name, value in body.items() if value is not None}
        return NewTaskEvent(type=type_, created_at=self._clock(), body=given)


def _plain(secrets: Mapping[str, SecretStr]) -> dict[str, str]:
    return {name: secret.get_secret_value() for name, secret in secrets.items()}
