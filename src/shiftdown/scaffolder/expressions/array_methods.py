"""The methods of lists, as in JavaScript, and Python's for templates of cookiecutter."""

import math
from typing import Any

from shiftdown.scaffolder.expressions.errors import EvaluationError
from shiftdown.scaffolder.expressions.operators import place_of, same, to_integer
from shiftdown.scaffolder.expressions.run import Run
from shiftdown.scaffolder.expressions.string_methods import Method, argument, position
from shiftdown.scaffolder.expressions.text import joined, text_of
from shiftdown.scaffolder.expressions.values import UNDEFINED, size_of


def _at(run: Run, items: list[Any], args: list[Any]) -> Any:
    index = to_integer(run, argument(args, 0, 0))
    index = index + len(items) if index < 0 else index
    return items[int(index)] if 0 <= index < len(items) else UNDEFINED


def _concat(run: Run, items: list[Any], args: list[Any]) -> list[Any]:
    result = list(items)
    for value in args:
        run.spend(len(value) if isinstance(value, list) else 1)
        result += value if isinstance(value, list) else [value]
    return result


def _flat(run: Run, items: list[Any], args: list[Any]) -> list[Any]:
    depth = to_integer(run, argument(args, 0, 1))
    return _flattened(run, items, 40 if math.isinf(depth) else int(depth))


def _flattened(run: Run, items: list[Any], depth: int) -> list[Any]:
    result: list[Any] = []
    run.spend(1 + len(items))
    for item in items:
        result += _flattened(run, item, depth - 1) if isinstance(item, list) and depth > 0 else [item]
    return result


def _includes(run: Run, items: list[Any], args: list[Any]) -> bool:
    wanted = argument(args, 0)
    if isinstance(wanted, float) and math.isnan(wanted):
        return any(isinstance(item, float) and math.isnan(item) for item in items)
    return _index_of(run, items, args) >= 0


def _index_of(run: Run, items: list[Any], args: list[Any]) -> int:
    start = position(run, args, 1, len(items), 0)
    return place_of(run, items, argument(args, 0), range(start, len(items)))


def _last_index_of(run: Run, items: list[Any], args: list[Any]) -> int:
    start = to_integer(run, argument(args, 1, len(items) - 1))
    start = start + len(items) if start < 0 else min(start, len(items) - 1)
    return place_of(run, items, argument(args, 0), range(int(max(start, -1)), -1, -1))


def _join(run: Run, items: list[Any], args: list[Any]) -> str:
    return joined(run, items, text_of(run, argument(args, 0, ",")))


def _cut(run: Run, items: list[Any], args: list[Any]) -> list[Any]:
    start = position(run, args, 0, len(items), 0)
    return items[start : position(run, args, 1, len(items), len(items))]


def _push(_: Run, items: list[Any], args: list[Any]) -> int:
    items.extend(args)
    return len(items)


def _pop(run: Run, items: list[Any], args: list[Any]) -> Any:
    index = to_integer(run, argument(args, 0, -1))
    index = index + len(items) if index < 0 else index
    return items.pop(int(index)) if 0 <= index < len(items) else UNDEFINED


def _shift(_: Run, items: list[Any], __: list[Any]) -> Any:
    return items.pop(0) if items else UNDEFINED


def _unshift(_: Run, items: list[Any], args: list[Any]) -> int:
    items[:0] = args
    return len(items)


def _splice(run: Run, items: list[Any], args: list[Any]) -> list[Any]:
    if not args:
        return []
    start = position(run, args, 0, len(items), 0)
    count = to_integer(run, argument(args, 1, 0)) if len(args) > 1 else math.inf
    end = int(min(max(count, 0), len(items) - start)) + start
    removed = items[start:end]
    items[start:end] = args[2:]
    return removed


def _sort(run: Run, items: list[Any], _: list[Any]) -> list[Any]:
    run.spend(len(items) * 4)
    run.spend(sum(map(size_of, items)))
    texts = [(text_of(run, item), item) for item in items if item is not UNDEFINED]
    texts.sort(key=lambda pair: pair[0].encode("utf-16-be", "surrogatepass"))
    items[:] = [item for _, item in texts] + [UNDEFINED] * (len(items) - len(texts))
    return items


def _reverse(_: Run, items: list[Any], __: list[Any]) -> list[Any]:
    items.reverse()
    return items


def _fill(run: Run, items: list[Any], args: list[Any]) -> list[Any]:
    start = position(run, args, 1, len(items), 0)
    for index in range(start, position(run, args, 2, len(items), len(items))):
        items[index] = argument(args, 0)
    return items


def _insert(run: Run, items: list[Any], args: list[Any]) -> list[Any]:
    items.insert(position(run, args, 0, len(items), 0), argument(args, 1))
    return []


def _remove(run: Run, items: list[Any], args: list[Any]) -> list[Any]:
    index = place_of(run, items, argument(args, 0))
    return [items.pop(index)] if index >= 0 else []


def _count(run: Run, items: list[Any], args: list[Any]) -> int:
    place_of(run, items, argument(args, 0), ())
    return sum(same(item, argument(args, 0)) for item in items)


def _keys(_: Run, items: list[Any], __: list[Any]) -> list[Any]:
    return list(range(len(items)))


def _entries(_: Run, items: list[Any], __: list[Any]) -> list[Any]:
    return [[index, item] for index, item in enumerate(items)]


def _with_function(_: Run, __: list[Any], ___: list[Any]) -> Any:
    raise EvaluationError("a method that takes a function cannot be used: templates have none; use a filter or a loop")


CHANGING_METHODS = frozenset(
    {"append", "fill", "insert", "pop", "push", "remove", "reverse", "shift", "sort", "splice", "unshift"}
)
"""Those that change the list that they are called on."""
ARRAY_METHODS: dict[str, Method] = {
    "append": _push,
    "at": _at,
    "concat": _concat,
    "count": _count,
    "entries": _entries,
    "fill": _fill,
    "find": _index_of,
    "flat": _flat,
    "includes": _includes,
    "index": _index_of,
    "indexOf": _index_of,
    "insert": _insert,
    "join": _join,
    "keys": _keys,
    "lastIndexOf": _last_index_of,
    "pop": _pop,
    "push": _push,
    "remove": _remove,
    "reverse": _reverse,
    "shift": _shift,
    "slice": _cut,
    "sort": _sort,
    "splice": _splice,
    "toString": lambda run, items, _: joined(run, items, ","),
    "unshift": _unshift,
    "values": lambda _, items, __: list(items),
    **dict.fromkeys(("every", "filter", "findIndex", "flatMap", "forEach", "map", "reduce", "some"), _with_function),
}
"""By name; the arguments that a call does not give are undefined."""
