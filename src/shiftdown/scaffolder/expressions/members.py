"""What `value.name` and `value[key]` give."""

from typing import Any

from shiftdown.scaffolder.expressions.array_methods import ARRAY_METHODS
from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.object_methods import NUMBER_METHODS, RECORD_METHODS, REGEX_METHODS
from shiftdown.scaffolder.expressions.operators import order, to_number
from shiftdown.scaffolder.expressions.regexes import Regex
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.string_methods import ORIGINAL_METHODS, STRING_METHODS, Method
from shiftdown.scaffolder.expressions.text import length_of, text_of, units
from shiftdown.scaffolder.expressions.values import UNDEFINED, Function, SafeString, is_index, kind_of

_METHODS: dict[type, dict[str, Method]] = {
    str: STRING_METHODS,
    SafeString: STRING_METHODS,
    list: ARRAY_METHODS,
    dict: RECORD_METHODS,
    int: NUMBER_METHODS,
    float: NUMBER_METHODS,
    Regex: REGEX_METHODS,
}
ADDED_METHODS = (STRING_METHODS.keys() | ARRAY_METHODS.keys() | {"hasOwnProperty"}) - ORIGINAL_METHODS
"""Methods that Backstage's own engine has not."""
_MISSING = object()


def key_of(run: Run, key: Any) -> str:
    """A value as the name of a member."""
    return key if type(key) is str else text_of(run, key)


def member(run: Run, target: Any, key: str) -> Any:
    """The member of a value by its name; undefined if it has none, or is null or undefined itself.

    Methods that Backstage has not are found only where they are called: a name that is not there stays undefined.
    """
    if isinstance(target, str) and not target.isascii():
        run.spend(1 + (len(target) >> 2))
    value = own(target, key, _MISSING)
    if value is not _MISSING:
        return value
    method = None if key in ADDED_METHODS or type(target) is dict else method_of(target, key)
    if method is None:
        return UNDEFINED
    return Function(key, lambda run, args, _: method(run, target, args))


def own(target: Any, key: str, missing: Any) -> Any:
    """The member that a value has beside its methods, or what is given if it has none."""
    kind = type(target)
    if kind is dict:
        return target.get(key, missing)
    if kind is list:
        if key == "length":
            return len(target)
        return target[int(key)] if is_index(key) and int(key) < len(target) else missing
    if kind is str or kind is SafeString:
        return _of_text(target, key, missing)
    if isinstance(target, Function):
        return target.members.get(key, missing)
    return missing


def has_own(target: Any, key: str) -> bool:
    """Whether a value has the member itself."""
    return own(target, key, _MISSING) is not _MISSING


def method_of(target: Any, key: str) -> Method | None:
    """The method of a value by its name."""
    methods = _METHODS.get(type(target))
    return methods.get(key) if methods else None


def sliced(run: Run, target: Any, bounds: tuple[Any, Any, Any]) -> list[Any]:
    """`target[start:stop:step]`, always a list.

    Raises:
        EvaluationError: the step is no number, or 0.
    """
    start, stop, step = bounds
    source = units(target) if isinstance(target, str) else target if isinstance(target, list) else []
    stride = 1 if step is None else to_number(run, step)
    if not stride or abs(stride) == float("inf") or stride != stride:
        raise EvaluationError("the step of a slice is a number other than 0")
    length = len(source)
    first = _bound(run, start, length, length - 1 if stride < 0 else 0)
    last = _bound(run, stop, length, length) if stop is not None or stride > 0 else -1
    picked = []
    while 0 <= first <= length and (first < last if stride > 0 else first > last):
        run.spend(1)
        whole_index = first == int(first) and first < length
        picked.append(source[int(first)] if whole_index else UNDEFINED)
        first += stride
    return picked


def attribute(run: Run, item: Any, path: str) -> Any:
    """The value at a dotted path in an item.

    Raises:
        EvaluationError: something on the way is null or undefined.
    """
    for part in path.split("."):
        if item is None or item is UNDEFINED:
            raise EvaluationError(f"cannot read {part!r} of {kind_of(item)}")
        item = own(item, part, _MISSING)
        if item is _MISSING:
            return UNDEFINED
    return item


def _bound(run: Run, given: Any, length: int, default: float) -> float:
    if given is None:
        return default
    bound = to_number(run, given)
    return bound + length if order(run, given, 0) < 0 else bound


def _of_text(target: str, key: str, missing: Any) -> Any:
    if key == "length":
        return length_of(target)
    if is_index(key):
        characters = units(target)
        return characters[int(key)] if int(key) < len(characters) else missing
    return str(target) if key == "val" and type(target) is SafeString else missing


def code_units(target: str) -> list[Any]:
    """The UTF-16 code units of a text, as `split("")` gives them."""
    return list(units(target))
