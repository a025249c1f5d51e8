"""The methods of text, as in JavaScript."""

import math
import unicodedata
from collections.abc import Callable
from typing import Any

from shiftdown.scaffolder.expressions import regexes
from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.operators import to_integer, to_number
from shiftdown.scaffolder.expressions.regexes import Regex
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.text import SPACE, text_of, units, whole
from shiftdown.scaffolder.expressions.values import UNDEFINED

Method = Callable[[Run, Any, list[Any]], Any]
"""A method: the evaluation, the value that it is called on, and the arguments."""


def argument(args: list[Any], index: int, default: Any = UNDEFINED) -> Any:
    """An argument, or a default if it is not given."""
    return args[index] if index < len(args) and args[index] is not UNDEFINED else default


def position(run: Run, args: list[Any], index: int, length: int, default: float) -> int:
    """An argument as a place from 0 to a length; one below zero counts from the end."""
    given = to_integer(run, argument(args, index, default))
    return int(max(given + length, 0) if given < 0 else min(given, length))


def _clamped(run: Run, args: list[Any], index: int, length: int, default: float) -> int:
    given = to_integer(run, argument(args, index, default))
    return int(min(max(given, 0), length))


def _char_at(run: Run, text: str, args: list[Any]) -> str:
    characters, index = units(text), to_integer(run, argument(args, 0, 0))
    return characters[int(index)] if 0 <= index < len(characters) else ""


def _char_code_at(run: Run, text: str, args: list[Any]) -> float:
    character = _char_at(run, text, args)
    return ord(character) if character else math.nan


def _at(run: Run, text: str, args: list[Any]) -> Any:
    index = to_integer(run, argument(args, 0, 0))
    characters = units(text)
    return _char_at(run, text, [index + len(characters) if index < 0 else index]) or UNDEFINED


def _concat(run: Run, text: str, args: list[Any]) -> str:
    pieces = [text, *(text_of(run, value) for value in args)]
    run.text(sum(map(len, pieces)))
    return "".join(pieces)


def _includes(run: Run, text: str, args: list[Any]) -> bool:
    return _index_of(run, text, args) >= 0


def _starts_with(run: Run, text: str, args: list[Any]) -> bool:
    characters = units(text)
    return characters.startswith(units(text_of(run, argument(args, 0))), _clamped(run, args, 1, len(characters), 0))


def _ends_with(run: Run, text: str, args: list[Any]) -> bool:
    characters = units(text)
    end = _clamped(run, args, 1, len(characters), len(characters))
    return characters[:end].endswith(units(text_of(run, argument(args, 0))))


def _index_of(run: Run, text: str, args: list[Any]) -> int:
    characters = units(text)
    return characters.find(units(text_of(run, argument(args, 0))), _clamped(run, args, 1, len(characters), 0))


def _last_index_of(run: Run, text: str, args: list[Any]) -> int:
    characters, wanted = units(text), units(text_of(run, argument(args, 0)))
    given = to_number(run, argument(args, 1))
    start = len(characters) if math.isnan(given) else int(min(max(given, 0), len(characters)))
    return characters.rfind(wanted, 0, start + len(wanted))


def _cut(run: Run, text: str, args: list[Any]) -> str:
    characters = units(text)
    start = position(run, args, 0, len(characters), 0)
    return whole(characters[start : position(run, args, 1, len(characters), len(characters))])


def _substring(run: Run, text: str, args: list[Any]) -> str:
    characters = units(text)
    ends = (_clamped(run, args, 0, len(characters), 0), _clamped(run, args, 1, len(characters), len(characters)))
    return whole(characters[min(ends) : max(ends)])


def _substr(run: Run, text: str, args: list[Any]) -> str:
    characters = units(text)
    start = position(run, args, 0, len(characters), 0)
    count = _clamped(run, args, 1, len(characters) - start, len(characters) - start)
    return whole(characters[start : start + count])


def _split(run: Run, text: str, args: list[Any]) -> list[Any]:
    separator = argument(args, 0)
    limit = argument(args, 1)
    if separator is UNDEFINED:
        pieces: list[Any] = [text]
    elif isinstance(separator, Regex):
        pieces = regexes.split(run, separator, text)
    elif divider := text_of(run, separator):
        pieces = list(text.split(divider))
    else:
        pieces = list(units(text))
    run.spend(len(pieces))
    return pieces if limit is UNDEFINED else pieces[: int(to_number(run, limit)) & 0xFFFFFFFF]


def _replace(run: Run, text: str, args: list[Any]) -> str:
    searched, replacement = argument(args, 0), text_of(run, argument(args, 1))
    if isinstance(searched, Regex):
        return regexes.replace(run, searched, text, replacement)
    wanted = text_of(run, searched)
    start = text.find(wanted)
    if start < 0:
        return text
    end = start + len(wanted)
    new = regexes.expand(replacement, text, start, end)
    run.text(len(text) + len(new))
    return text[:start] + new + text[end:]


