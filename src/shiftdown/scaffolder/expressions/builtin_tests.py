"""The tests of `is`, as nunjucks has them."""

from collections.abc import Callable
from typing import Any

from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.operators import modulo, order, same
from shiftdown.scaffolder.expressions.regexes import Regex
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.string_methods import argument
from shiftdown.scaffolder.expressions.values import UNDEFINED, Function, SafeString, kind_of, truthy

Test = Callable[[Run, Any, list[Any]], bool]
"""A test: the evaluation, the value and the arguments."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise EvaluationError(f"this test needs text; got {kind_of(value)}")
    return value


def _iterable(_: Run, value: Any, __: list[Any]) -> bool:
    if value is None or value is UNDEFINED:
        raise EvaluationError(f"`iterable` needs a value; got {kind_of(value)}")
    return isinstance(value, str | list)


TESTS: dict[str, Test] = {
    "callable": lambda _, value, __: isinstance(value, Function),
    "defined": lambda _, value, __: value is not UNDEFINED,
    "divisibleby": lambda run, value, args: modulo(run, value, argument(args, 0)) == 0,
    "escaped": lambda _, value, __: type(value) is SafeString,
    "eq": lambda _, value, args: same(value, argument(args, 0)),
    "even": lambda run, value, _: modulo(run, value, 2) == 0,
    "falsy": lambda _, value, __: not truthy(value),
    "ge": lambda run, value, args: order(run, value, argument(args, 0)) >= 0,
    "gt": lambda run, value, args: order(run, value, argument(args, 0)) > 0,
    "iterable": _iterable,
    "le": lambda run, value, args: order(run, value, argument(args, 0)) <= 0,
    "lower": lambda _, value, __: type(value) is not SafeString and _text(value).lower() == value,
    "lt": lambda run, value, args: order(run, value, argument(args, 0)) < 0,
    "mapping": lambda _, value, __: isinstance(value, dict | SafeString | Regex),
    "ne": lambda _, value, args: not same(value, argument(args, 0)),
    "null": lambda _, value, __: value is None,
    "number": lambda _, value, __: type(value) in (int, float),
    "odd": lambda run, value, _: modulo(run, value, 2) == 1,
    "string": lambda _, value, __: type(value) is str,
    "truthy": lambda _, value, __: truthy(value),
    "undefined": lambda _, value, __: value is UNDEFINED,
    "upper": lambda _, value, __: type(value) is not SafeString and _text(value).upper() == value,
}
WITH_ARGUMENT = frozenset(
    {"divisibleby", "eq", "equalto", "ge", "greaterthan", "gt", "le", "lessthan", "lt", "ne", "sameas"}
)
"""Tests that take an argument; the others take none."""
TESTS |= {"equalto": TESTS["eq"], "sameas": TESTS["eq"], "greaterthan": TESTS["gt"], "lessthan": TESTS["lt"]}
TESTS["none"] = TESTS["null"]
