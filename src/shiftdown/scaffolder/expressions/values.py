"""What a template's values are: JSON data as JavaScript knows it, and the few things beside it.

Text is `str`, numbers are `int` or `float` (whole numbers that a double holds exactly are always `int`), arrays are
`list`, records are `dict` with `str` keys, null is `None`. Values from outside are copied before a template sees them,
so that nothing a template does reaches the caller's data, and no Python object reaches a template.
"""

import datetime
import enum
import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, Final

from shiftdown.scaffolder.expressions.errors import EvaluationError

if TYPE_CHECKING:
    from shiftdown.scaffolder.expressions.run import Run

MAX_INDEX = 2**32 - 1
"""Keys below it that are written as plain whole numbers come first in a record, in order."""
_EXACT = 2**53
_RESERVED = frozenset({"constructor", "prototype", "__proto__"})


class Undefined(enum.Enum):
    """The type of `UNDEFINED`."""

    UNDEFINED = "undefined"

    def __bool__(self) -> bool:
        return False


UNDEFINED: Final = Undefined.UNDEFINED
"""JavaScript's undefined: what a name or key gives that does not exist."""


class SafeString(str):
    """Text that is marked as safe, as macros and some filters give it: it prints as text, but is an object."""

    __slots__ = ()


class Function:
    """Something that a template can call; it cannot be printed, compared with text or handed out."""

    __slots__ = ("call", "members", "name")

    def __init__(self, name: str, call: "Callable[[Run, list[Any], dict[str, Any]], Any]") -> None:
        self.name = name
        """What it is called in messages."""
        self.call = call
        """Calls it, with the evaluation, the arguments and the keyword arguments."""
        self.members: dict[str, Any] = {}
        """What can be read from it."""


def is_reserved(name: str) -> bool:
    """Whether no value may be read or written by that name, as in the original."""
    return name in _RESERVED


def number(value: float) -> int | float:
    """The number in its one form: an `int` where a double holds the whole number exactly."""
    if isinstance(value, float):
        if value.is_integer() and -_EXACT <= value <= _EXACT and (value or str(value)[0] != "-"):
            return int(value)
        return value
    return value if -_EXACT <= value <= _EXACT else float(value)


def record(items: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A record with its keys in JavaScript's order.

    Raises:
        EvaluationError: a key is reserved.
    """
    made = dict(items)
    indexes = [key for key in made if key[:1].isdigit() and is_index(key)]
    if not _RESERVED.isdisjoint(made):
        raise EvaluationError(f"the key {min(_RESERVED & made.keys())!r} is reserved")
    if not indexes:
        return made
    indexes.sort(key=int)
    return {**{key: made[key] for key in indexes}, **made}


def is_index(key: str) -> bool:
    """Whether a key is a whole number as JavaScript writes it, and can index an array."""
    return key.isascii() and key.isdigit() and (key == "0" or key[0] != "0") and len(key) < 11 and int(key) < MAX_INDEX


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
    if kind is list or isinstance(value, Sequence | Set) and not isinstance(value, str | bytes):
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


def plain(run: "Run", value: Any) -> Any:
    """A copy of a template's value as data for outside; what is undefined is left out, or None in a list.

    Raises:
        EvaluationError: a function is in it.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool or kind is int:
        return value
    if kind is float:
        return _plain_number(value)
    if kind is SafeString:
        return str(value)
    if kind is list:
        run.spend(1 + len(value))
        return [None if item is UNDEFINED else plain(run, item) for item in value]
    if kind is dict:
        run.spend(1 + len(value))
        return {key: plain(run, item) for key, item in value.items() if item is not UNDEFINED}
    if value is UNDEFINED:
        return value
    if isinstance(value, Function):
        raise EvaluationError(f"{value.name} is a function, and cannot be used as data")
    return {}


def _plain_number(value: float) -> int | float | None:
    """A number as JSON has it: what is no number, or infinite, is null there."""
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() else value


def truthy(value: Any) -> bool:
    """Whether JavaScript takes it as true: empty lists and records are, empty text, 0 and NaN are not."""
    kind = type(value)
    if kind is list or kind is dict or kind is SafeString:
        return True
    return bool(value) and value == value  # noqa: PLR0124 - NaN is not equal to itself


def kind_of(value: Any) -> str:
    """What it is, in words for messages."""
    if value is None or value is UNDEFINED:
        return "null" if value is None else "undefined"
    names = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}
    if isinstance(value, Function):
        return "a function"
    return names.get(type(value), "text" if isinstance(value, str) else "a regular expression")
