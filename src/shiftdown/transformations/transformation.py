"""A transformation: a pure change to an existing repository, named by its type."""

import builtins
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from shiftdown.capabilities import parameters_of, parse_parameters
from shiftdown.errors import PluginError, ShiftdownError
from shiftdown.model.types import TYPE_SHAPE
from shiftdown.repository import ChangeSet, Evidence


class NotApplicable(ShiftdownError):  # noqa: N818
    """Raised by a transformation that does not fit a repository, or that is not sure how to.

    The reason names the file in the way, if there is one, and says what a person can do.
    """

    exit_code = 3

    def __init__(self, reason: str, *evidence: Evidence) -> None:
        self.reason = reason
        """Why, for a person to act on."""
        self.evidence = evidence
        """What that stands on."""
        super().__init__(reason)


@dataclass(frozen=True)
class Transformation:
    """A transformation type and the function that plans it. Made by the decorator `transformation`."""

    type: str
    """Its `DevOpsTransformationType`, or a plugin's own type of the same shape."""
    title: str
    """What it does, in the imperative, for lists and change requests: "Add a lint stage"."""
    family: str
    """The family it belongs to: "ci-cd", "testing", …"""
    verified_by: str
    """Id of the capability check that decides whether it is needed, and whether it worked."""
    parameters: builtins.type[BaseModel]
    """Model of its parameters."""
    function: Callable[..., ChangeSet]
    """Plans the change; pure."""
    description: str
    """The docstring of the function."""
    needs: tuple[str, ...] = ()
    """The types whose effect must be there first: it cannot be planned without."""

    @property
    def branch(self) -> str:
        """The branch that its change request comes from."""
        return branch_of(self.type)

    def parse(self, values: Mapping[str, Any]) -> BaseModel:
        """Validate parameters; text is converted to the type that a field has.

        Raises:
            InvalidInputError: names each parameter that is wrong, and what was expected.
        """
        return parse_parameters(self.type, self.parameters, values)

    def parse_recorded(self, values: Mapping[str, Any]) -> BaseModel:
        """Parameters that were in effect once. Those that this version of the plugin has no more are left out.

        Raises:
            InvalidInputError: as `parse`.
        """
        return self.parse({name: value for name, value in values.items() if name in self.parameters.model_fields})


def branch_of(type_: str) -> str:
    """The branch for a transformation type: `shiftdown/` and the type in kebab-case."""
    return "shiftdown/" + type_.lower().replace("_", "-")


def transformation(
    type: str,
    *,
    title: str,
    family: str,
    verified_by: str,
    needs: Iterable[str] = (),
) -> Callable[[Callable[..., ChangeSet]], Transformation]:
    """Make a transformation of a pure function `(repo: Snapshot, params: P) -> ChangeSet`.

    `P` is a pydantic model, read from the annotation; a function without a second argument has no parameters.
    `needs` are types, of whatever plugin, whose effect must be there first. Until then the type does not apply, and in
    a program it waits for those that are in it.

    Raises:
        PluginError: a type is not UPPER_SNAKE_CASE of two words or more, or the function has another form.
    """
    needed = tuple(dict.fromkeys([needs] if isinstance(needs, str) else needs))

    def make(function: Callable[..., ChangeSet]) -> Transformation:
        if not TYPE_SHAPE.fullmatch(type):
            raise PluginError(f"transformation type {type!r} is not UPPER_SNAKE_CASE of two words or more")
        if wrong := [n for n in needed if n == type or not TYPE_SHAPE.fullmatch(n)]:
            raise PluginError(f"{type}: needs {wrong[0]!r}, which is not another type in UPPER_SNAKE_CASE")
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*", family):
            raise PluginError(f"{type}: family {family!r} is not kebab-case")
        return Transformation(
            type=type,
            title=title,
            family=family,
            verified_by=verified_by,
            parameters=parameters_of(type, function),
            function=function,
            description=inspect.getdoc(function) or "",
            needs=needed,
        )

    return make
