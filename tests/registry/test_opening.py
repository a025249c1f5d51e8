"""Where a registry can be, and what is said when it cannot."""

import os
import re
import stat
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shiftdown.errors import InvalidInputError, RegistryError
from shiftdown.registry import Registry, default_url
from shiftdown.registry.database import parse_url

from .making import Clock, new_id, some_program

SECRET = "hunter2"


def opening(url: str, clock: Clock) -> Registry:
    return Registry.open(url, clock=clock, new_id=new_id)


def told(error: BaseException) -> str:
    """All that a person or a log gets to see of an error."""
    return "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))


def test_the_environment_names_the_registry() -> None:
    assert default_url({"SHIFTDOWN_REGISTRY": "postgresql://db/shiftdown"}) == "postgresql://db/shiftdown"


def test_by_default_it_is_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    home = tmp_path / "my home 100%"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert default_url({}) == default_url({"SHIFTDOWN_REGISTRY": ""})
    with opening(default_url({}), clock) as registry:
        some_program(registry)
    (found,) = home.rglob("registry.db")
    assert found.parent.name == "shiftdown"
    assert stat.S_IMODE(found.parent.stat().st_mode) == 0o700


def test_missing_folders_are_made_for_the_owner_alone(tmp_path: Path, clock: Clock) -> None:
    with opening(f"sqlite:///{tmp_path}/a/b/r.db", clock):
        pass
    assert stat.S_IMODE((tmp_path / "a/b").stat().st_mode) == 0o700
    assert (tmp_path / "a/b/r.db").is_file()


def test_a_path_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.chdir(tmp_path)
    with opening("sqlite:///r.db", clock):
        pass
    assert (tmp_path / "r.db").is_file()


@pytest.mark.parametrize(
    ("given", "drivername"),
    [
        ("postgresql://db/x", "postgresql+psycopg"),
        ("postgresql+psycopg://u@db:5433/x?sslmode=require", "postgresql+psycopg"),
        ("sqlite:///x.db", "sqlite+pysqlite"),
        ("sqlite+pysqlite:////abs/x.db", "sqlite+pysqlite"),
    ],
)
def test_forms_of_urls(given: str, drivername: str) -> None:
    assert parse_url(given).drivername == drivername


@pytest.mark.parametrize(
    "url",
    [
        "",
        "registry.db",
        f"mysql://u:{SECRET}@db/x",
        f"postgresql+asyncpg://u:{SECRET}@db/x",
        f"postgresql+psycopg2://u:{SECRET}@db/x",
        f"postgres://u:{SECRET}@db/x",
        f"postgresql://u:{SECRET}@db",
        f"postgresql://u:{SECRET}@db/?password={SECRET}",
        f"postgresql://u:{SECRET}@db:port/x",
        f"postgresql//u:{SECRET}@db/x",
        f"u:{SECRET}@db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file:x.db?mode=memory&uri=true",
        "sqlite:///x.db?mode=ro",
        "sqlite://host/x.db",
        f"sqlite://u:{SECRET}@host/x.db",
    ],
)
def test_what_is_not_the_url_of_a_registry(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInputError, match="give sqlite:///FILE or postgresql://USER@HOST/DATABASE") as caught:
        opening(url, clock)
    assert SECRET not in told(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_postgresql_without_its_driver(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InvalidInputError, match=r"pip install shiftdown\[postgresql\]") as caught:
        opening(f"postgresql://u:{SECRET}@db/x", clock)
    assert SECRET not in told(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:{secret}@127.0.0.1:1/x",
        "postgresql://u:{secret}@/x?host=/nowhere",
        "postgresql://u@127.0.0.1:1/x?password={secret}",
        "postgresql://u@127.0.0.1:1/x?sslpassword={secret}&sslmode={secret}",
        "postgresql://u:{secret}@127.0.0.1:1/x?sslmode={secret}",
        "postgresql://u:{secret}@127.0.0.1:1/x?{secret}=1",
        "postgresql://u:{secret}@127.0.0.1:1/x?options=-c%20{secret}",
    ],
)
def test_a_server_that_cannot_be_reached(url: str, clock: Clock) -> None:
    with pytest.raises(RegistryError, match="registry postgresql") as caught:
        opening(url.format(secret=SECRET), clock)
    assert SECRET not in told(caught.value)


def test_a_database_that_does_not_exist(empty_postgres: str, clock: Clock) -> None:
    with pytest.raises(RegistryError, match='database "nope" does not exist'):
        opening(re.sub(r"/test_\d+", "/nope", empty_postgres), clock)


def test_a_password_is_not_shown_when_all_is_well(empty_postgres: str, clock: Clock) -> None:
    url = empty_postgres.replace("shiftdown@", f"shiftdown:{SECRET}@")
    assert url != empty_postgres
    with opening(url, clock) as registry:
        assert registry.name.startswith("postgresql+psycopg://shiftdown:***@/test_")
        assert registry.name.count("?") == 0


def test_a_folder_instead_of_a_file(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(RegistryError, match="is a folder, a file is needed"):
        opening(f"sqlite:///{tmp_path}", clock)


def test_a_file_instead_of_a_folder(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RegistryError, match="cannot make the folder"):
        opening(f"sqlite:///{tmp_path}/file/r.db", clock)


@pytest.mark.parametrize(
    "content", [b"not a database, but a text that is long enough" * 100, b"SQLite format 3\0" * 300]
)
def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path, clock: Clock, content: bytes) -> None:
    path = tmp_path / "r.db"
    path.write_bytes(content)
    with pytest.raises(RegistryError, match=r"registry sqlite\+pysqlite:///.*r\.db: "):
        opening(f"sqlite:///{path}", clock)
    assert path.read_bytes() == content


def test_a_file_that_was_cut_off(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "r.db"
    with opening(f"sqlite:///{path}", clock) as registry:
        some_program(registry)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(RegistryError, match=r"r\.db: "), opening(f"sqlite:///{path}", clock) as registry:
        registry.verify()


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Permissions bind only those who are not root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def closed_folder(tmp_path: Path, clock: Clock) -> Iterator[Path]:
    """A folder in which nothing can be written, with a registry in it; everything is loaded that opening needs."""
    with tempfile.TemporaryDirectory(dir="/tmp") as parent:
        folder = Path(parent) / "closed"
        with opening(f"sqlite:///{folder}/r.db", clock) as registry:
            some_program(registry)
        Path(parent).chmod(0o755)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("new.db", "unable to open database file"),
        ("sub/new.db", "cannot make the folder: Permission denied"),
        ("r.db", "readonly database|unable to open database file"),
    ],
)
def test_a_folder_in_which_nothing_can_be_written(closed_folder: Path, clock: Clock, name: str, problem: str) -> None:
    with as_ordinary_user(), pytest.raises(RegistryError, match=f"registry sqlite.*{problem}"):
        opening(f"sqlite:///{closed_folder}/{name}", clock)
    assert [path.name for path in closed_folder.iterdir()] == ["r.db"]
