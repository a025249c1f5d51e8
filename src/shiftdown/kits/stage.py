"""Where the jobs of a stage go: the pipeline that a repository has, or a new one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shiftdown.kits.permissions import only_reads, read_only, restricted, says_nothing
from shiftdown.kits.style import in_style
from shiftdown.kits.units import Unit
from shiftdown.pipelines import Job, Pipeline, Trigger, github_actions
from shiftdown.pipelines.github_actions import Workflow
from shiftdown.repository import ChangeSet, Evidence, FileChange, Snapshot, write
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Purpose, Stack
from shiftdown.transformations import NotApplicable, editing

LEFTOVERS = ("travis", "circleci", "appveyor", "drone", "cirrus", "semaphore")
"""CI systems that a repository on GitHub has often moved away from without deleting their files."""


def workflows_of(repo: Snapshot) -> tuple[Workflow, ...]:
    """The workflows of a repository, read once per snapshot."""
    return repo.remember(github_actions.read)


@dataclass(frozen=True)
class StageChange:
    """Jobs that were added to a pipeline, and what a reviewer is told of them."""

    file: FileChange
    """The pipeline with the jobs."""
    jobs: tuple[Job, ...]
    """The jobs that were added."""
    new: bool
    """Whether the pipeline is new."""
    restricted: tuple[str, ...] = ()
    """A note where the pipeline's jobs may do less than before."""
    beside: tuple[str, ...] = ()
    """A note for each other CI system, which stays as it is."""

    @property
    def path(self) -> str:
        """The file of the pipeline."""
        return self.file.path

    @property
    def names(self) -> str:
        """The names of the jobs, as a list in a sentence."""
        return listed(f"`{job.name}`" for job in self.jobs)

    @property
    def rollback(self) -> str:
        """How to undo it, without a full stop."""
        undo = f"delete `{self.path}`" if self.new else f"remove {self.names} from `{self.path}`"
        return f"Revert the merge commit, or {undo}; nothing else depends on it"

    def explained(
        self,
        *,
        summary: str,
        evidence: Iterable[Evidence] = (),
        files: Iterable[FileChange] = (),
        notes: Iterable[str] = (),
        verify: Iterable[str] = (),
        rollback: str | None = None,
    ) -> ChangeSet:
        """The change set, with what holds for every stage beside the words of this one.

        Args:
            summary: What the jobs do, and why.
            evidence: What they were derived from.
            files: What else is written: the configuration of their tools.
            notes: What a person should check, beside permissions and other CI systems.
            verify: How to see that they work, after a look at the jobs themselves.
            rollback: How to undo it, where that is more than to remove the jobs.
        """
        return ChangeSet(
            files=(*files, self.file),
            summary=summary,
            evidence=tuple(evidence),
            notes=(*self.restricted, *notes, *self.beside),
            verify=(f"This change request runs the pipeline itself: look at {self.names}.", *verify),
            rollback=rollback or f"{self.rollback}.",
        )


@dataclass(frozen=True)
class StageTarget:
    """The pipeline that the jobs of a stage are added to."""

    repo: Snapshot
    """The repository."""
    workflow: Workflow | None
    """The pipeline that is there; `None`: a new one is written."""

    def jobs_doing(self, unit: Unit | None, *purposes: Purpose) -> tuple[str, ...]:
        """The ids of its jobs that serve one of `purposes` for a unit, to be waited for.

        Of jobs that may be left out of a run only those of the unit's own area count.
        """
        if self.workflow is None or unit is None:
            return ()
        area = f"needs.changes.outputs.{unit.area.key} == 'true'" if unit.area else None
        return tuple(
            job.id
            for job in self.workflow.jobs
            if job.on_changes
            and job.condition in (None, area)
            and any(i.serves(p) and i.covers(unit.component) for p in purposes for i in job.invocations)
        )

    def has_job(self, *, id: str, name: str) -> bool:
        """Whether it has a job of that id or name already."""
        return self.workflow is not None and any(job.id == id or job.name == name for job in self.workflow.jobs)

    def add(self, jobs: Sequence[Job], units: Iterable[Unit] = (), *, triggers: Iterable[Trigger] = ()) -> StageChange:
        """Add jobs to the pipeline, or write a new one with them.

        In a monorepo they run for what a change touches, in a pipeline that is there as well.

        Args:
            jobs: The jobs; an id that is taken is numbered.
            units: What they are for: each becomes an area of the pipeline.
            triggers: What has to start the pipeline, beside changes.

        Raises:
            NotApplicable: the pipeline cannot be edited safely; names its line and the reason.
        """
        workflow, beside = self.workflow, other_ci(stack_of(self.repo))
        if workflow is None:
            path = github_actions.new_path(github_actions.paths(self.repo))
            text = github_actions.render(_pipeline(self.repo, units, jobs), path=path)
            return StageChange(in_style(self.repo, write(path, text)), tuple(jobs), new=True, beside=beside)
        with editing(workflow.path):
            text = self.repo.text(workflow.path)
            if says_nothing(self.repo, workflow):
                text = read_only(text)
            for trigger in triggers:
                text = github_actions.ensure_trigger(text, trigger, self.repo.default_branch)
            areas = {area.key: area for unit in units if (area := unit.area)}
            for job in _renamed(jobs, {job.id for job in workflow.jobs}):
                if job.area in areas:
                    text = github_actions.add_area(text, areas[job.area], (workflow.path,))
                text = github_actions.add_job(text, job)
        change = in_style(self.repo, write(workflow.path, text))
        return StageChange(change, tuple(jobs), new=False, restricted=restricted(self.repo, change), beside=beside)


