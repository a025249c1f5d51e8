"""One transformation on one repository: plan, commit, push, open or update the change request, record.

Every step can be repeated: a run that was killed anywhere is finished by the next one, with one branch, one
change request and one record.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.extensions import Plugins
from shiftdown.forges.base import ChangeRequestText, Forge, ForgeChangeRequest, RequestOptions
from shiftdown.forges.delivery import deliver, is_delivered
from shiftdown.git import Commit, GitRepository, Identity
from shiftdown.model import ChangeRequest, ChangeRequestStatus, Repository, TransformationRecord, TransformationStatus
from shiftdown.model.base import Model
from shiftdown.registry import AlreadyExistsError, Registry
from shiftdown.repository import Snapshot
from shiftdown.transformations import Plan, PlanStatus, Transformation, plan
from shiftdown.transformations.text import body, commit_message, is_ours

log = logging.getLogger(__name__)

_SEEN = {"head", "title", "body", "review", "ci", "base", "url"}
"""What a forge may tell anew about a change request that is known."""


class RunOutcome(StrEnum):
    """What a run did about one transformation of one repository."""

    OPENED = "OPENED"
    """A change request was opened."""
    UPDATED = "UPDATED"
    """The open change request was brought up to date."""
    UNCHANGED = "UNCHANGED"
    """The open change request is up to date."""
    ALREADY_SATISFIED = "ALREADY_SATISFIED"
    """There is nothing to do."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """It does not fit; the reason says why."""
    LEFT_ALONE = "LEFT_ALONE"
    """A person decided or changed something; the reason says what."""
    WAITING = "WAITING"
    """An open change request of an earlier type changes the same file: this one comes after its merge."""
    NO_PLUGIN = "NO_PLUGIN"
    """No installed plugin provides the type."""
    FAILED = "FAILED"
    """An error; the reason is its message."""


class RunResult(Model):
    """What a run did about one transformation of one repository."""

    repository: str
    """Location of the repository."""
    type: str
    """The transformation type."""
    outcome: RunOutcome
    """What was done."""
    reason: str | None = None
    """Why, where the outcome alone does not say."""
    change_request: ChangeRequest | None = None
    """The change request, where there is one."""


class BranchHeldError(RepositoryError):
    """Somebody else's commit is at the tip of our branch: it is left alone."""


@dataclass(frozen=True)
class Tools:
    """What a run works with; built by the app."""

    plugins: Plugins
    registry: Registry
    forge: Callable[[str], Forge]
    """The forge of a location. Raises `InvalidInputError` when there is none."""
    open_repository: Callable[[str], GitRepository]
    author: Identity
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    following: Callable[[str], Sequence[str]] = field(default=lambda _: ())
    """The titles of what comes after a type in the playbook."""
    request: RequestOptions = field(default_factory=RequestOptions)
    """How change requests are opened, and with whom."""


