"""Without the right to push, a fork is made, once, and what cannot be is said."""

from collections.abc import Iterator

import pytest

from shiftdown.errors import NotFoundError, RepositoryError
from shiftdown.forges.gitlab import GitLabForge, forks
from shiftdown_fakes.gitlab import Protection
from shiftdown_fakes.gitlab.model import NOBODY

from ..contract import text
from .bench import GitLabBench


@pytest.fixture
def ada(bench: GitLabBench, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitLabForge]:
    """Somebody of their own, who may not push; what is waited for does not come later."""
    login = bench.group.replace("acme", "ada")
    monkeypatch.setattr(forks, "_PAUSES", (0.0, 0.0))
    forge = bench.new_forge(bench.new_token(login))
    yield forge
    forge.disconnect()


def login(bench: GitLabBench) -> str:
    return bench.group.replace("acme", "ada")


def test_without_the_right_to_push_a_fork_is_made_once(bench: GitLabBench) -> None:
    forge = bench.new_forge(bench.new_token("ada"))
    address = forge.fork(bench.location)
    assert address == f"{bench.gitlab.url}/ada/orders"
    later = bench.commit("main", {"later.txt": "x\n"})
    assert forge.fork(bench.location) == address
    fork = bench.world.projects["ada/orders"]
    assert fork.store.tip("main") == later
    bench.gitlab.commit(fork, "theirs", {"t.txt": "t\n"})
    opened = forge.open(bench.location, text("theirs"))
    assert (opened.branch, forge.open(bench.location, text("theirs")).number) == ("theirs", opened.number)
    assert forge.find(bench.location, "theirs") == opened
    forge.close(bench.location, opened.number, reason="not now")
    assert forge.remove_branch(bench.location, opened.number)
    assert fork.store.tip("theirs") is None
    bench.gitlab.commit(fork, "main", {"own.txt": "x\n"})
    with pytest.raises(RepositoryError, match="our fork ada/orders has commits of its own"):
        forge.fork(bench.location)
    forge.disconnect()


def test_where_we_may_push_no_fork_is_made(bench: GitLabBench) -> None:
    assert bench.forge.fork(bench.location) is None


def test_a_token_of_a_project_has_no_place_for_forks(bench: GitLabBench) -> None:
    forge = bench.new_forge(bench.new_token("project_9_bot_1a2b"))
    with pytest.raises(RepositoryError, match="tokens of projects and groups have no place for forks"):
        forge.fork(bench.location)
    forge.disconnect()


def test_a_name_that_is_taken_is_said(bench: GitLabBench, ada: GitLabForge) -> None:
    bench.world.add_project(f"{login(bench)}/orders", owner=login(bench))
    with pytest.raises(RepositoryError, match=r"has another project orders already .*: rename that one"):
        ada.fork(bench.location)


def test_a_change_request_without_the_fork_says_to_fork_first(bench: GitLabBench, ada: GitLabForge) -> None:
    with pytest.raises(NotFoundError, match="cannot be pushed to: fork it first"):
        ada.open(bench.location, text())


@pytest.mark.parametrize(
    ("status", "words"), [("failed", "could not copy it to .*: remove that, and run again"), ("started", "not ready")]
)
def test_a_copy_that_does_not_get_ready(bench: GitLabBench, ada: GitLabForge, status: str, words: str) -> None:
    ada.fork(bench.location)
    bench.world.projects[f"{login(bench)}/orders"].copying = status
    with pytest.raises(RepositoryError, match=words):
        ada.fork(bench.location)


def test_a_branch_that_does_not_come_up_to_date(
    bench: GitLabBench, ada: GitLabForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada.fork(bench.location)
    bench.commit("main", {"later.txt": "x\n"})
    monkeypatch.setattr("shiftdown_fakes.gitlab.graphql.take_up", lambda *_: None)
    with pytest.raises(RepositoryError, match=r"cannot bring main of .* up to date: it is not yet"):
        ada.fork(bench.location)


def test_a_branch_that_is_protected_in_the_fork(bench: GitLabBench, ada: GitLabForge) -> None:
    ada.fork(bench.location)
    bench.commit("main", {"later.txt": "x\n"})
    fork = bench.world.projects[f"{login(bench)}/orders"]
    bench.world.protect(fork, "main", Protection(push=NOBODY))
    with pytest.raises(RepositoryError, match=r"cannot bring main of .* up to date: GitLab answers"):
        ada.fork(bench.location)
