"""Whatever opens a change request, it is in the list, and can be looked at, merged and closed from there."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shiftdown.app.publishing import ROOT_VARIABLE
from shiftdown.scaffolder.origin import RECORD
from shiftdown_fakes.github import FakeGitHub
from shiftdown_fakes.gitlab import FakeGitLab
from tests.app.conftest import git, make_repository

from .conftest import Cli


@dataclass(frozen=True)
class Opened:
    """A change request that a command has opened."""

    type: str
    branch: str
    repository: str
    path: str
    """A file that it changes."""
    again: Callable[[], None]
    """Runs the same command once more."""


def write_template(folder: Path, version: str, *steps: dict[str, Any]) -> Path:
    """A template that makes one file, with further steps."""
    (folder / "skeleton").mkdir(parents=True, exist_ok=True)
    (folder / "skeleton/run.md").write_text(f"# Run version {version}\n")
    fetch = {"action": "fetch:template", "input": {"url": "./skeleton", "values": {}}}
    template = {
        "apiVersion": "scaffolder.backstage.io/v1beta3",
        "kind": "Template",
        "metadata": {"name": "docs", "annotations": {"shiftdown.dev/version": version}},
        "spec": {"type": "service", "parameters": {"properties": {}}, "steps": [fetch, *steps]},
    }
    (folder / "template.yaml").write_text(json.dumps(template))
    return folder


def opened(cli: Cli, *command: Any, type_: str, branch: str, repository: str, path: str) -> Opened:
    """Run a command that opens one."""

    def run() -> None:
        done = cli(*command)
        assert done.code == 0, done.err

    run()
    return Opened(type_, branch, repository, path, run)


@contextmanager
def by_github_action(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    with FakeGitHub(folder / "github") as server:
        server.commit(server.world.add_repository("acme/orders"), "main", {"README.md": "hello\n"})
        monkeypatch.setenv("SHIFTDOWN_GITHUB_URL", server.url)
        monkeypatch.setenv("SHIFTDOWN_GITHUB_TOKEN", server.world.add_token("acme").value)
        url = f"{server.url.removeprefix('http://')}?owner=acme&repo=orders"
        words = {"repoUrl": url, "branchName": "docs", "title": "Add docs", "description": "How.", "update": True}
        made = write_template(folder / "docs", "1", {"action": "publish:github:pull-request", "input": words})
        yield opened(
            cli,
            *("templates", "run", made),
            type_="template:default/docs#docs",
            branch="docs",
            repository=f"{server.url}/acme/orders",
            path="run.md",
        )
        assert server.crashes == []


@contextmanager
def by_gitlab_action(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    with FakeGitLab(folder / "gitlab") as server:
        server.commit(server.world.add_project("acme/orders", owner="ada"), "main", {"README.md": "hello\n"})
        monkeypatch.setenv("SHIFTDOWN_GITLAB_URL", server.url)
        monkeypatch.setenv("SHIFTDOWN_GITLAB_TOKEN", server.world.add_token("ada").value)
        url = f"{server.url.removeprefix('http://')}?owner=acme&repo=orders"
        words = {"repoUrl": url, "branchName": "docs", "title": "Add docs"}
        made = write_template(folder / "docs", "1", {"action": "publish:gitlab:merge-request", "input": words})
        yield opened(
            cli,
            *("templates", "run", made),
            type_="template:default/docs#docs",
            branch="docs",
            repository=f"{server.url}/acme/orders",
            path="run.md",
        )
        assert server.crashes == []


@contextmanager
def by_local_action(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    monkeypatch.setenv(ROOT_VARIABLE, str(folder / "repositories"))
    orders = make_repository(folder / "repositories/orders", {"README.md": "hello\n"}, bare=True)
    words = {"path": "orders", "branchName": "docs", "title": "Add docs"}
    made = write_template(folder / "docs", "1", {"action": "publish:local", "input": words})
    yield opened(
        cli,
        *("templates", "run", made),
        type_="template:default/docs#docs",
        branch="docs",
        repository=str(orders),
        path="run.md",
    )


@contextmanager
def by_update(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    made, orders = write_template(folder / "docs", "1"), folder / "orders"
    assert cli("new", "service", "orders", "--template", made, "--to", orders).code == 0
    write_template(made, "2")
    yield opened(
        cli,
        *("update", orders),
        type_="UPDATE_FROM_TEMPLATE",
        branch="shiftdown/update-from-template",
        repository=str(orders),
        path="run.md",
    )


@contextmanager
def by_adoption(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    made = write_template(folder / "docs", "1")
    orders = make_repository(folder / "orders", {"run.md": "# Run version 1\n"})
    yield opened(
        cli,
        *("adopt", orders, "--template", made),
        type_="ADOPT_TEMPLATE",
        branch="shiftdown/adopt-template",
        repository=str(orders),
        path=RECORD,
    )


@pytest.fixture(params=[by_github_action, by_gitlab_action, by_local_action, by_update, by_adoption])
def proposal(
    request: pytest.FixtureRequest, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opened]:
    """The change request that is open now."""
    (tmp_path / "shiftdown.toml").touch()
    monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
    for forge in ("github", "gitlab"):
        monkeypatch.setattr(f"shiftdown.forges.{forge}.settings.PAUSE", 0)
        monkeypatch.setattr(f"shiftdown.forges.{forge}.settings.PATIENCE", 0)
    with request.param(cli, tmp_path, monkeypatch) as made:
        yield made


def test_it_is_listed_and_can_be_shown(cli: Cli, proposal: Opened) -> None:
    (row,) = cli("change-requests", "list", "--json").json
    assert {"id", "repository", "type", "branch", "status", "title", "url"} <= row.keys()
    wanted = (proposal.type, proposal.branch, proposal.repository, "OPEN")
    assert (row["type"], row["branch"], row["repository"], row["status"]) == wanted
    assert proposal.type in cli("change-requests", "list").out.replace("\n", "")
    shown = cli("change-requests", "show", row["id"], "--json").json
    assert f"+++ b/{proposal.path}" in shown["diff"]
    assert shown["url"] == row["url"]


def test_it_can_be_merged(cli: Cli, proposal: Opened) -> None:
    (row,) = cli("change-requests", "list", "--json").json
    assert cli("change-requests", "merge", row["id"], "--json").json["status"] == "MERGED"
    (row,) = cli("change-requests", "list", "--json").json
    assert row["status"] == "MERGED"
    assert cli("change-requests", "list", "--open", "--json").json == []


def test_it_can_be_closed(cli: Cli, proposal: Opened) -> None:
    (row,) = cli("change-requests", "list", "--json").json
    closed = cli("change-requests", "close", row["id"], "--reason", "not this", "--json").json
    assert closed["status"] == "CLOSED"
    assert cli("change-requests", "show", row["id"], "--json").json["reason"] == "not this"


def test_again_it_is_the_same(cli: Cli, proposal: Opened) -> None:
    before = cli("change-requests", "list", "--json").json
    proposal.again()
    assert cli("change-requests", "list", "--json").json == before


def test_two_branches_of_one_template_are_two(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    orders = make_repository(tmp_path / "orders", {"README.md": "hello\n"})
    steps = [
        {"action": "publish:local", "input": {"path": "orders", "branchName": name, "title": name, "targetPath": name}}
        for name in ("one", "two")
    ]
    assert cli("templates", "run", write_template(tmp_path / "docs", "1", *steps)).code == 0
    rows = cli("change-requests", "list", "--json").json
    assert [row["type"] for row in rows] == ["template:default/docs#one", "template:default/docs#two"]
    assert git(orders, "branch", "--list", "one", "two").split() == ["one", "two"]
