"""The filters on lists and objects, as nunjucks has them."""

import math
from functools import cmp_to_key
from typing import Any

from shiftdown.scaffolder.expressions.builtin_tests import TESTS
from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.members import attribute, code_units, own
from shiftdown.scaffolder.expressions.operators import add, order, same, to_number
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.string_methods import argument
from shiftdown.scaffolder.expressions.text import joined, length_of, text_of
from shiftdown.scaffolder.expressions.text_filters import Filter, like
from shiftdown.scaffolder.expressions.values import UNDEFINED, is_reserved, kind_of, record, size_of, truthy


def _sequence(value: Any, name: str) -> list[Any]:
    """The items of a list, or the characters of a text; none of other values.

    Raises:
        EvaluationError: the value is null or undefined.
    """
    if value is None or value is UNDEFINED:
        raise EvaluationError(f"`{name}` needs a list; got {kind_of(value)}")
    if isinstance(value, str):
        return code_units(value)
    return value if isinstance(value, list) else []


def _list_of(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise EvaluationError(f"`{name}` needs a list; got {kind_of(value)}")
    return value


def _batch(run: Run, value: Any, args: list[Any]) -> list[Any]:
    items, filling = _sequence(value, "batch"), argument(args, 1)
    width = _count(run, args, "batch")
    rows = [items[start : start + width] for start in range(0, len(items), width)]
    if rows and truthy(filling):
        run.spend(width - len(rows[-1]))
        rows[-1] = rows[-1] + [filling] * (width - len(rows[-1]))
    return rows


def _slice(run: Run, value: Any, args: list[Any]) -> list[Any]:
    items = _sequence(value, "slice")
    if not isinstance(value, str | list):
        raise EvaluationError(f"`slice` needs a list; got {kind_of(value)}")
    count, filling = _count(run, args, "slice"), argument(args, 1)
    run.spend(count)
    base, extra = divmod(len(items), count)
    slices: list[Any] = []
    start = 0
    for index in range(count):
        end = start + base + (index < extra)
        part: Any = items[start:end]
        if isinstance(value, str):
            part = "".join(part)
        elif truthy(filling) and index >= extra:
            part = [*part, filling]
        slices.append(part)
        start = end
    return slices


def _count(run: Run, args: list[Any], name: str) -> int:
    count = to_number(run, argument(args, 0))
    if not math.isfinite(count) or count < 1:
        raise EvaluationError(f"`{name}` needs a number from 1; got {text_of(run, argument(args, 0))}")
    return int(count)


def _dictsort(run: Run, value: Any, args: list[Any]) -> list[Any]:
    if not isinstance(value, dict):
        raise EvaluationError(f"`dictsort` needs an object; got {kind_of(value)}")
    by = argument(args, 1, "key")
    if by not in ("key", "value"):
        raise EvaluationError("`dictsort` sorts by key or by value")
    place, cased = int(by == "value"), truthy(argument(args, 0))

    def compare(left: list[Any], right: list[Any]) -> int:
        first, second = left[place], right[place]
        run.spend(4 + size_of(first))
        if not cased:
            first = first.upper() if isinstance(first, str) else first
            second = second.upper() if isinstance(second, str) else second
        return 1 if order(run, first, second) > 0 else (0 if same(first, second) else -1)

    return sorted(([key, item] for key, item in value.items()), key=cmp_to_key(compare))


def _first(_: Run, value: Any, __: list[Any]) -> Any:
    items = _sequence(value, "first")
    return items[0] if items else (value.get("0", UNDEFINED) if isinstance(value, dict) else UNDEFINED)


def _last(_: Run, value: Any, __: list[Any]) -> Any:
    items = _sequence(value, "last")
    return items[-1] if items else UNDEFINED


def _random(run: Run, value: Any, _: list[Any]) -> Any:
    items = _sequence(value, "random")
    return run.random.choice(items) if items else UNDEFINED


def _length(_: Run, value: Any, __: list[Any]) -> Any:
    if isinstance(value, str):
        return length_of(value)
    if isinstance(value, list | dict):
        return len(value)
    return 0 if value is None or value is UNDEFINED or value is False else UNDEFINED


def _list(run: Run, value: Any, _: list[Any]) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        run.spend(len(value))
        return code_units(value)
    if isinstance(value, dict):
        return [{"key": key, "value": item} for key, item in value.items()]
    raise EvaluationError(f"`list` needs a list, an object or text; got {kind_of(value)}")


def _groupby(run: Run, value: Any, args: list[Any]) -> dict[str, Any]:
    groups: dict[str, list[Any]] = {}
    path = _path(run, argument(args, 0))
    for item in _sequence(value, "groupby"):
        groups.setdefault(text_of(run, attribute(run, item, path) if path else item), []).append(item)
    return record(groups.items())


def _join(run: Run, value: Any, args: list[Any]) -> str:
    separator, key = argument(args, 0), argument(args, 1)
    items = _attributes(run, value, key) if truthy(key) else _list_of(value, "join")
    return joined(run, items, text_of(run, separator) if truthy(separator) else "")


def _attributes(run: Run, value: Any, key: Any) -> list[Any]:
    """What each item has at a key that may have points in it."""
    name = _key(run, key)
    items = _sequence(value, "this filter") if value not in (None, UNDEFINED) else []
    return [_attribute(item, name) for item in items]


def _attribute(item: Any, name: str) -> Any:
    if item is None or item is UNDEFINED:
        raise EvaluationError(f"cannot read {name!r} of {kind_of(item)}")
    return own(item, name, UNDEFINED)


def _key(run: Run, key: Any) -> str:
    name = text_of(run, key)
    if is_reserved(name):
        raise EvaluationError(f"{name!r} cannot be read")
    return name


def _path(run: Run, key: Any) -> str:
    return _key(run, key) if truthy(key) else ""


def _sum(run: Run, value: Any, args: list[Any]) -> Any:
    key = argument(args, 0)
    total: Any = 0
    for item in _attributes(run, value, key) if truthy(key) else _list_of(value, "sum"):
        total = add(run, total, item)
    return add(run, argument(args, 1, 0), total)


def _sort(run: Run, value: Any, args: list[Any]) -> list[Any]:
    items = [] if value is None or value is UNDEFINED else _sequence(value, "sort")
    sign, cased = (-1 if truthy(argument(args, 0)) else 1), truthy(argument(args, 1))
    path = _path(run, argument(args, 2))

    def key(item: Any) -> Any:
        found = attribute(run, item, path) if path else item
        run.spend(1 + size_of(found))
        return found.lower() if isinstance(found, str) and not cased else found

    def compare(left: Any, right: Any) -> int:
        run.spend(4)
        found = order(run, left[0], right[0])
        return 0 if math.isnan(found) else int(found) * sign

    known = [(key(item), item) for item in items if item is not UNDEFINED]
    texts = all(type(found) is str for found, _ in known)
    ranked = sorted(known, key=_place, reverse=sign < 0) if texts else sorted(known, key=cmp_to_key(compare))
    return [item for _, item in ranked] + [UNDEFINED] * (len(items) - len(known))


def _place(known: tuple[str, Any]) -> bytes:
    return known[0].encode("utf-16-be", "surrogatepass")


def _reverse(_: Run, value: Any, __: list[Any]) -> Any:
    if isinstance(value, str):
        return like(value, "".join(reversed(code_units(value))))
    return value[::-1] if isinstance(value, list) else []


def _select(run: Run, value: Any, args: list[Any], wanted: bool) -> list[Any]:
    name = argument(args, 0, "truthy")
    test = TESTS.get(text_of(run, name))
    if test is None:
        raise EvaluationError(f"there is no test {text_of(run, name)!r}")
    items = _sequence(value, "select")
    run.spend(sum(map(size_of, items)))
    return [item for item in items if test(run, item, args[1:]) is wanted]


def _select_attribute(run: Run, value: Any, args: list[Any], wanted: bool) -> list[Any]:
    name = _key(run, argument(args, 0))
    return [item for item in _list_of(value, "selectattr") if truthy(_attribute(item, name)) is wanted]


LIST_FILTERS: dict[str, Filter] = {
    "batch": _batch,
    "dictsort": _dictsort,
    "first": _first,
    "groupby": _groupby,
    "join": _join,
    "last": _last,
    "length": _length,
    "list": _list,
    "random": _random,
    "reject": lambda run, value, args: _select(run, value, args, False),
    "rejectattr": lambda run, value, args: _select_attribute(run, value, args, False),
    "reverse": _reverse,
    "select": lambda run, value, args: _select(run, value, args, True),
    "selectattr": lambda run, value, args: _select_attribute(run, value, args, True),
    "slice": _slice,
    "sort": _sort,
    "sum": _sum,
}
