"""Tasks."""

from collections.abc import Mapping
from typing import Self

from pydantic import JsonValue

from shiftdown.model import Task, TaskStatus
from shiftdown.model.base import Moment
from shiftdown.responses.base import Response


class TaskSummaryResponse(Response):
    """A task in a list."""

    id: str
    """Its id."""
    status: TaskStatus
    """Where it stands."""
    template_ref: str
    """Entity reference of the template, `template:default/name`."""
    created_by: str | None
    """Entity reference of who submitted it."""
    created_at: Moment
    """When it was submitted."""
    started_at: Moment | None
    """When it began to run, or to run again after a retry."""
    ended_at: Moment | None
    """When it came to its end."""
    error: str | None
    """Why it failed."""
    secrets: tuple[str, ...]
    """The names of the secrets that it was given; never their values."""

    @classmethod
    def of(cls, task: Task) -> Self:
        """What is told about a task."""
        return cls._from(task, secrets=task.secret_names)


class TaskOutcomeResponse(TaskSummaryResponse):
    """A task that ended."""

    output: Mapping[str, JsonValue] | None
    """What the template gives, when it completed."""


class TaskResponse(TaskSummaryResponse):
    """A task in full."""

    location: str
    """Where the template is."""
    parameters: Mapping[str, JsonValue]
    """The values that were given."""
    output: Mapping[str, JsonValue] | None
    """What the template gives, when it completed."""
