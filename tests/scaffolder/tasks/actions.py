"""Actions that count what they do in files, wait at gates, and fail on demand: to see what a task really does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.action import Action, ActionContext, ActionModel, CancelledError, Effect, action
from shiftdown.scaffolder.actions import builtin_actions


class CountInput(ActionModel):
    """Where to count."""

    file: str
    """The file that gets a line."""
    key: str = "count"
    """The checkpoint."""
    token: str = ""
    """A secret."""


class CountOutput(ActionModel):
    """What was counted."""

    line: int
    """The number of the line."""


class GateInput(ActionModel):
    """A gate: it is reached, and then opened by somebody else."""

    path: str
    """`<path>.reached` is made, then `<path>.open` is waited for."""


class FailInput(ActionModel):
    """When not to fail."""

    unless: str
    """A file: if it is there, the step completes."""
    message: str = "the file is missing"
    """Why it failed."""


class ValueInput(ActionModel):
    """A value."""

    value: Any = None
    """It."""


class ValueOutput(ActionModel):
    """A value."""

    value: Any
    """It."""


class BusyInput(ActionModel):
    """Nothing."""


_busy = threading.Lock()
BUSY = {"now": 0, "most": 0}
"""How many `test:busy` run now, and how many did at most."""


@action("test:count", title="Count")
def count(given: CountInput, context: ActionContext) -> CountOutput:
    """Add a line to a file, once per task."""

    def effect() -> int:
        with Path(given.file).open("a") as file:
            file.write(f"{context.task_id}\n")
        return len(Path(given.file).read_text().splitlines())

    line = context.checkpoint(given.key, effect)
    context.effect(Effect(action="test:count", kind="line", target=given.file))
    return CountOutput(line=line)


@action("test:create", title="Create")
def create(given: CountInput, context: ActionContext) -> CountOutput:
    """Add a line to a file unless it is there: what may be asked for twice finds what is there."""

    def effect() -> int:
        path = Path(given.file)
        if not (path.exists() and context.task_id in path.read_text()):
            with path.open("a") as file:
                file.write(f"{context.task_id}\n")
        return 1

    return CountOutput(line=context.checkpoint(given.key, effect))


@action("test:count-and-gate", title="Count, then wait at a gate")
def count_and_gate(given: GateInput, context: ActionContext) -> None:
    """Add a line to `<path>.count` once per task, then wait until somebody opens the gate."""
    count.function(CountInput(file=f"{given.path}.count"), context)
    gate.function(given, context)


@action("test:mark", title="Leave a mark")
def mark(given: CountInput, context: ActionContext) -> None:
    """Add a line to a file, each time."""
    with Path(given.file).open("a") as file:
        file.write(f"{context.task_id}\n")


@action("test:gate", title="Wait at a gate")
def gate(given: GateInput, context: ActionContext) -> None:
    """Wait until somebody opens the gate."""
    with Path(f"{given.path}.reached").open("a") as file:
        file.write(f"{context.task_id}\n")
    while not Path(f"{given.path}.open").exists():
        if context.cancelled.wait(0.01):
            raise CancelledError("the gate stays closed")


@action("test:fail", title="Fail")
def fail(given: FailInput, context: ActionContext) -> None:
    """Fail unless a file is there."""
    if not Path(given.unless).exists():
        raise InvalidInputError(given.message)


@action("test:bug", title="Be broken")
def bug(given: ValueInput, context: ActionContext) -> None:
    """Raise what no action should."""
    raise ZeroDivisionError(str(given.value))


@action("test:exit", title="End the process")
def leave(given: ValueInput, context: ActionContext) -> None:
    """Ask Python to end."""
    raise SystemExit(given.value)


@action("test:value", title="Give a value")
def value(given: ValueInput, context: ActionContext) -> ValueOutput:
    """Give what it is given."""
    return ValueOutput(value=given.value)


@action("test:once", title="Give a value once")
def once(given: ValueInput, context: ActionContext) -> ValueOutput:
    """Give what it was given the first time."""
    return ValueOutput(value=context.checkpoint("value", lambda: given.value))


@action("test:token", title="Get a token")
def new_token(given: ValueInput, context: ActionContext) -> ValueOutput:
    """Give a secret that no input holds: the value backwards."""
    made = str(given.value)[::-1]
    context.hide(made)
    context.log(f"made {made}")
    context.checkpoint("token", lambda: made)
    return ValueOutput(value=made)


class OnceAndGateInput(GateInput):
    """A value and a gate."""

    value: str
    """It."""


@action("test:once-and-gate", title="Give a value once, behind a gate")
def once_and_gate(given: OnceAndGateInput, context: ActionContext) -> ValueOutput:
    """Give what it was given the first time, when the gate is open."""
    kept = context.checkpoint("value", lambda: given.value)
    gate.function(given, context)
    return ValueOutput(value=kept)


@action("test:odd", title="Give odd values")
def odd(given: BusyInput, context: ActionContext) -> ValueOutput:
    """Give what JSON can hardly say."""
    context.log("odd \0 \udc00 text")
    return ValueOutput(value="\0 ß 🚀")


@action("test:odd-checkpoint", title="Do something odd once")
def odd_checkpoint(given: BusyInput, context: ActionContext) -> None:
    """Give what JSON cannot say."""
    context.checkpoint("odd", object)


@action("test:busy", title="Be busy")
def busy(given: GateInput, context: ActionContext) -> None:
    """Count how many do this at the same time."""
    with _counted():
        context.cancelled.wait(0.02)
    with Path(f"{given.path}.done").open("a") as file:
        file.write(f"{context.task_id}\n")


@action("test:flood", title="Write much to the log")
def flood(given: ValueInput, context: ActionContext) -> None:
    """Write that many lines, the first of them long."""
    context.log("x" * 100_000)
    for number in range(int(given.value)):
        context.log(str(number))


@contextmanager
def _counted() -> Iterator[None]:
    with _busy:
        BUSY["now"] += 1
        BUSY["most"] = max(BUSY["most"], BUSY["now"])
    try:
        yield
    finally:
        with _busy:
            BUSY["now"] -= 1


_COUNTING = (count, create, count_and_gate, mark, gate, busy)
_GIVING = (value, once, new_token, once_and_gate, odd, odd_checkpoint, flood)
_FAILING = (fail, bug, leave)

ACTIONS: dict[str, Action] = {a.id: a for a in (*builtin_actions(), *_COUNTING, *_GIVING, *_FAILING)}
"""The actions that templates of these tests have."""
