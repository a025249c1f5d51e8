"""Comments, and what becomes of branches: on the forge, and in the registry."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shiftdown import Shiftdown
from shiftdown.errors import InvalidInputError, RepositoryError
from shiftdown.forges.local import LocalForge
from shiftdown.model import ChangeRequest

from .conftest import git

Make = Callable[..., Path]
BRANCH = "shiftdown/add-motto"


@pytest.fixture
def repository(new_repository: Make) -> Path:
    return new_repository("orders")


@pytest.fixture
def change(sd: Shiftdown, repository: Path) -> Iterator[ChangeRequest]:
    sd.run_type("ADD_MOTTO", [str(repository)])
    yield sd.change_requests.list()[0]
    assert sd.registry.verify() == ()


def kinds(sd: Shiftdown, change: ChangeRequest) -> list[str]:
    """What happened since it was opened."""
    return [event.kind.value.partition(".")[2] for event in sd.registry.events(subject_id=change.id)][1:]


def branches(repository: Path) -> set[str]:
    return set(git(repository, "branch", "--format=%(refname:short)").split())


def test_a_comment_is_an_event_and_changes_nothing_else(sd: Shiftdown, change: ChangeRequest) -> None:
    commented = sd.change_requests.comment(change.id, "Tried: **works** ✓")
    assert commented == change.model_copy(update={"updated_at": commented.updated_at})
    (event,) = [e for e in sd.registry.events(subject_id=change.id) if e.kind == "change-request.commented"]
    assert (event.actor, event.data) == ("ada", {"comment": "Tried: **works** ✓"})


def test_what_cannot_be_said_is_no_event(sd: Shiftdown, change: ChangeRequest) -> None:
    with pytest.raises(InvalidInputError):
        sd.change_requests.comment(change.id, " \n")
    assert kinds(sd, change) == []


def test_the_branch_of_what_is_merged_is_removed(sd: Shiftdown, repository: Path, change: ChangeRequest) -> None:
    sd.change_requests.merge(change.id)
    sd.change_requests.merge(change.id)
    assert branches(repository) == {"main"}
    assert kinds(sd, change).count("branch-removed") == 1
    assert "+Onwards" in sd.change_requests.diff(change.id)


def test_it_is_kept_when_told_so(sd: Shiftdown, repository: Path, change: ChangeRequest) -> None:
    sd.change_requests.merge(change.id, remove_branch=False)
    assert branches(repository) == {"main", BRANCH}
    assert "branch-removed" not in kinds(sd, change)


def test_the_branch_of_what_is_closed_is_kept_unless_told_otherwise(
    sd: Shiftdown, repository: Path, change: ChangeRequest
) -> None:
    sd.change_requests.close(change.id, reason="not now")
    assert branches(repository) == {"main", BRANCH}
    closed = sd.change_requests.close(change.id, reason="not now", remove_branch=True)
    assert (branches(repository), closed.reason) == ({"main"}, "not now")
    assert kinds(sd, change).count("branch-removed") == 1


def test_a_branch_that_is_kept_is_told(
    sd: Shiftdown, repository: Path, change: ChangeRequest, caplog: pytest.LogCaptureFixture
) -> None:
    git(repository, "worktree", "add", "--quiet", str(repository.with_name("tree")), BRANCH)
    sd.change_requests.merge(change.id)
    assert BRANCH in branches(repository)
    assert f"the branch {BRANCH} is kept" in caplog.text
    assert "branch-removed" not in kinds(sd, change)


def test_a_removal_that_fails_does_not_undo_the_merge(
    sd: Shiftdown, change: ChangeRequest, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(forge: LocalForge, location: str, number: int) -> bool:
        raise RepositoryError(location, "is locked")

    monkeypatch.setattr(LocalForge, "remove_branch", refuse)
    assert sd.change_requests.merge(change.id).status == "MERGED"
    assert sd.change_requests.get(change.id).status == "MERGED"
    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == [
        f"MERGED, but the branch {BRANCH} is still there: {change.repository}: is locked"
    ]
