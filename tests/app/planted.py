"""Looks for secrets wherever they could have been left, as they are, in base64 and encoded for URLs."""

import base64
import json
import logging
import os
import sqlite3
import subprocess
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from pydantic import SecretStr

from shiftdown.testing.tools import find_tool


class Search:
    """Knows secrets by name, and finds them in anything."""

    def __init__(self, **secrets: str) -> None:
        self._forms: dict[str, set[bytes]] = {}
        for name, value in secrets.items():
            self.add(name, value)

    def add(self, name: str, secret: str) -> None:
        """Look for one more: each line of it that is long enough to be told from other text."""
        lines = [line for line in secret.splitlines() if len(line) >= 12 and "-----" not in line]
        self._forms[name] = {form for line in lines for form in forms(line)}
        assert self._forms[name], name

    @property
    def names(self) -> set[str]:
        """Of what is looked for."""
        return set(self._forms)

    def inside(self, data: bytes | str) -> set[str]:
        """The names of the secrets in data."""
        found = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        return {name for name, wanted in self._forms.items() if any(form in found for form in wanted)}

    def in_error(self, error: BaseException) -> set[str]:
        """Those in an exception: its traceback, its causes and contexts, and all that they hold."""
        said = "".join(traceback.format_exception(error))
        return self.inside(said) | self.inside("\0".join(_texts(error)))

    def in_files(self, folder: Path) -> dict[str, set[str]]:
        """Those in files below a folder, by path; objects of git repositories are read as git reads them."""
        found: dict[str, set[str]] = {}
        for path in folder.rglob("*"):
            name = str(path.relative_to(folder))
            if path.is_file() and not path.is_symlink():
                found[name] = self.inside(path.read_bytes()) | self.inside(os.fsencode(name))
            if path.is_dir() and (path / "objects").is_dir() and (path / "HEAD").is_file():
                found[f"{name}: objects"] = self.inside(_objects(path))
        return {name: names for name, names in found.items() if names}

    def in_database(self, path: Path) -> dict[str, set[str]]:
        """Those in the tables of an SQLite database, by table and column."""
        found: dict[str, set[str]] = {}
        with sqlite3.connect(path) as connection:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                rows = connection.execute(f'SELECT * FROM "{table}"')
                for row in rows:
                    for column, value in zip(rows.description, row, strict=True):
                        for text in _columns(value):
                            found.setdefault(f"{table}.{column[0]}", set()).update(self.inside(text))
        connection.close()
        return {name: names for name, names in found.items() if names}


