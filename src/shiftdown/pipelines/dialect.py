"""What is asked of a CI system: the protocol of dialects, and those that there are."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from shiftdown.model.base import Model
from shiftdown.pipelines.existing import PipelineFile, PipelineJob
from shiftdown.pipelines.model import Area, Job, Pipeline, Stage, Trigger
from shiftdown.pipelines.pins import Pins
from shiftdown.pipelines.setups import TakenOver
from shiftdown.repository.snapshot import Snapshot
from shiftdown.repository.stack import Component, Stack


class Addition(Model):
    """What is to be added to a pipeline that exists."""

    path: str
    """The file of the pipeline; it concerns every area."""
    jobs: tuple[Job, ...]
    """The jobs. An id that is taken is numbered; one that needs another of them keeps doing so."""
    areas: tuple[Area, ...] = ()
    """The areas that the jobs name. Where the pipeline cannot be made to tell them, the jobs always run."""
    triggers: tuple[Trigger, ...] = ()
    """What has to start the pipeline."""
    default_branch: str = "main"
    """The branch that change requests go to."""


class Added(Model):
    """A pipeline with an addition."""

    text: str
    """The text of its file. What is not of the addition keeps every byte."""
    notes: tuple[str, ...] = ()
    """What changed for jobs that were there, for a reviewer."""


class Dialect(Protocol):
    """What a CI system's pipelines are written in.

    Whoever adds to a pipeline speaks in jobs and values (`shiftdown.pipelines.model`, `shiftdown.pipelines.values`);
    what a CI system calls them, and what it wants beside them, is its dialect's to know.
    """

    @property
    def key(self) -> str:
        """Its name in data: `github-actions`, `gitlab-ci`; as `Stack.ci` and `Step.parts` say it."""

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def forges(self) -> frozenset[str]:
        """The forges that run it, as `Stack.forge` names them; empty: any."""

    def read(self, repo: Snapshot) -> tuple[PipelineFile, ...]:
        """The pipelines that the repository has, sorted by path; one that cannot be read has a `problem`."""

    def new_path(self, repo: Snapshot) -> str | None:
        """A path for a new pipeline that no file has; `None` where there can be only one and there is."""

    def render(self, pipeline: Pipeline, *, path: str, table: Pins | None = None) -> str:
        """The text of a new pipeline's file.

        Args:
            pipeline: What to render.
            path: Where the file will be; it concerns every area.
            table: The pins; by default those of the package.

        Raises:
            InvalidInputError: the pipeline holds what cannot be said safely, such as an expression in a script.
            NotFoundError: something has no pin.
        """

    def add(self, text: str, addition: Addition, *, table: Pins | None = None) -> Added:
        """A pipeline that exists, with more jobs. Those that are there already, under whatever id, are left out.

        Args:
            text: The file of the pipeline.
            addition: What to add.
            table: The pins; by default those of the package.

        Raises:
            CannotEditError: the file cannot be edited safely; says where and why.
            InvalidInputError, NotFoundError: as `render`.
        """

    def set_up_like(
        self, repo: Snapshot, file: PipelineFile, job: PipelineJob, component: Component, stage: Stage
    ) -> TakenOver | None:
        """The set-up of a job that is there, as a new job for a component takes it over (see `Job.native`).

        Args:
            repo: The repository.
            file: The pipeline of the job.
            job: The job; it works on the component.
            component: What the new job is for.
            stage: The stage of the new job.

        Returns:
            What is taken over; `None` when the job's set-up cannot be told or taken out of its place.
        """

    def quoted(self, before: str, after: str) -> str:
        """The text `after` with single quotes around the values that `before` lacks, where they have a choice."""

    def cannot(self, job: Job) -> tuple[str, ...]:
        """What of a job the CI system cannot do by itself, in sentences for a reviewer."""


def dialect_of(stack: Stack, known: Iterable[Dialect]) -> Dialect | None:
    """The dialect of the CI that a repository has; of its forge where it has none; `None` when none fits.

    Args:
        stack: What is known of the repository.
        known: The dialects to choose from, the preferred first.
    """
    fitting = [d for d in known if stack.forge is None or not d.forges or stack.forge in d.forges]
    used = {ci.value for ci in stack.ci}
    return next((d for d in fitting if d.key in used), None) or next(iter(fitting), None)


def renamed(jobs: Sequence[Job], taken: set[str]) -> list[Job]:
    """The jobs under ids that are free, and with them what they need."""
    names: dict[str, str] = {}
    for job in jobs:
        number, name = 1, job.id
        while name in taken:
            number += 1
            name = f"{job.id}-{number}"
        names[job.id] = name
    own = {job.id for job in jobs}
    return [
        job.model_copy(
            update={"id": names[job.id], "needs": tuple(names[n] if n in own and n != job.id else n for n in job.needs)}
        )
        for job in jobs
    ]
