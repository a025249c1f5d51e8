"""Where the jobs of a stage go: the pipeline that a repository has, or a new one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shiftdown.kits.style import in_style
from shiftdown.kits.units import Unit
from shiftdown.pipelines import (
    GITHUB_ACTIONS,
    Addition,
    Dialect,
    Job,
    Pipeline,
    PipelineFile,
    Trigger,
    choose,
    dialect_of,
    dialects,
)
from shiftdown.repository import ChangeSet, Evidence, FileChange, Snapshot, write
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Purpose, Stack
from shiftdown.transformations import NotApplicable, editing

LEFTOVERS = ("travis", "circleci", "appveyor", "drone", "cirrus", "semaphore")
"""CI systems that a repository on GitHub has often moved away from without deleting their files."""


def pipelines_of(repo: Snapshot) -> tuple[PipelineFile, ...]:
    """The pipelines of a repository that can be read, in whatever dialect; read once per snapshot."""
    return tuple(file for dialect in dialects() for file in repo.remember(dialect.read))


@dataclass(frozen=True)
class StageChange:
    """Jobs that were added to a pipeline, and what a reviewer is told of them."""

    file: FileChange
    """The pipeline with the jobs."""
    jobs: tuple[Job, ...]
    """The jobs that were added."""
    new: bool
    """Whether the pipeline is new."""
    notes: tuple[str, ...] = ()
    """What changed for jobs that were there, and what of the new ones the CI system cannot do."""
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
    def reporting(self) -> tuple[str, ...]:
        """The commands that only report, each once; those that bring what others need are left out."""
        steps = (s for job in self.jobs for s in job.steps if s.allow_failure and not s.name.startswith("Install"))
        return tuple(dict.fromkeys(s.run for s in steps))

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
            notes: What a person should check, beside what holds for the pipeline itself and for other CI systems.
            verify: How to see that they work, after a look at the jobs themselves.
            rollback: How to undo it, where that is more than to remove the jobs.
        """
        return ChangeSet(
            files=(*files, self.file),
            summary=summary,
            evidence=tuple(evidence),
            notes=tuple(
                dict.fromkeys(
                    (*self.notes, *_reports_only(self), *notes, *(n for j in self.jobs for n in j.notes), *self.beside)
                )
            ),
            secrets=tuple(dict.fromkeys(secret for job in self.jobs for secret in job.secrets)),
            verify=(f"This change request runs the pipeline itself: look at {self.names}.", *verify),
            rollback=rollback or f"{self.rollback}.",
        )


def _reports_only(change: StageChange) -> Iterator[str]:
    if not change.reporting:
        return
    commands = listed(f"`{run.strip().splitlines()[-1]}`" for run in change.reporting)
    only, it = ("only reports", "it") if len(change.reporting) == 1 else ("only report", "them")
    yield (
        f"{commands} {only}, since nothing shows that anybody runs {it} today: what is there stops nobody. To make a "
        f"step a gate, repair what it finds and delete its `continue-on-error` in {change.path}."
    )


@dataclass(frozen=True)
class StageTarget:
    """The pipeline that the jobs of a stage are added to."""

    repo: Snapshot
    """The repository."""
    dialect: Dialect
    """What it is written in."""
    file: PipelineFile | None
    """The pipeline that is there; `None`: a new one is written."""

    def jobs_doing(self, unit: Unit | None, *purposes: Purpose) -> tuple[str, ...]:
        """The ids of its jobs that serve one of `purposes` for a unit, to be waited for.

        Of jobs that may be left out of a run only those of the unit's own area count.
        """
        if self.file is None or unit is None:
            return ()
        own = unit.area.key if unit.area else None
        return tuple(
            job.id
            for job in self.file.jobs
            if job.on_changes
            and (job.condition is None or (own is not None and job.area == own))
            and any(i.serves(p) and i.covers(unit.component) for p in purposes for i in job.invocations)
        )

    def has_job(self, *, id: str, name: str) -> bool:
        """Whether it has a job of that id or name already."""
        return self.file is not None and any(job.id == id or job.name == name for job in self.file.jobs)

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
        repo, dialect, beside = self.repo, self.dialect, other_ci(stack_of(self.repo), self.dialect)
        limits = tuple(dict.fromkeys(note for job in jobs for note in dialect.cannot(job)))
        if self.file is None:
            path = _new_path(repo, dialect)
            change = write(path, dialect.render(_pipeline(repo, units, jobs), path=path))
            return StageChange(in_style(repo, dialect, change), tuple(jobs), new=True, notes=limits, beside=beside)
        addition = Addition(
            path=self.file.path,
            jobs=tuple(jobs),
            areas=tuple(area for unit in units if (area := unit.area)),
            triggers=tuple(triggers),
            default_branch=repo.default_branch,
        )
        with editing(self.file.path):
            added = dialect.add(repo.text(self.file.path), addition)
        change = in_style(repo, dialect, write(self.file.path, added.text))
        return StageChange(change, tuple(jobs), new=False, notes=(*added.notes, *limits), beside=beside)


