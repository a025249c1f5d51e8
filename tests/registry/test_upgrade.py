"""Registries of earlier versions are brought to the present one, and keep what they hold."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData, Table, insert, inspect, select, text

import shiftdown.registry
from shiftdown.registry import Registry
from shiftdown.registry.database import Database
from shiftdown.registry.migrate import HEAD, VERSION_TABLE
from shiftdown.registry.schema import KINDS, events

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


LATER = {"parameters", "revision"}
"""Fields that earlier versions did not have, or that their records did not use."""


def copy_as_before(made: Registry, old: Engine) -> None:
    """Write what a registry holds into the tables of an earlier version, without the fields that it did not have."""
    with made._database.reading() as source, old.begin() as target:
        for table in (*(kind.table for kind in KINDS.values()), events):
            if not inspect(target).has_table(table.name):
                continue
            there = Table(table.name, MetaData(), autoload_with=target)
            in_sequence = [table.c.seq] if table is events else []
            for row in source.execute(select(table).order_by(*in_sequence)):
                values = {
                    name: value
                    for name, value in row._mapping.items()
                    if name in there.c and name not in {"seq", *LATER}
                }
                if "data" in values:
                    values["data"] = {name: value for name, value in values["data"].items() if name not in LATER}
                target.execute(insert(there).values(values))


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004"])
def test_a_registry_of_an_earlier_version_keeps_what_it_holds(
    url: str, raw: Engine, clock: Clock, revision: str, tmp_path: Path
) -> None:
    make_old(url, revision)
    with raw.connect() as connection:
        columns = {column["name"] for column in inspect(connection).get_columns("transformations")}
        assert ("revision" in columns) is (revision > "0003")
        assert inspect(connection).has_table("tasks") is (revision > "0001")
    with Registry.open(f"sqlite:///{tmp_path}/made.db", clock=clock, new_id=new_id, actor="tester") as made:
        program = some_program(made)
        happened = made.events()
        copy_as_before(made, raw)
    with Registry.open(url, clock=clock, new_id=new_id) as upgraded:
        assert upgraded.program(program.id) == program
        assert [event.model_dump(exclude={"data"}) for event in upgraded.events()] == [
            event.model_dump(exclude={"data"}) for event in happened
        ]
        assert upgraded.verify() == ()
        record = program.phases[0].transformations[0]
        changed = upgraded.change_record(record.id, parameters={"threshold": 80})
        assert upgraded.record(record.id).parameters == changed.parameters == {"threshold": 80}
        upgraded.rebuild()
        assert upgraded.record(record.id) == changed
        upgraded.create_task(task())
        assert upgraded.task("t1").status == "open"
    with raw.connect() as connection:
        assert connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}")) == HEAD
