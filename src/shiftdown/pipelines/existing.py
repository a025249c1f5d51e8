"""The pipelines that a repository has, in the words of no CI system, and questions about them."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import TypeVar

from shiftdown.model.base import Model
from shiftdown.pipelines.invocations import Invocation
from shiftdown.pipelines.model import Trigger
from shiftdown.pipelines.opaque import Opaque
from shiftdown.pipelines.setups import SetupFact
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Component, Purpose


class PipelineStep(Model):
    """A step of a job that exists."""

    name: str | None = None
    """Its name."""
    line: int
    """1-based line."""
    run: str | None = None
    """Its script; `None` when it is a ready-made part."""
    condition: str | None = None
    """When it runs, in the words of its CI system; `None`: always."""
    ignored: bool = False
    """Whether the pipeline goes on when it fails: then it proves nothing."""
    pushes_image: bool = False
    """Whether it pushes a container image to a registry."""


class PipelineJob(Model):
    """A job that exists."""

    id: str
    """Its identifier in the file."""
    name: str | None = None
    """Its name for people, where that is another."""
    line: int
    """1-based line."""
    needs: tuple[str, ...] = ()
    """The jobs that it waits for."""
    condition: str | None = None
    """When it runs, in the words of its CI system; `None`: whenever its pipeline does."""
    area: str | None = None
    """The key of the area that it runs for (see `Job.area`), where that is all its condition says."""
    on_changes: bool = True
    """Whether it can run for a change request, by its own condition and those of the jobs that it needs."""
    steps: tuple[PipelineStep, ...] = ()
    """Its steps."""
    invocations: tuple[Invocation, ...] = ()
    """The programs that it runs: for a change request, if it can run for one, else on whatever it runs for."""
    setup: tuple[SetupFact, ...] = ()
    """What it does around its commands, in the order of the file."""
    may_publish: Evidence | None = None
    """Why it may push container images, on whatever event: it may write packages, or logs in to a registry."""
    opaque: tuple[Opaque, ...] = ()
    """What it runs and of which it cannot be told what it does; as `invocations`, for a change request if it can."""


class PipelineFile(Model, ABC):
    """A pipeline that exists. Each dialect has a class of its own, with what else its files say."""

    path: str
    """Its file."""
    name: str | None = None
    """Its name."""
    jobs: tuple[PipelineJob, ...] = ()
    """Its jobs, in the order of the file."""
    problem: Evidence | None = None
    """Why it, or a part of it, could not be read."""
    opaque: tuple[Opaque, ...] = ()
    """What it takes in that the repository does not hold: which other jobs there are cannot be told."""
    extendable: bool = True
    """Whether a job can join without a change of what the other jobs may do."""

    @abstractmethod
    def starts_for(self, directory: str = "", default_branch: str | None = None) -> bool:
        """Whether it runs for changes of `directory` before they are merged.

        That is for change requests, or for commits on any branch. A start after the merge, at a time, or by hand
        does not count.

        Args:
            directory: From the root; `""`: for changes of some source file.
            default_branch: Where change requests go; by default one of the usual names.
        """

    @abstractmethod
    def starts_for_everything(self, default_branch: str | None = None) -> bool:
        """Whether it runs for changes whatever they touch, and by itself: documentation may be left out."""

    @abstractmethod
    def starts_on(self, trigger: Trigger) -> bool:
        """Whether a trigger starts it, in whatever case."""


Existing = TypeVar("Existing", bound=PipelineFile)

_TESTS = {Purpose.TEST, Purpose.COVERAGE}
_WEIGHTS = {
    Purpose.TEST: 8,
    Purpose.COVERAGE: 8,
    Purpose.LINT: 3,
    Purpose.BUILD: 3,
    Purpose.TYPECHECK: 2,
    Purpose.FORMAT: 1,
}
_CI = re.compile(
    r"\b(ci|tests?|build|checks?|main|validate|verify|pull.?request|pr|continuous.integration)\b", re.IGNORECASE
)
_OTHER = re.compile(
    r"release|deploy|publish|codeql|docs?|stale|label|nightly|bench|e2e|integration|docker|lint|fuzz|scorecard|security|"
    r"cron|windows|macos|bsd|browser|android|wasm|legacy|compat|smoke|interop",
    re.IGNORECASE,
)
_PUSHES = re.compile(r"\b(?:docker|podman|buildah)\s+(?:image\s+)?push\b|buildx? [^\n]*--push\b|\b(?:ko|jib|crane) ")


def invocations_on_changes(
    pipelines: Iterable[PipelineFile], *, directory: str = "", default_branch: str | None = None
) -> Iterator[Invocation]:
    """What pipelines run for changes of `directory` before they are merged (see `PipelineFile.starts_for`)."""
    for pipeline in pipelines:
        if pipeline.starts_for(directory, default_branch):
            for job in pipeline.jobs:
                yield from job.invocations if job.on_changes else ()


def opaque_on_changes(
    pipelines: Iterable[PipelineFile], *, directory: str = "", default_branch: str | None = None
) -> Iterator[Opaque]:
    """What pipelines run for changes of `directory` before they are merged, and of which it cannot be told what it is.

    A pipeline that cannot be read is not among them: it has a `problem`.
    """
    for pipeline in pipelines:
        if pipeline.starts_for(directory, default_branch):
            yield from pipeline.opaque
            for job in pipeline.jobs:
                yield from job.opaque if job.on_changes else ()


def runs(
    pipelines: Iterable[PipelineFile],
    purpose: Purpose,
    component: Component | None = None,
    *,
    tools: Iterable[str] = (),
    default_branch: str | None = None,
) -> Evidence | None:
    """Whether CI does something for a component on every change, and where that is said; `None` when it does not.

    Args:
        pipelines: As a dialect reads them.
        purpose: What is to be done. Measuring coverage counts as testing.
        component: For which component; by default for any.
        tools: By which of these programs; by default by any.
        default_branch: Where change requests go; by default a usual name.
    """
    wanted = set(tools)
    directory = component.path if component else ""
    for invocation in invocations_on_changes(pipelines, directory=directory, default_branch=default_branch):
        if wanted and invocation.tool not in wanted:
            continue
        if invocation.serves(purpose) and (component is None or invocation.covers(component)):
            return invocation.evidence
    return None


def choose(pipelines: Iterable[Existing], default_branch: str | None = None) -> Existing | None:
    """The pipeline to extend with a job that is to run on every change; `None` when a new one is better.

    It runs tests, or else lints or builds, on change requests; of several the one that does more and whose name says
    so. Those that others call and those that deploy are none.
    """
    best: tuple[int, Existing] | None = None
    for pipeline in pipelines:
        score = _score(pipeline, default_branch)
        if score > 0 and (best is None or score > best[0]):
            best = (score, pipeline)
    return best[1] if best else None


def pushes_image(script: str) -> bool:
    """Whether a script pushes a container image."""
    return _PUSHES.search(script) is not None


def _score(pipeline: PipelineFile, default_branch: str | None) -> int:
    if pipeline.problem or not pipeline.starts_for_everything(default_branch):
        return 0
    active = [job for job in pipeline.jobs if job.on_changes]
    found = {i.purpose for job in active for i in job.invocations if i.purpose}
    names = re.sub(r"[-_]", " ", f"{pipeline.path.rpartition('/')[2].rpartition('.')[0]} {pipeline.name or ''}")
    named, other = bool(_CI.search(names)), bool(_OTHER.search(names))
    if not found & _TESTS and (not found & set(_WEIGHTS) or not named or other):
        return 0
    score = sum(weight for purpose, weight in _WEIGHTS.items() if purpose in found)
    score -= 4 if Purpose.DEPLOY in found else 0
    return max(score + 6 * named - 6 * other, 1)
