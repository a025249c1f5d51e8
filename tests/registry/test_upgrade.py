"""Registries of earlier versions are brought to the present one, and keep what they hold."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, text

import shiftdown.registry
from shiftdown.registry import Registry
from shiftdown.registry.database import Database
from shiftdown.registry.migrate import HEAD, VERSION_TABLE

from .making import Clock, new_id, some_program
from .test_tasks import task


def make_old(url: str, revision: str) -> None:
    """Make the tables as an earlier version did."""
    config = Config()
    folder = str(Path(shiftdown.registry.__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    database = Database(url)
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    database.close()


@pytest.mark.parametrize("revision", ["0001"])
def test_a_registry_of_an_earlier_version_keeps_what_it_holds(
    url: str, raw: Engine, clock: Clock, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_old(url, revision)
    with raw.connect() as connection:
        assert not inspect(connection).has_table("tasks")
    monkeypatch.setattr("shiftdown.registry.migrate.HEAD", revision)
    with Registry.open(url, clock=clock, new_id=new_id, actor="tester") as old:
        program = some_program(old)
        events = old.events()
    monkeypatch.undo()
    with Registry.open(url, clock=clock, new_id=new_id) as upgraded:
        assert upgraded.program(program.id) == program
        assert upgraded.events() == events
        assert upgraded.verify() == ()
        upgraded.create_task(task())
        assert upgraded.task("t1").status == "open"
    with raw.connect() as connection:
        assert connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")) == HEAD