def forms(secret: str) -> set[bytes]:
    """How a secret may look: as it is, in URLs, in JSON, and within base64, wherever it begins."""
    plain = secret.encode()
    found = {plain, quote(secret, safe="").encode(), quote_plus(secret).encode(), json.dumps(secret)[1:-1].encode()}
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + plain).rstrip(b"=")
        # The first and the last character also depend on what is before and after.
        inner = encoded[-(-before * 8 // 6) : len(encoded) - 1]
        found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return found | {plain.hex().encode()}


def _objects(repository: Path) -> bytes:
    command = [find_tool("git"), "-C", str(repository), "cat-file", "--batch-all-objects", "--batch", "--buffer"]
    return subprocess.run(command, capture_output=True, check=True, env={"PATH": os.environ["PATH"]}).stdout


def _columns(value: Any) -> Iterator[bytes | str]:
    yield value if isinstance(value, bytes | str) else repr(value)
    if isinstance(value, str):
        with suppress(ValueError):
            yield json.dumps(json.loads(value), ensure_ascii=False)


def _texts(root: object) -> Iterator[str]:
    """All texts that an exception, and those behind it, hold. What is marked as a secret is no leak."""
    todo, seen = [root], set[int]()
    while todo:
        value = todo.pop()
        if id(value) in seen or isinstance(value, SecretStr | type):
            continue
        seen.add(id(value))
        if isinstance(value, str | bytes | int | float):
            yield value.decode(errors="replace") if isinstance(value, bytes) else str(value)
        elif isinstance(value, Mapping):
            todo += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            todo += value
        elif isinstance(value, BaseException):
            todo += [value.args, vars(value), value.__cause__, value.__context__]
            yield repr(value)
        elif type(value).__module__.partition(".")[0] in ("requests", "urllib3", "github", "gitlab", "shiftdown"):
            todo.append(getattr(value, "__dict__", {}))
            yield repr(value)


# Logs


class Everything(logging.Handler):
    """Keeps all that is logged, with arguments and tracebacks."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []
        self.loggers: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.loggers.add(record.name)
        fields = {name: value for name, value in vars(record).items() if name not in ("msg", "exc_info")}
        self.lines.append(f"{self.format(record)} {record.msg!r} {fields!r}")

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@contextmanager
def all_logs() -> Iterator[Everything]:
    """All that any logger says meanwhile, whatever its level."""
    handler, root = Everything(), logging.getLogger()
    loggers = [root, *(x for x in root.manager.loggerDict.values() if isinstance(x, logging.Logger))]
    levels = {logger: logger.level for logger in loggers}
    for logger in loggers:
        logger.setLevel(logging.DEBUG if logger is root else logging.NOTSET)
    root.addHandler(handler)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        for logger, level in levels.items():
            logger.setLevel(level)


# Processes


@dataclass
class Process:
    """A program that was started."""

    command: bytes
    """Its command line, parts separated by NUL."""
    environment: bytes
    """Its environment, as `/proc` shows it."""

    @property
    def program(self) -> str:
        """Name of the program that does the work."""
        parts = [os.fsdecode(part) for part in self.command.split(b"\0")]
        return next((p.rpartition("/")[2] for p in parts if p.rpartition("/")[2].startswith("git")), parts[0])


@dataclass
class Processes:
    """All programs that were started, by us and by those."""

    seen: dict[tuple[bytes, bytes], Process] = field(default_factory=dict)

    def note(self, command: bytes, environment: bytes) -> None:
        """Add one."""
        self.seen.setdefault((command, environment), Process(command, environment))


@contextmanager
def all_processes(patch: pytest.MonkeyPatch) -> Iterator[Processes]:
    """Each program that this process starts, and those below it that are seen in `/proc`."""
    found, done = Processes(), threading.Event()
    usual = subprocess.Popen.__init__

    def start(self: Any, args: Any, *rest: Any, **named: Any) -> None:
        found.note(*_started(args, named.get("env")))
        usual(self, args, *rest, **named)

    def watch() -> None:
        while not done.wait(0.002):
            for pid in _below(os.getpid()):
                with suppress(OSError):
                    place = Path("/proc") / pid
                    found.note((place / "cmdline").read_bytes(), (place / "environ").read_bytes())

    patch.setattr(subprocess.Popen, "__init__", start)
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        done.set()
        thread.join()


def _started(args: Any, environment: Mapping[str, str] | None) -> tuple[bytes, bytes]:
    """A command as `/proc` would show it. `env -u NAME` takes NAME out of what the program gets."""
    parts = [os.fsencode(part) for part in ([args] if isinstance(args, str | bytes | Path) else args)]
    given = {os.fsencode(k): os.fsencode(v) for k, v in (os.environ if environment is None else environment).items()}
    while parts[0] == b"env" and parts[1:2] == [b"-u"]:
        given.pop(parts[2], None)
        parts = [b"env", *parts[3:]]
    return b"\0".join(parts), b"\0".join(k + b"=" + v for k, v in given.items())


def _below(pid: int) -> Sequence[str]:
    """The children of a process, and theirs."""
    found: list[str] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                found += [child, *_below(int(child))]
    return found


Raiser = Callable[[], object]


def error_of(call: Raiser) -> BaseException:
    """The error that a call ends with; it must end with one."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("no error")
