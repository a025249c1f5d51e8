"""What a workflow file says."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from shiftdown.model.base import Model
from shiftdown.pipelines.invocations import Invocation
from shiftdown.repository.evidence import Evidence


class Event(Model):
    """Something that starts a workflow. A filter that the file does not have is `None`."""

    name: str
    """"pull_request", "push", "schedule", …"""
    line: int
    """1-based line."""
    branches: tuple[str, ...] | None = None
    """Patterns of branches that it is for."""
    branches_ignore: tuple[str, ...] | None = None
    """Patterns of branches that it is not for."""
    paths: tuple[str, ...] | None = None
    """Patterns of which one of the changed files must match one."""
    paths_ignore: tuple[str, ...] | None = None
    """Patterns that not all changed files may match."""
    tags: tuple[str, ...] | None = None
    """Patterns of tags that it is for."""
    types: tuple[str, ...] | None = None
    """Kinds of activity that it is for."""


class WorkflowStep(Model):
    """A step, as it is written."""

    name: str | None = None
    """Its name."""
    line: int
    """1-based line."""
    uses: str | None = None
    """The action that it uses, with its version."""
    inputs: Mapping[str, Any] = Field(default_factory=dict)
    """What the action is given."""
    run: str | None = None
    """Its script."""
    condition: str | None = None
    """Its `if`."""


class WorkflowJob(Model):
    """A job."""

    id: str
    """Its key."""
    name: str | None = None
    """Its name."""
    line: int
    """1-based line."""
    needs: tuple[str, ...] = ()
    """The jobs that it waits for."""
    condition: str | None = None
    """Its `if`."""
    on_changes: bool = True
    """Whether it can run for a pull request, by its own condition and those of the jobs that it needs."""
    steps: tuple[WorkflowStep, ...] = ()
    """Its steps."""
    uses: str | None = None
    """The workflow that it calls."""
    environment: str | None = None
    """The environment that it deploys to."""
    invocations: tuple[Invocation, ...] = ()
    """The programs that it runs: for a pull request, if it can run for one, else on whatever it runs for."""


class Workflow(Model):
    """A workflow file."""

    path: str
    """Its path."""
    name: str | None = None
    """Its name."""
    events: tuple[Event, ...] = ()
    """What starts it."""
    jobs: tuple[WorkflowJob, ...] = ()
    """Its jobs, in the order of the file."""
    permissions: Mapping[str, str] | str | None = None
    """The permissions that it gives to its jobs; `None`: it does not say."""
    concurrency: bool = False
    """Whether it says what happens to runs that overlap."""
    problem: Evidence | None = None
    """Why it, or a part of it, could not be read."""

    def event(self, name: str) -> Event | None:
        """The event of that name."""
        return next((event for event in self.events if event.name == name), None)
