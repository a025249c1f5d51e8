"""Planning: from a transformation and a snapshot to what would be done, and why."""

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, Field

from shiftdown.capabilities import CapabilityCheck, CheckOutcome, CheckResult, NoParameters, parameter_values
from shiftdown.errors import CannotEditError, FileError, PluginError, ShiftdownError
from shiftdown.model.base import Model, Parameters
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
    parameters: Parameters = Field(default_factory=dict)
    """The parameters that it was planned with, as far as they differ from the defaults."""
    needs: tuple[str, ...] = ()
    """For NOT_APPLICABLE: the types that must be there first, and are not."""

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
    *,
    needs: Mapping[str, CapabilityCheck] = MappingProxyType({}),
) -> Plan:
    """Plan `transformation` for `snapshot`. Pure: nothing is changed.

    The capability check decides first whether there is anything to do. A change is only returned when
    the same check passes on the repository as it would be afterwards.

    Args:
        transformation: what to plan.
        check: the check that verifies it.
        snapshot: the repository.
        parameters: its parameters, parsed or not; default its defaults.
        needs: the checks of the types that it needs, by type. One that fails makes it NOT_APPLICABLE for now; one
            that does not apply or cannot tell leaves the decision to the transformation.

    Raises:
        InvalidInputError: the parameters are wrong.
        PluginError: the transformation broke its contract: its change does not satisfy its own check, or it
            raised something that is not a `ShiftdownError`.
    """
    parsed = parameters if isinstance(parameters, BaseModel) else transformation.parse(parameters or {})
    make = partial(_plan, transformation, snapshot, parsed)
    found = check.run(snapshot, parsed)
    if found.outcome is CheckOutcome.PASS:
        return make(PlanStatus.ALREADY_SATISFIED, evidence=found.evidence)
    if unmet := _unmet(snapshot, needs):
        reason = f"needs {' and '.join(unmet)} first: {next(iter(unmet.values())).message}"
        return make(PlanStatus.NOT_APPLICABLE, reason=reason, needs=tuple(unmet))
    if found.outcome is CheckOutcome.NOT_APPLICABLE:
        return make(PlanStatus.NOT_APPLICABLE, reason=found.message, evidence=found.evidence)
    try:
        changes = _call(transformation, snapshot, parsed)
        files = changes.resolve(snapshot)
    except NotApplicable as refusal:
        return make(PlanStatus.NOT_APPLICABLE, reason=refusal.reason, evidence=refusal.evidence)
    except (CannotEditError, FileError) as refusal:
        return make(PlanStatus.NOT_APPLICABLE, reason=str(refusal))
    if not files:
        reason = f"nothing to change, though: {found.message}"
        return make(PlanStatus.NOT_APPLICABLE, reason=reason, evidence=found.evidence)
    after = check.run(overlay(snapshot, files), parsed)
    if after.outcome is not CheckOutcome.PASS:
        raise PluginError(
            f"{transformation.type} on {snapshot.name}: its change does not satisfy the check {check.id!r}: "
            f"{after.message}. Nothing was changed; please report this to the author of the transformation"
        )
    return make(PlanStatus.CHANGES, changes=changes, files=files, evidence=changes.evidence)


def _unmet(snapshot: Snapshot, needs: Mapping[str, CapabilityCheck]) -> dict[str, CheckResult]:
    """The types whose checks fail, with the answers."""
    answers = {type_: check.run(snapshot) for type_, check in needs.items()}
    return {type_: answer for type_, answer in answers.items() if answer.outcome is CheckOutcome.FAIL}


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


def _plan(
    transformation: Transformation, snapshot: Snapshot, parameters: BaseModel, status: PlanStatus, **rest: Any
) -> Plan:
    return Plan(
        type=transformation.type,
        title=transformation.title,
        repository=snapshot.name,
        revision=snapshot.revision,
        status=status,
        parameters=parameter_values(parameters, defaults=False),
        **rest,
    )
