"""Closing the loop: ask the forges what became of change requests, and verify what was merged."""

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import cache

from shiftdown.campaigns.needs import waits_for
from shiftdown.campaigns.publish import Tools
from shiftdown.capabilities import CheckOutcome, CheckResult
from shiftdown.delivery import refresh
from shiftdown.errors import ShiftdownError
from shiftdown.forges.base import Forge, ForgeChangeRequest
from shiftdown.model import ChangeRequestStatus, TransformationRecord, TransformationStatus
from shiftdown.model.base import Model
from shiftdown.repository import Snapshot
from shiftdown.transformations import PlanStatus

log = logging.getLogger(__name__)

_T = TransformationStatus
Seen = Mapping[tuple[str, int], ForgeChangeRequest]
_FOLLOWED = {_T.IN_REVIEW, _T.REJECTED, _T.FAILED}
_CHECKED = {_T.MERGED, _T.VERIFIED, _T.ALREADY_SATISFIED, _T.REGRESSED}
_LOOKED_AT_AGAIN = _CHECKED | {_T.NOT_APPLICABLE}


class SyncResult(Model):
    """What a sync found out about one transformation of one repository."""

    repository: str
    """Location of the repository."""
    type: str
    """The transformation type."""
    before: TransformationStatus
    """Its status before."""
    after: TransformationStatus
    """Its status now."""
    reason: str | None = None
    """Why, or the error that stopped the look."""
    failed: bool = False
    """Whether an error stopped the look; the status is then what was known before."""


def sync(tools: Tools, records: Iterable[TransformationRecord]) -> list[SyncResult]:
    """Bring records in line with their forges and default branches. Each repository is read once.

    An error with one repository is its result; the others go on.
    """
    by_repository: dict[str, list[TransformationRecord]] = {}
    for record in records:
        by_repository.setdefault(record.repository, []).append(record)
    seen = _look(tools, [record for group in by_repository.values() for record in group])
    return [result for location, group in by_repository.items() for result in _repository(tools, location, group, seen)]


def _look(tools: Tools, records: Iterable[TransformationRecord]) -> Seen:
    """The change requests of all records, asked of each forge together. What fails is asked again one by one."""
    keys: dict[int, tuple[Forge, list[tuple[str, int]]]] = {}
    for record in records:
        if record.change_request_id is None or record.status not in _FOLLOWED:
            continue
        known = tools.registry.change_request(record.change_request_id)
        try:
            forge = tools.delivery.forge(record.repository)
        except ShiftdownError:
            continue
        keys.setdefault(id(forge), (forge, []))[1].append((record.repository, known.number))
    found: dict[tuple[str, int], ForgeChangeRequest] = {}
    for forge, wanted in keys.values():
        try:
            found |= forge.get_all(wanted)
        except ShiftdownError as error:
            log.warning("%s: cannot look at %d change requests together: %s", forge.name, len(wanted), error)
    return found


def _repository(tools: Tools, location: str, records: list[TransformationRecord], seen: Seen) -> list[SyncResult]:
    with ExitStack() as stack:

        @cache
        def snapshot() -> Snapshot:
            return stack.enter_context(tools.delivery.open_repository(location)).snapshot()

        return [_record(tools, record, snapshot, seen) for record in records]


def _record(tools: Tools, record: TransformationRecord, snapshot: Callable[[], Snapshot], seen: Seen) -> SyncResult:
    after, error = record, None
    try:
        after = _expire(tools, _follow(tools, record, seen))
        if after.status in _LOOKED_AT_AGAIN and after.transformation_type in tools.plugins.transformations:
            look = _verify if after.status in _CHECKED else _reconsider
            after = look(tools, after, snapshot())
    except ShiftdownError as problem:
        log.warning("%s: %s", record.repository, problem)
        error = str(problem)
    return SyncResult(
        repository=record.repository,
        type=record.transformation_type,
        before=record.status,
        after=after.status,
        reason=error or after.reason,
        failed=error is not None,
    )


