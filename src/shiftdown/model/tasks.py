"""Tasks: runs of a template, with what happened in them and how far they came.

Names and states are those of Backstage's scaffolder API, so that its front end understands them.
"""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field, JsonValue

from shiftdown.model.base import Id, Model, Moment


class TaskStatus(StrEnum):
    """Where a task or one of its steps stands."""

    OPEN = "open"
    """It waits for a place to run in."""
    PROCESSING = "processing"
    """It runs."""
    COMPLETED = "completed"
    """It did everything."""
    FAILED = "failed"
    """A step failed, it took too long, or it cannot go on."""
    CANCELLED = "cancelled"
    """Somebody cancelled it."""
    SKIPPED = "skipped"
    """Of a step only: it was left out. No task ends so."""

    @property
    def final(self) -> bool:
        """Whether nothing happens any more unless the task is retried."""
        return self not in (TaskStatus.OPEN, TaskStatus.PROCESSING)


class TaskEventType(StrEnum):
    """What an event of a task tells."""

    LOG = "log"
    """A line of the log; with a status, the state that a step came to."""
    CANCELLED = "cancelled"
    """Somebody asked for the task to be cancelled."""
    RECOVERED = "recovered"
    """Another process goes on with the task, since the one that ran it is gone."""
    COMPLETION = "completion"
    """The task ended; nothing follows unless it is retried."""


class Task(Model):
    """One run of a template. Secrets are not in it, only their names."""

    id: Id
    """Its id."""
    status: TaskStatus = TaskStatus.OPEN
    """Where it stands."""
    location: str
    """Where the template is: what `fetch:*` steps read beside it is read there."""
    template: Mapping[str, JsonValue]
    """The template as it was when the task was submitted, includes resolved."""
    template_ref: str
    """Entity reference of the template, `template:default/name`."""
    parameters: Mapping[str, JsonValue]
    """The values that were given."""
    user: Mapping[str, JsonValue] = {}
    """Who submitted it: `ref` and `entity`, as far as known."""
    created_by: str | None = None
    """Entity reference of who submitted it."""
    actor: str | None = None
    """Whose name what it does is recorded under, also when somebody else retries it or another process takes it over;
    `None` for tasks that were submitted before this was kept: whoever runs them."""
    secret_names: tuple[str, ...] = ()
    """The names of the secrets that it was given."""
    created_at: Moment
    """When it was submitted."""
    started_at: Moment | None = None
    """When it began to run, or to run again after a retry."""
    ended_at: Moment | None = None
    """When it came to its end."""
    heartbeat_at: Moment | None = None
    """When the process that holds it last said that it lives."""
    owner: str | None = None
    """The process that holds it, while it has not ended."""
    leased_until: Moment | None = None
    """Until when that process holds it; after this moment any process may take it over."""
    attempt: int = Field(default=1, ge=1)
    """Counts up when it is retried or taken over: who holds an older number may not write any more."""
    cancel_requested: bool = False
    """Whether somebody asked for it to be cancelled."""
    error: str | None = None
    """Why it failed."""
    output: Mapping[str, JsonValue] | None = None
    """What the template gives, when it completed."""


class TaskEvent(Model):
    """Something that happened in a task."""

    task_id: Id
    """The task."""
    id: int = Field(ge=1)
    """Its place among the events of the task, counted from 1 without gaps."""
    type: TaskEventType
    """What it tells."""
    created_at: Moment
    """When it happened."""
    body: Mapping[str, JsonValue]
    """`message`, and as far as they apply `stepId`, `status`, `error`, `output`, `recoverStrategy`."""


class SavedFile(Model):
    """A file of a workspace."""

    path: str
    """Its path."""
    kind: str
    """What it is, a value of `shiftdown.repository.Kind`."""
    digest: str
    """SHA-256 of its content, under which the content is kept."""


class TaskProgress(Model):
    """How far a task came: enough for another process to go on after its last completed step."""

    outputs: Mapping[str, JsonValue] = {}
    """Output of each completed step, by id."""
    checkpoints: Mapping[str, JsonValue] = {}
    """Results of what is done once per task, by step and key."""
    effects: tuple[Mapping[str, JsonValue], ...] = ()
    """What was done outside the workspace."""
    files: tuple[SavedFile, ...] = ()
    """The files of the workspace after the last completed step."""
    folders: tuple[str, ...] = ()
    """Its folders."""


class TaskLease(Model):
    """The right to run a task: what every write for it is conditional on."""

    task_id: Id
    """The task."""
    owner: str
    """The process that holds it."""
    attempt: int
    """The task's `attempt` when it got it."""


class NewTaskEvent(Model):
    """An event that is not stored yet."""

    type: TaskEventType
    """What it tells."""
    created_at: Moment
    """When it happened."""
    body: Mapping[str, JsonValue]
    """As of `TaskEvent`."""


class TaskPage(Model):
    """Some of the tasks that were asked for."""

    tasks: tuple[Task, ...]
    """Those of this page."""
    total: int
    """How many there are in all."""
