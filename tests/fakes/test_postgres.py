"""A real PostgreSQL server answers, with one empty database for each test."""

from pathlib import Path

import sqlalchemy

from shiftdown_fakes import PostgresServer


def tables(url: str) -> list[str]:
    engine = sqlalchemy.create_engine(url)
    try:
        return sqlalchemy.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def run(url: str, statement: str) -> str:
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(sqlalchemy.text(statement))
            return str(result.scalar_one()) if result.returns_rows else ""
    finally:
        engine.dispose()


def test_the_server_is_postgresql(postgres_url: str) -> None:
    assert run(postgres_url, "SELECT version()").startswith("PostgreSQL ")


def test_databases_are_apart(postgres_server: PostgresServer, postgres_url: str) -> None:
    run(postgres_url, "CREATE TABLE mine (id int)")
    assert tables(postgres_url) == ["mine"]
    assert tables(postgres_server.create_database()) == []


def test_the_server_ends_with_its_block_and_leaves_nothing() -> None:
    with PostgresServer() as server:
        url, folder = server.create_database(), server.folder
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        assert run(url, "SELECT 1") == "1"
    assert not folder.exists()
    assert not Path(f"/proc/{pid}/status").exists() or "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
