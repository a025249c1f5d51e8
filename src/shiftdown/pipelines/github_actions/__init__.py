"""GitHub Actions: the dialect, and what its workflows say beyond what all CI systems have in common."""

from shiftdown.pipelines.github_actions.additions import add_area, add_job
from shiftdown.pipelines.github_actions.dialect import GITHUB_ACTIONS, GitHubActions
from shiftdown.pipelines.github_actions.events import Event
from shiftdown.pipelines.github_actions.model import Workflow, WorkflowJob, WorkflowStep
from shiftdown.pipelines.github_actions.rendering import DIALECT, render, render_job
from shiftdown.pipelines.github_actions.triggers import ensure_trigger
from shiftdown.pipelines.github_actions.workflows import new_path, paths, read

__all__ = [
    "DIALECT",
    "GITHUB_ACTIONS",
    "Event",
    "GitHubActions",
    "Workflow",
    "WorkflowJob",
    "WorkflowStep",
    "add_area",
    "add_job",
    "ensure_trigger",
    "new_path",
    "paths",
    "read",
    "render",
    "render_job",
]