def publish(
    tools: Tools,
    git: GitRepository,
    snapshot: Snapshot,
    repository: Repository,
    transformation: Transformation,
    parameters: BaseModel,
    record: TransformationRecord | None,
    claims: dict[str, ChangeRequest],
) -> RunResult:
    """Bring one repository to the point where the change is proposed, or is known not to be needed.

    `claims` are the paths that this run's open change requests change, by path. A change to one of them waits: it
    would conflict with the other as soon as one is merged. What this change request changes is added to it.

    Raises:
        ShiftdownError: something is in the way; what was done so far is kept and found again by the next run.
    """
    check = tools.plugins.check(transformation.verified_by)
    planned = plan(transformation, check, snapshot, parameters)
    if planned.status is not PlanStatus.CHANGES:
        return _settle(tools, repository, planned, record)
    paths = {p for f in planned.files for p in (f.path, f.source) if p}
    waits_for = next((claims[p] for p in sorted(paths) if p in claims), None)
    if waits_for and not tools.registry.open_change_request(repository.id, transformation.type):
        reason = f"waits for the merge of {waits_for.type} ({waits_for.id}), which changes the same file"
        _set(tools, record, TransformationStatus.PLANNED, reason=reason, evidence=planned)
        return _result(repository, transformation, RunOutcome.WAITING, reason, None)
    forge = tools.forge(repository.location)
    if record and (rejected := _rejected(tools, forge, repository, transformation, record)):
        return rejected
    _set(tools, record, TransformationStatus.PLANNED, evidence=planned)
    commit = git.commit(
        snapshot, planned.changes, message=commit_message(planned), author=tools.author, at=tools.clock()
    )
    try:
        head = _put_where_allowed(tools, forge, git, commit, transformation)
    except BranchHeldError as held:
        existing = tools.registry.open_change_request(repository.id, transformation.type)
        if existing and record:
            _set(tools, record, TransformationStatus.IN_REVIEW, change_request=existing)
        return _result(repository, transformation, RunOutcome.LEFT_ALONE, str(held), existing)
    text = ChangeRequestText(
        title=planned.title,
        body=body(planned, transformation, question=check.question, following=tools.following(transformation.type)),
        branch=transformation.branch,
        base=snapshot.default_branch,
        **tools.request.model_dump(),
    )
    opened = forge.open(repository.location, text)
    seen = opened.model_copy(update={"head": head})
    outcome, recorded = record_change_request(tools, repository, transformation.type, forge, seen)
    _set(tools, record, TransformationStatus.IN_REVIEW, change_request=recorded, evidence=planned)
    claims.update(dict.fromkeys(paths, recorded))
    return _result(repository, transformation, outcome, None, recorded)


def _rejected(
    tools: Tools, forge: Forge, repository: Repository, transformation: Transformation, record: TransformationRecord
) -> RunResult | None:
    """The result when a person has closed the record's change request since the last look: that is a rejection."""
    known = tools.registry.open_change_request(repository.id, transformation.type)
    if known is None or known.id != tools.registry.record(record.id).change_request_id:
        return None
    seen = forge.get(repository.location, known.number)
    if seen.status is not ChangeRequestStatus.CLOSED:
        return None
    known = refresh(tools.registry, known, seen)
    reason = known.reason or "closed without a reason"
    _set(tools, record, TransformationStatus.REJECTED, reason=reason, change_request=known)
    why = f"its change request was closed: {reason}"
    return _result(repository, transformation, RunOutcome.LEFT_ALONE, why, known)


def _put_where_allowed(
    tools: Tools, forge: Forge, git: GitRepository, commit: Commit, transformation: Transformation
) -> str:
    """Put the commit on its branch: in the repository, or in our fork when that does not let us."""
    try:
        return _put(forge, git, commit, transformation)
    except (BranchHeldError, ConflictError):
        raise
    except RepositoryError:
        fork = forge.fork(git.location)
        if fork is None:
            raise
    log.info("%s: the branch goes to the fork %s", git.location, fork)
    with tools.open_repository(fork) as own:
        return _put(forge, own, commit, transformation)


def _put(forge: Forge, git: GitRepository, commit: Commit, transformation: Transformation) -> str:
    """Put the commit on its branch; the commit that is there already is kept when it is the same change."""
    for attempt in (1, 2):
        tip = git.tip(transformation.branch)
        if tip is not None:
            there = git.describe(tip)
            if not is_ours(there.message, transformation.type):
                raise BranchHeldError(
                    git.location,
                    f"branch {transformation.branch} has a commit that shiftdown did not make ({tip[:10]}): it is left "
                    "alone. Merge or close its change request, or delete the branch, and run again",
                )
            if is_delivered(there, commit):
                return tip
        try:
            return deliver(forge, git, commit, transformation.branch, expected=tip)
        except ConflictError:
            if attempt == 2:
                raise
            log.info("%s: %s moved meanwhile, looking again", git.location, transformation.branch)
    raise AssertionError("unreachable")