def stage_for(repo: Snapshot) -> StageTarget:
    """The pipeline that runs on every change, or a new one where there is none to extend.

    One that jobs cannot join without a change of what its own may do is left alone, and a new one is written.

    Raises:
        NotApplicable: the repository is on another forge, has another CI system, or a pipeline that cannot be read.
    """
    stack = stack_of(repo)
    dialect = _dialect_of(stack)
    _refuse_other_ci(stack, dialect)
    files = repo.remember(dialect.read)
    _refuse_unreadable(files)
    chosen = choose(files, repo.default_branch)
    if chosen is None and dialect.new_path(repo) is None:
        chosen = next(iter(files), None)
    return StageTarget(repo, dialect, chosen if chosen and chosen.extendable else None)


def new_pipeline(repo: Snapshot, dialect: Dialect) -> StageTarget:
    """A pipeline of its own in one dialect, beside whatever there is.

    Raises:
        NotApplicable: the repository is on another forge, or a pipeline that is there cannot be read.
    """
    _refuse_other_forge(stack_of(repo), dialect)
    _refuse_unreadable(repo.remember(dialect.read))
    return StageTarget(repo, dialect, None)


def _dialect_of(stack: Stack) -> Dialect:
    found = dialect_of(stack, dialects())
    if found is None:
        _refuse_other_forge(stack, GITHUB_ACTIONS)
        raise NotApplicable(f"the repository is hosted on {stack.forge}, whose CI cannot be extended so far")
    return found


def _refuse_other_forge(stack: Stack, dialect: Dialect) -> None:
    """Raise `NotApplicable` for a repository that a CI system cannot run for."""
    if stack.forge == "gitlab" and dialect.forges and "gitlab" not in dialect.forges:
        found = next((c.evidence for c in stack.ci if c.value == "gitlab-ci"), None)
        raise NotApplicable(
            f"the repository is hosted on GitLab, where {dialect.title} does not run; ADD_GITLAB_CI is for it",
            *([found] if found else []),
        )


def _refuse_other_ci(stack: Stack, dialect: Dialect) -> None:
    """Raise `NotApplicable` when the repository has CI, but not of this dialect: a second one is no extension.

    A file that was left behind by a move to GitHub is no CI.
    """
    found = [c for c in stack.ci if not (stack.forge == "github" and c.value in LEFTOVERS)]
    if found and not any(c.value == dialect.key for c in found):
        raise NotApplicable(
            f"{found[0].evidence.path}: the repository's CI is {found[0].value}, and only "
            f"{listed(d.title for d in dialects())} can be extended so far; add the stage there, or move with "
            "ADD_GITHUB_ACTIONS",
            *(c.evidence for c in found),
        )


def _refuse_unreadable(files: Iterable[PipelineFile]) -> None:
    """Raise `NotApplicable` when a pipeline cannot be read: what is missing cannot be told then."""
    for file in files:
        if file.problem:
            raise NotApplicable(f"{file.problem}: what it runs cannot be told; repair or remove it first", file.problem)


def _new_path(repo: Snapshot, dialect: Dialect) -> str:
    path = dialect.new_path(repo)
    if path is None:
        raise NotApplicable(f"{dialect.title} has one pipeline for a repository, and there is one")
    return path


def _pipeline(repo: Snapshot, units: Iterable[Unit], jobs: Iterable[Job]) -> Pipeline:
    """A pipeline of jobs, with the areas that they are for."""
    used = {job.area for job in jobs if job.area}
    areas = tuple(area for unit in units if (area := unit.area) and area.key in used)
    queued = any(file.starts_on(Trigger.MERGE_QUEUE) for file in pipelines_of(repo))
    triggers = (Trigger.DEFAULT_BRANCH, Trigger.CHANGE_REQUEST, *([Trigger.MERGE_QUEUE] if queued else []))
    return Pipeline(default_branch=repo.default_branch, triggers=triggers, jobs=tuple(jobs), areas=areas)


def other_ci(stack: Stack, dialect: Dialect) -> tuple[str, ...]:
    """A note for each other CI system: it stays as it is."""
    return tuple(
        f"{c.evidence.path} ({c.value}) stays as it is; decide whether both are wanted."
        for c in stack.ci
        if c.value != dialect.key
    )


def listed(names: Iterable[str]) -> str:
    """Names as a list in a sentence."""
    known = list(names)
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"
