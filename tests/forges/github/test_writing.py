"""Commits by the API alone: within GitHub's contract, the same tree as git makes, and few requests."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.forges.base import WriteWay
from shiftdown.forges.github import GitHubForge
from shiftdown.git import Commit, GitOptions, Identity, open_repository
from shiftdown.plugin import ChangeSet, delete, write
from shiftdown.testing.forges.github import Fault, Protection
from tests.testing.forges.github.prism import CheckedGitHub
from tests.testing.forges.github.schema import problems

from .bench import GitHubBench

ADA = Identity(name="Ada", email="ada@example.org")
AT = datetime(2030, 1, 1, 12, tzinfo=UTC)


def commit_of(bench: GitHubBench, changes: ChangeSet) -> Commit:
    with open_repository(str(bench.repository.store.path), options=GitOptions(author=ADA)) as git:
        return git.commit(git.snapshot(), changes, message="Change\n\nWhy.", author=ADA, at=AT)


def some(count: int = 1) -> ChangeSet:
    return ChangeSet(files=tuple(write(f"deep/{n}/ü.txt", f"{n} ✓\n") for n in range(count)), summary="x")


@pytest.fixture
def forge(bench: GitHubBench) -> Iterator[GitHubForge]:
    made = bench.new_forge(bench.token, write=WriteWay.API)
    yield made
    made.disconnect()


def test_a_commit_is_written_within_the_contract(checked: CheckedGitHub) -> None:
    bench = GitHubBench(checked.github, api_url=checked.url)
    first = len(checked.github.exchanges)
    bench.commit("main", {"old.txt": "old\n", "run.sh": "#!/bin/sh\n"})
    files = (
        write("new.txt", "new\n"), write("bin/tool", "#!/bin/sh\n", executable=True), delete("old.txt"),
        write("deep/er/data", b"\xff\x00"), write("README.md", "hello again\n"),
    )  # fmt: skip
    commit = commit_of(bench, ChangeSet(files=files, summary="x"))
    forge = bench.new_forge(bench.token, write=WriteWay.API)
    made = forge.write(bench.location, commit, "topic/new", expected=None)
    assert bench.tip("topic/new") == made == commit.id
    assert forge.write(bench.location, commit_of(bench, some()), "topic/new", expected=made) == bench.tip("topic/new")
    forge.disconnect()
    bench.close()
    assert problems(checked.github.exchanges[first:]) == []


@pytest.mark.parametrize("count", [1, 10, 100])
def test_the_number_of_requests_does_not_depend_on_that_of_files(
    bench: GitHubBench, forge: GitHubForge, count: int
) -> None:
    commit = commit_of(bench, some(count))
    before = len(bench.github.requests)
    assert forge.write(bench.location, commit, "big", expected=None) == commit.id
    assert len(bench.github.requests) - before == 4
    assert len(bench.files("big")) == count + 1


def test_without_being_asked_for_it_nothing_is_written(bench: GitHubBench) -> None:
    before = len(bench.github.requests)
    assert bench.forge.write(bench.location, commit_of(bench, some()), "new", expected=None) is None
    assert len(bench.github.requests) == before


@pytest.mark.parametrize("expected", [None, "1" * 40])
def test_a_branch_that_moved_is_left_as_it_is(bench: GitHubBench, forge: GitHubForge, expected: str | None) -> None:
    tip = bench.tip("topic")
    with pytest.raises(ConflictError, match="branch topic has moved meanwhile"):
        forge.write(bench.location, commit_of(bench, some()), "topic", expected=expected)
    assert bench.tip("topic") == tip


def test_a_protected_branch_says_why(bench: GitHubBench, forge: GitHubForge) -> None:
    bench.github.world.protect(bench.repository, "guarded", Protection())
    with pytest.raises(RepositoryError, match="Changes must be made through a pull request"):
        forge.write(bench.location, commit_of(bench, some()), "guarded", expected=None)
    assert bench.tip("guarded") is None


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("end", ["/git/trees", "/git/commits", "/graphql"])
@pytest.mark.parametrize("fault", [Fault.lost_before(), Fault.lost_after(), Fault.answers(502), Fault.cut()])
def test_what_may_have_been_written_is_an_error(bench: GitHubBench, forge: GitHubForge, end: str, fault: Fault) -> None:
    commit = commit_of(bench, some())
    bench.github.fail("POST", end, fault, times=9)
    with pytest.raises(RepositoryError):
        forge.write(bench.location, commit, "new", expected=None)
    bench.github.forget_faults()
    tip = bench.tip("new")
    assert tip in (None, commit.id)
    if tip is None:
        assert forge.write(bench.location, commit, "new", expected=None) == commit.id
