"""Which parameters are in effect: what a playbook says, over it what a program says, below both a type's defaults."""

from collections.abc import Iterable, Mapping

from shiftdown.capabilities import parameter_values
from shiftdown.errors import InvalidInputError
from shiftdown.model.base import Parameters, ParametersByType
from shiftdown.transformations import Transformation


def over(*layers: ParametersByType) -> dict[str, Parameters]:
    """All layers as one: what a later one says about a parameter holds."""
    merged: dict[str, Parameters] = {}
    for layer in layers:
        for type_, values in layer.items():
            merged[type_] = {**merged.get(type_, {}), **values}
    return merged


def in_effect(type_: str, transformations: Mapping[str, Transformation], *layers: ParametersByType) -> Parameters:
    """The parameters of a type, defaults included, as JSON; none as long as no plugin provides it.

    Raises:
        InvalidInputError: one of them is wrong, or nobody can tell since no plugin provides the type.
    """
    values = over(*layers).get(type_, {})
    if type_ in transformations:
        return parameter_values(transformations[type_].parse(values))
    if values:
        raise InvalidInputError(
            f"{type_}: parameters are given ({', '.join(values)}), but no plugin provides the type: "
            "install it, or leave them out"
        )
    return {}


def as_typed(
    given: ParametersByType,
    transformations: Mapping[str, Transformation],
    phases: Iterable[tuple[Iterable[str], ParametersByType]],
) -> dict[str, Parameters]:
    """What is given, each value as its parameter has it: text from a command line is a number where one is meant.

    Args:
        given: what an organisation or a program says.
        transformations: the types that are installed.
        phases: of each phase the types that it applies, and what the playbook says about them.

    Raises:
        InvalidInputError: a value is wrong in a phase, or its type is in none, or provided by no plugin.
    """
    typed: dict[str, Parameters] = {}
    for types, of_playbook in phases:
        for type_ in (type_ for type_ in types if type_ in given):
            effective = in_effect(type_, transformations, of_playbook, given)
            typed[type_] = {name: effective[name] for name in given[type_]}
    if strange := sorted(given.keys() - typed.keys()):
        raise InvalidInputError(f"{', '.join(strange)}: no phase applies it; leave out its parameters")
    return typed
