"""Commits by the API alone: within GitHub's contract, the same tree as git makes, and few requests."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.forges.base import WriteWay
from shiftdown.forges.github import GitHubForge
from shiftdown.git import Commit, GitOptions, Identity, open_repository
from shiftdown.plugin import ChangeSet, delete, write
from shiftdown_fakes.github import Fault, Protection
from tests.fakes.github.prism import CheckedGitHub
from tests.fakes.github.schema import problems

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


# What GitHub signs for a person


def signed_files() -> ChangeSet:
    files = (write("new.txt", "new\n"), write("deep/data", b"\xff\x00"), delete("old.txt"), write("README.md", "ü\n"))
    return ChangeSet(files=files, summary="x")


def is_signed(bench: GitHubBench, commit: str) -> bool:
    facts = bench.repository.store.commit_facts(commit)
    return facts is not None and facts.signed


@pytest.fixture
def guarded(bench: GitHubBench) -> GitHubBench:
    """A repository whose branch `safe/…` takes only signed commits."""
    bench.commit("main", {"old.txt": "old\n"})
    bench.github.world.protect(bench.repository, "safe/*", Protection(pull_request=False, signatures=True))
    return bench


@pytest.mark.parametrize("way", [WriteWay.API, WriteWay.AUTO])
def test_a_commit_of_a_person_is_signed_where_that_is_wanted(guarded: GitHubBench, way: WriteWay) -> None:
    forge = guarded.new_forge(guarded.token, write=way)
    pushed = RepositoryError(guarded.location, "Commits must have verified signatures.")
    refused = pushed if way is WriteWay.AUTO else None
    first = commit_of(guarded, signed_files())
    made = forge.write(guarded.location, first, "safe/new", expected=None, refused=refused)
    assert made is not None
    assert guarded.tip("safe/new") == made
    assert is_signed(guarded, made)
    facts = guarded.repository.store.commit_facts(made)
    assert facts
    assert (facts.tree, facts.parents, facts.message.strip()) == (first.tree, (first.parent,), first.message.strip())
    second = forge.write(guarded.location, commit_of(guarded, some()), "safe/new", expected=made, refused=refused)
    assert guarded.tip("safe/new") == second != made
    assert set(guarded.repository.store.references()) == {"refs/heads/main", "refs/heads/topic", "refs/heads/safe/new"}
    forge.disconnect()


def test_documents_that_sign_are_valid(guarded: GitHubBench, forge: GitHubForge) -> None:
    before = len(guarded.github.exchanges)
    assert forge.write(guarded.location, commit_of(guarded, signed_files()), "safe/new", expected=None)
    assert problems(guarded.github.exchanges[before:]) == []


def test_whoever_pushes_by_rule_has_nothing_signed(guarded: GitHubBench) -> None:
    forge = guarded.new_forge(guarded.token, write=WriteWay.PUSH)
    refused = RepositoryError(guarded.location, "Commits must have verified signatures.")
    commit = commit_of(guarded, signed_files())
    assert forge.write(guarded.location, commit, "safe/new", expected=None, refused=refused) is None
    forge.disconnect()


def test_what_cannot_be_signed_says_why_and_leaves_nothing(guarded: GitHubBench, forge: GitHubForge) -> None:
    """`createCommitOnBranch` makes no executable files."""
    changes = ChangeSet(files=(write("run.sh", "#!/bin/sh\n", executable=True),), summary="x")
    before = guarded.repository.store.references()
    with pytest.raises(RepositoryError, match=r"no commit with executable files.*let a GitHub App write it"):
        forge.write(guarded.location, commit_of(guarded, changes), "safe/new", expected=None)
    assert guarded.repository.store.references() == before


def test_a_signed_commit_does_not_overwrite(guarded: GitHubBench, forge: GitHubForge) -> None:
    before = guarded.repository.store.references()
    with pytest.raises(ConflictError, match="has moved meanwhile"):
        forge.write(guarded.location, commit_of(guarded, some()), "safe/new", expected="1" * 40)
    assert guarded.repository.store.references() == before


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("nth", [1, 2, 3, 4, 5, 6])
def test_a_signature_that_was_cut_short_is_made_again(guarded: GitHubBench, forge: GitHubForge, nth: int) -> None:
    """Whatever request was the last one: the next attempt ends as the first would have."""
    commit = commit_of(guarded, signed_files())
    asked = itertools.count(1)
    guarded.github.inject = lambda method, path: Fault.lost_after() if next(asked) == nth else None
    try:
        forge.write(guarded.location, commit, "safe/new", expected=None)
    except RepositoryError:
        guarded.github.inject = lambda method, path: None
        tip = guarded.tip("safe/new")
        if tip is None:
            forge.write(guarded.location, commit, "safe/new", expected=None)
    tip = guarded.tip("safe/new")
    assert tip is not None
    assert is_signed(guarded, tip)


# Binary files


def binaries(count: int, *, executable: bool = False) -> ChangeSet:
    files = [write(f"{n}.bin", bytes([255, n])) for n in range(count)]
    files += [write("run.sh", "#!/bin/sh\n", executable=True)] if executable else []
    return ChangeSet(files=tuple(files), summary="x")


@pytest.mark.parametrize(("count", "requests"), [(1, 5), (3, 7), (4, 3), (100, 3)])
def test_many_binary_files_take_no_more_requests_than_few(
    bench: GitHubBench, forge: GitHubForge, count: int, requests: int
) -> None:
    commit = commit_of(bench, binaries(count))
    before = len(bench.github.requests)
    assert forge.write(bench.location, commit, "big", expected=None)
    assert len(bench.github.requests) - before == requests
    assert bench.repository.store.word("rev-parse", "big^{tree}") == commit.tree


def test_with_an_executable_among_them_each_is_sent_by_itself(bench: GitHubBench, forge: GitHubForge) -> None:
    commit = commit_of(bench, binaries(5, executable=True))
    assert forge.write(bench.location, commit, "big", expected=None) == commit.id
    assert set(bench.repository.store.references()) == {"refs/heads/main", "refs/heads/topic", "refs/heads/big"}


# The cheaper way


def over_ssh(bench: GitHubBench) -> str:
    return f"ssh://git@github.example/{bench.repository.full_name}.git"


def test_over_ssh_it_is_written_by_the_api(bench: GitHubBench) -> None:
    commit = commit_of(bench, some())
    assert bench.forge.carrier(over_ssh(bench)) is not None
    assert bench.forge.write(over_ssh(bench), commit, "new", expected=None) == commit.id == bench.tip("new")
    assert bench.forge.carrier(bench.location) is None


@pytest.mark.parametrize("permissions", [{"contents": "read", "pull_requests": "write", "metadata": "read"}])
def test_a_token_with_fewer_rights_than_an_ssh_key_leaves_it_to_git(
    bench: GitHubBench, permissions: dict[str, str]
) -> None:
    token = bench.github.world.add_token(bench.forge_login, permissions=permissions).value
    forge = bench.new_forge(token)
    assert forge.write(over_ssh(bench), commit_of(bench, some()), "new", expected=None) is None
    forge.disconnect()
    strict = bench.new_forge(token, write=WriteWay.API)
    with pytest.raises(RepositoryError, match="permission"):
        strict.write(over_ssh(bench), commit_of(bench, some()), "new", expected=None)
    strict.disconnect()
