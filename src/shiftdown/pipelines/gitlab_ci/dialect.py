"""GitLab CI/CD as a dialect."""

from collections.abc import Iterator

from shiftdown.pipelines.dialect import Added, Addition
from shiftdown.pipelines.existing import PipelineFile, PipelineJob
from shiftdown.pipelines.gitlab_ci.additions import add
from shiftdown.pipelines.gitlab_ci.files import PATH, read
from shiftdown.pipelines.gitlab_ci.model import GitLabPipeline
from shiftdown.pipelines.gitlab_ci.rendering import render
from shiftdown.pipelines.gitlab_ci.toolchains import DOCKER, exact
from shiftdown.pipelines.model import Job, Permission, Pipeline, ReportKind, Stage, Trigger
from shiftdown.pipelines.pins import Pins
from shiftdown.pipelines.quotes import requoted
from shiftdown.pipelines.setups import TakenOver
from shiftdown.repository.snapshot import Snapshot
from shiftdown.repository.stack import Component


class GitLabCi:
    """The pipeline of GitLab CI/CD. See `shiftdown.pipelines.dialect.Dialect` for the methods."""

    key = "gitlab-ci"
    title = "GitLab CI/CD"
    forges = frozenset({"gitlab"})

    def read(self, repo: Snapshot) -> tuple[GitLabPipeline, ...]:
        """The pipeline, with the files of the repository that it includes; what is elsewhere is opaque."""
        return read(repo)

    def new_path(self, repo: Snapshot) -> str | None:
        """`.gitlab-ci.yml`, of which there is one."""
        return None if repo.exists(PATH) else PATH

    def render(self, pipeline: Pipeline, *, path: str, table: Pins | None = None) -> str:
        """A new pipeline."""
        return render(pipeline, path=path, table=table)

    def add(self, text: str, addition: Addition, *, table: Pins | None = None) -> Added:
        """A pipeline with more jobs, which fit in."""
        return add(text, addition, table=table)

    def quoted(self, before: str, after: str) -> str:
        """See `Dialect.quoted`."""
        return requoted(before, after)

    def set_up_like(
        self, repo: Snapshot, file: PipelineFile, job: PipelineJob, component: Component, stage: Stage
    ) -> TakenOver | None:
        """See `Dialect.set_up_like`: a job of the trial is set up anew."""
        return None

    def cannot(self, job: Job) -> tuple[str, ...]:
        """What needs a runner, a setting or an image that is not there by itself."""
        return tuple(_cannot(job))


def _cannot(job: Job) -> Iterator[str]:
    programs = {program for step in job.steps for program in step.programs}
    for service in job.services:
        yield f"{job.id} reaches {service.name} as the host `{service.name}`, not as localhost: tell its programs so."
    if DOCKER in programs:
        yield f"{job.id} needs a runner that starts privileged containers, for the Docker engine beside it."
    missing = sorted(programs - {DOCKER})
    if missing or (DOCKER in programs and job.setup):
        needed = [*missing, *(r.language.value for r in job.setup if DOCKER in programs)]
        yield f"{job.id} calls {', '.join(needed)}, which its image lacks: name an image that has it."
    if len(job.setup) > 1:
        yield f"{job.id} needs several languages, and its image has the first: name an image that has them all."
    for runtime in job.setup:
        if runtime.version_file and exact(runtime) is None:
            yield f"{job.id} runs on the newest {runtime.language}: what {runtime.version_file} says names no image."
    if Permission.WRITE_CODE in job.permissions or job.keep_credentials:
        yield f"{job.id} pushes commits: give it a token of the project, which the job's own is not enough for."
    if Permission.WRITE_CHANGE_REQUESTS in job.permissions:
        yield f"{job.id} writes to merge requests: give it a token of the project."
    if any(report.kind is ReportKind.SARIF for report in job.reports):
        yield f"{job.id} keeps its findings as a file: GitLab shows no SARIF."
    if job.only is Trigger.SCHEDULE:
        yield f"{job.id} runs by schedule: make one in the project's settings."


GITLAB_CI = GitLabCi()
"""GitLab CI/CD."""
