"""A registry of each kind of database, and a hand on the database itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from shiftdown.registry import Registry
from shiftdown_fakes import PostgresServer

from .making import Clock, new_id


@pytest.fixture(scope="session")
def postgres_database(postgres_server: PostgresServer) -> str:
    """The URL of one database for all these tests: to make one for each takes longer than the tests."""
    return postgres_server.create_database()


@pytest.fixture
def empty_postgres(postgres_database: str) -> str:
    """The URL of that database, emptied."""
    engine = create_engine(postgres_database)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return postgres_database


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty registry: every test runs on SQLite and on a real PostgreSQL server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/registry.db"
    found: str = request.getfixturevalue("empty_postgres")
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


@pytest.fixture
def raw(url: str) -> Iterator[Engine]:
    """The database of the registry, by hand: what somebody with a console could do."""
    engine = create_engine(url)
    yield engine
    engine.dispose()
