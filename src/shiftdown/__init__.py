"""shiftdown: apply DevOps transformations to repositories, and track them until their effect is verified.

What scripts and portals import. Nothing heavy is loaded until it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from shiftdown.app import Shiftdown
    from shiftdown.assessment import Assessment, Finding
    from shiftdown.campaigns import RunOutcome, RunResult, SyncResult
    from shiftdown.errors import ShiftdownError
    from shiftdown.forges.base import MergeMethod, RequestOptions
    from shiftdown.forges.repository_maker import Visibility
    from shiftdown.forges.selection import FoundRepository, Selection
    from shiftdown.git import Identity
    from shiftdown.model import (
        Activity,
        ActivityStatus,
        ChangeRequest,
        ChangeRequestStatus,
        CIState,
        DeploymentFrequency,
        DevOpsPhase,
        DevOpsPhaseType,
        DevOpsProgram,
        DevOpsTransformationType,
        DORAMetrics,
        MaturityLevel,
        Organization,
        PhaseStatus,
        Platform,
        PlatformCapability,
        ProgramStatus,
        Progress,
        Repository,
        ReviewState,
        TransformationRecord,
        TransformationStatus,
    )
    from shiftdown.transformations import NotApplicable, Plan, PlanStatus

_HOME = {
    "Shiftdown": "shiftdown.app",
    "Assessment": "shiftdown.assessment",
    "Finding": "shiftdown.assessment",
    "RunOutcome": "shiftdown.campaigns",
    "RunResult": "shiftdown.campaigns",
    "SyncResult": "shiftdown.campaigns",
    "ShiftdownError": "shiftdown.errors",
    "MergeMethod": "shiftdown.forges.base",
    "RequestOptions": "shiftdown.forges.base",
    "FoundRepository": "shiftdown.forges.selection",
    "Selection": "shiftdown.forges.selection",
    "Visibility": "shiftdown.forges.repository_maker",
    "Identity": "shiftdown.git",
    "NotApplicable": "shiftdown.transformations",
    "Plan": "shiftdown.transformations",
    "PlanStatus": "shiftdown.transformations",
} | dict.fromkeys(
    (
        "Activity",
        "ActivityStatus",
        "ChangeRequest",
        "ChangeRequestStatus",
        "CIState",
        "DeploymentFrequency",
        "DevOpsPhase",
        "DevOpsPhaseType",
        "DevOpsProgram",
        "TransformationRecord",
        "DevOpsTransformationType",
        "DORAMetrics",
        "MaturityLevel",
        "Organization",
        "PhaseStatus",
        "Platform",
        "PlatformCapability",
        "ProgramStatus",
        "Progress",
        "Repository",
        "ReviewState",
        "TransformationStatus",
    ),
    "shiftdown.model",
)

__all__ = [
    "Activity",
    "ActivityStatus",
    "Assessment",
    "CIState",
    "ChangeRequest",
    "ChangeRequestStatus",
    "DORAMetrics",
    "DeploymentFrequency",
    "DevOpsPhase",
    "DevOpsPhaseType",
    "DevOpsProgram",
    "DevOpsTransformationType",
    "Finding",
    "FoundRepository",
    "Identity",
    "MaturityLevel",
    "MergeMethod",
    "NotApplicable",
    "Organization",
    "PhaseStatus",
    "Plan",
    "PlanStatus",
    "Platform",
    "PlatformCapability",
    "ProgramStatus",
    "Progress",
    "Repository",
    "RequestOptions",
    "ReviewState",
    "RunOutcome",
    "RunResult",
    "Selection",
    "Shiftdown",
    "ShiftdownError",
    "SyncResult",
    "TransformationRecord",
    "TransformationStatus",
    "Visibility",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Load a name when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
