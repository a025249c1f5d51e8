"""The methods of objects, numbers and regular expressions."""

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.operators import to_integer
from shiftdown.scaffolder.expressions.regexes import Regex
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.string_methods import Method, argument
from shiftdown.scaffolder.expressions.text import exponential, float_text, text_of

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _get(run: Run, record: dict[str, Any], args: list[Any]) -> Any:
    key = text_of(run, argument(args, 0))
    return record[key] if key in record else argument(args, 1)


def _has_key(run: Run, record: dict[str, Any], args: list[Any]) -> bool:
    return text_of(run, argument(args, 0)) in record


def _to_fixed(run: Run, value: float, args: list[Any]) -> str:
    figures = _figures(run, args, 0, 0, 100)
    if not math.isfinite(value) or abs(value) >= 1e21:
        return float_text(float(value))
    rounded = Decimal(abs(value)).quantize(Decimal(1).scaleb(-figures), ROUND_HALF_UP, context=_wide())
    return f"{'-' if value < 0 else ''}{rounded:f}"


def _to_precision(run: Run, value: float, args: list[Any]) -> str:
    if argument(args, 0) is argument([], 0) or not math.isfinite(value):
        return float_text(float(value))
    figures = _figures(run, args, 0, 1, 100)
    digits, exponent = _rounded(value, figures)
    sign = "-" if value < 0 else ""
    if exponent < -6 or exponent >= figures:
        return sign + exponential(digits, exponent)
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    fraction = digits[exponent + 1 :]
    return f"{sign}{digits[: exponent + 1]}{'.' if fraction else ''}{fraction}"


def _to_exponential(run: Run, value: float, args: list[Any]) -> str:
    if not math.isfinite(value):
        return float_text(float(value))
    if argument(args, 0) is argument([], 0):
        figures = len(Decimal(repr(abs(value))).normalize().as_tuple().digits)
    else:
        figures = _figures(run, args, 0, 0, 100) + 1
    digits, exponent = _rounded(value, figures)
    return ("-" if value < 0 else "") + exponential(digits, exponent)


def _number_text(run: Run, value: float, args: list[Any]) -> str:
    radix = to_integer(run, argument(args, 0, 10))
    if not 2 <= radix <= 36:
        raise EvaluationError("the base of a number is from 2 to 36")
    if radix == 10 or not math.isfinite(value):
        return float_text(float(value))
    rest, fraction = divmod(abs(value), 1)
    whole, digits = int(rest), ""
    while whole or not digits:
        whole, digit = divmod(whole, int(radix))
        digits = _DIGITS[digit] + digits
    if fraction:
        digits += "."
        least = (math.nextafter(abs(value), math.inf) - abs(value)) / 2
        while fraction >= least:
            digit, fraction, least = int(fraction * radix), fraction * radix % 1, least * radix
            digits += _DIGITS[digit]
    return f"{'-' if value < 0 else ''}{digits}"


def _test(run: Run, pattern: Regex, args: list[Any]) -> bool:
    text = text_of(run, argument(args, 0))
    keeps_place = "g" in pattern.flags or "y" in pattern.flags
    found = pattern.match(run, text, pattern.last if keeps_place else 0)
    if keeps_place:
        pattern.last = found.end() if found else 0
    return found is not None


def _figures(run: Run, args: list[Any], default: int, least: int, most: int) -> int:
    figures = to_integer(run, argument(args, 0, default))
    if not least <= figures <= most:
        raise EvaluationError(f"the number of digits is from {least} to {most}")
    return int(figures)


def _rounded(value: float, figures: int) -> tuple[str, int]:
    """The first digits of a number, and the exponent of the first one."""
    exact = Decimal(abs(value))
    if not exact:
        return "0" * figures, 0
    exponent = exact.adjusted()
    digits = exact.scaleb(figures - 1 - exponent, context=_wide()).quantize(Decimal(1), ROUND_HALF_UP, context=_wide())
    text = f"{digits:f}"
    return (text[:figures], exponent + 1) if len(text) > figures else (text, exponent)


def _wide() -> Any:
    from decimal import Context

    return Context(prec=1200)


RECORD_METHODS: dict[str, Method] = {
    "get": _get,
    "has_key": _has_key,
    "hasOwnProperty": _has_key,
    "items": lambda _, record, __: [[key, value] for key, value in record.items()],
    "keys": lambda _, record, __: list(record),
    "values": lambda _, record, __: list(record.values()),
}
"""By name; a member of the object with the same name comes first."""
NUMBER_METHODS: dict[str, Method] = {
    "toExponential": _to_exponential,
    "toFixed": _to_fixed,
    "toPrecision": _to_precision,
    "toString": _number_text,
}
"""By name."""
REGEX_METHODS: dict[str, Method] = {"test": _test, "toString": lambda _, pattern, __: str(pattern)}
"""By name."""
