"""The functions that every template has: `range`, `cycler` and `joiner`."""

from collections.abc import Callable
from typing import Any

from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.operators import add, order
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.string_methods import argument
from shiftdown.scaffolder.expressions.values import UNDEFINED, Function, truthy


def _range(run: Run, args: list[Any], named: dict[str, Any]) -> list[Any]:
    if named or len(args) > 3:
        raise EvaluationError("`range` takes a start, an end and a step, in this order")
    start, stop, step = (argument(args, index) for index in range(3))
    if stop is UNDEFINED:
        start, stop, step = 0, start, 1
    elif not truthy(step):
        step = 1
    items: list[Any] = []
    upwards = order(run, step, 0) > 0
    while (order(run, start, stop) < 0) if upwards else (order(run, start, stop) > 0):
        run.spend(4)
        items.append(start)
        start = add(run, start, step)
    return items


def _cycler(_: Run, items: list[Any], __: dict[str, Any]) -> Function:
    cycler = Function("cycler", lambda *_: UNDEFINED)
    place = [-1]

    def advance(*_: Any) -> Any:
        place[0] = (place[0] + 1) % max(len(items), 1)
        cycler.members["current"] = items[place[0]] if items else UNDEFINED
        return cycler.members["current"]

    def reset(*_: Any) -> Any:
        place[0], cycler.members["current"] = -1, None
        return UNDEFINED

    cycler.members.update(current=None, next=Function("next", advance), reset=Function("reset", reset))
    return cycler


def _joiner(_: Run, args: list[Any], __: dict[str, Any]) -> Function:
    separator = argument(args, 0)
    answers = iter([""])
    return Function("joiner", lambda *_: next(answers, separator if truthy(separator) else ","))


GLOBALS: dict[str, Callable[[Run, list[Any], dict[str, Any]], Any]] = {
    "cycler": _cycler,
    "joiner": _joiner,
    "range": _range,
}
"""By name."""
