"""What shiftdown tracks: organisations, programs, phases, transformations, change requests, platforms, DORA.

Pure data and rules. Statuses change only through events (`shiftdown.model.events`), along the edges that
`shiftdown.model.states` lists.
"""

from shiftdown.model.dora import DeploymentFrequency, DORAMetrics, MaturityLevel
from shiftdown.model.events import Event, EventKind
from shiftdown.model.forge_events import ForgeEvent, ForgeEventKind, ForgeFact
from shiftdown.model.platform import Platform, PlatformCapability, PlatformCapabilityCategory
from shiftdown.model.program import (
    Activity,
    ChangeRequest,
    DevOpsPhase,
    DevOpsProgram,
    Organization,
    Repository,
    TransformationRecord,
)
from shiftdown.model.progress import Progress
from shiftdown.model.states import (
    ActivityStatus,
    ChangeRequestStatus,
    CIState,
    PhaseStatus,
    ProgramStatus,
    ReviewState,
    TransformationStatus,
)
from shiftdown.model.tasks import Task, TaskEvent, TaskEventType, TaskPage, TaskStatus
from shiftdown.model.types import DevOpsPhaseType, DevOpsTransformationType

__all__ = [
    "Activity",
    "ActivityStatus",
    "CIState",
    "ChangeRequest",
    "ChangeRequestStatus",
    "DORAMetrics",
    "DeploymentFrequency",
    "DevOpsPhase",
    "DevOpsPhaseType",
    "DevOpsProgram",
    "DevOpsTransformationType",
    "Event",
    "EventKind",
    "ForgeEvent",
    "ForgeEventKind",
    "ForgeFact",
    "MaturityLevel",
    "Organization",
    "PhaseStatus",
    "Platform",
    "PlatformCapability",
    "PlatformCapabilityCategory",
    "ProgramStatus",
    "Progress",
    "Repository",
    "ReviewState",
    "Task",
    "TaskEvent",
    "TaskEventType",
    "TaskPage",
    "TaskStatus",
    "TransformationRecord",
    "TransformationStatus",
]
