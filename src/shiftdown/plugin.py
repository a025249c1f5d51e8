"""What plugin authors import, beside `shiftdown.edits` and `shiftdown.pipelines`.

A plugin is a module (or object) with functions marked `hookimpl`, named by an entry point of the group
`shiftdown`. The hooks: `shiftdown_transformations`, `shiftdown_capability_checks`, `shiftdown_playbooks`,
`shiftdown_actions`, `shiftdown_template_filters`, `shiftdown_golden_paths`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

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
from shiftdown.repository.detect import detect
from shiftdown.repository.stack import Command, Component, Detected, Language, Purpose, Service, Stack
from shiftdown.scaffolder.action import Action, ActionContext, ActionModel, CancelledError, Effect, Example, action
from shiftdown.scaffolder.yaml_text import dump as dump_yaml
from shiftdown.transformations import NotApplicable, Transformation, transformation


@contextmanager
def editing(path: str) -> Iterator[None]:
    """Name the file in edits that are refused.

    Inside the block a `CannotEditError` or an unreadable file becomes `NotApplicable`, with the path, the line
    and the reason.
    """
    try:
        yield
    except CannotEditError as error:
        place = path if error.line is None else f"{path}:{error.line}"
        raise NotApplicable(
            f"{place}: {error.reason}", Evidence(fact=error.reason, path=path, line=error.line)
        ) from error
    except FileError as error:
        raise NotApplicable(str(error), Evidence(fact=error.problem, path=error.path)) from error


def stack_of(repo: Snapshot) -> Stack:
    """What can be told about a repository, detected once per snapshot."""
    return repo.remember(detect)


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
