"""`debug:log` and `debug:wait`."""

import json
from datetime import timedelta
from typing import Literal

from pydantic import Field

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.action import ActionContext, ActionModel, CancelledError, Example, action

MAX_WAIT = timedelta(minutes=10)
"""How long a step may wait; Backstage's own default is 30 seconds."""


class LogInput(ActionModel):
    """What to write to the log."""

    message: str = ""
    """A message."""
    list_workspace: bool | Literal["with-filenames", "with-contents"] = False
    """Whether the workspace's files are listed, and their contents too."""


class WaitInput(ActionModel):
    """How long to wait, in all."""

    minutes: float = Field(default=0, ge=0)
    """Minutes."""
    seconds: float = Field(default=0, ge=0)
    """Seconds."""
    milliseconds: float = Field(default=0, ge=0)
    """Milliseconds."""


@action(
    "debug:log",
    title="Write to the log",
    examples=(
        Example(title="A message", input={"message": "Hello"}),
        Example(
            title="The files so far, with their contents",
            input={"listWorkspace": "with-contents"},
            workspace={"README.md": "# Shop\n"},
        ),
    ),
)
def debug_log(given: LogInput, context: ActionContext) -> None:
    """Write a message to the log, and list the files of the workspace."""
    context.log(json.dumps(given.model_dump(by_alias=True, exclude_unset=True), indent=2, default=str))
    if given.message:
        context.log(given.message)
    if given.list_workspace:
        lines = [_line(context, e.path, given.list_workspace == "with-contents") for e in context.workspace.entries()]
        context.log("Workspace:\n" + "\n".join(lines))


@action(
    "debug:wait",
    title="Wait",
    dry_run=False,
    examples=(Example(title="A moment", input={"milliseconds": 5}),),
)
def debug_wait(given: WaitInput, context: ActionContext) -> None:
    """Wait; ends at once when the task is cancelled."""
    duration = timedelta(minutes=given.minutes, seconds=given.seconds, milliseconds=given.milliseconds)
    if duration > MAX_WAIT:
        raise InvalidInputError(f"waiting {duration} is longer than the most that is allowed, {MAX_WAIT}")
    if context.cancelled.wait(duration.total_seconds()):
        raise CancelledError(f"stopped waiting {duration}: the task was cancelled")


def _line(context: ActionContext, path: str, contents: bool) -> str:
    if not contents:
        return f"  - {path}"
    return f" - {path}:\n\n  {context.workspace.read(path).decode(errors='replace')}"
