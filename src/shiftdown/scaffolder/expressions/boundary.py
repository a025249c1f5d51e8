"""What goes into templates and comes out of them: plain data, copied."""

import datetime
import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.text import encodable, float_text
from shiftdown.scaffolder.expressions.values import UNDEFINED, Function, SafeString, number, record

_LONGEST_WHOLE = 1e21


def adopt(value: Any) -> Any:
    """A copy of data from outside as a template's value. Dates become ISO 8601 text.

    Raises:
        EvaluationError: it is no data.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is int or kind is float:
        return number(value)
    if kind is dict or isinstance(value, Mapping):
        return record((_key(key), adopt(item)) for key, item in value.items())
    if kind is list or (isinstance(value, Sequence | Set) and not isinstance(value, str | bytes)):
        return [adopt(item) for item in value]
    return _adopt_other(value)


def _key(key: Any) -> str:
    if type(key) is str:
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, str):
        return str.__str__(key)
    if key is None:
        return "null"
    if isinstance(key, int | float):
        return str(number(key))
    raise EvaluationError(f"a key of type {type(key).__name__} is not supported")


def _adopt_other(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    if value is UNDEFINED:
        return value
    if isinstance(value, int):
        return number(int(value))
    if isinstance(value, float):
        return number(float(value))
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    raise EvaluationError(f"a value of type {type(value).__name__} is not supported")


def plain(run: Run, value: Any) -> Any:
    """A copy of a template's value as data for outside; what is undefined is left out, or None in a list.

    Raises:
        EvaluationError: a function is in it.
    """
    kind = type(value)
    if kind is str:
        run.text(len(value), 0)
        return encodable(value)
    if value is None or kind is bool or kind is int:
        return value
    if kind is float:
        return _plain_number(value)
    if kind is SafeString:
        return str(value)
    if kind is list:
        run.spend(2 + len(value))
        return [None if item is UNDEFINED else plain(run, item) for item in value]
    if kind is dict:
        run.spend(2 + len(value))
        return {key: plain(run, item) for key, item in value.items() if item is not UNDEFINED}
    if value is UNDEFINED:
        return value
    if isinstance(value, Function):
        raise EvaluationError(f"{value.name} is a function, and cannot be used as data")
    return str(value)


def _plain_number(value: float) -> int | float | None:
    """A number as JSON has it: what is no number, or infinite, is null there."""
    if not math.isfinite(value):
        return None
    return int(float_text(value)) if value.is_integer() and abs(value) < _LONGEST_WHOLE else value
