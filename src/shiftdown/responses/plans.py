"""Plans."""

from collections.abc import Iterable
from operator import not_
from typing import Self

from pydantic import Field

from shiftdown.model.base import Parameters
from shiftdown.repository import Action, Evidence, SecretReference
from shiftdown.responses.base import Response
from shiftdown.transformations import Plan, PlanStatus


class ChangedFile(Response):
    """A file that a plan changes."""

    path: str
    """Its path afterwards."""
    action: Action
    """What happens to it."""
    mode: str | None
    """Its git mode afterwards, six octal digits; `None` for a delete."""


class PlanResponse(Response):
    """What a transformation would do to one repository, or did to a directory."""

    type: str
    """The transformation type."""
    status: PlanStatus
    """What there is to do."""
    files: tuple[ChangedFile, ...]
    """For CHANGES: the files that change, sorted by path."""
    evidence: tuple[Evidence, ...]
    """What the conclusion stands on."""
    notes: tuple[str, ...]
    """What a person should look at."""
    secrets: tuple[SecretReference, ...]
    """Secrets and settings that someone must create."""
    reason: str | None
    """For NOT_APPLICABLE: why, for a person to act on."""
    parameters: Parameters = Field(exclude_if=not_)
    """The parameters that differ from the defaults; left out when none does."""
    needs: tuple[str, ...] = Field(exclude_if=not_)
    """The types that must be there first, and are not; left out when there are none."""

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """What is told about a plan."""
        return cls._from(plan)


class PlannedChange(Response):
    """What a phase of a program would do to one repository."""

    repository: str
    """Name of the repository."""
    type: str
    """The transformation type."""
    status: PlanStatus
    """What there is to do."""
    reason: str | None
    """For NOT_APPLICABLE: why, for a person to act on."""
    files: tuple[ChangedFile, ...]
    """For CHANGES: the files that change, sorted by path."""
    parameters: Parameters
    """The parameters that differ from the defaults."""


class PhasePlanResponse(Response):
    """What a phase of a program would do."""

    phase: int
    """Place of the phase in the program, from 1."""
    plans: tuple[PlannedChange, ...]
    """One for each repository and type."""
    no_plugin: tuple[str, ...]
    """The types that no installed plugin provides, sorted; nothing is planned for them."""

    @classmethod
    def of(cls, phase: int, plans: Iterable[Plan], no_plugin: Iterable[str]) -> Self:
        """What is told about the plans for a phase."""
        changes = tuple(PlannedChange.model_validate(plan) for plan in plans)
        return cls(phase=phase, plans=changes, no_plugin=tuple(no_plugin))
