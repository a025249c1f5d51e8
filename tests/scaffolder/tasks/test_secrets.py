"""Secrets: sealed or in memory, gone at the end, and nowhere in clear; on SQLite and PostgreSQL."""

import base64
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, inspect, text

from shiftdown.errors import InvalidInputError
from shiftdown.model.tasks import Task, TaskStatus
from shiftdown.registry import Registry
from shiftdown.scaffolder.parameters import ParametersError
from shiftdown.scaffolder.tasks import Sealer, SecretsNeededError, TaskEngine
from shiftdown.scaffolder.tasks.sealing import SealError

from .making import ALWAYS, KEY, SECRET, given, lines, spin, states, step, submit, template
from .test_recovery import LATER, kill, recovered, said, worker

Engines = Callable[..., TaskEngine]
OTHER_KEY = base64.urlsafe_b64encode(b"x" * 32).decode()
ROTATED = "r0tated-s3cret-of-a-test"
FORMS = tuple(
    form.encode()
    for secret in (SECRET, ROTATED)
    for form in (
        secret,
        secret.upper(),
        secret[::-1],
        json.dumps(secret)[1:-1],
        base64.b64encode(secret.encode()).decode(),
        secret.encode().hex(),
    )
)


@pytest.fixture
def raw(url: str) -> Iterator[Engine]:
    """The database, by hand."""
    engine = create_engine(url)
    yield engine
    engine.dispose()


def stored(url: str, raw: Engine) -> bytes:
    """Everything that the database holds: all files of SQLite, all rows of PostgreSQL."""
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        return b"".join(p.read_bytes() for p in path.parent.glob(f"{path.name}*"))
    with raw.connect() as connection:
        tables = inspect(connection).get_table_names()
        rows = [row for table in tables for row in connection.scalars(text(f"SELECT t::text FROM {table} t"))]
    return "\n".join(rows).encode()


def leaks(content: bytes) -> list[bytes]:
    """The forms of secrets that are in there."""
    return [form for form in FORMS if form in content]


LEAKY: tuple[dict[str, Any], ...] = (
    step("log", "debug:log", message="token is ${{ secrets.token }} or ${{ secrets.token | upper }}"),
    step("plain", "fs:write", path="plain.txt", content="nothing to hide"),
    step("count", "test:count", file="{folder}/count", token="${{ secrets.token }}"),
    step("once", "test:once", value="for ${{ secrets.token }}"),
    step("file", "fs:write", path=".npmrc", content="//r:_authToken=${{ secrets.token }}"),
    step("list", "debug:log", listWorkspace="with-contents"),
    step("skeleton", "fetch:template", url="./skeleton", values={"token": "${{ secrets.token }}"}),
    step("value", "test:value", value={"${{ secrets.token }}": ["${{ secrets.token | upper }}"]}),
    step("names", "debug:log", listWorkspace=True),
)


def leaky(folder: Path) -> list[dict[str, Any]]:
    """Steps that do everything with a secret that one should not."""
    (folder / "skeleton").mkdir()
    (folder / "skeleton/a.txt").write_text("${{ values.token | backwards }} ${{ values.token }}")
    (folder / "skeleton/${{ values.token }}.txt").write_text("x")
    text = json.dumps(LEAKY).replace("{folder}", str(folder))
    found: list[dict[str, Any]] = json.loads(text)
    return found


