"""Text as JavaScript has it: printing of values, and UTF-16 code units."""

import json
import math
import re
from decimal import Decimal
from typing import Any

from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.values import UNDEFINED, Function, SafeString

SPACE = "\t\n\v\f\r \xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What JavaScript takes as white space."""
_LARGE = re.compile("[\U00010000-\U0010ffff]")
_HALF = re.compile("[\ud800-\udfff]")
_WORDS = {None: "null", UNDEFINED: "undefined", True: "true", False: "false"}


def text_of(run: Run, value: Any) -> str:
    """A value as `String(value)` gives it.

    Raises:
        EvaluationError: it is a function.
    """
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is bool or value is None or value is UNDEFINED:
        return _WORDS[value]
    if kind is int:
        return str(value)
    if kind is float:
        return float_text(value)
    if kind is SafeString:
        run.text(len(value))
        return str(value)
    if kind is list:
        return joined(run, value, ",")
    if kind is dict:
        return "[object Object]"
    if isinstance(value, Function):
        raise EvaluationError(f"{value.name} is a function, and cannot be used as text")
    return str(value)


def printed(run: Run, value: Any) -> str:
    """A value as a template prints it: as `text_of`, but nothing for null and undefined."""
    return "" if value is None or value is UNDEFINED else text_of(run, value)


def joined(run: Run, values: list[Any], separator: str) -> str:
    """The values of a list as text with a separator between them."""
    run.spend(2 + len(values) * 2)
    pieces = [printed(run, value) for value in values]
    run.text(sum(map(len, pieces)) + len(separator) * len(pieces), len(pieces))
    return separator.join(pieces)


def float_text(value: float) -> str:
    """A number as JavaScript prints it."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    figures = "".join(map(str, digits))
    point = len(figures) + int(exponent)
    if len(figures) <= point <= 21:
        body = figures.ljust(point, "0")
    elif 0 < point <= 21:
        body = f"{figures[:point]}.{figures[point:]}"
    elif -6 < point <= 0:
        body = f"0.{'0' * -point}{figures}"
    else:
        body = exponential(figures, point - 1)
    return f"-{body}" if sign else body


def exponential(figures: str, exponent: int) -> str:
    """Digits with a point after the first and an exponent, as JavaScript writes it."""
    fraction = f".{figures[1:]}" if len(figures) > 1 else ""
    return f"{figures[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent)}"


def quoted(text: str) -> str:
    """A text as `JSON.stringify` writes it."""
    return json.dumps(text, ensure_ascii=False)


def length_of(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) if text.isascii() else len(text) + len(_LARGE.findall(text))


def units(text: str) -> str:
    """A text with one character for each UTF-16 code unit, to be cut by index; `whole` is the way back."""
    return text if text.isascii() else _LARGE.sub(_halves, text)


def whole(text: str) -> str:
    """A text of UTF-16 code units with its characters put together again."""
    if text.isascii() or not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def before(left: str, right: str) -> bool:
    """Whether a text comes before another one, by UTF-16 code units."""
    if left.isascii() and right.isascii():
        return left < right
    return left.encode("utf-16-be", "surrogatepass") < right.encode("utf-16-be", "surrogatepass")


def _halves(found: "re.Match[str]") -> str:
    code = ord(found[0]) - 0x10000
    return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))


def encodable(text: str) -> str:
    """A text without halves of characters, as it is when it is written out: a lone half becomes U+FFFD."""
    if text.isascii() or not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
