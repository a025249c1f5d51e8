"""Planning: from a transformation and a snapshot to what would be done, and why."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from shiftdown.capabilities import CapabilityCheck, CheckOutcome, NoParameters
from shiftdown.errors import CannotEditError, FileError, PluginError, ShiftdownError
from shiftdown.model.base import Model
from shiftdown.repository import ChangeSet, Evidence, ResolvedChange, SecretReference, Snapshot, overlay
from shiftdown.transformations.transformation import NotApplicable, Transformation


class PlanStatus(StrEnum):
    """What there is to do."""

    CHANGES = "CHANGES"
    ALREADY_SATISFIED = "ALREADY_SATISFIED"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Plan(Model):
    """What a transformation would do to a repository: the exact change, or why there is none."""

    type: str
    """The transformation type."""
    title: str
    """What it does, in the imperative."""
    repository: str
    """Name of the repository."""
    revision: str | None
    """The commit that it was planned on; `None` for a directory."""
    status: PlanStatus
    """What there is to do."""
    reason: str | None = None
    """For NOT_APPLICABLE: why, for a person to act on."""
    changes: ChangeSet = ChangeSet()
    """For CHANGES: what is intended."""
    files: tuple[ResolvedChange, ...] = ()
    """For CHANGES: what really changes, sorted by path."""
    evidence: tuple[Evidence, ...] = ()
    """What the conclusion stands on."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should look at."""
        return self.changes.notes

    @property
    def secrets(self) -> tuple[SecretReference, ...]:
        """Secrets and settings that someone must create."""
        return self.changes.secrets

    def diff(self) -> str:
        """The change as a unified diff; empty unless the status is CHANGES."""
        return "".join(change.diff() for change in self.files)


def plan(
    transformation: Transformation,
    check: CapabilityCheck,
    snapshot: Snapshot,
    parameters: BaseModel | Mapping[str, Any] | None = None,
) -> Plan:
    """Plan `transformation` for `snapshot`. Pure: nothing is changed.

    The capability check decides first whether there is anything to do. A change is only returned when
    the same check passes on the repository as it would be afterwards.

    Raises:
        InvalidInputError: the parameters are wrong.
        PluginError: the transformation broke its contract: its change does not satisfy its own check, or it
            raised something that is not a `ShiftdownError`.
    """
    parsed = parameters if isinstance(parameters, BaseModel) else transformation.parse(parameters or {})
    found = check.run(snapshot, parsed)
    if found.outcome is CheckOutcome.PASS:
        return _plan(transformation, snapshot, PlanStatus.ALREADY_SATISFIED, evidence=found.evidence)
    if found.outcome is CheckOutcome.NOT_APPLICABLE:
        return _not_applicable(transformation, snapshot, found.message, found.evidence)
    try:
        changes = _call(transformation, snapshot, parsed)
        files = changes.resolve(snapshot)
    except NotApplicable as refusal:
        return _not_applicable(transformation, snapshot, refusal.reason, refusal.evidence)
    except (CannotEditError, FileError) as refusal:
        return _not_applicable(transformation, snapshot, str(refusal), ())
    if not files:
        return _not_applicable(transformation, snapshot, f"nothing to change, though: {found.message}", found.evidence)
    after = check.run(overlay(snapshot, changes), parsed)
    if after.outcome is not CheckOutcome.PASS:
        raise PluginError(
            f"{transformation.type} on {snapshot.name}: its change does not satisfy the check {check.id!r}: "
            f"{after.message}. Nothing was changed; please report this to the author of the transformation"
        )
    return _plan(transformation, snapshot, PlanStatus.CHANGES, changes=changes, files=files, evidence=changes.evidence)


def _call(transformation: Transformation, snapshot: Snapshot, parameters: BaseModel) -> ChangeSet:
    arguments = () if transformation.parameters is NoParameters else (parameters,)
    try:
        changes = transformation.function(snapshot, *arguments)
    except ShiftdownError:
        raise
    except Exception as error:
        raise PluginError(
            f"{transformation.type} on {snapshot.name}: {type(error).__name__}: {error}. "
            "Nothing was changed; please report this to the author of the transformation"
        ) from error
    if not isinstance(changes, ChangeSet):
        raise PluginError(f"{transformation.type}: returned {type(changes).__name__}, not a ChangeSet")
    return changes


def _plan(transformation: Transformation, snapshot: Snapshot, status: PlanStatus, **rest: Any) -> Plan:
    return Plan(
        type=transformation.type,
        title=transformation.title,
        repository=snapshot.name,
        revision=snapshot.revision,
        status=status,
        **rest,
    )


def _not_applicable(
    transformation: Transformation, snapshot: Snapshot, reason: str, evidence: tuple[Evidence, ...]
) -> Plan:
    return _plan(transformation, snapshot, PlanStatus.NOT_APPLICABLE, reason=reason, evidence=evidence)
