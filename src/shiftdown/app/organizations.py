"""Organisations: who runs programs, and what they say about parameters."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shiftdown.capabilities import parse_some_parameters
from shiftdown.errors import NotFoundError
from shiftdown.extensions import Plugins
from shiftdown.model import Organization
from shiftdown.model.base import Parameters

if TYPE_CHECKING:
    from shiftdown.registry import Registry


class Organizations:
    """The organisations of a registry, by name."""

    def __init__(self, registry: "Registry", plugins: Plugins) -> None:
        self._registry = registry
        self._plugins = plugins

    def list(self) -> Sequence[Organization]:
        """All organisations, by name."""
        return self._registry.organizations()

    def get(self, name: str) -> Organization:
        """One organisation. Raises `NotFoundError`."""
        found = self._registry.find_organization(name)
        if found is None:
            known = ", ".join(o.name for o in self.list()) or "none"
            raise NotFoundError("organisation", name, f"there are: {known}")
        return found

    def set_parameters(self, name: str, parameters: Mapping[str, Mapping[str, Any]]) -> Organization:
        """Let an organisation, recorded now if it was not, say what its programs use, in place of what it said so far.

        Programs that have started keep what they started with.

        Args:
            name: the organisation.
            parameters: values by type; what is left out is as playbooks say, else as the type's default.

        Raises:
            NotFoundError: no plugin provides a type.
            InvalidInputError: a parameter is wrong; nothing was recorded.
        """
        typed: dict[str, Parameters] = {}
        for type_, values in parameters.items():
            model = self._plugins.transformation(type_).parameters
            if found := parse_some_parameters(type_, model, values):
                typed[type_] = found
        with self._registry.transaction():
            known = self._registry.ensure_organization(name)
            return self._registry.set_organization_parameters(known.id, typed)
