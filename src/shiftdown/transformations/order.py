"""The order of types that need each other."""

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from shiftdown.transformations.transformation import Transformation


def cycle_among(transformations: Mapping[str, Transformation]) -> Sequence[str]:
    """Types that need each other in a circle, the first one again at the end; empty when there are none."""
    try:
        TopologicalSorter({t.type: t.needs for t in transformations.values()}).prepare()
    except CycleError as error:
        found: Sequence[str] = error.args[1]
        return found[::-1]
    return ()


def in_order(types: Iterable[str], transformations: Mapping[str, Transformation]) -> list[str]:
    """`types`, each behind those of them that it needs, else as they are given."""
    given = list(dict.fromkeys(types))
    ordered: dict[str, None] = {}

    def add(type_: str) -> None:
        if type_ in ordered or type_ not in wanted:
            return
        wanted.discard(type_)
        for need in transformations[type_].needs if type_ in transformations else ():
            add(need)
        ordered[type_] = None

    wanted = set(given)
    for type_ in given:
        add(type_)
    return list(ordered)
