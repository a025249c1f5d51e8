"""Comments that are said once, and branches that are removed only when nobody loses anything."""

import pytest

from shiftdown.errors import InvalidInputError, RepositoryError
from shiftdown.forges.github import GitHubForge
from shiftdown_fakes.github import FakeGitHub, Fault, Protection, Repository
from shiftdown_fakes.github.model import Comment

from ..contract import text
from .bench import GitHubBench


def merged(bench: GitHubBench) -> int:
    number = bench.forge.open(bench.location, text()).number
    bench.forge.merge(bench.location, number, by="me")
    return number


# Comments


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "fault", [Fault.lost_before(), Fault.lost_after(), Fault.cut(), Fault.answers(502, after=True)]
)
def test_a_comment_whose_effect_is_unknown_is_said_once(bench: GitHubBench, fault: Fault) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.github.fail("POST", "/comments", fault)
    bench.forge.comment(bench.location, number, "ready")
    assert bench.comments(number) == ["ready"]


@pytest.mark.usefixtures("hasty")
def test_it_is_said_once_although_a_person_was_in_between(bench: GitHubBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.forge.comment(bench.location, number, "ready")
    bench.say(number, "really?")
    bench.github.fail("POST", "/comments", Fault.lost_after())
    after = len(bench.github.requests)

    def answer(method: str, path: str) -> None:
        """A person is faster than our second look."""
        if path.endswith("/graphql") and len(bench.comments(number)) == 3 and len(bench.github.requests) > after:
            world = bench.github.world
            bench.repository.issues[number].comments.append(Comment(world.number(), "ada", "fine", world.now()))

    bench.github.inject = answer
    bench.forge.comment(bench.location, number, "ready")
    assert bench.comments(number) == ["ready", "really?", "ready", "fine"]


def test_line_ends_that_github_changed_make_no_other_comment(bench: GitHubBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.forge.comment(bench.location, number, "one\ntwo\n")
    bench.repository.issues[number].comments[0].body = "one\r\ntwo"
    bench.forge.comment(bench.location, number, "one\ntwo\n")
    assert len(bench.comments(number)) == 1


def test_more_characters_than_github_takes(bench: GitHubBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    with pytest.raises(InvalidInputError, match="too long"):
        bench.forge.comment(bench.location, number, "ü" * 65_537)
    bench.forge.comment(bench.location, number, "ü" * 65_536)


def test_nothing_is_said_in_an_archived_repository(bench: GitHubBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.repository.archived = True
    with pytest.raises(RepositoryError, match="is archived"):
        bench.forge.comment(bench.location, number, "ready")


# Branches


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "fault", [Fault.lost_before(), Fault.lost_after(), Fault.cut(), Fault.answers(502, after=True)]
)
def test_a_removal_whose_effect_is_unknown_is_looked_up(bench: GitHubBench, fault: Fault) -> None:
    number = merged(bench)
    looks = iter([None, None, fault])
    bench.github.inject = lambda method, path: next(looks, None)
    assert bench.forge.remove_branch(bench.location, number)
    assert bench.tip("topic") is None


@pytest.mark.parametrize("rule", ["topic", "t*"])
def test_a_protected_branch_is_kept(bench: GitHubBench, rule: str) -> None:
    number, head = merged(bench), bench.tip("topic")
    bench.github.world.protect(bench.repository, rule, Protection(pull_request=False))
    before = len(bench.github.requests)
    assert not bench.forge.remove_branch(bench.location, number)
    assert bench.tip("topic") == head
    assert len(bench.github.requests) - before == 2


def test_a_branch_that_moves_just_before_it_is_removed_is_kept(bench: GitHubBench) -> None:
    number = merged(bench)
    asked = []

    def push(method: str, path: str) -> None:
        """A person pushes between our look and our removal."""
        asked.append(path)
        if len(asked) == 3:
            bench.commit("topic", {"late.txt": "x\n"})

    bench.github.inject = push
    assert not bench.forge.remove_branch(bench.location, number)
    assert "late.txt" in bench.files("topic")


def test_a_rule_that_only_shows_when_it_is_broken(bench: GitHubBench) -> None:
    number = merged(bench)
    looks = iter([None, None, Fault.answers(403, "Repository rule violations found: Cannot delete this branch")])
    bench.github.inject = lambda method, path: next(looks, None)
    assert not bench.forge.remove_branch(bench.location, number)


def test_who_may_not_write_is_told(bench: GitHubBench) -> None:
    number = merged(bench)
    reader = bench.new_forge(bench.github.world.add_token("reader").value)
    with pytest.raises(RepositoryError, match="correct permissions"):
        reader.remove_branch(bench.location, number)
    reader.disconnect()
    assert bench.tip("topic")


def forked(bench: GitHubBench, github: FakeGitHub, owner: str) -> tuple[Repository, GitHubForge]:
    """A fork with a branch `topic` of its own, and the forge as its owner sees it."""
    forge = bench.new_forge(github.world.add_token(owner).value)
    forge.fork(bench.location)
    fork = github.repository(f"{owner}/orders")
    github.commit(fork, "ours", {"o.txt": "o\n"})
    return fork, forge


def test_a_branch_of_our_fork_is_removed_by_us_alone(bench: GitHubBench, github: FakeGitHub) -> None:
    fork, forge = forked(bench, github, "ada")
    number = forge.open(bench.location, text("ours")).number
    bench.forge.merge(bench.location, number, by="me")
    assert not bench.forge.remove_branch(bench.location, number)
    assert fork.store.tip("ours")
    assert forge.remove_branch(bench.location, number)
    assert fork.store.tip("ours") is None
    assert forge.remove_branch(bench.location, number)
    forge.disconnect()


def test_with_a_fork_that_is_gone_its_branch_is(bench: GitHubBench, github: FakeGitHub) -> None:
    fork, forge = forked(bench, github, "ada")
    number = forge.open(bench.location, text("ours")).number
    bench.forge.merge(bench.location, number, by="me")
    del github.world.repositories[fork.full_name.lower()]
    assert forge.remove_branch(bench.location, number)
    forge.disconnect()