def test_a_secret_that_comes_up_is_hidden_too(
    url: str, raw: Engine, new_engine: Engines, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = new_engine()
    used = step("used", "test:count", file=str(tmp_path / "count"), token="${{ steps.token.output.value }}")
    gate = step("gate", "test:gate", path=str(tmp_path / "g"))
    bad = step("bad", "test:bug", value="${{ steps.token.output.value }}")
    task = submit(engine, tmp_path, step("token", "test:token", value=SECRET[::-1]), used, gate, bad)
    spin((tmp_path / "g.reached").exists)
    assert SECRET.encode() not in stored(url, raw)
    (tmp_path / "g.open").touch()
    done = engine.wait(task.id)
    assert done.error == "step bad: unexpected ZeroDivisionError: ***"
    assert any("made ***" in repr(event) for event in engine.follow(task.id))
    for seen in (stored(url, raw), caplog.text.encode(), repr((done, list(engine.follow(task.id)))).encode()):
        assert SECRET.encode() not in seen


@pytest.mark.parametrize("key", [None, KEY])
def test_a_secret_is_nowhere_in_clear(
    url: str, raw: Engine, new_engine: Engines, tmp_path: Path, caplog: pytest.LogCaptureFixture, key: str | None
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = new_engine(key=key, filters={"backwards": lambda value: value[::-1]})
    folder = tmp_path / "template"
    folder.mkdir()
    bad = step("bad", "test:bug", value="${{ secrets.token }}")
    gate = step("gate", "test:gate", path=str(tmp_path / "g"))
    task = submit(engine, folder, *leaky(folder), gate, bad, secrets={"token": SECRET})
    spin((tmp_path / "g.reached").exists)
    assert leaks(stored(url, raw)) == []
    (tmp_path / "g.open").touch()
    done = engine.wait(task.id)
    assert done.error == "step bad: unexpected ZeroDivisionError: ***"
    assert leaks(stored(url, raw)) == []
    assert leaks(caplog.text.encode()) == []
    said_to_people = repr(task) + repr(done) + repr(list(engine.follow(task.id))) + repr(vars(engine))
    assert leaks(said_to_people.encode()) == []
    assert "nothing to hide" in said_to_people
    assert engine._secrets == {}


@pytest.mark.parametrize("key", [None, KEY])
def test_a_secret_is_nowhere_in_clear_after_kill(
    url: str, registry: Registry, raw: Engine, tmp_path: Path, key: str | None
) -> None:
    folder = tmp_path / "template"
    folder.mkdir()
    gate = step("gate", "test:gate", path=str(tmp_path / "g"))
    steps = [s for s in leaky(folder) if s["id"] != "skeleton"]
    environment = {"SECRETS": json.dumps({"token": SECRET})} | ({"KEY": key} if key else {})
    arguments = ("run", url, folder, 1, json.dumps([*steps, gate]), "{}")
    with worker(*arguments, **environment) as process:
        id = said(process)
        spin((tmp_path / "g.reached").exists)
        kill(process)
    assert leaks(stored(url, raw)) == []
    assert (registry.sealed_secrets(id) is None) == (key is None)


def test_without_a_key_a_task_asks_for_its_secrets_again(
    url: str, registry: Registry, raw: Engine, new_engine: Engines, tmp_path: Path
) -> None:
    steps = [
        step("count", "test:count", file=str(tmp_path / "n"), token="${{ secrets.token }}"),
        step("file", "fs:write", path=".npmrc", content="token=${{ secrets.token }}"),
        step("gate", "test:gate", path=str(tmp_path / "g")),
        step("read", "fs:read", path=".npmrc"),
        step("publish", "test:mark", file=str(tmp_path / "published")),
    ]
    environment = {"SECRETS": json.dumps({"token": SECRET})}
    with worker("run", url, tmp_path, 1, json.dumps(steps), "{}", **environment) as process:
        id = said(process)
        spin((tmp_path / "g.reached").exists)
        kill(process)
    (tmp_path / "g.open").touch()
    assert recovered(url) == [id]
    task = registry.task(id)
    assert (task.status, task.secret_names) == (TaskStatus.FAILED, ("token",))
    assert "needs its secrets again (token)" in str(task.error)
    engine = new_engine()
    with pytest.raises(SecretsNeededError, match=r"needs its secrets again \(token\)") as caught:
        engine.retry(id, secrets={})
    assert (caught.value.task_id, caught.value.names) == (id, ("token",))
    seen = registry.task_events(id)[-1].id
    engine.retry(id, secrets={"token": SecretStr(ROTATED)})
    events = list(engine.follow(id, after=seen))
    assert states(events) == [(s["id"], "completed") for s in steps]
    assert registry.task(id).status is TaskStatus.COMPLETED
    assert len(lines(tmp_path / "n")) == 1
    assert leaks(stored(url, raw)) == []


def test_with_a_key_a_task_survives_its_process(url: str, registry: Registry, raw: Engine, tmp_path: Path) -> None:
    steps = [
        step("plain", "fs:write", path="plain", content="plain"),
        step("file", "fs:write", path="token", content="${{ secrets.token }}"),
        step("mark", "test:mark", file=str(tmp_path / "mark")),
        step("more", "fs:write", path="more", content="more"),
        step("held", "test:once-and-gate", path=str(tmp_path / "g"), value="for ${{ secrets.token }}"),
        step("read", "fs:read", path="token"),
        step("rest", "test:value", value="${{ steps.read.output.content }} ${{ steps.held.output.value }}"),
        step(
            "same", "test:mark", file=str(tmp_path) + "/${{ 'same' if steps.rest.output.value == wanted else 'other' }}"
        ),
    ]
    steps[-1]["input"]["file"] = steps[-1]["input"]["file"].replace("wanted", "secrets.token ~ ' for ' ~ secrets.token")
    environment = {"SECRETS": json.dumps({"token": SECRET}), "KEY": KEY}
    with worker("run", url, tmp_path, 1, json.dumps(steps), "{}", **environment) as process:
        id = said(process)
        spin((tmp_path / "g.reached").exists)
        kill(process)
    assert registry.sealed_secrets(id) is not None
    assert registry.sealed_progress(id) is not None
    assert set(registry.task_progress(id).outputs) == {"plain"}
    assert registry.task_progress(id).checkpoints == {"held[].value": "for ***"}
    assert leaks(stored(url, raw)) == []
    (tmp_path / "g.open").touch()
    with worker("recover", url, 1, KEY=KEY, LATER=str(LATER)) as process:
        assert process.communicate(timeout=120)[1] == ""
    assert registry.task(id).status is TaskStatus.COMPLETED
    assert registry.sealed_secrets(id) is None
    assert [len(lines(tmp_path / name)) for name in ("mark", "g.reached", "same")] == [1, 2, 1]
    assert registry.sealed_progress(id) is None
    assert leaks(stored(url, raw)) == []


@pytest.mark.parametrize("key", [None, OTHER_KEY])
def test_who_cannot_open_the_secrets_leaves_the_task_to_others(
    registry: Registry, new_engine: Engines, tmp_path: Path, key: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    first = new_engine(key=KEY)
    task = submit(first, tmp_path, step("gate", "test:gate", path=str(tmp_path / "g")), secrets={"token": SECRET})
    spin((tmp_path / "g.reached").exists)
    first.close()
    before = registry.task(task.id)
    assert new_engine(key=key).recover() == []
    assert registry.task(task.id) == before
    assert f"task {task.id} is left to another process" in caplog.text
    (tmp_path / "g.open").touch()
    again = new_engine(key=KEY)
    assert [t.id for t in again.recover()] == [task.id]
    assert again.wait(task.id).status is TaskStatus.COMPLETED


def test_what_a_step_makes_of_a_secret_is_made_anew_by_a_retry(
    registry: Registry, new_engine: Engines, tmp_path: Path
) -> None:
    engine, good = new_engine(), tmp_path / "good"
    task = submit(
        engine,
        tmp_path,
        step("before", "test:mark", file=str(tmp_path / "before")),
        step("file", "fs:write", path="token", content="${{ secrets.token }}"),
        step("after", "test:mark", file=str(tmp_path / "after")),
        step("fails", "test:fail", unless=str(good)),
        step("read", "fs:read", path="token"),
        step("rotated", "test:mark", f"${{{{ steps.read.output.content == '{ROTATED}' }}}}", file=str(tmp_path / "r")),
        secrets={"token": SECRET},
    )
    assert engine.wait(task.id).status is TaskStatus.FAILED
    assert set(registry.task_progress(task.id).outputs) == {"before"}
    assert registry.task_progress(task.id).files == ()
    good.touch()
    engine.retry(task.id, secrets={"token": SecretStr(ROTATED)})
    assert engine.wait(task.id).status is TaskStatus.COMPLETED
    assert [len(lines(tmp_path / name)) for name in ("before", "after", "r")] == [1, 2, 1]


def test_what_is_too_large_to_be_sealed_is_held_back(
    registry: Registry, new_engine: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shiftdown.scaffolder.tasks.saving.MAX_SEALED", 100)
    first = new_engine(key=KEY)
    task = submit(
        first,
        tmp_path,
        step("small", "fs:write", path="small", content="${{ secrets.token }}"),
        step("mark", "test:mark", file=str(tmp_path / "small")),
        step("large", "fs:write", path="large", content="x" * 100),
        step("again", "test:mark", file=str(tmp_path / "large")),
        step("gate", "test:gate", path=str(tmp_path / "g")),
        secrets={"token": SECRET},
    )
    spin((tmp_path / "g.reached").exists)
    first.close()
    (tmp_path / "g.open").touch()
    second = new_engine(key=KEY)
    second.recover()
    assert second.wait(task.id).status is TaskStatus.COMPLETED
    assert [len(lines(tmp_path / name)) for name in ("small", "large")] == [1, 2]


def test_a_secret_in_a_checkpoint_is_masked(registry: Registry, engine: TaskEngine, tmp_path: Path) -> None:
    task = submit(
        engine,
        tmp_path,
        step("once", "test:once", value="for ${{ secrets.token }}"),
        step("cleans", "debug:log", ALWAYS, message="x"),
        secrets={"token": SECRET},
        output={"said": "${{ steps.once.output.value }}"},
    )
    assert given(engine.wait(task.id)) == {"said": "for ***"}
    assert registry.task_progress(task.id).checkpoints == {"once[].value": "for ***"}


def test_a_secret_of_several_lines_is_hidden_in_each_form(
    engine: TaskEngine, registry: Registry, tmp_path: Path
) -> None:
    key = '-----BEGIN KEY-----\nMIIEow"IBAAKCAQEA\nö7bq5Yx==\n-----END KEY-----\n'
    task = submit(
        engine,
        tmp_path,
        step("log", "debug:log", message="key: ${{ secrets.key }}."),
        step("lines", "debug:log", message="${{ secrets.key | trim }}"),
        step("value", "test:value", value="${{ secrets.key | dump }}"),
        step("bug", "test:bug", value="second: ${{ (secrets.key | string).split('\\n')[1] }}"),
        secrets={"key": key},
    )
    assert "***" in str(engine.wait(task.id).error)
    shown = json.dumps([e.model_dump(mode="json") for e in registry.task_events(task.id)], ensure_ascii=False)
    assert "completed" in shown
    for part in ("MIIEow", "IBAAKCAQEA", "7bq5Yx"):
        assert part not in shown


def test_secrets_must_fit_the_template(engine: TaskEngine, registry: Registry, tmp_path: Path) -> None:
    form = {"type": "object", "required": ["token"], "properties": {"token": {"minLength": 8}}}
    asks = template(step("fail", "test:fail", unless=str(tmp_path / "good")), secrets={"schema": form})

    def give(**secrets: str) -> Task:
        return engine.submit(
            asks, str(tmp_path), {}, secrets={name: SecretStr(value) for name, value in secrets.items()}, user={}
        )

    with pytest.raises(ParametersError, match=r"secrets.*token"):
        give()
    with pytest.raises(ParametersError, match=r"secrets.*token") as caught:
        give(token="short")
    assert "short" not in str(caught.value)
    assert registry.tasks().total == 0
    failed = engine.wait(give(token=SECRET).id)
    with pytest.raises(ParametersError, match="secrets"):
        engine.retry(failed.id, secrets={"token": SecretStr("short")})
    assert registry.task(failed.id) == failed


@pytest.mark.parametrize("key", ["", "short", "ß" * 44, SECRET])
def test_a_key_that_is_none(key: str) -> None:
    with pytest.raises(InvalidInputError, match="SHIFTDOWN_SECRETS_KEY is not a Fernet key") as caught:
        Sealer(SecretStr(key))
    assert key == "" or key not in "".join(traceback.format_exception(caught.value))


def test_the_environment_may_hold_the_key() -> None:
    assert Sealer.from_environment({}) is None
    assert Sealer.from_environment({"SHIFTDOWN_SECRETS_KEY": ""}) is None
    sealer = Sealer.from_environment({"SHIFTDOWN_SECRETS_KEY": KEY})
    assert sealer is not None
    sealed = sealer.seal("t1", {"token": SECRET})
    assert sealer.open("t1", sealed) == {"token": SECRET}
    assert leaks(sealed.encode() + base64.urlsafe_b64decode(sealed)) == []


@pytest.mark.parametrize("sealed", ["", "rubbish", "ß", "t2"])
def test_sealed_secrets_are_those_of_one_task(sealed: str) -> None:
    sealer = Sealer(SecretStr(KEY))
    if sealed == "t2":
        sealed = sealer.seal("t2", {"token": SECRET})
    with pytest.raises(SealError, match="task t1"):
        sealer.open("t1", sealed)
