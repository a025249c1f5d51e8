"""The job that serves a component already: a new one for it is set up as that one is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from shiftdown.kits.units import Unit
from shiftdown.pipelines import Dialect, Invocation, PipelineFile, PipelineJob, Stage, choose, dialects
from shiftdown.pipelines.setups import SetupFact, SetupKind, TakenOver, facts_of
from shiftdown.repository import Evidence, Snapshot
from shiftdown.repository.stack import Language, Purpose

_QUALITY = (Purpose.LINT, Purpose.TYPECHECK, Purpose.FORMAT)
_TESTS = (Purpose.TEST, Purpose.COVERAGE)
_NEAREST: Mapping[Stage, tuple[Purpose, ...]] = {
    Stage.TEST: (*_TESTS, Purpose.BUILD, *_QUALITY),
    Stage.BUILD: (Purpose.BUILD, *_TESTS, *_QUALITY),
}
_OF_QUALITY = (*_QUALITY, *_TESTS, Purpose.BUILD)
"""Whose set-up is likest to what a stage needs: that of the same purpose, then of the next."""
LONGEST = 360
"""The longest that a job may take, in minutes."""
_PARTIAL = re.compile(r"--(?:omit|only|only-group|only-main|no-dev|no-install-project|production|prod)\b|--without\b")
_WHOLE_PROJECT = re.compile(r"(?:^| )(?:-e |--editable )?\.(?: |$)|requirements\S*\.txt")
_GROUPS = re.compile(r"--(?:group|extra|with)\b")


@dataclass(frozen=True)
class Neighbour:
    """A job that serves a component, with what a new job takes over from it."""

    dialect: str
    """The key of its dialect."""
    evidence: Evidence
    """Where the job is."""
    taken: TakenOver
    """Its set-up, as its dialect says it."""
    installs: bool
    """Whether that installs what the new job needs."""
    runtimes: tuple[SetupFact, ...]
    """The versions of the component's language that it runs on."""


def neighbour_of(repo: Snapshot, unit: Unit, stage: Stage) -> Neighbour | None:
    """The job whose set-up a new job for a unit takes over; `None` when none serves it, or none can be taken over.

    Preferred is one for the same purpose, which runs on changes, in the pipeline that the new job would join.
    """
    found = []
    for dialect in dialects():
        files = repo.remember(dialect.read)
        joined = choose(files, repo.default_branch)
        for file in files:
            for job in file.jobs if not file.problem else ():
                rank = _rank(repo, unit, stage, file, job, joined)
                if rank is not None:
                    found.append((rank, dialect, file, job))
    for _, dialect, file, job in sorted(found, key=lambda entry: entry[0]):
        neighbour = _neighbour(repo, unit, stage, dialect, file, job)
        if neighbour:
            return neighbour
    return None


def _rank(
    repo: Snapshot, unit: Unit, stage: Stage, file: PipelineFile, job: PipelineJob, joined: PipelineFile | None
) -> tuple[int, ...] | None:
    """How near a job is, the smaller the nearer; `None` when it does not serve the unit, or it deploys."""
    purposes = {i.purpose for i in job.invocations if i.purpose and i.covers(unit.component)}
    order = _NEAREST.get(stage, _OF_QUALITY)
    nearest = next((number for number, purpose in enumerate(order) if purpose in purposes), None)
    if nearest is None or any(i.purpose is Purpose.DEPLOY for i in job.invocations):
        return None
    starts = job.on_changes and file.starts_for(unit.component.path, repo.default_branch)
    return (0 if starts else 1, nearest, 0 if file is joined else 1, job.line)


def _neighbour(
    repo: Snapshot, unit: Unit, stage: Stage, dialect: Dialect, file: PipelineFile, job: PipelineJob
) -> Neighbour | None:
    taken = dialect.set_up_like(repo, file, job, unit.component, stage)
    if taken is None:
        return None
    installs = _installs(unit, stage, job)
    language = unit.component.language
    runtimes = facts_of(job.setup, SetupKind.RUNTIME, language.value)
    if not runtimes and not installs and not facts_of(job.setup, SetupKind.CONTAINER):
        return None
    return Neighbour(
        dialect.key,
        Evidence(fact=f"the job {job.id} works on {unit.component.name}", path=file.path, line=job.line),
        taken,
        installs,
        runtimes,
    )


def versions_in_ci(repo: Snapshot, unit: Unit) -> tuple[SetupFact, ...]:
    """The versions of its language that jobs which serve a unit are set up with, those that run on changes first."""
    found = [
        (not job.on_changes, fact)
        for dialect in dialects()
        for file in repo.remember(dialect.read)
        for job in file.jobs
        if any(i.purpose and i.covers(unit.component) for i in job.invocations)
        for fact in facts_of(job.setup, SetupKind.RUNTIME, unit.component.language.value)
        if re.match(r"\d", fact.value)
    ]
    return tuple(dict.fromkeys(fact for _, fact in sorted(found, key=lambda entry: entry[0])))


def time_limit(repo: Snapshot) -> int | None:
    """The time limit that jobs have where they have one, in minutes: the longest in the pipeline that is joined."""
    for dialect in dialects():
        joined = choose(repo.remember(dialect.read), repo.default_branch)
        facts = [f for job in joined.jobs for f in facts_of(job.setup, SetupKind.TIME_LIMIT)] if joined else []
        limits = [int(f.value) for f in facts if f.value.isdecimal() and 0 < int(f.value) <= LONGEST]
        if limits:
            return max(limits)
    return None


def _installs(unit: Unit, stage: Stage, job: PipelineJob) -> bool:
    """Whether the job installs all that another job for the unit needs."""
    homes = {unit.component.path, unit.root.path if unit.root else unit.component.path}
    found = [i for i in job.invocations if i.purpose is Purpose.INSTALL and i.project in homes]
    same = any(i.serves(p) and i.covers(unit.component) for i in job.invocations for p in _own(stage))
    return any(_is_full(i, unit.component.language, same=same) for i in found)


def _own(stage: Stage) -> tuple[Purpose, ...]:
    return _TESTS if stage is Stage.TEST else (Purpose.BUILD,) if stage is Stage.BUILD else _QUALITY


def _is_full(install: Invocation, language: Language, *, same: bool) -> bool:
    words = " ".join(install.args)
    if _PARTIAL.search(words):
        return False
    if language is not Language.PYTHON or same:
        return True
    if install.tool == "pip":
        return _WHOLE_PROJECT.search(words) is not None
    return not _GROUPS.search(words)