def record_change_request(
    tools: Tools, repository: Repository, type_: str, forge: Forge, seen: ForgeChangeRequest
) -> tuple[RunOutcome, ChangeRequest]:
    """Bring the registry in line with the change request that is open on the forge."""
    known = tools.registry.open_change_request(repository.id, type_)
    if known and (known.forge, known.number) != (forge.name, seen.number):
        refresh(tools.registry, known, forge.get(repository.location, known.number))
        known = None
    if known is None:
        now = tools.clock()
        fresh = ChangeRequest(
            id=tools.new_id(),
            repository_id=repository.id,
            repository=repository.location,
            type=type_,
            forge=forge.name,
            created_at=now,
            updated_at=now,
            **seen.model_dump(include=_SEEN | {"number", "branch", "status"}),
        )
        try:
            return RunOutcome.OPENED, tools.registry.create_change_request(fresh)
        except AlreadyExistsError:  # another process recorded it in the meantime
            known = tools.registry.open_change_request(repository.id, type_)
            if known is None:
                raise
    changed = refresh(tools.registry, known, seen)
    return (RunOutcome.UPDATED if changed.head != known.head else RunOutcome.UNCHANGED), changed


def refresh(registry: Registry, known: ChangeRequest, seen: ForgeChangeRequest) -> ChangeRequest:
    """Record what the forge says about a change request, where it differs from what is known."""
    changes = {f: getattr(seen, f) for f in sorted(_SEEN) if getattr(seen, f) != getattr(known, f)}
    if changes:
        known = registry.change_change_request(known.id, changes)
    ours = known.status is ChangeRequestStatus.SUPERSEDED and seen.status is ChangeRequestStatus.CLOSED
    if seen.status is not known.status and not ours:
        known = registry.set_change_request_status(
            known.id, seen.status, reason=seen.reason, merge_commit=seen.merge_commit
        )
    return known


def _settle(tools: Tools, repository: Repository, planned: Plan, record: TransformationRecord | None) -> RunResult:
    """Nothing to propose: record why, and withdraw a change request that became needless."""
    satisfied = planned.status is PlanStatus.ALREADY_SATISFIED
    status = TransformationStatus.ALREADY_SATISFIED if satisfied else TransformationStatus.NOT_APPLICABLE
    withdraw(tools, repository, planned.type, planned.reason or "The default branch satisfies it already.")
    _set(tools, record, status, reason=planned.reason, evidence=planned)
    return RunResult(
        repository=repository.location,
        type=planned.type,
        outcome=RunOutcome.ALREADY_SATISFIED if satisfied else RunOutcome.NOT_APPLICABLE,
        reason=planned.reason,
    )


def withdraw(tools: Tools, repository: Repository, type_: str, reason: str) -> None:
    """Close the change request of a type that has become needless, if there is one."""
    known = tools.registry.open_change_request(repository.id, type_)
    if known is None:
        return
    forge = tools.forge(repository.location)
    seen = forge.get(repository.location, known.number)
    if not seen.status.is_open:
        refresh(tools.registry, known, seen)
        return
    forge.close(repository.location, known.number, reason=reason)
    tools.registry.set_change_request_status(known.id, ChangeRequestStatus.SUPERSEDED, reason=reason)


def _set(
    tools: Tools,
    record: TransformationRecord | None,
    status: TransformationStatus,
    *,
    reason: str | None = None,
    change_request: ChangeRequest | None = None,
    evidence: Plan | None = None,
) -> None:
    if record is None:
        return
    current = tools.registry.record(record.id)
    if current.status is TransformationStatus.IN_REVIEW and status is TransformationStatus.PLANNED:
        return
    linked = change_request.id if change_request else current.change_request_id
    if (current.status, current.reason, current.change_request_id) == (status, reason, linked):
        return
    tools.registry.set_record_status(
        record.id,
        status,
        reason=reason,
        evidence=tuple(str(e) for e in evidence.evidence) if evidence else None,
        change_request_id=linked,
    )


def _result(
    repository: Repository,
    transformation: Transformation,
    outcome: RunOutcome,
    reason: str | None,
    change_request: ChangeRequest | None,
) -> RunResult:
    return RunResult(
        repository=repository.location,
        type=transformation.type,
        outcome=outcome,
        reason=reason,
        change_request=change_request,
    )
