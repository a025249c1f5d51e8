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
from shiftdown_fakes.github import FakeGitHub, Repository
from shiftdown_fakes.gitlab import FakeGitLab, Project
from shiftdown_fakes.store import GitStore
from tests.app.conftest import AUTHOR, git
from tests.app.template_kit import LINES, Kit

from .conftest import README

NOT_KEPT = "what the template makes cannot be kept in the repository: the next update renders it again"
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
    forge: str
    """Name of the forge."""
    requests: Callable[[], list[str]]
    """What the forge was asked."""
    stranger: Callable[[], str]
    """Makes it public; a token of somebody who may read it."""


def stranger_to(server: FakeGitHub | FakeGitLab, made: Repository | Project) -> str:
    """Let everybody see a repository; a token of somebody."""
    made.private = False
    return server.world.add_token("eve").value


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
            "github",
            lambda: list(server.requests),
            lambda: stranger_to(server, made),
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
            "gitlab",
            lambda: list(server.requests),
            lambda: stranger_to(server, made),
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


def without_git(place: Place, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing go by git from here on."""
    host = place.url.partition("://")[2].partition("/")[0]
    (folder / "shiftdown.toml").write_text(
        f'[hosts."{host}"]\nforge = "{place.forge}"\nurl = "http://{host}"\nwrite = "api"\n'
        'token_variables = ["TOKEN"]\n'
    )
    monkeypatch.setenv("TOKEN", place.token)


def by_git(place: Place) -> list[str]:
    return [one for one in place.requests() if "info/refs" in one or "git-" in one]


@contextmanager
def anew(kit: Kit) -> Iterator[Kit]:
    """The same as another process has it, which reads the settings anew."""
    url = f"sqlite:///{kit.folder}/anew.db"
    with Shiftdown.open(url, plugins=kit.sd.plugins, author=AUTHOR) as sd:
        yield Kit(kit.folder, sd)


def test_an_update_without_git(kit: Kit, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no history, and nothing is kept: what the template made at first is rendered again."""
    kit.keep_in_git("v1")
    push(kit.create(), place, "main")
    place.commit("main", {"src/app.txt": LINES.replace("line 1\n", "our line 1\n")})
    kit.write("1.1.0", {"README.md": README, "src/app.txt": LINES.replace("line 9\n", "their line 9\n")})
    kit.keep_in_git("v2")
    without_git(place, tmp_path, monkeypatch)
    asked = by_git(place)
    with anew(kit) as alone:
        result = alone.update(place.url)
        assert (result.outcome, result.reason, result.conflicts) == (UpdateOutcome.OPENED, None, ())
        assert result.notes == (NOT_KEPT,)
        assert alone.update(place.url).outcome is UpdateOutcome.UNCHANGED
        merged = LINES.replace("line 1\n", "our line 1\n").replace("line 9\n", "their line 9\n")
        assert text(place, UPDATE, "src/app.txt") == merged
        assert (place.proposed(), place.store.reference(REFERENCE)) == ([UPDATE], None)
        alone.merge(result)
        assert alone.update(place.url).outcome is UpdateOutcome.UP_TO_DATE
    assert by_git(place) == asked


def test_adopting_without_git(kit: Kit, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = kit.create()
    git(made, "rm", "--quiet", RECORD)
    git(made, "commit", "--quiet", "--message", "Forget where it comes from")
    push(made, place, "main")
    without_git(place, tmp_path, monkeypatch)
    asked = by_git(place)
    with anew(kit) as alone:
        request = AdoptRequest(template=str(kit.template), texts={"name": "orders"})
        result = alone.sd.adoption.adopt(place.url, request)
    assert (result.outcome, result.notes[-1]) == (UpdateOutcome.OPENED, NOT_KEPT)
    assert "1.0.0" in text(place, ADOPT, RECORD)
    assert (place.proposed(), by_git(place)) == ([ADOPT], asked)


def test_an_update_from_a_fork(kit: Kit, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not push proposes from a fork; what the template makes is not kept then."""
    push(kit.create(), place, "main")
    kit.write("1.1.0", {"README.md": README, "src/app.txt": "all new\n"})
    monkeypatch.setenv(f"SHIFTDOWN_{place.forge.upper()}_TOKEN", place.stranger())
    with anew(kit) as alone:
        result = alone.update(place.url)
        assert (result.outcome, result.reason, result.notes) == (UpdateOutcome.OPENED, None, (NOT_KEPT,))
        assert alone.update(place.url).outcome is UpdateOutcome.UNCHANGED
        (known,) = alone.sd.change_requests.list()
    assert (known.repository, known.type) == (place.url, "UPDATE_FROM_TEMPLATE")
    assert (place.proposed(), place.store.tip(UPDATE), place.store.reference(REFERENCE)) == ([UPDATE], None, None)
