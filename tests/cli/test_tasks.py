"""The commands of tasks, as others rely on them: names, JSON fields, exit codes."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shiftdown import Shiftdown
from shiftdown.model import Task
from tests.cli.conftest import Cli

TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: checked}
spec:
  type: service
  steps:
    - {id: hello, action: debug:log, input: {message: "hello ${{ secrets.token }}"}}
    - {id: fetch, action: fetch:plain, input: {url: ./files}}
    - {id: cleans, if: "${{ always() }}", action: debug:log, input: {message: bye}}
  output: {text: [{title: done}]}
"""
FIELDS = {
    "id",
    "status",
    "template_ref",
    "created_by",
    "created_at",
    "started_at",
    "ended_at",
    "error",
    "secrets",
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template whose files are missing."""
    folder = tmp_path / "checked"
    folder.mkdir()
    (folder / "template.yaml").write_text(TEMPLATE)
    return folder


@pytest.fixture
def failed(cli: Cli, template: Path) -> Task:
    """A task that failed."""
    with Shiftdown.open() as sd:
        return sd.tasks.run(str(template), {}, secrets={"token": "t0ken-of-a-test"})


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A file with secrets."""
    path = tmp_path / "secrets.yaml"
    path.write_text("token: t0ken-of-a-test\n")
    return path


def test_list_show_and_log(cli: Cli, failed: Task) -> None:
    listed = cli("tasks", "list", "--json")
    assert (listed.code, [set(t) for t in listed.json]) == (0, [FIELDS])
    assert (listed.json[0]["id"], listed.json[0]["status"], listed.json[0]["secrets"]) == (
        failed.id,
        "failed",
        ["token"],
    )
    assert failed.id in cli("tasks", "list", "--status", "failed", "--status", "open").out
    assert cli("tasks", "list", "--status", "completed", "--json").json == []
    assert cli("tasks", "list", "--created-by", "user:default/ada", "--json").json == []
    assert cli("tasks", "list", "--offset", "1").out == "there are no tasks\n"
    shown = cli("tasks", "show", failed.id[:8], "--json")
    assert set(shown.json) == FIELDS | {"location", "parameters", "output"}
    assert shown.json["error"].startswith("step fetch: ./files: there is no such folder")
    assert "there is no such folder" in cli("tasks", "show", failed.id).out
    log = cli("tasks", "log", failed.id, "--json")
    assert [set(e) for e in log.json] == [{"task_id", "id", "type", "created_at", "body"}] * len(log.json)
    assert log.json[-1]["type"] == "completion"
    assert cli("tasks", "log", failed.id, "--follow", "--after", "2", "--json").json == log.json[2:]
    assert "[hello] hello ***\n" in cli("tasks", "log", failed.id).out
    assert "t0ken" not in log.out


def test_retry(cli: Cli, failed: Task, template: Path, secrets: Path) -> None:
    refused = cli("tasks", "retry", failed.id)
    assert (refused.code, refused.out) == (2, "")
    assert "needs its secrets again (token)" in refused.err
    again = cli("tasks", "retry", failed.id, "--secrets", secrets, "--json")
    assert (again.code, again.json["status"]) == (1, "failed")
    (template / "files").mkdir()
    (template / "files/a.txt").write_text("a")
    done = cli("tasks", "retry", failed.id, "--secrets", secrets)
    assert done.code == 0
    assert done.out == f"{failed.id} completed\n"
    assert done.err.count("Starting up task") == 1
    assert "t0ken" not in done.err
    assert cli("tasks", "retry", failed.id, "--secrets", secrets).code == 1
    assert cli("tasks", "cancel", failed.id).code == 1


def test_recover_and_cancel(cli: Cli, tmp_path: Path, held: Callable[[], Task]) -> None:
    assert cli("tasks", "recover").out == "there is nothing to recover\n"
    first, second = held(), held()
    soon = datetime.now(UTC) + timedelta(seconds=1)  # as if it had just been killed
    with closing(sqlite3.connect(tmp_path / "registry.db")) as database, database:
        database.execute("UPDATE tasks SET leased_until = ? WHERE id = ?", (f"{soon:%Y-%m-%d %H:%M:%S.%f}", first.id))
    cancelled = cli("tasks", "cancel", first.id, "--json")
    assert (cancelled.code, cancelled.json["status"]) == (0, "cancelled")
    recovered = cli("tasks", "recover", "--json")
    assert (recovered.code, [(t["id"], t["status"]) for t in recovered.json]) == (0, [(second.id, "completed")])
    assert cli("tasks", "recover", "--json").json == []


@pytest.fixture
def held(cli: Cli, tmp_path: Path) -> Callable[[], Task]:
    """Makes tasks that a process began and left."""
    folder = tmp_path / "waiting"
    folder.mkdir()
    text = TEMPLATE.replace("fetch:plain, input: {url: ./files}", "debug:wait, input: {seconds: 1}")
    (folder / "template.yaml").write_text(text)

    def make() -> Task:
        with Shiftdown.open() as sd:
            task = sd.tasks.submit(str(folder), {})
            for event in sd.tasks.follow(task.id):
                if event.body.get("stepId") == "fetch":
                    break
            return task

    return make


def test_recover_says_what_could_not_go_on(cli: Cli, template: Path, tmp_path: Path) -> None:
    (template / "template.yaml").write_text(
        TEMPLATE.replace("fetch:plain, input: {url: ./files}", "debug:wait, input: {seconds: 600}")
    )
    with Shiftdown.open() as sd:
        task = sd.tasks.submit(str(template), {}, secrets={"token": "t0ken-of-a-test"})
    answer = cli("tasks", "recover", "--json")
    assert (answer.code, [t["id"] for t in answer.json]) == (1, [task.id])
    assert "needs its secrets again" in answer.json[0]["error"]


def test_prune(cli: Cli, failed: Task) -> None:
    assert cli("tasks", "prune").out == "deleted 0 tasks\n"
    assert cli("tasks", "prune", "--days", "0", "--json").json == [failed.id]
    assert cli("tasks", "list", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "nothing"), "no task 'nothing'"),
        (("log", "nothing"), "no task 'nothing'"),
        (("log", "nothing", "--follow"), "no task 'nothing'"),
        (("cancel", "nothing"), "no task 'nothing'"),
        (("retry", "nothing"), "no task 'nothing'"),
        (("list", "--status", "asleep"), "'asleep' is no state of a task"),
        (("list", "--limit", "-1"), "limit"),
    ],
)
def test_wrong_usage(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    answer = cli("tasks", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
