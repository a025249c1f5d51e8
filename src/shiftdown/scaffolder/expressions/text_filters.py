"""The filters on text and numbers, as nunjucks has them."""

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

import regex

from shiftdown.scaffolder.expressions import regexes
from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.json_text import stringify
from shiftdown.scaffolder.expressions.members import own
from shiftdown.scaffolder.expressions.operators import floor, order, text_number, to_number
from shiftdown.scaffolder.expressions.regexes import Regex
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.string_methods import argument
from shiftdown.scaffolder.expressions.text import SPACE, length_of, printed, text_of, units, whole
from shiftdown.scaffolder.expressions.values import UNDEFINED, SafeString, kind_of, number, truthy

Filter = Callable[[Run, Any, list[Any]], Any]
"""A filter: the evaluation, the value and the arguments."""
_MARKUP = regex.compile(r"</?([a-z][a-z0-9]*)\b[^>]*>|<!--[\s\S]*?-->", regex.IGNORECASE | regex.ASCII)
_EDGES = regex.compile("^ +| +$", regex.MULTILINE)
_ESCAPES = str.maketrans({"&": "&amp;", '"': "&quot;", "'": "&#39;", "<": "&lt;", ">": "&gt;", "\\": "&#92;"})
_BLANKS = re.compile(f"[{re.escape(SPACE)}]+")
_WORD = re.compile(r"\w+", re.ASCII)
_FLOAT = re.compile(r"[+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)
_PUNCTUATION = re.compile(r"(?:\(|<|&lt;)?(.*?)(?:\.|,|\)|\n|&gt;)?\Z")
_MAIL = re.compile(r"[\w.!#$%&'*+\-/=?^`{|}~]+@[a-z\d-]+(?:\.[a-z\d-]+)+\Z", re.IGNORECASE | re.ASCII)
_DOMAIN = re.compile(r"\.(?:org|net|com)(?::|/|\Z)")


def required(value: Any) -> str:
    """The text that a filter needs.

    Raises:
        EvaluationError: the value is none.
    """
    if isinstance(value, str):
        return value
    raise EvaluationError(f"this filter needs text; got {kind_of(value)}")


def given(value: Any) -> str:
    """The text that a filter needs; none for null, undefined and false."""
    return "" if value is None or value is UNDEFINED or value is False else required(value)


def like(value: Any, text: str) -> str:
    """A text that is marked as safe if the value is."""
    return SafeString(text) if type(value) is SafeString else text


def _capitalized(text: str) -> str:
    lower = text.lower()
    return lower[:1].upper() + lower[1:]


def _capitalize(_: Run, value: Any, __: list[Any]) -> str:
    return like(value, _capitalized(given(value)))


def _title(run: Run, value: Any, _: list[Any]) -> str:
    words = given(value).split(" ")
    run.spend(2 * len(words))
    return like(value, " ".join(map(_capitalized, words)))


def _center(run: Run, value: Any, args: list[Any]) -> Any:
    text = given(value)
    spaces = to_number(run, argument(args, 0) if truthy(argument(args, 0)) else 80) - length_of(text)
    if spaces <= 0:
        return like(value, text)
    return like(value, _blanks(run, spaces / 2 - spaces % 2) + text + _blanks(run, spaces / 2))


def _blanks(run: Run, count: float) -> str:
    if math.isnan(count) or count <= 0:
        return ""
    run.text(count)
    return " " * math.ceil(count)


def _default(_: Run, value: Any, args: list[Any]) -> Any:
    missing = not truthy(value) if truthy(argument(args, 1)) else value is UNDEFINED
    return argument(args, 0) if missing else value


def _escape(run: Run, value: Any, _: list[Any]) -> SafeString:
    return value if type(value) is SafeString else _force_escape(run, value, [])


def _force_escape(run: Run, value: Any, _: list[Any]) -> SafeString:
    text = printed(run, value).translate(_ESCAPES)
    run.text(len(text))
    return SafeString(text)


def _safe(run: Run, value: Any, _: list[Any]) -> SafeString:
    return value if type(value) is SafeString else SafeString(printed(run, value))


def _string(run: Run, value: Any, _: list[Any]) -> str:
    if value is None or value is UNDEFINED:
        raise EvaluationError(f"`string` needs a value; got {kind_of(value)}")
    return like(value, text_of(run, value))


def _float(run: Run, value: Any, args: list[Any]) -> Any:
    match = _FLOAT.match(text_of(run, value).lstrip(SPACE))
    return text_number(match[0]) if match else argument(args, 0)


def _int(run: Run, value: Any, args: list[Any]) -> Any:
    base = argument(args, 1)
    radix = 10 if base is UNDEFINED else to_number(run, base)
    radix = int(radix) if math.isfinite(radix) else 0
    text = text_of(run, value).strip(SPACE)
    sign, text = (-1 if text[:1] == "-" else 1), text.removeprefix("-" if text[:1] == "-" else "+")
    if radix in (0, 16) and text[:2].lower() == "0x":
        radix, text = 16, text[2:]
    radix = radix or 10
    digits = re.match("[0-9a-z]*", text.lower())
    figures = "".join(_while(lambda d: int(d, 36) < radix, digits[0] if digits else ""))
    if not 2 <= radix <= 36 or not figures:
        return argument(args, 0)
    run.text(len(figures))
    value = int(figures[:400], radix) * sign
    return number(value) if len(figures) < 300 else math.inf * sign


def _while(test: Callable[[str], bool], text: str) -> list[str]:
    taken: list[str] = []
    for character in text:
        if not test(character):
            break
        taken.append(character)
    return taken


def _indent(run: Run, value: Any, args: list[Any]) -> str:
    text = given(value)
    width = argument(args, 0)
    blanks = _blanks(run, to_number(run, width if truthy(width) else 4))
    count = text.count("\n") + 1
    run.text(len(text) + count * len(blanks), count)
    first = blanks if truthy(argument(args, 1)) and (text or type(value) is SafeString) else ""
    return like(value, first + text.replace("\n", "\n" + blanks))


def _nl2br(run: Run, value: Any, _: list[Any]) -> str:
    text = "" if value is None or value is UNDEFINED else required(value)
    run.text(len(text) * 7)
    return like(value, re.sub(r"\r\n|\n", "<br />\n", text))


def _replace(run: Run, value: Any, args: list[Any]) -> Any:
    old, new, most = argument(args, 0), argument(args, 1), argument(args, 2, -1)
    if isinstance(old, Regex):
        return regexes.replace(run, old, str(required(value)), text_of(run, new))
    if type(old) not in (str, int, float) or not (isinstance(value, str) or type(value) in (int, float)):
        return value
    text, wanted, replacement = text_of(run, value), text_of(run, old), text_of(run, new)
    if not wanted:
        run.text((len(text) + 2) * len(replacement))
        inner = "," if new is UNDEFINED else replacement
        return like(value, replacement + inner.join(text) + replacement)
    found = text.count(wanted)
    limit = to_number(run, most)
    count = found if limit == -1 else max(min(found, math.ceil(limit) if math.isfinite(limit) else found), 0)
    if not found or not count:
        return value if isinstance(value, str) else text
    run.text(len(text) + count * len(replacement), count)
    return like(value, text.replace(wanted, replacement, count))


def _round(run: Run, value: Any, args: list[Any]) -> float:
    precision = argument(args, 0)
    factor = 10.0 ** max(min(to_number(run, precision if truthy(precision) else 0), 300), -300)
    scaled = float(to_number(run, value)) * factor
    if not math.isfinite(scaled):
        return scaled
    method = argument(args, 1)
    rounded = math.ceil(scaled) if method == "ceil" else floor(scaled if method == "floor" else scaled + 0.5)
    return number(rounded / factor)


def _striptags(run: Run, value: Any, args: list[Any]) -> str:
    text = given(value)
    for _ in range(9):
        run.text(len(text))
        text, count = run.matching(partial(_MARKUP.subn, "", text))
        if not count:
            break
    else:
        raise EvaluationError("`striptags` got tags within tags")
    text = text.strip(SPACE)
    if not truthy(argument(args, 0)):
        return like(value, _BLANKS.sub(" ", text))
    text = run.matching(partial(_EDGES.sub, "", text))
    text = re.sub(" +", " ", text).replace("\r\n", "\n")
    return like(value, re.sub("\n\n\n+", "\n\n", text))


def _truncate(run: Run, value: Any, args: list[Any]) -> Any:
    length = argument(args, 0)
    limit = to_number(run, length if truthy(length) else 255)
    if isinstance(value, list) and len(value) <= limit:
        return value
    text = units(given(value))
    if order(run, len(text), limit) <= 0:
        return like(value, whole(text))
    limit = int(max(limit, 0)) if math.isfinite(limit) else 0
    place = -1 if truthy(argument(args, 1)) else text.rfind(" ", 0, limit + 1)
    end = argument(args, 2)
    tail = "..." if end is UNDEFINED or end is None else text_of(run, end)
    return like(value, whole(text[: limit if place < 0 else place]) + tail)


def _urlencode(run: Run, value: Any, _: list[Any]) -> str:
    if isinstance(value, str):
        return _encoded(run, value)
    pairs = list(value.items()) if isinstance(value, dict) else []
    if isinstance(value, list):
        pairs = [_pair(item) for item in value]
    return "&".join(f"{_encoded(run, text_of(run, key))}={_encoded(run, text_of(run, item))}" for key, item in pairs)


def _pair(item: Any) -> tuple[Any, Any]:
    if item is None or item is UNDEFINED:
        raise EvaluationError(f"`urlencode` needs pairs in the list; got {kind_of(item)}")
    return own(item, "0", UNDEFINED), own(item, "1", UNDEFINED)


def _encoded(run: Run, text: str) -> str:
    run.text(len(text) * 3)
    return quote(str(text), safe="-_.!~*'()", errors="replace")


def _urlize(run: Run, value: Any, args: list[Any]) -> str:
    length = argument(args, 0)
    limit = math.inf if length is UNDEFINED else to_number(run, length)
    nofollow = ' rel="nofollow"' if argument(args, 1) is True else ""
    pieces = []
    words = re.split(f"({_BLANKS.pattern})", required(value))
    run.spend(10 * len(words))
    for word in words:
        match = _PUNCTUATION.match(word)
        address = match[1] if match else word
        short = address if limit == math.inf or math.isnan(limit) else address[: int(max(limit, 0))]
        pieces.append(_link(word, address, short, nofollow))
    run.text(sum(map(len, pieces)), len(pieces))
    return "".join(pieces)


def _link(word: str, address: str, short: str, nofollow: str) -> str:
    if address.startswith(("http://", "https://")):
        return f'<a href="{address}"{nofollow}>{short}</a>'
    if address.startswith("www."):
        return f'<a href="http://{address}"{nofollow}>{short}</a>'
    if _MAIL.match(address):
        return f'<a href="mailto:{address}">{address}</a>'
    if _DOMAIN.search(address):
        return f'<a href="http://{address}"{nofollow}>{short}</a>'
    return word


TEXT_FILTERS: dict[str, Filter] = {
    "abs": lambda run, value, _: number(abs(to_number(run, value))),
    "capitalize": _capitalize,
    "center": _center,
    "default": _default,
    "dump": lambda run, value, args: stringify(run, value, argument(args, 0)),
    "escape": _escape,
    "float": _float,
    "forceescape": _force_escape,
    "indent": _indent,
    "int": _int,
    "lower": lambda _, value, __: given(value).lower(),
    "nl2br": _nl2br,
    "replace": _replace,
    "round": _round,
    "safe": _safe,
    "string": _string,
    "striptags": _striptags,
    "title": _title,
    "trim": lambda _, value, __: like(value, required(value).strip(SPACE)),
    "truncate": _truncate,
    "upper": lambda _, value, __: given(value).upper(),
    "urlencode": _urlencode,
    "urlize": _urlize,
    "wordcount": lambda _, value, __: (len(_WORD.findall(given(value))) or None) if truthy(value) else None,
}
TEXT_FILTERS |= {"d": _default, "e": _escape}