def _replace_all(run: Run, text: str, args: list[Any]) -> str:
    searched, replacement = argument(args, 0), text_of(run, argument(args, 1))
    if isinstance(searched, Regex):
        if "g" not in searched.flags:
            raise EvaluationError("replaceAll needs a regular expression with the flag g")
        return regexes.replace(run, searched, text, replacement)
    wanted = text_of(run, searched)
    count = text.count(wanted)
    run.text(len(text) + count * len(replacement), count)
    if "$" not in replacement:
        return text.replace(wanted, replacement)
    pieces, end = [], 0
    for _ in range(count):
        start = text.find(wanted, end)
        pieces += [text[end:start], regexes.expand(replacement, text, start, start + len(wanted))]
        end = start + len(wanted)
        run.text(len(pieces[-1]))
    return "".join([*pieces, text[end:]])


def _match(run: Run, text: str, args: list[Any]) -> Any:
    searched = argument(args, 0)
    pattern = searched if isinstance(searched, Regex) else Regex(text_of(run, argument(args, 0, "")), "")
    found = list(pattern.matches(run, text))
    if not found:
        return None
    if "g" in pattern.flags:
        return [each[0] for each in found]
    return [UNDEFINED if group is None else group for group in (found[0][0], *found[0].groups())]


def _search(run: Run, text: str, args: list[Any]) -> int:
    searched = argument(args, 0)
    pattern = searched if isinstance(searched, Regex) else Regex(text_of(run, argument(args, 0, "")), "")
    found = pattern.match(run, text)
    return found.start() if found else -1


def _repeat(run: Run, text: str, args: list[Any]) -> str:
    count = to_integer(run, argument(args, 0))
    if count < 0 or math.isinf(count):
        raise EvaluationError(f"cannot repeat a text {text_of(run, count)} times")
    run.text(len(text) * count)
    return text * int(count)


def _pad_start(run: Run, text: str, args: list[Any]) -> str:
    return _padding(run, text, args) + text


def _pad_end(run: Run, text: str, args: list[Any]) -> str:
    return text + _padding(run, text, args)


def _padding(run: Run, text: str, args: list[Any]) -> str:
    filling = text_of(run, argument(args, 1, " "))
    missing = to_integer(run, argument(args, 0)) - len(units(text))
    if missing <= 0 or not filling:
        return ""
    run.text(missing)
    return (filling * (int(missing) // len(filling) + 1))[: int(missing)]


def _normalize(run: Run, text: str, args: list[Any]) -> str:
    run.text(len(text) * 18)
    match text_of(run, argument(args, 0, "NFC")):
        case "NFC" | "NFD" | "NFKC" | "NFKD" as form:
            return unicodedata.normalize(form, text)
        case other:
            raise EvaluationError(f"{other!r} is no normal form of text")


def _locale_compare(run: Run, text: str, args: list[Any]) -> int:
    other = text_of(run, argument(args, 0))
    first, second = (text.casefold(), text.swapcase()), (other.casefold(), other.swapcase())
    return 0 if text == other else (-1 if first < second else 1)


ORIGINAL_METHODS = frozenset(
    {
        *("at", "charAt", "charCodeAt", "concat", "endsWith", "fill", "flat", "includes", "indexOf", "join"),
        *("lastIndexOf", "pop", "push", "replace", "reverse", "shift", "slice", "sort", "splice", "split"),
        *("startsWith", "substring", "test", "toExponential", "toFixed", "toLowerCase", "toPrecision", "toString"),
        *("toUpperCase", "trim", "trimEnd", "trimStart", "unshift"),
    }
)
"""The methods of text, lists, numbers and regular expressions that Backstage's own engine has."""
STRING_METHODS: dict[str, Method] = {
    "at": _at,
    "charAt": _char_at,
    "charCodeAt": _char_code_at,
    "concat": _concat,
    "endsWith": _ends_with,
    "includes": _includes,
    "indexOf": _index_of,
    "lastIndexOf": _last_index_of,
    "localeCompare": _locale_compare,
    "match": _match,
    "normalize": _normalize,
    "padEnd": _pad_end,
    "padStart": _pad_start,
    "repeat": _repeat,
    "replace": _replace,
    "replaceAll": _replace_all,
    "search": _search,
    "slice": _cut,
    "split": _split,
    "startsWith": _starts_with,
    "substr": _substr,
    "substring": _substring,
    "toLowerCase": lambda _, text, __: text.lower(),
    "toString": lambda _, text, __: str(text),
    "toUpperCase": lambda _, text, __: text.upper(),
    "trim": lambda _, text, __: text.strip(SPACE),
    "trimEnd": lambda _, text, __: text.rstrip(SPACE),
    "trimStart": lambda _, text, __: text.lstrip(SPACE),
    "valueOf": lambda _, text, __: str(text),
}
"""By name; the arguments that a call does not give are undefined."""
