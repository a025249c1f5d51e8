"""The GitHub Actions dialect: render a pipeline as a workflow, read what workflows run, add jobs to them."""

from shiftdown.pipelines.github_actions.add import add_area, add_job
from shiftdown.pipelines.github_actions.events import on_changes
from shiftdown.pipelines.github_actions.model import Event, Workflow, WorkflowJob, WorkflowStep
from shiftdown.pipelines.github_actions.questions import choose_workflow, invocations_on_changes, new_path, runs
from shiftdown.pipelines.github_actions.read import paths, read
from shiftdown.pipelines.github_actions.render import DIALECT, render, render_job
from shiftdown.pipelines.github_actions.triggers import ensure_trigger

__all__ = [
    "DIALECT",
    "Event",
    "Workflow",
    "WorkflowJob",
    "WorkflowStep",
    "add_area",
    "add_job",
    "choose_workflow",
    "ensure_trigger",
    "invocations_on_changes",
    "new_path",
    "on_changes",
    "paths",
    "read",
    "render",
    "render_job",
    "runs",
]
