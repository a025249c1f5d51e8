"""Repositories by selection: complete, page by page, and within GitHub's contract and schema."""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

import pytest
from pydantic import ValidationError

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.forges.base import RateLimitedError
from shiftdown.forges.github import GitHubForge, GitHubSettings, repository_search
from shiftdown.forges.selection import Selection
from shiftdown_fakes.github import Fault
from tests.fakes.github.prism import CheckedGitHub
from tests.fakes.github.schema import problems

from .bench import add_app
from .listing import Listing

MANY = 2_500
RUNS = int(os.environ.get("SHIFTDOWN_LISTING_RUNS", "5"))


@pytest.fixture
def filled(checked: CheckedGitHub) -> Iterator[Listing]:
    """Some of each kind, with GitHub's contract before the fake."""
    first = len(checked.github.exchanges)
    listing = Listing(checked.github, api_url=checked.url)
    listing.add(
        "api", {"go.mod": "module api\n", "deploy/Dockerfile": "FROM x\n"}, language="Go", topics=["pay", "web"]
    )
    listing.add("site", {"package.json": "{}"}, language="TypeScript", topics=["web"])
    listing.add("old-api", {"go.mod": "module old\n"}, language="Go", archived=True)
    listing.add("fork", {"go.mod": "module fork\n"}, language="Go", parent=listing.bench.repository)
    listing.add("empty", topics=["web"])
    yield listing
    assert problems(checked.github.exchanges[first:]) == []
    listing.bench.close()


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        ({}, ["api", "empty", "orders", "site"]),
        ({"include_archived": True}, ["api", "empty", "old-api", "orders", "site"]),
        ({"include_forks": True}, ["api", "empty", "fork", "orders", "site"]),
        ({"topics": ["WEB"]}, ["api", "empty", "site"]),
        ({"topics": ["web", "pay"]}, ["api"]),
        ({"languages": ["go"]}, ["api"]),
        ({"languages": ["go", "typescript"]}, ["api", "site"]),
        ({"has_files": ["go.mod"]}, ["api"]),
        ({"has_files": ["go.mod", "deploy"]}, ["api"]),
        ({"has_files": ["deploy/"]}, ["api"]),
        ({"has_files": ["go.mod/"]}, []),
        ({"has_files": ["go.mod", "deploy/none"]}, []),
        ({"has_files": ["go.mod"], "include_archived": True, "include_forks": True}, ["api", "fork", "old-api"]),
        ({"exclude": ["*-api", "SITE"], "include_archived": True}, ["api", "empty", "orders"]),
        ({"exclude": ["acme*/*"]}, []),
    ],
)
@pytest.mark.parametrize("search", [False, True], ids=["listed", "searched"])
def test_what_is_wanted_is_found(filled: Listing, selection: dict[str, object], names: list[str], search: bool) -> None:
    words: dict[str, object] = {"search": f"user:{filled.owner}", "owner": None} if search else {}
    assert sorted(filled.names(**selection, **words)) == names


def test_words_are_searched_as_the_forge_does(filled: Listing) -> None:
    assert filled.names(search="api") == ["api"]
    assert filled.names(search="api archived:true", include_archived=True) == ["old-api"]


def test_what_is_known_of_a_repository(filled: Listing) -> None:
    (found,) = filled.bench.forge.repositories(Selection(owner=filled.owner, topics=("pay",)))
    assert found.location == f"{filled.github.url}/{filled.owner}/api"
    assert (found.default_branch, found.language, found.topics) == ("main", "Go", ("pay", "web"))
    assert (found.archived, found.fork, found.visibility) == (False, False, "public")
    (empty,) = filled.bench.forge.repositories(Selection(owner=filled.owner, exclude=("api", "site", "orders")))
    assert empty.default_branch is None


def test_thousands_come_page_by_page(listing: Listing) -> None:
    listing.add_many(MANY)
    before = listing.requests
    found = listing.bench.forge.repositories(Selection(owner=listing.owner))
    assert listing.requests == before
    assert len(list(islice(found, 100))) == 100
    assert listing.requests == before + 1
    assert len(list(found)) == MANY - 99
    assert listing.requests == before + 26


