"""What plugin authors import, beside `shiftdown.edits`, `shiftdown.pipelines` and `shiftdown.kits`.

A plugin is a module (or object) with functions marked `hookimpl`, named by an entry point of the group
`shiftdown`. The hooks: `shiftdown_transformations`, `shiftdown_capability_checks`, `shiftdown_playbooks`,
`shiftdown_actions`, `shiftdown_template_filters`, `shiftdown_golden_paths`, `shiftdown_forges`.
Whoever brings a kind of forge imports `shiftdown.forges.hosted` and what its protocols name, too.
"""

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
from shiftdown.scaffolder.action import Action, ActionContext, ActionModel, CancelledError, Effect, Example, action
from shiftdown.scaffolder.yaml_text import dump as dump_yaml
from shiftdown.transformations import NotApplicable, Transformation, editing, transformation

__all__ = [
    "Action",
    "ActionContext",
    "ActionModel",
    "CancelledError",
    "CannotEditError",
    "CapabilityCheck",
    "ChangeSet",
    "CheckOutcome",
    "CheckResult",
    "Command",
    "Component",
    "Detected",
    "Effect",
    "Entry",
    "Evidence",
    "Example",
    "FileChange",
    "FileError",
    "InvalidInputError",
    "Kind",
    "Language",
    "Model",
    "NotApplicable",
    "Purpose",
    "SecretReference",
    "Service",
    "ShiftdownError",
    "Snapshot",
    "Stack",
    "Transformation",
    "action",
    "capability_check",
    "collect",
    "delete",
    "detect",
    "dump_yaml",
    "editing",
    "hookimpl",
    "rename",
    "stack_of",
    "transformation",
    "write",
]
