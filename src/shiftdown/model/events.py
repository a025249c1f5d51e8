"""Events: the only way in which state changes. State is the fold of events.

`apply` folds one event into the record it is about; a record begins with an event that carries it whole.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from pydantic import JsonValue, ValidationError

from shiftdown.errors import InvalidInputError
from shiftdown.model.base import Id, Model, Moment
from shiftdown.model.forge_events import ForgeEvent
from shiftdown.model.platform import Platform
from shiftdown.model.program import (
    Activity,
    ChangeRequest,
    DevOpsPhase,
    DevOpsProgram,
    Organization,
    Repository,
    TransformationRecord,
)
from shiftdown.model.states import (
    ACTIVITY_EDGES,
    CHANGE_REQUEST_EDGES,
    PROGRAM_EDGES,
    TRANSFORMATION_EDGES,
    ActivityStatus,
    ChangeRequestStatus,
    ProgramStatus,
    TransformationStatus,
    check,
)

Record: TypeAlias = (
    Organization
    | Repository
    | Platform
    | DevOpsProgram
    | DevOpsPhase
    | TransformationRecord
    | Activity
    | ChangeRequest
    | ForgeEvent
)
"""Anything that events are about."""


class EventKind(StrEnum):
    """What happened: `<subject>.<what>`."""

    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_CHANGED = "organization.changed"
    """Other parameters for its programs."""
    REPOSITORY_CREATED = "repository.created"
    PLATFORM_CREATED = "platform.created"
    PLATFORM_CHANGED = "platform.changed"

    PROGRAM_CREATED = "program.created"
    PROGRAM_STATUS = "program.status"
    PROGRAM_CHANGED = "program.changed"
    """Repositories joined it, or it has other parameters."""

    PHASE_CREATED = "phase.created"
    PHASE_CHANGED = "phase.changed"
    """Skipped, or started early by an override."""

    TRANSFORMATION_CREATED = "transformation.created"
    TRANSFORMATION_STATUS = "transformation.status"
    TRANSFORMATION_NOTED = "transformation.noted"
    """Something to know without a change of status: why it waits, a check that failed after the merge."""
    TRANSFORMATION_CHANGED = "transformation.changed"
    """It is planned and verified with other parameters."""

    ACTIVITY_CREATED = "activity.created"
    ACTIVITY_STATUS = "activity.status"

    CHANGE_REQUEST_CREATED = "change-request.created"
    CHANGE_REQUEST_STATUS = "change-request.status"
    CHANGE_REQUEST_CHANGED = "change-request.changed"
    """New head, text, review or CI state."""
    CHANGE_REQUEST_COMMENTED = "change-request.commented"
    """We said something on it; the text is in the event alone."""
    CHANGE_REQUEST_BRANCH_REMOVED = "change-request.branch-removed"
    """Its branch is gone, after the merge or the close."""

    FORGE_EVENT_CREATED = "forge-event.created"
    """Something happened on a forge."""
    FORGE_EVENT_CHANGED = "forge-event.changed"
    """What follows from it was done."""

    @property
    def subject(self) -> str:
        """What kind of record it is about."""
        return self.value.split(".")[0]

    @property
    def creates(self) -> bool:
        """Whether the record begins with it."""
        return self.value.endswith(".created")


class Event(Model):
    """One thing that happened. Append-only: never changed, never removed."""

    id: Id
    """Identifier."""
    at: Moment
    """When it happened."""
    actor: str
    """Who did it: a person, or a part of shiftdown."""
    kind: EventKind
    """What happened."""
    subject_id: Id
    """The record it is about."""
    program_id: Id | None = None
    """The program that the record belongs to, if any."""
    status: str | None = None
    """The status after it, for records that have one."""
    data: dict[str, JsonValue]
    """For `*.created` the whole record; else the fields that changed, or what was said."""


_S = TypeVar("_S", bound=StrEnum)

_MODELS: dict[str, type[Record]] = {
    "organization": Organization,
    "repository": Repository,
    "platform": Platform,
    "program": DevOpsProgram,
    "phase": DevOpsPhase,
    "transformation": TransformationRecord,
    "activity": Activity,
    "change-request": ChangeRequest,
    "forge-event": ForgeEvent,
}

_CHANGEABLE: dict[EventKind, frozenset[str]] = {
    EventKind.ORGANIZATION_CHANGED: frozenset({"parameters"}),
    EventKind.PLATFORM_CHANGED: frozenset(Platform.model_fields)
    - {"id", "organization_id", "created_at", "updated_at"},
    EventKind.PROGRAM_STATUS: frozenset({"status"}),
    EventKind.PROGRAM_CHANGED: frozenset({"repositories", "parameters"}),
    EventKind.PHASE_CHANGED: frozenset({"skipped", "override"}),
    EventKind.TRANSFORMATION_STATUS: frozenset(
        {"status", "reason", "exempt_until", "change_request_id", "evidence", "revision"}
    ),
    EventKind.TRANSFORMATION_NOTED: frozenset({"reason", "evidence", "revision"}),
    EventKind.TRANSFORMATION_CHANGED: frozenset({"parameters"}),
    EventKind.ACTIVITY_STATUS: frozenset({"status", "assignee", "evidence", "reason"}),
    EventKind.CHANGE_REQUEST_STATUS: frozenset({"status", "reason", "merge_commit", "head"}),
    EventKind.CHANGE_REQUEST_CHANGED: frozenset({"head", "title", "body", "review", "ci", "base", "url"}),
    EventKind.CHANGE_REQUEST_COMMENTED: frozenset(),
    EventKind.CHANGE_REQUEST_BRANCH_REMOVED: frozenset(),
    EventKind.FORGE_EVENT_CHANGED: frozenset({"followed"}),
}

_TOLD: dict[EventKind, frozenset[str]] = {EventKind.CHANGE_REQUEST_COMMENTED: frozenset({"comment"})}
"""What only events hold, not the record."""


def created(record: Record) -> dict[str, JsonValue]:
    """The data of the event with which `record` begins. What is derived or stored elsewhere is left out."""
    return record.model_dump(mode="json", exclude={"phases", "transformations", "activities", "platform"})


def apply(record: Record | None, event: Event) -> Record:
    """The record after `event`.

    Raises:
        IllegalTransitionError: the status may not follow the current one.
        InvalidInputError: the event does not fit the record, or changes a field that it may not change.
    """
    model = _MODELS[event.kind.subject]
    if event.kind.creates:
        if record is not None:
            raise InvalidInputError(f"{event.kind.subject} {event.subject_id} exists already")
        return _of(model, event, event.data)
    if record is None or not isinstance(record, model) or record.id != event.subject_id:
        raise InvalidInputError(f"event {event.id} ({event.kind}) is not about {event.kind.subject} {event.subject_id}")
    told = _TOLD.get(event.kind, frozenset())
    foreign = set(event.data) - _CHANGEABLE[event.kind] - told
    if foreign:
        raise InvalidInputError(f"event {event.id} ({event.kind}) may not change {', '.join(sorted(foreign))}")
    changes: dict[str, Any] = {name: value for name, value in event.data.items() if name not in told}
    if "status" in changes:
        changes = _status_changes(record, str(changes["status"]), event.at) | {
            k: v for k, v in changes.items() if k != "status"
        }
    if "updated_at" in model.model_fields:
        changes["updated_at"] = event.at
    return _of(model, event, record.model_dump() | changes)


def _of(model: type[Record], event: Event, fields: dict[str, Any]) -> Record:
    try:
        record = model.model_validate(fields)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InvalidInputError(f"event {event.id} ({event.kind}) makes no {event.kind.subject}: {wrong}") from error
    if record.id != event.subject_id:
        raise InvalidInputError(f"event {event.id} ({event.kind}) is about {event.subject_id} but holds {record.id}")
    return record


def _status_changes(record: Record, wanted: str, at: datetime) -> dict[str, Any]:
    """Check the edge, and give the fields that a status implies; a reason holds for one status only."""
    subject = f"{type(record).__name__} {record.id}"
    match record:
        case TransformationRecord():
            status = check(TRANSFORMATION_EDGES, subject, record.status, _status(TransformationStatus, wanted))
            completed = at if status.done else None
            return {"status": status, "reason": None, "exempt_until": None, "completed_at": completed}
        case Activity():
            activity = check(ACTIVITY_EDGES, subject, record.status, _status(ActivityStatus, wanted))
            done = at if activity is ActivityStatus.DONE else None
            return {"status": activity, "reason": None, "completed_at": done}
        case ChangeRequest():
            change = check(CHANGE_REQUEST_EDGES, subject, record.status, _status(ChangeRequestStatus, wanted))
            merged = at if change is ChangeRequestStatus.MERGED else None
            return {"status": change, "reason": None, "merged_at": merged}
        case DevOpsProgram():
            return {"status": check(PROGRAM_EDGES, subject, record.status, _status(ProgramStatus, wanted))}
        case _:
            raise InvalidInputError(f"{subject} has no status that events set")


def _status(statuses: type[_S], wanted: str) -> _S:
    try:
        return statuses(wanted)
    except ValueError as error:
        raise InvalidInputError(f"{wanted!r} is not a {statuses.__name__}") from error
