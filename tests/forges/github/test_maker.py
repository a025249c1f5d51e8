"""Repositories are made for organisations and people, by people and apps, once whatever goes wrong."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from shiftdown.errors import InvalidInputError, RepositoryError
from shiftdown.forges.github import GitHubForge, GitHubSettings
from shiftdown.forges.repository_maker import HostedRepository, Visibility
from shiftdown_fakes.github import FakeGitHub
from tests.fakes.github.prism import CheckedGitHub

from ..faults import FAULTS, Plan, again
from .bench import add_app

PRIVATE, INTERNAL, PUBLIC = Visibility


class Owners:
    """The organisation acme, in which ada makes repositories; and bob."""

    def __init__(self, github: FakeGitHub) -> None:
        self.github = github
        self.acme = github.world.add_user("acme", "Organization")
        self.acme.makers.add("ada")
        for login in ("ada", "bob"):
            github.world.add_user(login)
        self.forge = self.new_forge(token=SecretStr(github.world.add_token("ada").value))

    def new_forge(self, pace: list[str] | None = None, **credentials: object) -> GitHubForge:
        settings = {"url": self.github.url, "api_url": self.github.api_url, "patience": 0, "seconds_between_writes": 0}
        asked = [] if pace is None else pace

        def turn(who: str) -> float:
            asked.append(who)
            return 0

        return GitHubForge(GitHubSettings.model_validate(settings | credentials), pace=turn)

    def address(self, full_name: str) -> str:
        return f"{self.github.url}/{full_name}"

    def make(self, full_name: str, visibility: Visibility = PRIVATE) -> HostedRepository:
        return self.forge.maker(self.address(full_name)).make(visibility, "Sells.")


@pytest.fixture
def owners(github: FakeGitHub) -> Iterator[Owners]:
    made = Owners(github)
    yield made
    made.forge.disconnect()


def test_within_the_contract(checked: CheckedGitHub) -> None:
    owners = Owners(checked.github)
    for full_name in ("acme/within", "ada/within"):
        maker = owners.forge.maker(owners.address(full_name))
        assert maker.look(PRIVATE) is None
        made = maker.make(PRIVATE, "Sells.")
        assert (made.url, made.visibility, made.default_branch) == (owners.address(full_name), PRIVATE, "main")
        assert maker.make(PUBLIC, None) == maker.look(PUBLIC) == made
        repository = checked.github.repository(full_name)
        assert repository.description == "Sells."
        checked.github.commit(repository, "trunk", {"a": "a\n"})
        maker.set_default_branch("trunk")
        assert repository.default_branch == "trunk"
    owners.forge.disconnect()


def test_who_sees_it(owners: Owners) -> None:
    assert owners.make("acme/shop", INTERNAL).visibility is INTERNAL
    assert owners.make("ada/shop", PUBLIC).visibility is PUBLIC
    with pytest.raises(InvalidInputError, match="only organisations have internal repositories"):
        owners.make("ada/other", INTERNAL)


def test_of_another_person(owners: Owners) -> None:
    for try_it in (owners.make, lambda name: owners.forge.maker(owners.address(name)).look(PRIVATE)):
        with pytest.raises(
            InvalidInputError, match="bob is a person, whose repositories are made with their own token"
        ):
            try_it("bob/shop")


def test_a_name_that_leads_elsewhere(owners: Owners) -> None:
    made = owners.github.world.add_repository("acme/shop")
    owners.github.world.rename(made, "acme/store")
    with pytest.raises(InvalidInputError, match=r"acme/shop: leads to .*acme/store, which had that name before"):
        owners.make("acme/shop")
    assert list(owners.github.world.repositories) == ["acme/store"]


def test_a_name_that_is_hidden(owners: Owners) -> None:
    owners.github.world.add_repository("acme/shop", private=True)
    with pytest.raises(InvalidInputError, match="exists already, and the token does not see it; choose another name"):
        owners.make("acme/shop")


def test_a_token_without_the_permission(owners: Owners) -> None:
    weak = owners.github.world.add_token("ada", {"metadata": "read", "contents": "write"}).value
    forge = owners.new_forge(token=SecretStr(weak))
    with pytest.raises(RepositoryError, match=r"not accessible by personal access token\. .*administration=write"):
        forge.maker(owners.address("acme/shop")).make(PRIVATE, None)
    forge.disconnect()


def test_an_app_before_it_is_there(owners: Owners) -> None:
    app = add_app(owners.github, "acme", {"administration": "write", "contents": "write"})
    forge = owners.new_forge(app=app)
    maker = forge.maker(owners.address("acme/shop"))
    assert maker.look(PRIVATE) is None
    assert maker.make(PRIVATE, None).url == owners.address("acme/shop")
    with pytest.raises(InvalidInputError, match="the app is not installed for ada: let it be installed there"):
        forge.maker(owners.address("ada/shop")).make(PRIVATE, None)
    forge.disconnect()


def test_it_waits_for_its_turn(owners: Owners) -> None:
    asked: list[str] = []
    forge = owners.new_forge(asked, token=SecretStr(owners.github.world.add_token("ada").value))
    forge.maker(owners.address("acme/shop")).make(PRIVATE, None)
    assert len(asked) == 1
    forge.disconnect()


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("name", list(FAULTS))
@pytest.mark.parametrize("owner", ["acme", "ada"])
def test_once_whatever_goes_wrong(owners: Owners, owner: str, name: str) -> None:
    number = 0
    while True:
        plan = Plan({number: FAULTS[name]})
        owners.github.inject = plan
        full_name = f"{owner}/shop{number}"
        made = again(plan, lambda full_name=full_name: owners.make(full_name))  # type: ignore[misc]
        owners.github.inject = lambda method, path: None
        assert (made.url, made.visibility) == (owners.address(full_name), PRIVATE)
        if number >= len(plan.seen):
            break
        number += 1
    assert number > 2
    assert len(owners.github.world.repositories) == number + 1
