"""The operators: conversion, comparison and arithmetic as in JavaScript."""

import math
import re
from collections.abc import Iterable
from typing import Any

from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.text import SPACE, before, text_of
from shiftdown.scaffolder.expressions.values import UNDEFINED, SafeString, kind_of, number, size_of

_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z", re.ASCII)
_RADIX = {"0x": 16, "0X": 16, "0o": 8, "0O": 8, "0b": 2, "0B": 2}
_INFINITY = {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}


def primitive(run: Run, value: Any) -> Any:
    """A value as what operators work on: itself, or its text if it is an object."""
    kind = type(value)
    if kind is str or kind is int or kind is float or kind is bool or value is None or value is UNDEFINED:
        return value
    return text_of(run, value)


def to_number(run: Run, value: Any) -> int | float:
    """A value as `Number(value)` gives it."""
    kind = type(value)
    if kind is int or kind is float:
        return number(value)
    if value is UNDEFINED:
        return math.nan
    if kind is bool or value is None:
        return int(bool(value))
    text = text_of(run, value)
    run.text(len(text), 0)
    return text_number(text.strip(SPACE))


def text_number(text: str) -> int | float:
    """The number that a text without blanks around it writes; NaN if it writes none."""
    if not text:
        return 0
    if _DECIMAL.match(text):
        return number(float(text))
    if text[:2] in _RADIX:
        try:
            return number(float(int(text[2:].replace("_", "?"), _RADIX[text[:2]])))
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf
    return _INFINITY.get(text, math.nan)


def to_integer(run: Run, value: Any) -> int | float:
    """A value as a whole number, cut towards zero; 0 for NaN, and infinity stays."""
    given = to_number(run, value)
    if math.isinf(given):
        return given
    return 0 if math.isnan(given) else int(given)


def add(run: Run, left: Any, right: Any) -> Any:
    """`left + right`."""
    left, right = primitive(run, left), primitive(run, right)
    if type(left) is str or type(right) is str:
        return concat(run, left, right)
    return number(float(to_number(run, left)) + float(to_number(run, right)))


def concat(run: Run, left: Any, right: Any) -> str:
    """`left ~ right`."""
    first, second = text_of(run, left), text_of(run, right)
    run.text(len(first) + len(second))
    return first + second


def subtract(run: Run, left: Any, right: Any) -> int | float:
    """`left - right`."""
    return number(float(to_number(run, left)) - float(to_number(run, right)))


def multiply(run: Run, left: Any, right: Any) -> int | float:
    """`left * right`."""
    return number(float(to_number(run, left)) * float(to_number(run, right)))


def divide(run: Run, left: Any, right: Any) -> int | float:
    """`left / right`."""
    above, below = float(to_number(run, left)), float(to_number(run, right))
    if below:
        return number(above / below)
    if not above or math.isnan(above):
        return math.nan
    return math.copysign(math.inf, above) * math.copysign(1, below)


def floor_divide(run: Run, left: Any, right: Any) -> int | float:
    """`left // right`."""
    return floor(divide(run, left, right))


def floor(value: float) -> int | float:
    """`Math.floor(value)`."""
    return number(float(math.floor(value))) if math.isfinite(value) else value


def modulo(run: Run, left: Any, right: Any) -> int | float:
    """`left % right`, with the sign of `left`."""
    above, below = float(to_number(run, left)), float(to_number(run, right))
    if not below or not math.isfinite(above) or math.isnan(below):
        return math.nan
    return number(math.fmod(above, below))


def power(run: Run, left: Any, right: Any) -> int | float:
    """`left ** right`."""
    base, exponent = float(to_number(run, left)), float(to_number(run, right))
    if math.isnan(exponent) or (abs(base) == 1 and math.isinf(exponent)):
        return math.nan
    try:
        result = math.pow(base, exponent)
    except OverflowError:
        odd = exponent.is_integer() and exponent % 2 == 1
        result = -math.inf if base < 0 and odd else math.inf
    except ValueError:
        odd = exponent.is_integer() and exponent % 2 == 1
        result = math.nan if base else (math.copysign(math.inf, base) if odd else math.inf)
    return number(result)


def negate(run: Run, value: Any) -> int | float:
    """`-value`."""
    return number(-float(to_number(run, value)))


def same(left: Any, right: Any) -> bool:
    """`left === right`: equal values of one type; lists and objects only with themselves."""
    first, second = type(left), type(right)
    if first is bool or second is bool:
        return left is right
    if (first is int or first is float) and (second is int or second is float):
        return bool(left == right)
    if first is str and second is str:
        return bool(left == right)
    return left is right


def identical(run: Run, left: Any, right: Any) -> bool:
    """`left === right`, counted."""
    if type(left) is str:
        run.text(len(left), 0)
    return same(left, right)


def equal(run: Run, left: Any, right: Any) -> bool:
    """`left == right`."""
    if identical(run, left, right):
        return True
    if left is None or left is UNDEFINED or right is None or right is UNDEFINED:
        return (left is None or left is UNDEFINED) and (right is None or right is UNDEFINED)
    if _is_object(left) and _is_object(right):
        return False
    left, right = primitive(run, left), primitive(run, right)
    if type(left) is str and type(right) is str:
        return bool(left == right)
    return to_number(run, left) == to_number(run, right)


def order(run: Run, left: Any, right: Any) -> float:
    """Below, at or above zero as `left` is below, equal to or above `right`; NaN if neither."""
    left, right = primitive(run, left), primitive(run, right)
    if type(left) is str and type(right) is str:
        run.text(len(left), 0)
        return 0 if left == right else (-1 if before(left, right) else 1)
    first, second = to_number(run, left), to_number(run, right)
    if first == second:
        return 0
    return -1 if first < second else (1 if first > second else math.nan)


def place_of(run: Run, items: list[Any], item: Any, places: Iterable[int] | None = None) -> int:
    """The first of some places (else of all) at which a list has exactly this item; -1 if there is none."""
    run.spend(1 + len(items) * (1 + (size_of(item) if isinstance(item, str) else 0)))
    places = range(len(items)) if places is None else places
    return next((place for place in places if same(items[place], item)), -1)


def contains(run: Run, container: Any, item: Any) -> bool:
    """`item in container`.

    Raises:
        EvaluationError: it is no text, list or object.
    """
    if isinstance(container, str):
        if type(container) is SafeString:
            return text_of(run, item) in ("length", "val")
        run.text(len(container))
        return text_of(run, item) in container
    if isinstance(container, list):
        return place_of(run, container, item) >= 0
    if isinstance(container, dict):
        return text_of(run, item) in container
    raise EvaluationError(f"`in` needs text, a list or an object; got {kind_of(container)}")


def _is_object(value: Any) -> bool:
    return type(value) not in (str, bool, int, float)
