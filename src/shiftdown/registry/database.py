"""Where a registry is, and transactions in it. What differs between SQLite and PostgreSQL is here."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import platformdirs
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, SQLAlchemyError

from shiftdown.errors import InvalidInputError, RegistryError
from shiftdown.user_paths import user_path

FORMS = "give sqlite:///FILE or postgresql://USER@HOST/DATABASE"

_BUSY_SECONDS = 30
_CONNECT_SECONDS = 10
_LOCK = 0x73686966
"""Key of the advisory lock under which one process migrates: "shif"."""


def default_url(env: Mapping[str, str]) -> str:
    """The registry to use when none was named: `SHIFTDOWN_REGISTRY`, or SQLite in the user's data folder."""
    named = env.get("SHIFTDOWN_REGISTRY")
    if named:
        return named
    path = platformdirs.user_data_path("shiftdown", appauthor=False) / "registry.db"
    return URL.create("sqlite", database=str(path)).render_as_string(hide_password=False)


def parse_url(given: str) -> URL:
    """The URL of a registry, with its driver.

    Raises:
        InvalidInputError: it is not a URL, names another database, an SQLite that is not one plain file, or a path
            that cannot be looked at. The password is never shown.
    """
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise InvalidInputError(f"the registry is not a URL that can be read: {FORMS}") from None
    match url.drivername:
        case "postgresql" | "postgresql+psycopg":
            if not url.database:
                raise InvalidInputError(f"{shown(url)} names no database: {FORMS}")
            return url.set(drivername="postgresql+psycopg")
        case "sqlite" | "sqlite+pysqlite":
            if not url.database or url.database.startswith((":memory:", "file:")) or url.query or url.host:
                raise InvalidInputError(f"{shown(url)} is not a plain file, which an SQLite registry is: {FORMS}")
            return url.set(drivername="sqlite+pysqlite", database=str(user_path(url.database, "the registry")))
        case other:
            raise InvalidInputError(f"a registry cannot be kept in {other.split('+')[0]!r}: {FORMS}")


def shown(url: URL) -> str:
    """The URL for people: without password, and without options, which may hold one."""
    return url.set(query={}).render_as_string(hide_password=True)


class Database:
    """Connections and transactions. Safe to share between threads; do not share it with a forked process."""

    def __init__(self, given: str) -> None:
        url = parse_url(given)
        self.name = shown(url)
        """The URL without credentials, for messages."""
        options = (*_flat(url.query.get("password")), *_flat(url.query.get("sslpassword")))
        self._secrets = [secret for secret in (url.password, *options) if secret]
        self._local = threading.local()
        if url.drivername.startswith("sqlite"):
            self._prepare_folder(Path(str(url.database)))
            self._engine = self._reader = _sqlite(url)
        else:
            self._engine = _postgresql(url)
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._writer = self._engine.execution_options(shiftdown_writes=True)

    def _prepare_folder(self, path: Path) -> None:
        """Make the folder that the file is to be in, for its owner alone."""
        try:
            if path.is_dir():
                raise RegistryError(f"registry {self.name}: {path} is a folder, a file is needed")
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise RegistryError(f"registry {self.name}: cannot make the folder: {error.strerror}") from error

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; inside `writing` of the same thread it is that transaction.

        Raises:
            RegistryError: the database failed.
        """
        with self._transaction(self._reader) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it, or none of it. Nested in the same thread, it joins the outer one.

        Raises:
            RegistryError: the database failed.
            InvalidInputError: a value does not fit its column.
        """
        with self._transaction(self._writer) as connection:
            yield connection

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        joined: Connection | None = getattr(self._local, "connection", None)
        if joined is not None:
            with self._translated():
                yield joined
            return
        with self._translated(), engine.begin() as connection:
            if engine is self._reader:
                yield connection
                return
            self._local.connection = connection
            try:
                yield connection
            finally:
                self._local.connection = None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DataError as error:
            raise InvalidInputError(f"the registry cannot hold this value: {self._cause(error)}") from None
        except SQLAlchemyError as error:
            raise RegistryError(f"registry {self.name}: {self._cause(error)}") from None

    def _cause(self, error: Exception) -> str:
        """What the database said, on one line, without credentials and without the statement."""
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        said = " ".join(str(cause).split())
        for secret in self._secrets:
            said = said.replace(secret, "***")
        return said

    def lock_schema(self, connection: Connection) -> None:
        """Let one process at a time change the tables; on SQLite a writing transaction is alone already."""
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})

    def lock_tables(self, connection: Connection, names: list[str]) -> None:
        """Keep all other writers out until the end of the transaction; on SQLite they are out already."""
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE"))


def _flat(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(
            url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_SECONDS}
        )
    except ImportError:
        raise InvalidInputError(
            "a PostgreSQL registry needs the driver psycopg: pip install shiftdown[postgresql]"
        ) from None


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: object) -> None:
        # The driver must not begin transactions by itself: it would begin them without the lock.
        connection.isolation_level = None
        try:
            for pragma in ("foreign_keys = ON", "journal_mode = WAL"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("shiftdown_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