def test_a_search_gives_all_although_github_gives_a_thousand(listing: Listing) -> None:
    listing.add_many(MANY)
    before = listing.requests
    names = listing.names(search="r0")
    assert sorted(names) == [f"r{n:05}" for n in range(MANY)]
    assert listing.requests - before < 60


def test_many_files_are_looked_for_in_smaller_pages(listing: Listing) -> None:
    listing.add_many(29)
    before = listing.requests
    assert len(listing.names(has_files=["README.md"] * 20)) == 30
    assert listing.requests - before == 2


def test_languages_are_searched_one_by_one(listing: Listing) -> None:
    listing.add("go", language="Go")
    listing.add("rust", language="Rust")
    listing.add("shell", language="Shell")
    assert listing.names(owner=None, languages=["rust", "Go"]) == ["rust", "go"]
    sent = [variables["words"] for _, variables, _ in listing.github.exchanges]
    assert sent == ['language:"rust" archived:false', 'language:"Go" archived:false']


def test_words_of_a_search_reach_nobody_else(listing: Listing) -> None:
    other = listing.github.world.add_repository("umbrella/orders")
    listing.github.commit(other, "main", {"README.md": "x\n"})
    wanted = Selection(owner=listing.owner, search="orders user:umbrella")
    assert [found.name for found in listing.bench.forge.repositories(wanted)] == [f"{listing.owner}/orders"]
    assert listing.names(search='"orders') == ["orders"]


def test_a_search_that_cannot_be_cut_into_pieces_says_so(listing: Listing) -> None:
    listing.add_many(1_100)
    with pytest.raises(InvalidInputError, match="finds 1100 repositories, and GitHub gives 1000 at most: say more"):
        listing.names(search="r0 created:2000-01-01..2100-01-01")
    for own in listing.github.world.repositories.values():
        own.created = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(InvalidInputError, match="gives 1000 at most"):
        listing.names(search="r0")


def test_what_happens_between_pages_does_no_harm(listing: Listing) -> None:
    listing.add_many(250)
    world = listing.github.world
    found = listing.bench.forge.repositories(Selection(owner=listing.owner))
    first = [repository.name.rpartition("/")[2] for repository in islice(found, 100)]
    listing.add("a-new-one")
    world.rename(listing.github.repository(f"{listing.owner}/r00003"), f"{listing.owner}/zzz")
    world.rename(listing.github.repository(f"{listing.owner}/r00240"), f"{listing.owner}/aaa")
    world.rename(listing.github.repository(f"{listing.owner}/r00241"), "elsewhere/r00241")
    del world.repositories[f"{listing.owner}/r00001"]
    del world.repositories[f"{listing.owner}/r00099"]
    names = first + [repository.name.rpartition("/")[2] for repository in found]
    expected = {f"r{n:05}" for n in range(250)} - {"r00240", "r00241"} | {"orders", "a-new-one", "aaa"}
    assert len(names) == len(set(names))
    assert set(names) == expected


