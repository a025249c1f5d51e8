"""`roadiehq:utils:sleep`: waits."""

from pydantic import Field

from shiftdown.plugin import ActionContext, ActionModel, CancelledError, Example, action


class SleepInput(ActionModel):
    """How long to wait."""

    amount: float = Field(ge=0, le=600)
    """Seconds, at most 600."""


@action("roadiehq:utils:sleep", title="Wait", examples=(Example(title="A moment", input={"amount": 0.01}),))
def sleep(given: SleepInput, context: ActionContext) -> None:
    """Wait; ends at once when the task is cancelled. A dry-run does not wait."""
    context.log(f"Waiting {given.amount:g} seconds")
    if not context.dry_run and context.cancelled.wait(given.amount):
        raise CancelledError("stopped waiting: the task was cancelled")
