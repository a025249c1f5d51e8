"""What people and GitHub do to change requests and repositories while a program is under way."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shiftdown import RunOutcome, Shiftdown
from shiftdown.errors import ConflictError
from shiftdown.forges.github import retry
from shiftdown.model import ChangeRequestStatus, DevOpsProgram, TransformationStatus
from shiftdown_fakes.github import FakeGitHub, Protection, Repository
from tests.git.dying import DEATHS, dying

BRANCH = "shiftdown/add-motto"


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """A GitHub that the environment names, with a token of acme's."""
    monkeypatch.setattr(retry, "BACKOFF", 0)
    monkeypatch.setattr("shiftdown.forges.github.settings.PAUSE", 0)
    monkeypatch.setattr("shiftdown.forges.github.settings.PATIENCE", 0)
    (tmp_path / "shiftdown.toml").write_text("")
    with FakeGitHub(tmp_path / "github") as server:
        monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
        monkeypatch.setenv("SHIFTDOWN_GITHUB_URL", server.url)
        monkeypatch.setenv("SHIFTDOWN_GITHUB_TOKEN", server.world.add_token("acme").value)
        yield server
        assert server.crashes == []


def add(github: FakeGitHub, name: str) -> Repository:
    made = github.world.add_repository(f"acme/{name}", private=True)
    github.commit(made, "main", {"README.md": "hello\n"})
    return made


@pytest.fixture
def orders(github: FakeGitHub) -> Repository:
    return add(github, "orders")


@pytest.fixture
def program(sd: Shiftdown, github: FakeGitHub, orders: Repository) -> DevOpsProgram:
    """A program whose change request is open."""
    made = sd.programs.start(
        playbook="mottos", name="Mottos", organization="acme", repositories=[f"{github.url}/acme/orders"]
    )
    assert run(sd, made)[0] is RunOutcome.OPENED
    return made


def run(sd: Shiftdown, program: DevOpsProgram) -> tuple[RunOutcome, str]:
    """Run the first phase: what became of the motto, and why."""
    result = next(r for r in sd.run(sd.programs.get(program.id).phases[0]) if r.type == "ADD_MOTTO")
    return result.outcome, result.reason or ""


def sync(sd: Shiftdown, program: DevOpsProgram) -> tuple[TransformationStatus, str]:
    """Sync: how the motto stands, and why."""
    result = next(r for r in sd.sync(sd.programs.get(program.id)) if r.type == "ADD_MOTTO")
    return result.after, result.reason or ""


def only(sd: Shiftdown) -> ChangeRequestStatus:
    (change,) = sd.change_requests.list()
    return change.status


# The base


def test_a_base_that_was_moved_by_force(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, program: DevOpsProgram
) -> None:
    """Its old commit is in no history any more; the change request follows, and holds the change alone."""
    github.commit(orders, "other", {"WORDS": "Upwards\n"}, start="nothing")
    orders.store.move("refs/heads/main", orders.store.tip("other"), orders.store.tip("main"))
    orders.store.move("refs/heads/other", None, orders.store.tip("other"))
    assert run(sd, program)[0] is RunOutcome.UPDATED
    (pull,) = orders.pulls
    assert pull.state == "open"
    facts = orders.store.commit_facts(str(orders.store.tip(BRANCH)))
    assert facts is not None
    assert facts.parents == (orders.store.tip("main"),)
    assert orders.store.read(f"{BRANCH}:MOTTO") == b"Upwards\n"
    sd.change_requests.merge(sd.change_requests.list()[0].id)
    assert sync(sd, program)[0] is TransformationStatus.VERIFIED


@pytest.mark.parametrize("renamed", [True, False])
def test_another_default_branch(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, program: DevOpsProgram, renamed: bool
) -> None:
    if renamed:
        github.world.rename_branch(orders, "main", "trunk")
    else:
        github.commit(orders, "trunk", {"WORDS": "Upwards\n"})
        github.world.make_default(orders, "trunk")
    assert run(sd, program)[0] is (RunOutcome.UNCHANGED if renamed else RunOutcome.UPDATED)
    (pull,) = orders.pulls
    assert (pull.state, pull.base) == ("open", "trunk")
    assert sd.change_requests.list()[0].base == "trunk"
    sd.change_requests.merge(sd.change_requests.list()[0].id)
    assert sync(sd, program)[0] is TransformationStatus.VERIFIED


