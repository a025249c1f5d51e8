"""Projects are made in groups, sub-groups and for people, once whatever goes wrong."""

import itertools
from collections.abc import Iterator

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError, RepositoryError
from shiftdown.forges.gitlab import maker as maker_module
from shiftdown.forges.repository_maker import HostedRepository, Visibility
from shiftdown_fakes.faults import Fault
from shiftdown_fakes.gitlab import FakeGitLab
from shiftdown_fakes.gitlab.model import GUEST

from ..faults import FAULTS, Plan, again
from .bench import GitLabBench

PRIVATE, INTERNAL, PUBLIC = Visibility

_numbers = itertools.count(1)


class Groups:
    """A group with a sub-group, of both of which ada is the owner."""

    def __init__(self, bench: GitLabBench) -> None:
        self.gitlab, self.world = bench.gitlab, bench.world
        number = next(_numbers)
        self.user, self.group = f"ada{number}", f"makers{number}"
        self.world.add_group(f"{self.group}/platform")
        self.world.add_group(self.group, owner=self.user)
        self.forge = bench.new_forge(bench.new_token(self.user))

    def address(self, path: str) -> str:
        return f"{self.gitlab.url}/{path}"

    def make(self, path: str, visibility: Visibility = PRIVATE) -> HostedRepository:
        return self.forge.maker(self.address(path)).make(visibility, "Sells.")


@pytest.fixture
def groups(bench: GitLabBench) -> Iterator[Groups]:
    made = Groups(bench)
    yield made
    made.forge.disconnect()


def test_in_each_kind_of_namespace(groups: Groups) -> None:
    for namespace in (groups.group, f"{groups.group}/platform", groups.user):
        path = f"{namespace}/shop"
        maker = groups.forge.maker(groups.address(path))
        assert maker.look(PRIVATE) is None
        made = maker.make(PRIVATE, "Sells.")
        assert (made.url, made.visibility) == (groups.address(path), PRIVATE)
        assert maker.make(PUBLIC, None) == maker.look(PUBLIC) == made
        project = groups.gitlab.project(path)
        assert project.description == "Sells."
        groups.gitlab.commit(project, "main", {"a": "a\n"})
        groups.gitlab.commit(project, "trunk", {"a": "a\n"})
        maker.set_default_branch("trunk")
        assert project.default_branch == "trunk"


def test_who_sees_it(groups: Groups) -> None:
    for visibility in Visibility:
        assert groups.make(f"{groups.group}/{visibility}", visibility).visibility is visibility
    groups.world.groups[groups.group].private = True
    with pytest.raises(RepositoryError, match="public is not allowed in a private group"):
        groups.make(f"{groups.group}/open", PUBLIC)


def test_a_group_that_nobody_knows(groups: Groups) -> None:
    for try_it in (groups.make, lambda path: groups.forge.maker(groups.address(path)).look(PRIVATE)):
        with pytest.raises(NotFoundError, match="no group 'nobody/platform': make it first"):
            try_it("nobody/platform/shop")


def test_a_group_in_which_one_may_not(groups: Groups) -> None:
    groups.world.add_member(groups.world.groups[groups.group], groups.user, GUEST)
    path = f"{groups.group}/platform/shop"
    with pytest.raises(RepositoryError, match=r"namespace is not valid\. .* may not make projects in .*/platform"):
        groups.make(path)
    assert path not in groups.world.projects


def test_the_name_of_a_group(groups: Groups) -> None:
    with pytest.raises(InvalidInputError, match="the name is taken; choose another one"):
        groups.make(f"{groups.group}/platform")


def test_a_path_that_is_free_again(groups: Groups) -> None:
    old = groups.world.add_project(f"{groups.group}/shop", owner=groups.user)
    groups.world.rename(old, f"{groups.group}/store")
    assert groups.make(f"{groups.group}/shop").url == groups.address(f"{groups.group}/shop")
    assert groups.gitlab.project(f"{groups.group}/store") is old


def test_a_branch_that_is_not_noticed_yet(groups: Groups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maker_module, "_PAUSES", (0, 0))
    path = f"{groups.group}/shop"
    maker = groups.forge.maker(groups.address(path))
    maker.make(PRIVATE, None)
    project = groups.gitlab.project(path)
    groups.gitlab.commit(project, "main", {"a": "a\n"})
    groups.gitlab.commit(project, "trunk", {"a": "a\n"})
    not_yet = Fault.answers(400, "Could not change HEAD: branch 'trunk' does not exist")
    groups.gitlab.fail("PUT", f"/projects/{project.id}", not_yet, times=2)
    maker.set_default_branch("trunk")
    assert project.default_branch == "trunk"
    with pytest.raises(RepositoryError, match="branch 'none' does not exist"):
        maker.set_default_branch("none")
    with pytest.raises(NotFoundError, match="it is gone, or the token does not see it any more"):
        groups.forge.maker(groups.address(f"{groups.group}/other")).set_default_branch("main")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("name", list(FAULTS))
def test_once_whatever_goes_wrong(groups: Groups, gitlab: FakeGitLab, name: str) -> None:
    for number in itertools.count():
        plan = Plan({number: FAULTS[name]})
        gitlab.inject = plan
        path = f"{groups.group}/platform/shop{number}"
        made = again(plan, lambda path=path: groups.make(path))  # type: ignore[misc]
        gitlab.inject = lambda method, path: None
        assert (made.url, made.visibility) == (groups.address(path), PRIVATE)
        if number >= len(plan.seen):
            break
    assert number > 2
    assert len([p for p in groups.world.projects if p.startswith(f"{groups.group}/")]) == number + 1
