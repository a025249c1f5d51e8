"""Many repositories: each is opened once, its types are done in order, and an error stops nothing else."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from typing import TypeVar

from pydantic import BaseModel

from shiftdown.campaigns.publish import RunOutcome, RunResult, Tools, Work
from shiftdown.capabilities import parameter_values
from shiftdown.errors import ShiftdownError
from shiftdown.model import Repository, TransformationRecord, TransformationStatus
from shiftdown.model.base import Model
from shiftdown.transformations import Transformation, in_order

log = logging.getLogger(__name__)

_I = TypeVar("_I")
_O = TypeVar("_O")

_AHEAD = 2
"""How many repositories for each worker: the one that it works on, and the next."""


class Job(Model):
    """One transformation to be done on one repository."""

    repository: Repository
    """The repository."""
    type: str
    """The transformation type."""
    parameters: BaseModel | None = None
    """Its parameters; `None`: those of the record."""
    record: TransformationRecord | None = None
    """Its record, when it belongs to a program."""
    again: bool = False
    """Whether to leave out without a result what did not apply, as long as its repository has not changed since."""


def run(
    tools: Tools, jobs: Iterable[Job], *, workers: int, on_result: Callable[[RunResult], None] = lambda _: None
) -> list[RunResult]:
    """Do all jobs, `workers` repositories at a time; results in the order of the jobs.

    In a repository a type is done after those of the jobs that it needs. An error of one job is its result, and is
    recorded; the others go on. `on_result` is called in this thread as jobs finish.
    """
    ordered = list(jobs)
    places = {type_: n for n, type_ in enumerate(in_order((j.type for j in ordered), tools.plugins.transformations))}
    by_repository: dict[str, list[int]] = {}
    for number, job in enumerate(ordered):
        by_repository.setdefault(job.repository.id, []).append(number)

    def work(numbers: list[int]) -> list[tuple[int, RunResult]]:
        numbers = sorted(numbers, key=lambda n: places[ordered[n].type])
        results = _repository(tools, [ordered[n] for n in numbers])
        return [(n, result) for n, result in zip(numbers, results, strict=True) if result]

    done: dict[int, RunResult] = {}
    for results in _taken(work, by_repository.values(), workers):
        for number, result in results:
            done[number] = result
            _tell(result, on_result)
    return [done[number] for number in sorted(done)]


def run_each(
    tools: Tools,
    jobs: Iterable[Job | RunResult],
    *,
    workers: int,
    on_result: Callable[[RunResult], None] = lambda _: None,
) -> list[RunResult]:
    """Do jobs of different repositories as they come: no more of them are taken than can soon be worked on.

    Otherwise as `run`. A result among the jobs stands for one that cannot be done.

    Raises:
        ShiftdownError: the jobs end with an error; those that had come are done first, and were told to `on_result`.
    """

    def work(numbered: tuple[int, Job | RunResult]) -> tuple[int, RunResult | None]:
        number, job = numbered
        return number, job if isinstance(job, RunResult) else _repository(tools, [job])[0]

    done: dict[int, RunResult] = {}
    for number, result in _taken(work, enumerate(jobs), workers):
        if result:
            done[number] = result
            _tell(result, on_result)
    return [done[number] for number in sorted(done)]


def _tell(result: RunResult, on_result: Callable[[RunResult], None]) -> None:
    log.info("%s: %s: %s %s", result.repository, result.type, result.outcome, result.reason or "")
    on_result(result)


def _taken(work: Callable[[_I], _O], items: Iterable[_I], workers: int) -> Iterator[_O]:
    """What `work` makes of each item, as it is done; items are taken when workers will soon be free."""
    failure: ShiftdownError | None = None
    source = iter(items)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        running: set[Future[_O]] = set()
        while failure is None:
            try:
                running.add(pool.submit(work, next(source)))
            except StopIteration:
                break
            except ShiftdownError as error:
                failure = error
            while len(running) >= workers * _AHEAD:
                finished, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in finished)
        yield from (future.result() for future in as_completed(running))
    if failure is not None:
        raise failure


def _repository(tools: Tools, jobs: Sequence[Job]) -> list[RunResult | None]:
    results = [_decided(tools, job) for job in jobs]
    if all(results):
        return results
    try:
        git = tools.delivery.open_repository(jobs[0].repository.location)
    except ShiftdownError as error:
        return [decided or _failed(tools, job, error) for job, decided in zip(jobs, results, strict=True)]
    work = Work(tools, git, jobs[0].repository)
    with git:
        return [decided or _job(tools, work, job) for job, decided in zip(jobs, results, strict=True)]


def _decided(tools: Tools, job: Job) -> RunResult | None:
    """The result of a job that needs no look at the repository."""
    record = job.record
    if job.type not in tools.plugins.transformations:
        reason = f"no plugin for {job.type}"
        if record and record.reason != reason and not record.status.settled:
            tools.registry.note_record(record.id, reason=reason)
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


def _job(tools: Tools, work: Work, job: Job) -> RunResult | None:
    try:
        if job.again and job.record and job.record.revision == work.snapshot.revision:
            return None
        transformation = tools.plugins.transformation(job.type)
        parameters = job.parameters
        if parameters is None:
            parameters = _recorded(tools, transformation, job.record)
        return work.publish(transformation, parameters, job.record)
    except ShiftdownError as error:
        return _failed(tools, job, error)
    except Exception as error:
        log.exception("%s on %s", job.type, job.repository.location)
        return _failed(tools, job, error)


def _recorded(tools: Tools, transformation: Transformation, record: TransformationRecord | None) -> BaseModel:
    """The parameters of a record; those that it did not have when it was made are recorded with it."""
    if record is None:
        return transformation.parse({})
    parameters = transformation.parse_recorded(record.parameters)
    if (values := parameter_values(parameters)) != record.parameters:
        tools.registry.change_record(record.id, parameters=values)
    return parameters


def _failed(tools: Tools, job: Job, error: Exception) -> RunResult:
    reason = str(error) if isinstance(error, ShiftdownError) else f"unexpected {type(error).__name__}: {error}"
    if job.record and not job.again:
        tools.registry.set_record_status(job.record.id, TransformationStatus.FAILED, reason=reason)
    return _answer(job, RunOutcome.FAILED, reason)


def _answer(job: Job, outcome: RunOutcome, reason: str | None) -> RunResult:
    return RunResult(repository=job.repository.location, type=job.type, outcome=outcome, reason=reason)