def test_a_conflict_is_solved_by_the_next_run(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, program: DevOpsProgram
) -> None:
    github.commit(orders, "main", {"MOTTO": "Theirs\n"})
    (change,) = sd.change_requests.list()
    with pytest.raises(ConflictError, match=r"MOTTO.*run its transformation again"):
        sd.change_requests.merge(change.id)
    assert only(sd) is ChangeRequestStatus.OPEN
    github.commit(orders, "main", {"MOTTO": None, "WORDS": "Upwards\n"})
    assert run(sd, program)[0] is RunOutcome.UPDATED
    assert sd.change_requests.merge(change.id).status is ChangeRequestStatus.MERGED


# People


def closed(github: FakeGitHub, orders: Repository) -> None:
    """A person closes it on GitHub."""
    orders.pulls[0].state, orders.pulls[0].closed = "closed", github.world.now()


def branch_deleted(github: FakeGitHub, orders: Repository) -> None:
    """A person deletes its branch, which closes it."""
    orders.store.move(f"refs/heads/{BRANCH}", None, orders.store.tip(BRANCH))


@pytest.mark.parametrize("act", [closed, branch_deleted])
@pytest.mark.parametrize("synced", [True, False])
def test_what_a_person_closed_stays_closed(
    sd: Shiftdown,
    github: FakeGitHub,
    orders: Repository,
    program: DevOpsProgram,
    act: Callable[[FakeGitHub, Repository], None],
    synced: bool,
) -> None:
    act(github, orders)
    github.commit(orders, "main", {"WORDS": "Upwards\n"})
    if synced:
        assert sync(sd, program)[0] is TransformationStatus.REJECTED
    for _ in range(2):
        outcome, reason = run(sd, program)
        assert outcome is RunOutcome.LEFT_ALONE
        assert "was closed" in reason
    assert [pull.state for pull in orders.pulls] == ["closed"]
    assert only(sd) is ChangeRequestStatus.CLOSED
    assert sync(sd, program)[0] is TransformationStatus.REJECTED


def test_what_a_person_reopened_is_followed_again(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, program: DevOpsProgram
) -> None:
    sd.change_requests.close(sd.change_requests.list()[0].id, reason="not now")
    assert sync(sd, program)[0] is TransformationStatus.REJECTED
    orders.pulls[0].state, orders.pulls[0].closed = "open", None
    assert sync(sd, program)[0] is TransformationStatus.IN_REVIEW
    github.commit(orders, "main", {"WORDS": "Upwards\n"})
    assert run(sd, program)[0] is RunOutcome.UPDATED
    sd.change_requests.merge(sd.change_requests.list()[0].id)
    assert sync(sd, program)[0] is TransformationStatus.VERIFIED


def test_the_branch_of_a_person_is_merged_as_it_is(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, program: DevOpsProgram
) -> None:
    theirs = github.commit(orders, BRANCH, {"MOTTO": "Mine\n"})
    outcome, reason = run(sd, program)
    assert (outcome, orders.store.tip(BRANCH)) == (RunOutcome.LEFT_ALONE, theirs)
    assert "has a commit that shiftdown did not make" in reason
    assert sync(sd, program)[0] is TransformationStatus.IN_REVIEW
    sd.change_requests.merge(sd.change_requests.list()[0].id)
    assert sync(sd, program)[0] is TransformationStatus.VERIFIED
    assert orders.store.tip(BRANCH) is None
    assert orders.store.read("main:MOTTO") == b"Mine\n"


# Repositories


