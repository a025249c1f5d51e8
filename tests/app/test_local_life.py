"""What people do to repositories on disk while a program is under way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shiftdown import RunOutcome, Shiftdown
from shiftdown.errors import InvalidInputError

from .conftest import git
from .test_main_job import run, start, statuses

Make = Callable[..., Path]
BRANCH = "shiftdown/add-motto"


@pytest.fixture
def repository(new_repository: Make) -> Path:
    return new_repository("orders")


@pytest.fixture
def program(sd: Shiftdown, repository: Path) -> str:
    """A program whose change request is open."""
    made = start(sd, repository)
    assert run(sd, made)["orders ADD_MOTTO"] is RunOutcome.OPENED
    return made


def commit(repository: Path, *options: str) -> None:
    (repository / "WORDS").write_text("Upwards\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Other words", *options)


def amended(repository: Path) -> None:
    """The last commit of the base is made anew."""
    commit(repository, "--amend")


def unrelated(repository: Path) -> None:
    """The base begins anew."""
    git(repository, "checkout", "--quiet", "--orphan", "anew")
    commit(repository)
    git(repository, "branch", "--quiet", "--force", "main")
    git(repository, "checkout", "--quiet", "main")


@pytest.mark.parametrize("move", [amended, unrelated])
def test_a_base_that_was_moved_by_force(
    sd: Shiftdown, repository: Path, program: str, move: Callable[[Path], None]
) -> None:
    move(repository)
    assert sd.change_requests.get(sd.change_requests.list()[0].id).status == "OPEN"
    assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.UPDATED
    (request,) = sd.change_requests.list()
    assert git(repository, "rev-parse", f"{BRANCH}^") == git(repository, "rev-parse", "main")
    assert git(repository, "show", f"{BRANCH}:MOTTO") == "Upwards"
    sd.change_requests.merge(request.id)
    sd.sync(sd.programs.get(program))
    assert statuses(sd, program)["orders ADD_MOTTO"] == "VERIFIED"


def test_a_branch_without_common_history_stops_nothing_else(sd: Shiftdown, repository: Path, program: str) -> None:
    git(repository, "checkout", "--quiet", "--orphan", "anew")
    commit(repository)
    git(repository, "branch", "--quiet", "--force", BRANCH)
    git(repository, "checkout", "--quiet", "main")
    (request,) = sd.change_requests.list()
    assert sd.change_requests.get(request.id).status == "OPEN"
    assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.LEFT_ALONE
    with pytest.raises(InvalidInputError, match="no history in common"):
        sd.change_requests.merge(request.id)
    assert sd.change_requests.close(request.id, reason="not this").status == "CLOSED"


@pytest.mark.parametrize("renamed", [True, False])
def test_another_default_branch(sd: Shiftdown, repository: Path, program: str, renamed: bool) -> None:
    if renamed:
        git(repository, "branch", "--move", "main", "trunk")
    else:
        git(repository, "checkout", "--quiet", "-b", "trunk")
        commit(repository)
    assert run(sd, program)["orders ADD_MOTTO"] is (RunOutcome.UNCHANGED if renamed else RunOutcome.UPDATED)
    (request,) = sd.change_requests.list()
    assert request.base == "trunk"
    sd.change_requests.merge(request.id)
    sd.sync(sd.programs.get(program))
    assert statuses(sd, program)["orders ADD_MOTTO"] == "VERIFIED"


@pytest.mark.parametrize("synced", [True, False])
def test_a_branch_that_a_person_deleted_is_a_rejection(
    sd: Shiftdown, repository: Path, program: str, synced: bool
) -> None:
    git(repository, "branch", "--quiet", "--delete", "--force", BRANCH)
    if synced:
        sd.sync(sd.programs.get(program))
    for _ in range(2):
        assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.LEFT_ALONE
    assert statuses(sd, program)["orders ADD_MOTTO"] == "REJECTED"
    assert [c.status for c in sd.change_requests.list()] == ["CLOSED"]
    assert BRANCH not in git(repository, "branch", "--list")
