"""What is seen in repositories, and planned for them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr

from shiftdown.assessment import Assessment, Inspection, assess, inspect
from shiftdown.extensions import Plugins
from shiftdown.git import GitRepository, is_local
from shiftdown.git.directory import apply_changes, directory_snapshot, is_work_tree
from shiftdown.model import DevOpsPhase
from shiftdown.repository import Snapshot
from shiftdown.transformations import Plan, PlanStatus, Transformation, in_order

_T = TypeVar("_T")


class Planning(ABC):
    """The part of `Shiftdown` that changes nothing, except the directory that `apply` is given."""

    @property
    @abstractmethod
    def plugins(self) -> Plugins:
        """The plugins that were found."""

    @abstractmethod
    def _open(self, location: str, token: SecretStr | None = None) -> GitRepository:
        """A repository, ready to be read."""

    @property
    def transformations(self) -> Mapping[str, Transformation]:
        """The transformations that are installed, by type."""
        return self.plugins.transformations

    def inspect(self, repository: str) -> Inspection:
        """What can be told about a repository: components, tools, commands, what its CI runs, with evidence."""
        return self._look(repository, inspect)

    def assess(self, repository: str) -> Assessment:
        """Ask every capability check about a repository; failing ones name the types that fix them."""
        checks = self.plugins.checks
        fixes = {id_: self.plugins.fixes(id_) for id_ in checks}
        return self._look(repository, lambda snapshot: assess(snapshot, checks.values(), fixes))

    def plan_one(self, type_: str, repository: str, parameters: Mapping[str, Any] | None = None) -> Plan:
        """Plan one type for one repository. Nothing is changed.

        A work tree is looked at as it is on disk, uncommitted changes included; anything else at the tip of its
        default branch.

        Raises:
            NotFoundError: no plugin provides the type.
            InvalidInputError: the parameters are wrong, or it is no repository.
        """
        transformation = self.plugins.transformation(type_)
        return self._plan(transformation, repository, transformation.parse(parameters or {}))

    def apply(self, type_: str, directory: str, parameters: Mapping[str, Any] | None = None) -> Plan:
        """Plan one type for a directory and write the change into it; nothing is committed.

        Raises:
            NotFoundError, InvalidInputError: as `plan_one`.
            UnsafePathError: a file cannot be written safely; nothing was written.
        """
        transformation = self.plugins.transformation(type_)
        parsed = transformation.parse(parameters or {})
        planned = self.plugins.plan(transformation, directory_snapshot(directory), parsed)
        if planned.status is PlanStatus.CHANGES:
            apply_changes(directory, planned.changes)
        return planned

    def plan(self, phase: DevOpsPhase) -> list[Plan]:
        """Plan every transformation of a phase that a plugin provides and that is not settled; nothing is changed.

        Types come after those of the phase that they need.
        """
        known = self.transformations
        types = [known[type_] for type_ in in_order(phase.transformation_types, known) if type_ in known]
        left = [r for r in phase.transformations if not r.status.settled]
        return [
            self._plan(found, record.repository, found.parse_recorded(record.parameters))
            for found in types
            for record in left
            if record.transformation_type == found.type
        ]

    def _plan(self, transformation: Transformation, repository: str, parameters: BaseModel) -> Plan:
        return self._look(repository, lambda snapshot: self.plugins.plan(transformation, snapshot, parameters))

    def _look(self, repository: str, function: Callable[[Snapshot], _T]) -> _T:
        with self._open(repository) as git:
            if is_local(git.location) and is_work_tree(git.location):
                return function(directory_snapshot(git.location))
            return function(git.snapshot())
