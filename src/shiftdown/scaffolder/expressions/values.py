"""What a template's values are: JSON data as JavaScript knows it, and the few things beside it.

Text is `str`, numbers are `int` or `float` (whole numbers that a double holds exactly are always `int`), arrays are
`list`, records are `dict` with `str` keys, null is `None`. Values from outside are copied before a template sees them,
so that nothing a template does reaches the caller's data, and no Python object reaches a template.
"""

import enum
from collections.abc import Callable, Iterable
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


class Macro(Function):
    """A function that a template defines itself, or the body of a `call`."""

    __slots__ = ()


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
    return len(key) < 11 and key.isascii() and key.isdigit() and (key == "0" or key[0] != "0") and int(key) < MAX_INDEX


def truthy(value: Any) -> bool:
    """Whether JavaScript takes it as true: empty lists and records are, empty text, 0 and NaN are not."""
    kind = type(value)
    if kind is list or kind is dict or kind is SafeString:
        return True
    return bool(value) and value == value


def size_of(value: Any) -> int:
    """The steps that it takes to look at all of a text, or at the items of a list or object."""
    if isinstance(value, str):
        return len(value) >> 6
    return len(value) if isinstance(value, list | dict) else 0


def kind_of(value: Any) -> str:
    """What it is, in words for messages."""
    if value is None or value is UNDEFINED:
        return "null" if value is None else "undefined"
    names = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}
    if isinstance(value, Function):
        return "a function"
    return names.get(type(value), "text" if isinstance(value, str) else "a regular expression")
