"""What the checks and transformations of GitHub Actions have in common."""

from collections.abc import Iterable

from shiftdown.pipelines import Job, Pipeline, github_actions
from shiftdown.pipelines.github_actions import Workflow
from shiftdown.plugin import NotApplicable, Snapshot, Stack
from shiftdown_plugins.cicd.jobs import shared_paths
from shiftdown_plugins.cicd.units import Unit


def workflows_of(repo: Snapshot) -> tuple[Workflow, ...]:
    """The workflows of a repository, read once per snapshot."""
    return repo.remember(github_actions.read)


def refuse_other_forge(stack: Stack) -> None:
    """Raise `NotApplicable` for a repository that GitHub Actions cannot run for."""
    if stack.forge == "gitlab":
        found = next((c.evidence for c in stack.ci if c.value == "gitlab-ci"), None)
        raise NotApplicable(
            "the repository is hosted on GitLab, where GitHub Actions does not run; ADD_GITLAB_CI is for it",
            *([found] if found else []),
        )


def refuse_unreadable(workflows: Iterable[Workflow]) -> None:
    """Raise `NotApplicable` when a workflow cannot be read: what is missing cannot be told then."""
    for workflow in workflows:
        if workflow.problem:
            raise NotApplicable(
                f"{workflow.problem}: what it runs cannot be told; repair or remove it first", workflow.problem
            )


def pipeline_of(repo: Snapshot, stack: Stack, units: Iterable[Unit], jobs: Iterable[Job]) -> Pipeline:
    """A pipeline of jobs, with the areas that they are for."""
    used = {job.area for job in jobs if job.area}
    areas = tuple(area for unit in units if (area := unit.area) and area.key in used)
    return Pipeline(
        default_branch=repo.default_branch,
        jobs=tuple(jobs),
        areas=areas,
        shared_paths=shared_paths(stack) if areas else (),
    )


def other_ci(stack: Stack) -> tuple[str, ...]:
    """A note for each other CI system: it stays as it is."""
    return tuple(
        f"{c.evidence.path} ({c.value}) stays as it is; decide whether both are wanted."
        for c in stack.ci
        if c.value != "github-actions"
    )
