"""Repositories on a forge are updated and adopted with its token: fetched, merged here, pushed, and proposed."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from shiftdown import Shiftdown
from shiftdown.creation.adoption import AdoptRequest
from shiftdown.creation.updates import UpdateOutcome
from shiftdown.scaffolder.origin import RECORD, REFERENCE
from shiftdown_fakes.github import FakeGitHub
from shiftdown_fakes.gitlab import FakeGitLab
from shiftdown_fakes.store import GitStore
from tests.app.conftest import git
from tests.app.template_kit import LINES, Kit

from .conftest import README

UPDATE, ADOPT = "shiftdown/update-from-template", "shiftdown/adopt-template"


@dataclass(frozen=True)
class Place:
    """A private repository on a forge, without a commit at first, and the token that the environment holds."""

    url: str
    token: str
    store: GitStore
    commit: Callable[[str, dict[str, str]], str]
    proposed: Callable[[], list[str]]
    """The branches of its change requests."""


@contextmanager
def on_github(folder: Path) -> Iterator[Place]:
    with FakeGitHub(folder) as server:
        made = server.world.add_repository("acme/orders", private=True)
        yield Place(
            f"{server.url}/acme/orders",
            server.world.add_token("acme").value,
            made.store,
            lambda branch, files: server.commit(made, branch, files),
            lambda: [pull.branch for pull in made.pulls],
        )
        assert server.crashes == []


@contextmanager
def on_gitlab(folder: Path) -> Iterator[Place]:
    with FakeGitLab(folder) as server:
        made = server.world.add_project("acme/platform/orders", owner="ada", private=True)
        yield Place(
            f"{server.url}/acme/platform/orders",
            server.world.add_token("ada").value,
            made.store,
            lambda branch, files: server.commit(made, branch, files),
            lambda: [request.branch for request in made.merge_requests.values()],
        )
        assert server.crashes == []


FORGES = {"github": on_github, "gitlab": on_gitlab}


@pytest.fixture(params=FORGES)
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Place]:
    """The repository, on the one forge that the environment knows."""
    forge: str = request.param
    with FORGES[forge](tmp_path / "forge") as made:
        (tmp_path / "shiftdown.toml").touch()
        monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
        monkeypatch.setenv(f"SHIFTDOWN_{forge.upper()}_URL", made.url.partition("/acme/")[0])
        monkeypatch.setenv(f"SHIFTDOWN_{forge.upper()}_TOKEN", made.token)
        monkeypatch.setattr(f"shiftdown.forges.{forge}.retry.BACKOFF", 0)
        monkeypatch.setattr(f"shiftdown.forges.{forge}.settings.PAUSE", 0)
        yield made


def push(repository: Path, place: Place, *references: str) -> None:
    """Push what a person pushes."""
    pair = base64.b64encode(f"x:{place.token}".encode()).decode()
    git(repository, "-c", f"http.extraHeader=Authorization: Basic {pair}", "push", "--quiet", place.url, *references)


def text(place: Place, branch: str, path: str) -> str:
    tip = place.store.tip(branch)
    assert tip is not None
    entry = place.store.entry(tip, path)
    assert entry is not None
    return place.store.read(entry.id).decode()


def test_an_update(kit: Kit, place: Place) -> None:
    push(kit.create(), place, "main", REFERENCE)
    place.commit("main", {"src/app.txt": LINES.replace("line 1\n", "our line 1\n")})
    kit.write("1.1.0", {"README.md": README, "src/app.txt": LINES.replace("line 9\n", "their line 9\n")})
    result = kit.update(place.url)
    assert (result.outcome, result.reason) == (UpdateOutcome.OPENED, None)
    merged = LINES.replace("line 1\n", "our line 1\n").replace("line 9\n", "their line 9\n")
    assert text(place, UPDATE, "src/app.txt") == merged
    assert place.proposed() == [UPDATE]
    kept = place.store.reference(REFERENCE)
    assert kit.update(place.url).outcome is UpdateOutcome.UNCHANGED
    assert place.store.reference(REFERENCE) == kept
    kit.merge(result)
    assert kit.update(place.url).outcome is UpdateOutcome.UP_TO_DATE


def test_an_update_from_the_history_alone(kit: Kit, place: Place) -> None:
    push(kit.create(), place, "main")
    kit.write("1.1.0", {"README.md": README, "src/app.txt": "all new\n"})
    assert kit.update(place.url).outcome is UpdateOutcome.OPENED
    assert text(place, UPDATE, "src/app.txt") == "all new\n"
    assert place.store.reference(REFERENCE) is not None


def test_adopting(sd: Shiftdown, kit: Kit, place: Place) -> None:
    made = kit.create()
    git(made, "rm", "--quiet", RECORD)
    git(made, "commit", "--quiet", "--message", "Forget where it comes from")
    push(made, place, "main")
    request = AdoptRequest(template=str(kit.template), texts={"name": "orders"})
    assert sd.adoption.adopt(place.url, request).outcome is UpdateOutcome.OPENED
    assert "1.0.0" in text(place, ADOPT, RECORD)
    assert place.proposed() == [ADOPT]


def test_a_repository_that_is_not_there(kit: Kit, place: Place) -> None:
    result = kit.update(place.url.replace("orders", "none"))
    assert result.outcome is UpdateOutcome.FAILED
    assert place.token not in str(result.reason)
