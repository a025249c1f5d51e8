"""What a workflow file says."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from shiftdown.pipelines.existing import PipelineFile, PipelineJob, PipelineStep
from shiftdown.pipelines.github_actions.events import EVENTS, Event, on_changes
from shiftdown.pipelines.model import Trigger


class WorkflowStep(PipelineStep):
    """A step, as it is written."""

    uses: str | None = None
    """The action that it uses, with its version."""
    inputs: Mapping[str, Any] = Field(default_factory=dict)
    """What the action is given."""


class WorkflowJob(PipelineJob):
    """A job."""

    steps: tuple[WorkflowStep, ...] = ()
    """Its steps."""
    uses: str | None = None
    """The workflow that it calls."""
    environment: str | None = None
    """The environment that it deploys to."""


class Workflow(PipelineFile):
    """A workflow file."""

    events: tuple[Event, ...] = ()
    """What starts it."""
    jobs: tuple[WorkflowJob, ...] = ()
    """Its jobs, in the order of the file."""
    permissions: Mapping[str, str] | str | None = None
    """The permissions that it gives to its jobs; `None`: it does not say."""
    concurrency: bool = False
    """Whether it says what happens to runs that overlap."""

    def event(self, name: str) -> Event | None:
        """The event of that name."""
        return next((event for event in self.events if event.name == name), None)

    def starts_for(self, directory: str = "", default_branch: str | None = None) -> bool:
        """See `PipelineFile.starts_for`."""
        return on_changes(self.events, directory, default_branch) is not None

    def starts_for_everything(self, default_branch: str | None = None) -> bool:
        """See `PipelineFile.starts_for_everything`: a reusable workflow is started by others."""
        event = on_changes(self.events, "", default_branch)
        return event is not None and event.paths is None and self.event("workflow_call") is None

    def starts_on(self, trigger: Trigger) -> bool:
        """See `PipelineFile.starts_on`."""
        return self.event(EVENTS[trigger]) is not None