def stage_for(repo: Snapshot) -> StageTarget:
    """The pipeline that runs on every change, or a new one where there is none to extend.

    A workflow whose only job has the default permissions gets read-only ones where that is certain to do; else it
    is left alone and a new one is written.

    Raises:
        NotApplicable: the repository is on another forge, has another CI system, or a workflow that cannot be read.
    """
    stack = stack_of(repo)
    _refuse_other_forge(stack)
    _refuse_other_ci(stack)
    _refuse_unreadable(workflows_of(repo))
    chosen = github_actions.choose_workflow(workflows_of(repo), repo.default_branch)
    if chosen and says_nothing(repo, chosen) and not only_reads(repo, chosen):
        chosen = None
    return StageTarget(repo, chosen)


def new_pipeline(repo: Snapshot) -> StageTarget:
    """A pipeline of GitHub Actions of its own, beside whatever there is.

    Raises:
        NotApplicable: the repository is on another forge, or a workflow that is there cannot be read.
    """
    _refuse_other_forge(stack_of(repo))
    _refuse_unreadable(workflows_of(repo))
    return StageTarget(repo, None)


def _refuse_other_forge(stack: Stack) -> None:
    """Raise `NotApplicable` for a repository that GitHub Actions cannot run for."""
    if stack.forge == "gitlab":
        found = next((c.evidence for c in stack.ci if c.value == "gitlab-ci"), None)
        raise NotApplicable(
            "the repository is hosted on GitLab, where GitHub Actions does not run; ADD_GITLAB_CI is for it",
            *([found] if found else []),
        )


def _refuse_other_ci(stack: Stack) -> None:
    """Raise `NotApplicable` when the repository has CI, but none of GitHub Actions: a second one is no extension.

    A file that was left behind by a move to GitHub is no CI.
    """
    found = [c for c in stack.ci if not (stack.forge == "github" and c.value in LEFTOVERS)]
    if found and not any(c.value == "github-actions" for c in found):
        raise NotApplicable(
            f"{found[0].evidence.path}: the repository's CI is {found[0].value}, and only GitHub Actions can be "
            "extended so far; add the stage there, or move with ADD_GITHUB_ACTIONS",
            *(c.evidence for c in found),
        )


def _refuse_unreadable(workflows: Iterable[Workflow]) -> None:
    """Raise `NotApplicable` when a workflow cannot be read: what is missing cannot be told then."""
    for workflow in workflows:
        if workflow.problem:
            raise NotApplicable(
                f"{workflow.problem}: what it runs cannot be told; repair or remove it first", workflow.problem
            )


def _renamed(jobs: Sequence[Job], taken: set[str]) -> list[Job]:
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


def _pipeline(repo: Snapshot, units: Iterable[Unit], jobs: Iterable[Job]) -> Pipeline:
    """A pipeline of jobs, with the areas that they are for."""
    used = {job.area for job in jobs if job.area}
    areas = tuple(area for unit in units if (area := unit.area) and area.key in used)
    return Pipeline(default_branch=repo.default_branch, jobs=tuple(jobs), areas=areas)


def other_ci(stack: Stack) -> tuple[str, ...]:
    """A note for each other CI system: it stays as it is."""
    return tuple(
        f"{c.evidence.path} ({c.value}) stays as it is; decide whether both are wanted."
        for c in stack.ci
        if c.value != "github-actions"
    )


def listed(names: Iterable[str]) -> str:
    """Names as a list in a sentence."""
    known = list(names)
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"