def test_repositories_that_change_in_the_middle_of_a_program(sd: Shiftdown, github: FakeGitHub) -> None:
    names = ("renamed", "transferred", "archived", "disabled", "gone", "fine")
    made = {name: add(github, name) for name in names}
    program = sd.programs.start(
        playbook="mottos", name="Mottos", organization="acme", repositories=[f"{github.url}/acme/{n}" for n in names]
    )
    assert {r.outcome for r in sd.run(program.phases[0]) if r.type == "ADD_MOTTO"} == {RunOutcome.OPENED}
    for repository in made.values():
        github.commit(repository, "main", {"WORDS": "Upwards\n"})
    github.world.rename(made["renamed"], "acme/another-name")
    github.world.rename(made["transferred"], "umbrella/transferred")
    made["transferred"].roles["acme"] = "write"
    made["archived"].archived = True
    made["disabled"].disabled = True
    del github.world.repositories["acme/gone"]
    results = {
        r.repository.rpartition("/")[2]: r
        for r in sd.run(sd.programs.get(program.id).phases[0])
        if r.type == "ADD_MOTTO"
    }
    outcomes = {name: result.outcome for name, result in results.items()}
    followed, failed = RunOutcome.UPDATED, RunOutcome.FAILED
    assert outcomes == {
        "renamed": followed, "transferred": followed, "fine": followed,
        "archived": failed, "disabled": failed, "gone": failed,
    }  # fmt: skip
    assert "This repository was archived" in (results["archived"].reason or "")
    assert "does not exist" in (results["gone"].reason or "")
    assert all(len(repository.pulls) == 1 for repository in made.values())
    states = {
        r.repository.rpartition("/")[2]: (r.after.value, r.failed)
        for r in sd.sync(sd.programs.get(program.id))
        if r.type == "ADD_MOTTO"
    }
    assert states == {
        "renamed": ("IN_REVIEW", False), "transferred": ("IN_REVIEW", False), "fine": ("IN_REVIEW", False),
        "archived": ("FAILED", False), "disabled": ("FAILED", False), "gone": ("FAILED", True),
    }  # fmt: skip
    made["archived"].archived = made["disabled"].disabled = False
    outcomes = {
        r.repository.rpartition("/")[2]: r.outcome
        for r in sd.run(sd.programs.get(program.id).phases[0])
        if r.type == "ADD_MOTTO"
    }
    assert (outcomes["archived"], outcomes["disabled"]) == (followed, followed)
    assert all(len(repository.pulls) == 1 for repository in made.values())


@pytest.mark.parametrize("pattern", ["shiftdown/*", "*/*"])
def test_a_rule_that_covers_our_branches(sd: Shiftdown, github: FakeGitHub, orders: Repository, pattern: str) -> None:
    words = "Changes must be made through a pull request"
    github.world.protect(orders, pattern, Protection())
    (result,) = sd.run_type("ADD_MOTTO", [f"{github.url}/acme/orders"])
    assert result.outcome is RunOutcome.FAILED
    assert words in (result.reason or "")
    assert (orders.store.tip(BRANCH), orders.pulls) == (None, [])
    assert list(github.world.repositories) == ["acme/orders"]


def test_a_token_that_was_revoked(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, program: DevOpsProgram
) -> None:
    github.world.tokens.clear()
    github.commit(orders, "main", {"WORDS": "Upwards\n"})
    outcome, reason = run(sd, program)
    assert outcome is RunOutcome.FAILED
    assert "the token was refused (HTTP 401)" in reason


# Servers that die


@pytest.mark.parametrize("death", DEATHS)
def test_a_server_that_dies_during_the_push(sd: Shiftdown, github: FakeGitHub, orders: Repository, death: str) -> None:
    url = f"{github.url}/acme/orders"
    with dying(github, death):
        first = sd.run_type("ADD_MOTTO", [url])[0].outcome
    done = death in ("after the effect", "in the answer")
    assert first is (RunOutcome.OPENED if done else RunOutcome.FAILED)
    again = sd.run_type("ADD_MOTTO", [url])[0].outcome
    assert again is (RunOutcome.UNCHANGED if done else RunOutcome.OPENED)
    assert set(orders.store.references()) == {"refs/heads/main", f"refs/heads/{BRANCH}"}
    assert [pull.state for pull in orders.pulls] == ["open"]
    assert len(sd.change_requests.list()) == 1
    orders.store.run("fsck", "--strict", "--no-dangling")
