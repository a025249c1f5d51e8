"""Control of the search for planted secrets: what is really there is found."""

import base64
import contextlib
import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from .planted import Search, all_logs, all_processes, error_of, forms
from .test_github import key_pair

SECRET = "Pl4nted+C0ntrol/Secret=for+the+search"
WRITTEN = {
    "plain": SECRET,
    "url": quote(SECRET, safe=""),
    "basic": base64.b64encode(f"x-access-token:{SECRET}".encode()).decode(),
    "basic of another user": base64.b64encode(f"u:{SECRET}:tail".encode()).decode(),
    "url-safe base64": base64.urlsafe_b64encode(f"ab{SECRET}".encode()).decode(),
    "hex": SECRET.encode().hex(),
}


@pytest.fixture
def search() -> Search:
    return Search(control=SECRET)


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_control_however_it_is_written(search: Search, written: str, tmp_path: Path) -> None:
    assert search.inside(f"before {written} after") == {"control"}
    assert search.inside(f"before {written[:12]}") == set()


def test_control_a_key_of_several_lines() -> None:
    private, _ = key_pair()
    search = Search(key=private)
    assert search.inside(json.dumps({"key": private})) == {"key"}
    assert search.inside(private.splitlines()[3]) == {"key"}


def test_control_logs(search: Search) -> None:
    with all_logs() as logs:
        logging.getLogger("github.Requester").debug("headers %s", {"Authorization": SECRET})
        logging.getLogger("new").debug("of an extra", extra={"hidden": [SECRET]})
        try:
            raise ValueError(SECRET)
        except ValueError:
            logging.getLogger("shiftdown").exception("it broke")
    assert [search.inside(line) for line in logs.lines] == [{"control"}] * 3


def raised_in_a_context() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError:
        raise ValueError("fine") from None


def raised_by_requests() -> None:
    import requests

    with socket_that_is_closed() as url:
        requests.get(url, headers={"Authorization": f"token {SECRET}"}, timeout=1)


@contextlib.contextmanager
def socket_that_is_closed() -> Iterator[str]:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


def raised_with_an_attribute() -> None:
    error = ValueError("fine")
    error.__dict__["response"] = {"headers": [("Authorization", SECRET)]}
    raise error


@pytest.mark.parametrize("call", [raised_in_a_context, raised_by_requests, raised_with_an_attribute])
def test_control_errors(search: Search, call: Callable[[], None]) -> None:
    assert search.in_error(error_of(call)) == {"control"}


def test_control_processes(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of our children by what they are started with; of theirs, by looking."""
    below = "import subprocess, sys; word = bytes.fromhex(sys.argv[1]).decode()[::-1]; "
    below += "subprocess.run(['sleep', '0.3'], env={'HIDDEN': word}); subprocess.run(['sh', '-c', 'sleep 0.3', word])"
    path = {"PATH": os.environ["PATH"]}
    with all_processes(monkeypatch) as seen:
        subprocess.run(["true", SECRET], check=True, env=path)
        subprocess.run(["false"], check=False, env={"HIDDEN": SECRET, **path})
        subprocess.run(
            ["env", "-u", "HIDDEN", "uname"], check=True, env={"HIDDEN": SECRET, **path}, capture_output=True
        )
        subprocess.run([sys.executable, "-c", below, SECRET[::-1].encode().hex()], check=True, env=path)
    found = seen.seen.values()
    commands = {p.command.split(b"\0")[0] for p in found if search.inside(p.command)}
    assert commands == {b"true", b"sh"}
    holders = {p.command.split(b"\0")[0] for p in found if search.inside(p.environment)}
    assert {b"false", b"sleep"} <= holders <= {b"false", b"sleep", b"env"}
    assert [p for p in found if p.command == b"env\0uname" and search.inside(p.environment)] == []


def in_the_config(repository: Path, run: Callable[..., None]) -> None:
    run("config", "http.extraHeader", f"Authorization: Basic {WRITTEN['basic']}")


def in_the_reflog(repository: Path, run: Callable[..., None]) -> None:
    (repository / "logs").mkdir()
    (repository / "logs" / "HEAD").write_text(f"0 1 a <b> 0 +0000\tclone: from https://x:{SECRET}@host/\n")


def in_a_loose_object(repository: Path, run: Callable[..., None]) -> None:
    run("hash-object", "-w", "--stdin", stdin=SECRET.encode())


def in_a_pack(repository: Path, run: Callable[..., None]) -> None:
    run("hash-object", "-w", "--stdin", stdin=WRITTEN["url"].encode())
    oid = next(p for p in (repository / "objects").glob("??/*"))
    run("update-ref", "refs/tags/x", oid.parent.name + oid.name)
    run("repack", "-q", "-a", "-d")
    assert not list((repository / "objects").glob("??/*"))


def in_a_file_name(repository: Path, run: Callable[..., None]) -> None:
    (repository / WRITTEN["url"]).write_text("")


@pytest.mark.parametrize("plant", [in_the_config, in_the_reflog, in_a_loose_object, in_a_pack, in_a_file_name])
def test_control_files(search: Search, tmp_path: Path, plant: Callable[..., None]) -> None:
    repository = tmp_path / "r.git"
    environment = {"PATH": os.environ["PATH"]}

    def run(*arguments: str, stdin: bytes = b"") -> None:
        subprocess.run(["git", "-C", str(repository), *arguments], check=True, input=stdin, env=environment,
                       capture_output=True)  # fmt: skip

    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True, env=environment)
    assert search.in_files(tmp_path) == {}
    plant(repository, run)
    assert list(search.in_files(tmp_path).values()) == [{"control"}]


@pytest.mark.parametrize("value", [SECRET, json.dumps({"ü": [SECRET]}), SECRET.encode(), WRITTEN["basic"]])
def test_control_rows(search: Search, tmp_path: Path, value: str | bytes) -> None:
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (a, b)")
    connection.execute("INSERT INTO t VALUES (?, ?)", (1, value))
    connection.commit()
    assert search.in_database(tmp_path / "x.db") == {"t.b": {"control"}}
    assert "x.db-wal" in search.in_files(tmp_path)
    connection.close()


def test_control_forms_are_told_from_other_text() -> None:
    assert all(len(form) >= len(SECRET) for form in forms(SECRET))
    assert datetime.now(UTC).isoformat() not in {form.decode() for form in forms(SECRET)}
