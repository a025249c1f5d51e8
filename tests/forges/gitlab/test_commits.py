"""Commits by the API alone: the same tree as git makes, and few requests."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.forges.base import WriteWay
from shiftdown.forges.gitlab import GitLabForge
from shiftdown.git import Commit, GitOptions, Identity, open_repository
from shiftdown.plugin import ChangeSet, delete, write
from shiftdown_fakes.faults import Fault
from shiftdown_fakes.gitlab import commit_routes

from .bench import GitLabBench

ADA = Identity(name="Ada", email="ada@example.org")
AT = datetime(2030, 1, 1, 12, tzinfo=UTC)


def commit_of(bench: GitLabBench, changes: ChangeSet) -> Commit:
    with open_repository(str(bench.project.store.path), options=GitOptions(author=ADA)) as git:
        return git.commit(git.snapshot(), changes, message="Change\n\nWhy.", author=ADA, at=AT)


def some(count: int = 1) -> ChangeSet:
    return ChangeSet(files=tuple(write(f"deep/{n}/ü.txt", f"{n} ✓\n") for n in range(count)), summary="x")


@pytest.fixture
def forge(bench: GitLabBench) -> Iterator[GitLabForge]:
    made = bench.new_forge(bench.token, write=WriteWay.API)
    yield made
    made.disconnect()


def is_written(bench: GitLabBench, commit: Commit, made: str | None, branch: str) -> None:
    facts = bench.project.store.commit_facts(str(made))
    assert facts is not None
    assert (bench.tip(branch), facts.tree, list(facts.parents)) == (made, commit.tree, [commit.parent])
    assert facts.message.strip() == commit.message.strip()


def test_a_commit_is_written(bench: GitLabBench, forge: GitLabForge) -> None:
    bench.commit("main", {"old.txt": "old\n", "run.sh": "#!/bin/sh\n"})
    files = (
        write("new.txt", "new\n"), write("bin/tool", "#!/bin/sh\n", executable=True), delete("old.txt"),
        write("run.sh", "#!/bin/sh\n", executable=True), write("deep/er/data", b"\xff\x00"),
        write("README.md", "hello again\n"), write("copy.txt", "hello\n"),
    )  # fmt: skip
    commit = commit_of(bench, ChangeSet(files=files, summary="x"))
    made = forge.write(bench.location, commit, "fresh/new", expected=None)
    is_written(bench, commit, made, "fresh/new")
    other = commit_of(bench, some())
    again = forge.write(bench.location, other, "fresh/new", expected=made)
    is_written(bench, other, again, "fresh/new")


@pytest.mark.parametrize("count", [1, 10, 100])
def test_the_number_of_requests_does_not_depend_on_that_of_files(
    bench: GitLabBench, forge: GitLabForge, count: int
) -> None:
    commit = commit_of(bench, some(count))
    before = len(bench.gitlab.requests)
    is_written(bench, commit, forge.write(bench.location, commit, "big", expected=None), "big")
    assert len(bench.gitlab.requests) - before == 6
    assert len(bench.files("big")) == count + 1


def test_without_being_asked_for_it_nothing_is_written(bench: GitLabBench) -> None:
    before = len(bench.gitlab.requests)
    assert bench.forge.write(bench.location, commit_of(bench, some()), "new", expected=None) is None
    assert len(bench.gitlab.requests) == before


@pytest.mark.parametrize("expected", [None, "1" * 40])
def test_a_branch_that_moved_is_left_as_it_is(bench: GitLabBench, forge: GitLabForge, expected: str | None) -> None:
    tip = bench.tip("topic")
    with pytest.raises(ConflictError, match="branch topic has moved meanwhile"):
        forge.write(bench.location, commit_of(bench, some()), "topic", expected=expected)
    assert bench.tip("topic") == tip


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("fault", [Fault.lost_after(), Fault.answers(502, after=True), Fault.cut()])
def test_what_was_written_before_an_answer_was_lost_is_found(
    bench: GitLabBench, forge: GitLabForge, fault: Fault
) -> None:
    commit = commit_of(bench, some())
    before = len(bench.gitlab.requests)
    bench.gitlab.fail("POST", "/repository/commits", fault)
    is_written(bench, commit, forge.write(bench.location, commit, "new", expected=None), "new")
    sent = [r for r in bench.gitlab.requests[before:] if r.startswith("POST") and r.endswith("/commits")]
    assert len(sent) == 1


@pytest.mark.usefixtures("hasty")
def test_what_cannot_be_written_is_an_error(bench: GitLabBench, forge: GitLabForge) -> None:
    bench.gitlab.fail("POST", "/repository/commits", Fault.lost_before(), times=9)
    with pytest.raises(RepositoryError, match="cannot write new: GitLab cannot be reached"):
        forge.write(bench.location, commit_of(bench, some()), "new", expected=None)
    assert bench.tip("new") is None


def test_rules_of_the_project_are_said(bench: GitLabBench, forge: GitLabForge) -> None:
    commit = commit_of(bench, some())
    bench.project.push_rule = "Commit message does not follow the pattern 'X'"
    with pytest.raises(RepositoryError, match="cannot write new: GitLab answers 400: Commit message does not follow"):
        forge.write(bench.location, commit, "new", expected=None)
    bench.project.push_rule = None
    bench.protect("new", pushes=False)
    with pytest.raises(RepositoryError, match=r"403.*not allowed to push into this branch"):
        forge.write(bench.location, commit, "new", expected=None)
    assert bench.tip("new") is None


def test_a_branch_that_somebody_makes_meanwhile_is_left_as_it_is(bench: GitLabBench, forge: GitLabForge) -> None:
    def make(method: str, path: str) -> None:
        if method == "POST" and path.endswith("/repository/commits"):
            bench.commit("new", {"theirs.txt": "x\n"})

    commit = commit_of(bench, some())
    bench.gitlab.inject = make
    with pytest.raises(ConflictError, match="branch new has moved meanwhile"):
        forge.write(bench.location, commit, "new", expected=None)
    bench.gitlab.inject = lambda method, path: None
    assert "theirs.txt" in bench.files("new")


def test_a_commit_that_gitlab_makes_differently_is_not_kept(
    bench: GitLabBench, forge: GitLabForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = commit_of(bench, some())
    monkeypatch.setattr(commit_routes, "_content", lambda _: b"something else")
    with pytest.raises(RepositoryError, match="made something else of the commit for new; new is removed again"):
        forge.write(bench.location, commit, "new", expected=None)
    assert bench.tip("new") is None
    with pytest.raises(RepositoryError, match=r"made something else .*; topic is at [0-9a-f]{40} now: look at it"):
        forge.write(bench.location, commit, "topic", expected=bench.tip("topic"))
