"""One run of a task: drives the runner, and writes down what it does under the task's lease."""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from shiftdown.errors import RegistryError, ShiftdownError, StoredDataError
from shiftdown.model.tasks import NewTaskEvent, Task, TaskEventType, TaskLease, TaskProgress, TaskStatus
from shiftdown.scaffolder.action import CancelledError
from shiftdown.scaffolder.redaction import Redactor
from shiftdown.scaffolder.runner import Host, LogEvent, Progress, RunInput, Runner, StepStatus
from shiftdown.scaffolder.tasks.options import TaskOptions
from shiftdown.scaffolder.tasks.saving import Loaded, Saver, load_progress
from shiftdown.scaffolder.tasks.sealing import Sealer
from shiftdown.scaffolder.tasks.store import TaskStore
from shiftdown.scaffolder.template import Template

log = logging.getLogger(__name__)

MAX_MESSAGE = 64 * 1024
"""How many characters of one line of the log are kept."""
MAX_LINES = 10_000
"""How many lines of the log of one run are kept; the states of steps are always kept."""

_FIRST_DELAY = 0.05
_LAST_DELAY = 2.0


class Stop(StrEnum):
    """Why a run is stopped."""

    CANCELLED = "cancelled"
    """Somebody asked for it."""
    TIMED_OUT = "timed out"
    """It took too long."""
    RELEASED = "released"
    """This process ends; another one goes on."""
    LOST = "lost"
    """Another process holds the task."""


class _StoppedError(Exception):
    """Leads out of the runner when nothing may be written any more."""


