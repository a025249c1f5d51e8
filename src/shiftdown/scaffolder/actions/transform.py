"""`transform:apply`: any transformation type, on the workspace."""

from collections.abc import Mapping
from typing import Any

from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.transformations import PlanStatus


class TransformInput(ActionModel):
    """Which transformation to apply."""

    type: str
    """A `DevOpsTransformationType`, or a plugin's own type."""
    parameters: Mapping[str, Any] = {}
    """The transformation's parameters."""


class TransformOutput(ActionModel):
    """What it did."""

    status: str
    """`CHANGES`, `ALREADY_SATISFIED` or `NOT_APPLICABLE`."""
    files: tuple[str, ...]
    """Paths of the files that it changed."""
    notes: tuple[str, ...]
    """What a person should look at."""
    secrets: tuple[str, ...]
    """Names of the secrets and settings that someone must create."""
    reason: str | None = None
    """Why nothing was changed."""


@action(
    "transform:apply",
    title="Apply a transformation",
    examples=(
        Example(
            title="Lint in the pipeline, where there is something to lint",
            input={"type": "ADD_LINT_STAGE"},
            workspace={"README.md": "# Nothing to lint\n"},
            output=None,
        ),
    ),
)
def apply_transformation(given: TransformInput, context: ActionContext) -> TransformOutput:
    """Apply a transformation to the files of the workspace, as `shiftdown apply` does to a directory."""
    plan = context.plan(given.type, given.parameters, context.workspace.snapshot(name=context.name))
    if plan.status is PlanStatus.CHANGES:
        context.workspace.apply(plan.changes, name=context.name)
    context.log(f"{given.type}: {plan.status}" + (f": {plan.reason}" if plan.reason else ""))
    for note in plan.notes:
        context.log(f"Please check: {note}")
    return TransformOutput(
        status=plan.status,
        files=tuple(f.path for f in plan.files),
        notes=tuple(plan.notes),
        secrets=tuple(s.name for s in plan.secrets),
        reason=plan.reason,
    )
