"""Secrets are planted wherever shiftdown takes them; a whole life of change requests later they are nowhere else."""

import os
import sqlite3

import pytest

from shiftdown import RunOutcome
from shiftdown.forges.github import retry
from shiftdown.model import ChangeRequestStatus, TaskStatus
from shiftdown.scaffolder.tasks.sealing import KEY_VARIABLE
from shiftdown_fakes.github import FakeGitHub
from tests.scaffolder.tasks.making import KEY

from .planted import Search, all_logs, all_processes
from .planted_gitlab import GITLAB_TOKEN, on_gitlab
from .planted_life import OTHER_TOKEN, PASSWORD, TASK_SECRET, TOKEN, WEBHOOK_SECRET, WRONG_TOKEN, Life, Traces
from .test_github import key_pair


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Traces:
    """What is left after a whole life, on GitHub and elsewhere, in which all goes wrong that can."""
    folder, sources = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("sources")
    private, public = key_pair()
    search = Search(
        token=TOKEN, gitlab_token=GITLAB_TOKEN, other_token=OTHER_TOKEN, wrong_token=WRONG_TOKEN, password=PASSWORD,
        key=private, task_secret=TASK_SECRET, webhook_secret=WEBHOOK_SECRET,
    )  # fmt: skip
    found = Traces(search, folder)
    with pytest.MonkeyPatch.context() as patch, FakeGitHub(folder / "github") as github:
        patch.setattr(retry, "BACKOFF", 0)
        patch.setattr("shiftdown.forges.gitlab.retry.BACKOFF", 0)
        for forge in ("github", "gitlab"):
            patch.setattr(f"shiftdown.forges.{forge}.settings.PAUSE", 0)
            patch.setattr(f"shiftdown.forges.{forge}.settings.PATIENCE", 0)
        for name in [n for n in os.environ if n.startswith(("GITHUB_", "GH_", "GITLAB_", "SHIFTDOWN_"))]:
            patch.delenv(name)
        patch.setenv("SHIFTDOWN_CONFIG", str(sources / "shiftdown.toml"))
        patch.setenv("SHIFTDOWN_REGISTRY", f"sqlite:///{folder}/registry.db")
        patch.setenv("SHIFTDOWN_GITHUB_URL", github.url)
        patch.setenv("SHIFTDOWN_GITHUB_WEBHOOK_SECRET", WEBHOOK_SECRET)
        patch.setenv(KEY_VARIABLE, KEY)
        patch.setenv("TMPDIR", str(folder))
        (sources / "key.pem").write_text(private)
        (sources / "shiftdown.toml").write_text("")
        with all_logs() as found.logs, all_processes(patch) as found.processes:
            life = Life(found, github, sources, patch, public)
            life.by_push()
            life.by_fork()
            life.by_api()
            life.with_faults()
            on_gitlab(life)
            life.with_a_helper()
            life.on_the_command_line()
            life.with_a_task()
        for token in github.world.tokens.values():
            if token.installation:
                search.add("installation_token", token.value)
    return found


# What is looked at, and that there is something to look at


def test_it_was_a_life(traces: Traces) -> None:
    for status in (ChangeRequestStatus.MERGED, RunOutcome.OPENED, RunOutcome.FAILED, TaskStatus.FAILED):
        assert status in traces.statuses
    assert {"gitlab OPENED", "gitlab FAILED", "gitlab MERGED"} <= set(traces.statuses)
    assert {"2 main", "0 main", "IGNORED", "cli 0", "cli 1", "cli 2"} <= set(traces.statuses)
    assert "***" in "".join(traces.said)
    assert set(traces.search.names) >= {"token", "key", "installation_token", "password", "webhook_secret"}


def test_nothing_is_logged(traces: Traces) -> None:
    assert {"github.Requester", "urllib3.connectionpool", "shiftdown.delivery.branches"} <= traces.logs.loggers
    assert len(traces.logs.lines) > 500
    assert [line for line in traces.logs.lines if traces.search.inside(line)] == []


def test_nothing_is_said(traces: Traces) -> None:
    assert len("".join(traces.said)) > 5000
    assert [said for said in traces.said if traces.search.inside(said)] == []


def test_no_error_holds_one(traces: Traces) -> None:
    assert len(traces.errors) > 20
    found = [(str(error), traces.search.in_error(error)) for error in traces.errors]
    assert [error for error in found if error[1]] == []


def test_no_command_line_holds_one(traces: Traces) -> None:
    programs = {process.program for process in traces.processes.seen.values()}
    assert {"git", "git-remote-http"} <= programs
    assert [p.command for p in traces.processes.seen.values() if traces.search.inside(p.command)] == []


def test_only_a_git_that_needs_one_gets_it(traces: Traces) -> None:
    """By a setting in its environment: its own, and what it starts to talk to the server; `""` is one that ends."""
    holders = [p for p in traces.processes.seen.values() if traces.search.inside(p.environment)]
    assert holders
    for process in holders:
        assert process.program in ("git", "git-remote-http", ""), process.command
        assert b"GIT_CONFIG_VALUE_" in process.environment
        assert traces.search.inside(process.environment) <= {"password", "wrong_token"}
        assert b"SHIFTDOWN_" not in process.environment


def test_no_file_holds_one(traces: Traces) -> None:
    files = [path for path in traces.folder.rglob("*") if path.is_file()]
    assert {"config", "registry.db", "HEAD"} <= {path.name for path in files}
    assert any(".pace" in path.name for path in files)
    assert traces.search.in_files(traces.folder) == {}


def test_no_row_holds_one(traces: Traces) -> None:
    with sqlite3.connect(traces.folder / "registry.db") as connection:
        for table in ("events", "change_requests", "task_events"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0
    connection.close()
    assert traces.search.in_database(traces.folder / "registry.db") == {}
    for path in traces.folder.glob("*.pace*"):
        assert traces.search.in_database(path) == {}
