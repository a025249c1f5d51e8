"""Bring the tables of a registry to the state that this code needs."""

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from shiftdown.errors import RegistryError
from shiftdown.registry.database import Database

HEAD = "0005"
"""The newest revision in `migrations/versions`."""

VERSION_TABLE = "shiftdown_version"


def migrate(database: Database) -> None:
    """Create or upgrade the tables, once: of several processes one does it and the others wait.

    Raises:
        RegistryError: the database is a newer shiftdown's, or something else's; or it fails.
    """
    with database.reading() as connection:
        if _revision(connection) == HEAD:
            return
    with database.writing() as connection:
        database.lock_schema(connection)
        revision = _revision(connection)
        if revision == HEAD:
            return
        if revision is None and inspect(connection).get_table_names():
            raise RegistryError(f"{database.name} holds tables that are not a registry's: give an empty database")
        _upgrade(database, connection, revision)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
    return None if found is None else str(found)


def _upgrade(database: Database, connection: Connection, revision: str | None) -> None:
    """Run the missing migrations. Alembic is loaded only here: most openings need none."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    folder = str(Path(__file__).parent / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise RegistryError(
            f"{database.name} was written by a newer shiftdown (revision {revision}; this one knows {HEAD}): "
            "upgrade shiftdown"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
