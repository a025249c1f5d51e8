"""A registry of its own for a bench, in which what actions propose is recorded."""

import itertools
from datetime import UTC, datetime
from functools import cached_property
from tempfile import TemporaryDirectory

from shiftdown.app.forges import Forges
from shiftdown.delivery import Delivery
from shiftdown.git import Identity, open_repository
from shiftdown.model import ChangeRequest
from shiftdown.registry import Registry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AUTHOR = Identity(name="Ada", email="ada@example.org")


class Recorder:
    """The service "proposer", and what it has recorded; the registry is made when it is first needed."""

    def __init__(self, forges: Forges) -> None:
        self._forges = forges
        self._folder = TemporaryDirectory(prefix="registry-")
        self._numbers = itertools.count(1)

    def __call__(self) -> Delivery:
        return Delivery(
            self._registry, self._forges.forge, open_repository, lambda: AUTHOR, lambda: NOW, lambda: self._new_id()
        )

    def of(self, location: str) -> list[ChangeRequest]:
        """The change requests that are recorded for a repository."""
        found = self._registry.find_repository(location)
        return self._registry.change_requests(repository_id=found.id) if found else []

    def close(self) -> None:
        """Remove the registry."""
        if "_registry" in self.__dict__:
            self._registry.close()
        self._folder.cleanup()

    @cached_property
    def _registry(self) -> Registry:
        url = f"sqlite:///{self._folder.name}/registry.db"
        return Registry.open(url, clock=lambda: NOW, new_id=self._new_id)

    def _new_id(self) -> str:
        return f"id{next(self._numbers):04}"