def _follow(tools: Tools, record: TransformationRecord, looked: Seen) -> TransformationRecord:
    """What the forge says about the record's change request."""
    if record.change_request_id is None or record.status not in _FOLLOWED:
        return record
    known = tools.registry.change_request(record.change_request_id)
    key = (record.repository, known.number)
    seen = looked.get(key) or tools.delivery.forge(record.repository).get(*key)
    now = refresh(tools.registry, known, seen)
    wanted = {
        ChangeRequestStatus.OPEN: _T.IN_REVIEW,
        ChangeRequestStatus.DRAFT: _T.IN_REVIEW,
        ChangeRequestStatus.MERGED: _T.MERGED,
        ChangeRequestStatus.CLOSED: _T.REJECTED,
    }.get(now.status, record.status)
    if wanted is record.status or (record.status is _T.FAILED and wanted is _T.IN_REVIEW):
        return record
    reason = (now.reason or "closed without a reason") if wanted is _T.REJECTED else None
    return tools.registry.set_record_status(record.id, wanted, reason=reason)


def _expire(tools: Tools, record: TransformationRecord) -> TransformationRecord:
    """An exemption holds until the end of its last day (UTC)."""
    expired = record.exempt_until is not None and tools.delivery.clock().date() > record.exempt_until
    if record.status is _T.EXEMPT and expired:
        return tools.registry.set_record_status(record.id, _T.PENDING, reason="its exemption has ended")
    return record


def _verify(tools: Tools, record: TransformationRecord, snapshot: Snapshot) -> TransformationRecord:
    """Ask the type's check again, on the default branch, with the parameters of the record."""
    transformation = tools.plugins.transformation(record.transformation_type)
    check = tools.plugins.check(transformation.verified_by)
    found = check.run(snapshot, transformation.parse_recorded(record.parameters))
    passed = found.outcome is CheckOutcome.PASS
    evidence = tuple(str(e) for e in found.evidence)
    match record.status:
        case _T.MERGED | _T.REGRESSED if passed:
            return tools.registry.set_record_status(
                record.id, _T.VERIFIED, evidence=evidence, revision=snapshot.revision
            )
        case _T.VERIFIED | _T.ALREADY_SATISFIED if not passed:
            return tools.registry.set_record_status(
                record.id, _T.REGRESSED, reason=found.message, evidence=evidence, revision=snapshot.revision
            )
        case _T.MERGED:
            return _note(tools, record, found)
        case _:
            return record


def _note(tools: Tools, record: TransformationRecord, found: CheckResult) -> TransformationRecord:
    """Merged, but the check does not pass: stays MERGED, and says why; a run may propose a new change."""
    reason = f"merged, but not verified: {found.message}"
    if record.reason == reason:
        return record
    return tools.registry.note_record(record.id, reason=reason)


def _reconsider(tools: Tools, record: TransformationRecord, snapshot: Snapshot) -> TransformationRecord:
    """Plan again what did not apply, once the default branch has moved: what applies now is PENDING again."""
    if record.revision == snapshot.revision:
        return record
    transformation = tools.plugins.transformation(record.transformation_type)
    planned = tools.plugins.plan(transformation, snapshot, transformation.parse_recorded(record.parameters))
    evidence, revision = tuple(str(e) for e in planned.evidence), snapshot.revision
    match planned.status:
        case PlanStatus.CHANGES:
            reason = f"applies since {str(revision)[:10]}; before: {record.reason}"
            return tools.registry.set_record_status(
                record.id, _T.PENDING, reason=reason, evidence=evidence, revision=revision
            )
        case PlanStatus.ALREADY_SATISFIED:
            return tools.registry.set_record_status(
                record.id, _T.ALREADY_SATISFIED, evidence=evidence, revision=revision
            )
        case PlanStatus.NOT_APPLICABLE if waited := waits_for(tools.registry, record, planned):
            return tools.registry.set_record_status(
                record.id, _T.PENDING, reason=waited, evidence=evidence, revision=revision
            )
        case PlanStatus.NOT_APPLICABLE:
            return tools.registry.note_record(record.id, planned.reason, evidence, revision=revision)