@pytest.mark.parametrize("seed", range(RUNS))
def test_whatever_happens_meanwhile_all_that_stay_come_once(
    listing: Listing, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(repository_search, "_PAGE", 7)
    chance, world, owner = random.Random(seed), listing.github.world, listing.owner
    listing.add_many(60)
    stay = set(world.repositories.values())
    ids = {own.full_name: own.id for own in stay}
    seen: list[int] = []
    for repository in listing.bench.forge.repositories(Selection(owner=owner)):
        seen.append(ids[repository.name])
        for _ in range(chance.randrange(3)):
            own = chance.choice([own for own in world.repositories.values() if own.owner == owner])
            match chance.randrange(5):
                case 0:
                    del world.repositories[own.full_name]
                    stay.discard(own)
                case 1:
                    world.rename(own, f"{owner}/renamed{world.number():05}")
                case 2:
                    new = f"{owner}/new{world.number():05}"
                    made = replace(own, id=world.number(), name=new.partition("/")[2], created=world.now())
                    world.repositories[new] = made
                case 3:
                    own.archived = True
                    stay.discard(own)
                case _:
                    own.topics = ["changed"]
            ids |= {own.full_name: own.id for own in world.repositories.values()}
    assert len(seen) == len(set(seen))
    assert {own.id for own in stay} <= set(seen)


def test_a_search_whose_order_changes_is_read_once_more(listing: Listing) -> None:
    listing.add_many(250)
    world = listing.github.world
    found = listing.bench.forge.repositories(Selection(search="r0", owner=listing.owner))
    names = [repository.name for repository in islice(found, 100)]
    moved = f"{listing.owner}/r00150"
    world.repositories = {moved: world.repositories.pop(moved)} | world.repositories
    names += [repository.name for repository in found]
    assert len(names) == len(set(names)) == 250


@pytest.mark.parametrize(
    "fault",
    [
        Fault.lost_before(),
        Fault.answers(502),
        Fault.cut(),
        Fault.answers(403, "You have exceeded a secondary rate limit", Retry_After="0"),
        Fault.answers(429, "too many", Retry_After="0"),
    ],
    ids=["lost", "502", "cut", "secondary", "429"],
)
@pytest.mark.parametrize("search", [None, "r0"], ids=["listed", "searched"])
@pytest.mark.usefixtures("hasty")
def test_a_page_that_fails_is_asked_for_again(listing: Listing, fault: Fault, search: str | None) -> None:
    listing.add_many(250)
    found = listing.bench.forge.repositories(Selection(owner=listing.owner, search=search))
    names = [repository.name for repository in islice(found, 100)]
    listing.github.fail("POST", "/graphql", fault)
    names += [repository.name for repository in found]
    assert len(names) == len(set(names)) == (250 if search else 251)


def test_a_limit_in_the_middle_is_told_with_its_end(listing: Listing) -> None:
    listing.add_many(250)
    found = listing.bench.forge.repositories(Selection(owner=listing.owner))
    assert next(found).name
    listing.github.fail("POST", "/graphql", Fault.answers(403, "secondary rate limit", Retry_After="900"), times=9)
    with pytest.raises(RateLimitedError, match=r"cannot list repositories.*run again after"):
        list(found)


def test_owners_that_do_not_exist_or_cannot(listing: Listing) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        listing.names(owner="nobody")
    with pytest.raises(NotFoundError, match="without slashes"):
        listing.names(owner="acme/platform")
    listing.github.world.add_user("lonely", "Organization")
    assert listing.names(owner="lonely") == []


def test_private_ones_are_seen_by_those_who_may(listing: Listing) -> None:
    listing.add("secret", private=True)
    assert "secret" in listing.names()
    other = listing.bench.new_forge(listing.github.world.add_token("stranger").value)
    assert [found.name for found in other.repositories(Selection(owner=listing.owner))] == [f"{listing.owner}/orders"]
    other.disconnect()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"has_files": ["x"]},
        {"owner": ""},
        {"owner": "a\nb"},
        {"owner": "a user:b"},
        {"owner": "a+user:b"},
        {"owner": 'a"'},
        {"owner": "a/"},
        {"owner": "../a"},
        {"owner": "a", "has_files": ["../x"]},
        {"owner": "a", "has_files": ["/"]},
        {"owner": "a", "topics": ['x" user:b topic:"y']},
        {"owner": "a", "languages": ["Go\\"]},
        {"search": ""},
    ],
)
def test_a_selection_that_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Selection.model_validate(wrong)


@pytest.mark.parametrize("kind", ["Organization", "User"])
def test_an_app_lists_what_belongs_to_an_account_that_has_it(listing: Listing, kind: str) -> None:
    app = add_app(listing.github, listing.owner, {"contents": "read", "metadata": "read"})
    listing.github.world.users[listing.owner.lower()].kind = kind
    forge = GitHubForge(GitHubSettings(url=listing.github.url, api_url=listing.github.api_url, app=app))
    assert [found.name for found in forge.repositories(Selection(owner=listing.owner))] == [f"{listing.owner}/orders"]
    with pytest.raises(InvalidInputError, match="name the owner, or set installation_id"):
        list(forge.repositories(Selection(search="orders")))
    forge.disconnect()
