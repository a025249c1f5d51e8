"""Many repositories: each is opened once, its types are done in order, and an error stops nothing else."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache
from typing import Any

from shiftdown.campaigns.publish import RunOutcome, RunResult, Tools, publish
from shiftdown.errors import ShiftdownError
from shiftdown.git import GitRepository
from shiftdown.model import ChangeRequest, DevOpsTransformation, Repository, TransformationStatus
from shiftdown.model.base import Model
from shiftdown.repository import Snapshot

log = logging.getLogger(__name__)


class Job(Model):
    """One transformation to be done on one repository."""

    repository: Repository
    """The repository."""
    type: str
    """The transformation type."""
    parameters: Mapping[str, Any]
    """Its parameters, not yet validated."""
    record: DevOpsTransformation | None = None
    """Its record, when it belongs to a program."""


def run(
    tools: Tools, jobs: Iterable[Job], *, workers: int, on_result: Callable[[RunResult], None] = lambda _: None
) -> list[RunResult]:
    """Do all jobs, `workers` repositories at a time; results in the order of the jobs.

    An error of one job is its result, and is recorded; the others go on. `on_result` is called in this thread as
    jobs finish.
    """
    ordered = list(jobs)
    by_repository: dict[str, list[Job]] = {}
    for job in ordered:
        by_repository.setdefault(job.repository.id, []).append(job)
    done: dict[tuple[str, str], RunResult] = {}
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for future in as_completed([pool.submit(_repository, tools, group) for group in by_repository.values()]):
            for result in future.result():
                done[result.repository, result.type] = result
                on_result(result)
    return [done[job.repository.location, job.type] for job in ordered]


def _repository(tools: Tools, jobs: Sequence[Job]) -> list[RunResult]:
    results = [_decided(tools, job) for job in jobs]
    if all(results):
        return [r for r in results if r]
    try:
        git = tools.open_repository(jobs[0].repository.location)
    except ShiftdownError as error:
        return [decided or _failed(tools, job, error) for job, decided in zip(jobs, results, strict=True)]
    claims: dict[str, ChangeRequest] = {}
    snapshot = cache(git.snapshot)
    with git:
        return [decided or _job(tools, git, snapshot, job, claims) for job, decided in zip(jobs, results, strict=True)]


def _decided(tools: Tools, job: Job) -> RunResult | None:
    """The result of a job that needs no look at the repository."""
    record = job.record
    if job.type not in tools.plugins.transformations:
        reason = f"no plugin for {job.type}"
        if record and record.reason != reason and not record.status.settled:
            tools.registry.note_transformation(record.id, reason=reason)
        return _answer(job, RunOutcome.NO_PLUGIN, reason)
    if record is None:
        return None
    match record.status:
        case TransformationStatus.VERIFIED | TransformationStatus.ALREADY_SATISFIED:
            return _answer(job, RunOutcome.ALREADY_SATISFIED, None)
        case TransformationStatus.MERGED:
            return _answer(job, RunOutcome.LEFT_ALONE, "merged; sync verifies it") if not record.reason else None
        case TransformationStatus.EXEMPT:
            return _answer(job, RunOutcome.LEFT_ALONE, f"exempt: {record.reason}")
        case TransformationStatus.REJECTED:
            return _answer(job, RunOutcome.LEFT_ALONE, f"its change request was closed: {record.reason}")
        case _:
            return None


def _job(
    tools: Tools, git: GitRepository, snapshot: Callable[[], Snapshot], job: Job, claims: dict[str, ChangeRequest]
) -> RunResult:
    try:
        transformation = tools.plugins.transformation(job.type)
        parameters = transformation.parse(job.parameters)
        return publish(tools, git, snapshot(), job.repository, transformation, parameters, job.record, claims)
    except ShiftdownError as error:
        return _failed(tools, job, error)
    except Exception as error:
        log.exception("%s on %s", job.type, job.repository.location)
        return _failed(tools, job, error)


def _failed(tools: Tools, job: Job, error: Exception) -> RunResult:
    reason = str(error) if isinstance(error, ShiftdownError) else f"unexpected {type(error).__name__}: {error}"
    if job.record:
        tools.registry.set_transformation_status(job.record.id, TransformationStatus.FAILED, reason=reason)
    return _answer(job, RunOutcome.FAILED, reason)


def _answer(job: Job, outcome: RunOutcome, reason: str | None) -> RunResult:
    return RunResult(repository=job.repository.location, type=job.type, outcome=outcome, reason=reason)
