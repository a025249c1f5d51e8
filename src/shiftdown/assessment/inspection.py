"""What can be told about a repository by looking at it: what it is made of, and what its CI runs."""

from shiftdown.model.base import Model
from shiftdown.pipelines import github_actions
from shiftdown.pipelines.github_actions import Workflow
from shiftdown.repository import Snapshot
from shiftdown.repository.detect import detect
from shiftdown.repository.stack import Stack


class Inspection(Model):
    """What was seen in one repository, each conclusion with its evidence."""

    repository: str
    """Name of the repository."""
    revision: str | None
    """The commit that was looked at; `None` for a directory."""
    default_branch: str
    """The branch that changes are merged into."""
    stack: Stack
    """Its components, tools and commands."""
    workflows: tuple[Workflow, ...]
    """Its GitHub Actions workflows, with what each of their jobs really runs."""


def inspect(snapshot: Snapshot) -> Inspection:
    """Look at a snapshot."""
    return Inspection(
        repository=snapshot.name,
        revision=snapshot.revision,
        default_branch=snapshot.default_branch,
        stack=snapshot.remember(detect),
        workflows=snapshot.remember(github_actions.read),
    )