class TaskRun:
    """One run of a task in this process. `execute` runs it; `stop` and `check` are for other threads."""

    def __init__(
        self,
        lease: TaskLease,
        store: TaskStore,
        options: TaskOptions,
        *,
        sealer: Sealer | None,
        clock: Callable[[], datetime],
        still_held: Callable[[], bool],
        ring: Callable[[], None],
    ) -> None:
        self.lease = lease
        """The right to run it."""
        self._store = store
        self._options = options
        self._sealer = sealer
        self._clock = clock
        self._still_held = still_held
        self._ring = ring
        self._lock = threading.RLock()
        self._stop_lock = threading.Lock()
        self._ended = threading.Event()
        self._cancelled = threading.Event()
        self._abandoned = threading.Event()
        self._stop: Stop | None = None
        self._stopped_at: datetime | None = None
        self._deadline: datetime | None = None
        self._lines = 0
        self._known: set[str] = set()
        self._completing: str | None = None
        self._redactor = Redactor(())
        self._saver: Saver | None = None

    def stop(self, reason: Stop) -> None:
        """Stop the run. After `RELEASED` and `LOST` nothing is done or written any more, not even clean-up."""
        with self._stop_lock:
            if self._stop is None or (_is_final(reason) and not self._may_not_write):
                self._stop = reason
            self._stopped_at = self._stopped_at or self._clock()
        if _is_final(reason):
            self._ended.set()
            self._abandoned.set()
        self._cancelled.set()

    @property
    def _may_not_write(self) -> bool:
        return self._stop is not None and _is_final(self._stop)

    def check(self, now: datetime) -> None:
        """Stop the run when it has taken too long, and its clean-up when that has."""
        if self._stopped_at is not None:
            if now >= self._stopped_at + self._options.cleanup:
                self._abandoned.set()
        elif self._deadline is not None and now >= self._deadline:
            self.stop(Stop.TIMED_OUT)

    def execute(self, task: Task, secrets: Mapping[str, str], open_host: Callable[[Task], Host]) -> None:
        """Run the task to its end, and write that down."""
        self._redactor = Redactor(secrets.values())
        self._deadline = self._clock() + self._options.timeout
        with suppress(_StoppedError):
            self._end(*self._outcome(task, secrets, open_host))

    def begin(self, now: datetime, until: datetime) -> Task | None:
        """Note that the task runs; `None` when it is not to be run here any more."""
        begun: list[Task | None] = []

        def begin() -> bool:
            begun.append(self._store.begin_task(self.lease, now, until))
            return True

        try:
            self._persist(begin)
        except _StoppedError:
            return None
        if begun[-1] and begun[-1].cancel_requested:
            self.stop(Stop.CANCELLED)
        return begun[-1]

    def end_unrun(self, status: TaskStatus, error: str) -> None:
        """End the task without having run it."""
        try:
            self._end(status, error, None)
        except _StoppedError:
            log.warning("task %s: its end could not be written, it is recovered later", self.lease.task_id)

    def _outcome(
        self, task: Task, secrets: Mapping[str, str], open_host: Callable[[Task], Host]
    ) -> tuple[TaskStatus, str | None, Mapping[str, Any] | None]:
        try:
            template = Template.model_validate(dict(task.template))
            host = open_host(task)
            loaded = self._load()
            progress = loaded.progress
            self._known = set(progress.outputs)
            runner = self._runner(RunInput(template, task.parameters, task.id, secrets, task.user), host, progress)
            self._redactor = runner.redactor
            self._saver = Saver(loaded, runner.redactor, self._seal if secrets and self._sealer else None)
            return TaskStatus.COMPLETED, None, _plain(runner.execute())
        except _StoppedError:
            raise
        except CancelledError:
            return self._cancellation()
        except ShiftdownError as error:
            return TaskStatus.FAILED, self._redactor.text(str(error)), None
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a traceback may hold secrets
            return TaskStatus.FAILED, self._redactor.text(f"unexpected {type(error).__name__}: {error}"), None

    def _seal(self, data: Any) -> str:
        assert self._sealer is not None  # noqa: S101 - it is only given to the saver when there is one
        return self._sealer.seal(self.lease.task_id, data)

    def _load(self) -> Loaded:
        loaded: list[Loaded] = []

        def load() -> bool:
            loaded.append(load_progress(self._store, self.lease.task_id, self._sealer))
            return True

        self._persist(load)
        return loaded[-1]

    def _runner(self, run: RunInput, host: Host, progress: Progress) -> Runner:
        return Runner(
            run,
            host,
            progress=progress,
            on_event=self._on_event,
            on_progress=self._on_progress,
            before_effect=lambda: self._write([]),
            cancelled=self._cancelled,
            abandoned=self._abandoned,
        )

    def _cancellation(self) -> tuple[TaskStatus, str | None, Mapping[str, Any] | None]:
        if self._stop is Stop.TIMED_OUT:
            return TaskStatus.FAILED, f"it took longer than {_span(self._options.timeout)} and was stopped", None
        return TaskStatus.CANCELLED, None, None

    def _on_event(self, event: LogEvent) -> None:
        with self._lock:
            ends = self._take_in(event)
            events = self._events(event)
            if events:
                self._write(events, self._saver if ends else None)

    def _take_in(self, event: LogEvent) -> bool:
        """Take in what a step did, when the event tells its end; whether it does."""
        if self._saver is None:
            return False
        if event.status in (StepStatus.FAILED, StepStatus.CANCELLED):
            self._saver.hold_back()
            self._saver.note_effects()
            return True
        if event.status is StepStatus.COMPLETED and event.step_id is not None and event.step_id == self._completing:
            self._completing = None
            self._saver.complete(event.step_id)
            return True
        return False

    def _on_progress(self, progress: Progress) -> None:
        """After a step its last event follows, and is written with it; after an effect it is written now."""
        with self._lock:
            fresh = [step_id for step_id in progress.outputs if step_id not in self._known]
            if fresh:
                self._known.update(fresh)
                self._completing = fresh[-1]
            elif self._saver:
                self._saver.note_effects()
                self._write([], self._saver)

    def _events(self, event: LogEvent) -> list[NewTaskEvent]:
        if event.status is None:
            self._lines += 1
            if self._lines > MAX_LINES:
                return []
        message = event.message.encode(errors="replace").decode()
        if len(message) > MAX_MESSAGE:
            message = f"{message[:MAX_MESSAGE]}… ({len(message) - MAX_MESSAGE} more characters)"
        if self._lines == MAX_LINES and event.status is None:
            message = f"{message}\n… (more lines of this log are not kept)"
        body = {"message": message, "stepId": event.step_id, "status": event.status and event.status.value}
        return [self._event(TaskEventType.LOG, body)]

    def _event(self, type_: TaskEventType, body: Mapping[str, Any]) -> NewTaskEvent:
        given = {name: value for name, value in body.items() if value is not None}
        return NewTaskEvent(type=type_, created_at=self._clock(), body=given)

    def _write(self, events: Sequence[NewTaskEvent], saver: Saver | None = None) -> None:
        progress: TaskProgress | None = saver.progress if saver else None

        def write() -> bool:
            return self._store.record_task(
                self.lease,
                events,
                progress=progress,
                contents=saver.contents if saver else None,
                unused=saver.unused if saver else (),
                sealed_progress=saver.sealed if saver else None,
            )

        self._persist(write)
        if saver:
            saver.written()

    def _end(self, status: TaskStatus, error: str | None, output: Mapping[str, Any] | None) -> None:
        body = {
            "message": f"Run completed with status: {status}",
            "status": status.value,
            "error": None if error is None else {"name": "Error", "message": error},
            "output": output,
        }
        events = [self._event(TaskEventType.COMPLETION, body)]
        at = self._clock()
        self._persist(lambda: self._store.finish_task(self.lease, status, events, at=at, error=error, output=output))

    def _persist(self, write: Callable[[], bool]) -> None:
        """Read or write; while the store fails, again and again until the lease is over.

        Raises:
            _StoppedError: the run was released, or the lease is lost or over.
        """
        delay = _FIRST_DELAY
        while True:
            if self._may_not_write:
                raise _StoppedError
            try:
                held = write()
            except StoredDataError:
                raise
            except RegistryError as error:
                log.warning("task %s: trying again, the registry failed: %s", self.lease.task_id, error)
                if not self._still_held():
                    self.stop(Stop.LOST)
                    raise _StoppedError from None
                self._ended.wait(delay)
                delay = min(delay * 2, _LAST_DELAY)
                continue
            if not held:
                self.stop(Stop.LOST)
                raise _StoppedError
            self._ring()
            return


def _is_final(reason: Stop) -> bool:
    return reason in (Stop.RELEASED, Stop.LOST)


def _plain(output: Mapping[str, Any]) -> dict[str, Any]:
    """A template's output as JSON has it: without what JSON cannot say."""
    text = json.dumps(output, default=str).encode(errors="replace")
    return dict(json.loads(text, parse_constant=lambda _: None))


def _span(span: timedelta) -> str:
    return f"{span.total_seconds():g} seconds"
