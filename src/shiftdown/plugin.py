"""What plugin authors import, beside `shiftdown.edits`, `shiftdown.pipelines` and `shiftdown.kits`.

A plugin is a module (or object) with functions marked `hookimpl`, named by an entry point of the group
`shiftdown`. The hooks: `shiftdown_transformations`, `shiftdown_capability_checks`, `shiftdown_playbooks`,
`shiftdown_actions`, `shiftdown_template_filters`, `shiftdown_golden_paths`, `shiftdown_forges`.
What only actions and kinds of forges need is loaded when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from shiftdown.capabilities import CapabilityCheck, CheckOutcome, CheckResult, capability_check
from shiftdown.errors import CannotEditError, FileError, InvalidInputError, ShiftdownError
from shiftdown.extensions import collect, hookimpl
from shiftdown.model.base import DescribedModel as Model
from shiftdown.repository import (
    ChangeSet,
    Entry,
    Evidence,
    FileChange,
    Kind,
    SecretReference,
    Snapshot,
    delete,
    rename,
    write,
)
from shiftdown.repository.detect import detect, stack_of
from shiftdown.repository.stack import Command, Component, Detected, Language, Purpose, Service, Stack
from shiftdown.transformations import NotApplicable, Transformation, editing, transformation

if TYPE_CHECKING:
    from shiftdown.errors import (
        ConflictError,
        IllegalTransitionError,
        NotARepositoryError,
        NotFoundError,
        RepositoryError,
    )
    from shiftdown.forges.base import ChangeRequestText, DraftError, ForgeChangeRequest
    from shiftdown.forges.hosted import ForgeHost, ForgeKind, HostedForge, HostSettings
    from shiftdown.forges.repository_maker import HostedRepository, Visibility
    from shiftdown.forges.selection import FoundRepository, Selection
    from shiftdown.forges.text import check_text
    from shiftdown.git import Commit, parse_location
    from shiftdown.scaffolder.action import Action, ActionContext, ActionModel, CancelledError, Effect, Example, action
    from shiftdown.scaffolder.yaml_text import dump_yaml

_ON_DEMAND = {
    **dict.fromkeys(
        ("Action", "ActionContext", "ActionModel", "CancelledError", "Effect", "Example", "action"),
        "shiftdown.scaffolder.action",
    ),
    "dump_yaml": "shiftdown.scaffolder.yaml_text",
    **dict.fromkeys(
        ("ConflictError", "IllegalTransitionError", "NotARepositoryError", "NotFoundError", "RepositoryError"),
        "shiftdown.errors",
    ),
    **dict.fromkeys(("ChangeRequestText", "DraftError", "ForgeChangeRequest"), "shiftdown.forges.base"),
    **dict.fromkeys(("ForgeHost", "ForgeKind", "HostSettings", "HostedForge"), "shiftdown.forges.hosted"),
    **dict.fromkeys(("HostedRepository", "Visibility"), "shiftdown.forges.repository_maker"),
    **dict.fromkeys(("FoundRepository", "Selection"), "shiftdown.forges.selection"),
    "check_text": "shiftdown.forges.text",
    **dict.fromkeys(("Commit", "parse_location"), "shiftdown.git"),
}
"""Where the names are that only actions and kinds of forges need: other plugins do not wait for them to be loaded."""

__all__ = [
    "Action",
    "ActionContext",
    "ActionModel",
    "CancelledError",
    "CannotEditError",
    "CapabilityCheck",
    "ChangeRequestText",
    "ChangeSet",
    "CheckOutcome",
    "CheckResult",
    "Command",
    "Commit",
    "Component",
    "ConflictError",
    "Detected",
    "DraftError",
    "Effect",
    "Entry",
    "Evidence",
    "Example",
    "FileChange",
    "FileError",
    "ForgeChangeRequest",
    "ForgeHost",
    "ForgeKind",
    "FoundRepository",
    "HostSettings",
    "HostedForge",
    "HostedRepository",
    "IllegalTransitionError",
    "InvalidInputError",
    "Kind",
    "Language",
    "Model",
    "NotARepositoryError",
    "NotApplicable",
    "NotFoundError",
    "Purpose",
    "RepositoryError",
    "SecretReference",
    "Selection",
    "Service",
    "ShiftdownError",
    "Snapshot",
    "Stack",
    "Transformation",
    "Visibility",
    "action",
    "capability_check",
    "check_text",
    "collect",
    "delete",
    "detect",
    "dump_yaml",
    "editing",
    "hookimpl",
    "parse_location",
    "rename",
    "stack_of",
    "transformation",
    "write",
]


def __getattr__(name: str) -> Any:
    """Load what only actions and kinds of forges need when it is first asked for."""
    if name not in _ON_DEMAND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_ON_DEMAND[name]), name)
    globals()[name] = value
    return value
