"""A registry of each kind of database, and engines over it that are closed at the end."""

from collections.abc import Callable, Iterator

import pytest

from shiftdown.registry import Registry
from shiftdown.scaffolder.tasks import TaskEngine
from tests.registry.conftest import empty_postgres, postgres_database, url
from tests.registry.making import Clock

from . import making

__all__ = ["empty_postgres", "postgres_database", "url"]


@pytest.fixture
def registry(url: str) -> Iterator[Registry]:
    """An open, empty registry."""
    with Registry.open(url, clock=making.now, new_id=making.new_id, actor="tester") as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    """A clock that moves only when it is told to."""
    return Clock()


@pytest.fixture
def new_engine(registry: Registry) -> Iterator[Callable[..., TaskEngine]]:
    """Makes engines over the registry."""
    made: list[TaskEngine] = []

    def make(store: object = None, **options: object) -> TaskEngine:
        made.append(making.engine(store or registry, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture
def engine(new_engine: Callable[..., TaskEngine]) -> TaskEngine:
    """An engine with the usual options."""
    return new_engine()
