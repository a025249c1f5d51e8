"""A registry of each kind of database, and the records to fill it with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown.registry import Registry

from .making import Clock, new_id


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty registry: every test runs on SQLite and on a real PostgreSQL server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/registry.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def clock() -> Clock:
    """A clock that moves only when it is told to."""
    return Clock()


@pytest.fixture
def registry(url: str, clock: Clock) -> Iterator[Registry]:
    """An open, empty registry."""
    with Registry.open(url, clock=clock, new_id=new_id, actor="tester") as opened:
        yield opened
