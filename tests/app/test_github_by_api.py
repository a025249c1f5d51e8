"""A program on GitHub without any git traffic, as behind a proxy that lets nothing but the API through."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown import RunOutcome, Shiftdown
from shiftdown.forges.github import retry
from shiftdown.model import ChangeRequestStatus, TransformationStatus
from shiftdown_fakes.github import FakeGitHub, Fault, Repository

BRANCH = "shiftdown/add-motto"


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """A GitHub of which git gets no answer; its repositories are read and written by the API."""
    monkeypatch.setattr(retry, "BACKOFF", 0)
    monkeypatch.setattr("shiftdown.forges.github.settings.PAUSE", 0)
    monkeypatch.setattr("shiftdown.forges.github.settings.PATIENCE", 0)
    with FakeGitHub(tmp_path / "github") as server:
        host = server.url.partition("://")[2]
        (tmp_path / "shiftdown.toml").write_text(
            f'[hosts."{host}"]\nforge = "github"\nurl = "{server.url}"\nwrite = "api"\ntoken_variables = ["TOKEN"]\n'
        )
        monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
        monkeypatch.setenv("TOKEN", server.world.add_token("acme").value)
        server.inject = lambda method, path: Fault.lost_before() if is_git(path) else None
        yield server
        assert server.crashes == []
        assert not [request for request in server.requests if is_git(request)]


def is_git(request: str) -> bool:
    return ".git/" in request or "git-upload-pack" in request or "git-receive-pack" in request


@pytest.fixture
def orders(github: FakeGitHub) -> Repository:
    made = github.world.add_repository("acme/orders", private=True)
    github.commit(made, "main", {"README.md": "hello\n", **{f"src/{n}.py": f"{n}\n" for n in range(30)}})
    return made


def run(sd: Shiftdown, url: str) -> RunOutcome:
    (result,) = sd.run_type("ADD_MOTTO", [url])
    assert result.outcome is not RunOutcome.FAILED, result.reason
    return result.outcome


def test_the_whole_life_of_a_change(sd: Shiftdown, github: FakeGitHub, orders: Repository) -> None:
    url = f"{github.url}/acme/orders"
    program = sd.programs.start(playbook="mottos", name="Mottos", organization="acme", repositories=[url])

    def step() -> RunOutcome:
        results = sd.run(sd.programs.get(program.id).phases[0])
        return next(r.outcome for r in results if r.type == "ADD_MOTTO")

    assert step() is RunOutcome.OPENED
    assert step() is RunOutcome.UNCHANGED
    github.commit(orders, "main", {"WORDS": "Upwards\n"})
    assert step() is RunOutcome.UPDATED
    assert orders.store.read(f"{BRANCH}:MOTTO") == b"Upwards\n"
    assert len(orders.pulls) == 1
    (change,) = sd.change_requests.list()
    assert sd.change_requests.merge(change.id).status is ChangeRequestStatus.MERGED
    verified = next(r for r in sd.sync(sd.programs.get(program.id)) if r.type == "ADD_MOTTO")
    assert verified.after is TransformationStatus.VERIFIED, verified.reason
    assert sd.registry.verify() == ()


def test_a_person_has_pushed_to_the_branch(sd: Shiftdown, github: FakeGitHub, orders: Repository) -> None:
    url = f"{github.url}/acme/orders"
    assert run(sd, url) is RunOutcome.OPENED
    theirs = github.commit(orders, BRANCH, {"MOTTO": "Mine\n"}, start=BRANCH)
    github.commit(orders, "main", {"WORDS": "Upwards\n"})
    assert run(sd, url) is RunOutcome.LEFT_ALONE
    assert orders.store.tip(BRANCH) == theirs


def test_without_push_permission_it_comes_from_a_fork(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders.private = False
    monkeypatch.setenv("TOKEN", github.world.add_token("stranger").value)
    assert run(sd, f"{github.url}/acme/orders") is RunOutcome.OPENED
    assert run(sd, f"{github.url}/acme/orders") is RunOutcome.UNCHANGED
    assert orders.store.tip(BRANCH) is None
    assert github.world.repositories["stranger/orders"].store.tip(BRANCH)


def test_looking_at_a_repository_asks_no_git(sd: Shiftdown, github: FakeGitHub, orders: Repository) -> None:
    found = sd.inspect(f"{github.url}/acme/orders")
    assert found.revision == orders.store.tip("main")


@pytest.mark.parametrize("fault", [Fault.lost_before(), Fault.lost_after(), Fault.answers(502), Fault.cut()])
@pytest.mark.parametrize("nth", range(1, 13))
def test_whatever_request_fails_the_next_run_finishes_it(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, nth: int, fault: Fault
) -> None:
    """One branch, one change request, one record; nothing that was made on the way is left."""
    asked = itertools.count(1)
    github.inject = lambda method, path: fault if next(asked) == nth else None
    first = sd.run_type("ADD_MOTTO", [f"{github.url}/acme/orders"])[0]
    github.inject = lambda method, path: None
    if first.outcome is RunOutcome.FAILED:
        assert run(sd, f"{github.url}/acme/orders") in (RunOutcome.OPENED, RunOutcome.UNCHANGED)
    assert run(sd, f"{github.url}/acme/orders") is RunOutcome.UNCHANGED
    assert set(orders.store.references()) == {"refs/heads/main", f"refs/heads/{BRANCH}"}
    assert len(orders.pulls) == len(sd.change_requests.list()) == 1
