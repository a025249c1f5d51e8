"""Repositories on a forge are updated and adopted with its token: fetched, merged here, pushed, and proposed."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown import Shiftdown
from shiftdown.app.adoption import AdoptRequest
from shiftdown.app.updates import UpdateOutcome
from shiftdown.forges.github import retry
from shiftdown.scaffolder.origin import RECORD, REFERENCE
from shiftdown.testing.forges.github import FakeGitHub, Repository
from tests.app.conftest import git
from tests.app.template_kit import LINES, Kit

from .conftest import README

UPDATE, ADOPT = "shiftdown/update-from-template", "shiftdown/adopt-template"


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github") as server:
        yield server
        assert server.crashes == []


@pytest.fixture
def token(github: FakeGitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The token that the environment holds."""
    value = github.world.add_token("acme").value
    (tmp_path / "shiftdown.toml").touch()
    monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
    monkeypatch.setenv("SHIFTDOWN_GITHUB_URL", github.url)
    monkeypatch.setenv("SHIFTDOWN_GITHUB_TOKEN", value)
    monkeypatch.setattr(retry, "BACKOFF", 0)
    monkeypatch.setattr("shiftdown.forges.github.settings.PAUSE", 0)
    return value


@pytest.fixture
def orders(github: FakeGitHub) -> Repository:
    """A private repository without a commit."""
    return github.world.add_repository("acme/orders", private=True)


def push(repository: Path, url: str, token: str, *references: str) -> None:
    """Push what a person pushes."""
    pair = base64.b64encode(f"x:{token}".encode()).decode()
    git(repository, "-c", f"http.extraHeader=Authorization: Basic {pair}", "push", "--quiet", url, *references)


def text(repository: Repository, branch: str, path: str) -> str:
    store = repository.store
    tip = store.tip(branch)
    assert tip is not None
    entry = store.entry(tip, path)
    assert entry is not None
    return store.read(entry.id).decode()


def test_an_update(kit: Kit, github: FakeGitHub, orders: Repository, token: str) -> None:
    url = f"{github.url}/acme/orders"
    push(kit.create(), url, token, "main", REFERENCE)
    github.commit(orders, "main", {"src/app.txt": LINES.replace("line 1\n", "our line 1\n")})
    kit.write("1.1.0", {"README.md": README, "src/app.txt": LINES.replace("line 9\n", "their line 9\n")})
    result = kit.update(url)
    assert (result.outcome, result.reason) == (UpdateOutcome.OPENED, None)
    merged = LINES.replace("line 1\n", "our line 1\n").replace("line 9\n", "their line 9\n")
    assert text(orders, UPDATE, "src/app.txt") == merged
    assert [pull.branch for pull in orders.pulls] == [UPDATE]
    kept = orders.store.reference(REFERENCE)
    assert kit.update(url).outcome is UpdateOutcome.UNCHANGED
    assert orders.store.reference(REFERENCE) == kept
    kit.merge(result)
    assert kit.update(url).outcome is UpdateOutcome.UP_TO_DATE


def test_an_update_from_the_history_alone(kit: Kit, github: FakeGitHub, orders: Repository, token: str) -> None:
    url = f"{github.url}/acme/orders"
    push(kit.create(), url, token, "main")
    kit.write("1.1.0", {"README.md": README, "src/app.txt": "all new\n"})
    assert kit.update(url).outcome is UpdateOutcome.OPENED
    assert text(orders, UPDATE, "src/app.txt") == "all new\n"
    assert orders.store.reference(REFERENCE) is not None


def test_adopting(sd: Shiftdown, kit: Kit, github: FakeGitHub, orders: Repository, token: str) -> None:
    made = kit.create()
    git(made, "rm", "--quiet", RECORD)
    git(made, "commit", "--quiet", "--message", "Forget where it comes from")
    url = f"{github.url}/acme/orders"
    push(made, url, token, "main")
    request = AdoptRequest(template=str(kit.template), texts={"name": "orders"})
    assert sd.adoption.adopt(url, request).outcome is UpdateOutcome.OPENED
    assert "1.0.0" in text(orders, ADOPT, RECORD)
    assert [pull.branch for pull in orders.pulls] == [ADOPT]


def test_a_repository_that_is_not_there(kit: Kit, github: FakeGitHub, token: str) -> None:
    result = kit.update(f"{github.url}/acme/none")
    assert result.outcome is UpdateOutcome.FAILED
    assert token not in str(result.reason)
