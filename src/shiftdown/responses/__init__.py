"""What `--json` prints, as models, where it is more or less than a model of the domain.

The command line and servers answer with them. Nothing is loaded until it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shiftdown.responses.change_requests import ChangeRequestResponse, ChangeRequestWithDiff
    from shiftdown.responses.machine import BumpResponse, MachineCheckResponse, OutdatedPinResponse
    from shiftdown.responses.plans import ChangedFile, PhasePlanResponse, PlannedChange, PlanResponse
    from shiftdown.responses.programs import (
        OrganizationResponse,
        PhaseResponse,
        ProgramHead,
        ProgramResponse,
        ProgramSummaryResponse,
        RecordedActivity,
        RecordedTransformation,
    )
    from shiftdown.responses.runs import ChangeRequestLink, RunResponse, SyncResponse
    from shiftdown.responses.tasks import TaskOutcomeResponse, TaskResponse, TaskSummaryResponse
    from shiftdown.responses.templates import (
        ActionResponse,
        ActionSchemas,
        ActionSummaryResponse,
        DryRunFile,
        DryRunResponse,
        GoldenPathResponse,
        LogBody,
        LogLine,
        ValidationResponse,
    )
    from shiftdown.responses.transformations import (
        InspectionResponse,
        TransformationHead,
        TransformationResponse,
        TransformationSummaryResponse,
    )
    from shiftdown.responses.updates import ProposedChange, UpdateResponse

_MODULES = {
    "change_requests": (
        "ChangeRequestResponse",
        "ChangeRequestWithDiff",
    ),
    "machine": (
        "BumpResponse",
        "MachineCheckResponse",
        "OutdatedPinResponse",
    ),
    "plans": (
        "ChangedFile",
        "PhasePlanResponse",
        "PlanResponse",
        "PlannedChange",
    ),
    "programs": (
        "OrganizationResponse",
        "PhaseResponse",
        "ProgramHead",
        "ProgramResponse",
        "ProgramSummaryResponse",
        "RecordedActivity",
        "RecordedTransformation",
    ),
    "runs": (
        "ChangeRequestLink",
        "RunResponse",
        "SyncResponse",
    ),
    "tasks": (
        "TaskOutcomeResponse",
        "TaskResponse",
        "TaskSummaryResponse",
    ),
    "templates": (
        "ActionResponse",
        "ActionSchemas",
        "ActionSummaryResponse",
        "DryRunFile",
        "DryRunResponse",
        "GoldenPathResponse",
        "LogBody",
        "LogLine",
        "ValidationResponse",
    ),
    "transformations": (
        "InspectionResponse",
        "TransformationHead",
        "TransformationResponse",
        "TransformationSummaryResponse",
    ),
    "updates": (
        "ProposedChange",
        "UpdateResponse",
    ),
}
"""The names of each module."""

_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "ActionResponse",
    "ActionSchemas",
    "ActionSummaryResponse",
    "BumpResponse",
    "ChangeRequestLink",
    "ChangeRequestResponse",
    "ChangeRequestWithDiff",
    "ChangedFile",
    "DryRunFile",
    "DryRunResponse",
    "GoldenPathResponse",
    "InspectionResponse",
    "LogBody",
    "LogLine",
    "MachineCheckResponse",
    "OrganizationResponse",
    "OutdatedPinResponse",
    "PhasePlanResponse",
    "PhaseResponse",
    "PlanResponse",
    "PlannedChange",
    "ProgramHead",
    "ProgramResponse",
    "ProgramSummaryResponse",
    "ProposedChange",
    "RecordedActivity",
    "RecordedTransformation",
    "RunResponse",
    "SyncResponse",
    "TaskOutcomeResponse",
    "TaskResponse",
    "TaskSummaryResponse",
    "TransformationHead",
    "TransformationResponse",
    "TransformationSummaryResponse",
    "UpdateResponse",
    "ValidationResponse",
]


def __getattr__(name: str) -> Any:
    """Load a name when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
