"""The tables fit the models, and the migrations make the tables."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

import shiftdown.registry
from shiftdown.errors import RegistryError
from shiftdown.model import Event, EventKind
from shiftdown.registry import Registry
from shiftdown.registry.migrate import HEAD, VERSION_TABLE
from shiftdown.registry.schema import KINDS, events, metadata

from .making import Clock, new_id, some_program

DERIVED = {
    "program": {"phases", "platform"},
    "phase": {"status", "transformations", "activities"},
}


@pytest.mark.parametrize("subject", KINDS)
def test_the_columns_are_the_fields(subject: str) -> None:
    kind = KINDS[subject]
    assert {c.name for c in kind.table.c} == set(kind.model.model_fields) - DERIVED.get(subject, set())


@pytest.mark.parametrize("subject", KINDS)
def test_what_may_be_missing_in_the_model_may_be_null_and_nothing_else(subject: str) -> None:
    kind = KINDS[subject]
    optional = {name for name, field in kind.model.model_fields.items() if type(None) in _types(field.annotation)}
    assert {c.name for c in kind.table.c if c.nullable} == optional - DERIVED.get(subject, set())


def _types(annotation: object) -> tuple[object, ...]:
    return getattr(annotation, "__args__", ())


def test_events_have_their_table_and_every_kind_of_record_one() -> None:
    assert {c.name for c in events.c} == set(Event.model_fields) | {"seq"}
    assert set(KINDS) == {kind.subject for kind in EventKind}
    of_tasks = {"tasks", "task_events", "task_progress", "task_blobs"}
    assert set(metadata.tables) == {kind.table.name for kind in KINDS.values()} | {"events"} | of_tasks


def test_the_migrations_make_the_tables(registry: Registry, raw: Engine) -> None:
    with raw.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD


def test_the_newest_revision_is_the_one_that_the_code_needs() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(shiftdown.registry.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_opening_again_changes_nothing(url: str, registry: Registry, clock: Clock) -> None:
    made = some_program(registry)
    before = registry.events()
    with Registry.open(url, clock=clock, new_id=new_id) as again:
        assert again.program(made.id) == made
        assert again.events() == before


def test_a_newer_registry_is_refused_and_left_alone(url: str, registry: Registry, raw: Engine, clock: Clock) -> None:
    some_program(registry)
    with raw.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(RegistryError, match=r"newer shiftdown \(revision 9999; this one knows .*\): upgrade shiftdown"):
        Registry.open(url, clock=clock, new_id=new_id)
    with raw.connect() as connection:
        assert connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")) == "9999"


def test_the_tables_of_something_else_are_refused_and_left_alone(url: str, raw: Engine, clock: Clock) -> None:
    with raw.begin() as connection:
        connection.execute(text("CREATE TABLE events (what TEXT)"))
    with pytest.raises(RegistryError, match="holds tables that are not a registry's: give an empty database"):
        Registry.open(url, clock=clock, new_id=new_id)
    with raw.connect() as connection:
        assert inspect(connection).get_table_names() == ["events"]


def test_the_sqlite_file_is_in_wal_mode(tmp_path: Path, clock: Clock) -> None:
    with Registry.open(f"sqlite:///{tmp_path}/r.db", clock=clock, new_id=new_id):
        pass
    connection = sqlite3.connect(tmp_path / "r.db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
