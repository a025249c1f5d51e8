"""GitHub Actions as a dialect."""

from shiftdown.edits import yaml
from shiftdown.pipelines.dialect import Added, Addition, renamed
from shiftdown.pipelines.existing import PipelineFile, PipelineJob
from shiftdown.pipelines.github_actions.additions import add_area, add_job
from shiftdown.pipelines.github_actions.model import Workflow, WorkflowJob
from shiftdown.pipelines.github_actions.permissions import read_only, restricted, says_nothing
from shiftdown.pipelines.github_actions.rendering import DIALECT, render
from shiftdown.pipelines.github_actions.triggers import ensure_trigger
from shiftdown.pipelines.github_actions.workflows import new_path, paths, read, set_up_like
from shiftdown.pipelines.model import Job, Pipeline, Stage
from shiftdown.pipelines.pins import Pins
from shiftdown.pipelines.quotes import requoted
from shiftdown.pipelines.setups import TakenOver
from shiftdown.repository.snapshot import Snapshot
from shiftdown.repository.stack import Component


class GitHubActions:
    """Workflows of GitHub Actions. See `shiftdown.pipelines.dialect.Dialect` for the methods."""

    key = DIALECT
    title = "GitHub Actions"
    forges = frozenset({"github"})

    def read(self, repo: Snapshot) -> tuple[Workflow, ...]:
        """Every workflow, with what its jobs run; actions and reusable workflows of the repository are followed."""
        return read(repo)

    def new_path(self, repo: Snapshot) -> str:
        """`ci.yml`, or another usual name that no workflow has."""
        return new_path(paths(repo))

    def render(self, pipeline: Pipeline, *, path: str, table: Pins | None = None) -> str:
        """A new workflow."""
        return render(pipeline, path=path, table=table)

    def add(self, text: str, addition: Addition, *, table: Pins | None = None) -> Added:
        """A workflow with more jobs, which fit in (see `add_job`).

        Where its only job had the default permissions, all jobs get those to read the code, and a note says so.
        """
        located = yaml.locate(text).data
        data = located if isinstance(located, dict) else {}
        notes: tuple[str, ...] = ()
        if says_nothing(data):
            text, notes = read_only(text), (restricted(addition.path),)
        for trigger in addition.triggers:
            text = ensure_trigger(text, trigger, addition.default_branch)
        areas = {area.key: area for area in addition.areas}
        jobs = data.get("jobs")
        for job in renamed(addition.jobs, set(jobs) if isinstance(jobs, dict) else set()):
            if job.area in areas:
                text = add_area(text, areas[job.area], (addition.path,), table=table)
            text = add_job(text, job, table=table)
        return Added(text=text, notes=notes)

    def quoted(self, before: str, after: str) -> str:
        """See `Dialect.quoted`."""
        return requoted(before, after)

    def set_up_like(
        self, repo: Snapshot, file: PipelineFile, job: PipelineJob, component: Component, stage: Stage
    ) -> TakenOver | None:
        """See `Dialect.set_up_like`: the steps before the job's command, to the letter, with the versions they name."""
        if not isinstance(file, Workflow) or not isinstance(job, WorkflowJob):
            return None
        return set_up_like(repo, file, job, component, stage)

    def cannot(self, job: Job) -> tuple[str, ...]:
        """Nothing: the model has no more than GitHub Actions can do."""
        return ()


GITHUB_ACTIONS = GitHubActions()
"""GitHub Actions."""
