"""Repositories by selection: complete, page by page, whatever happens meanwhile."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import pytest

from shiftdown.errors import NotFoundError, RepositoryError
from shiftdown.forges.base import RateLimitedError
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.gitlab import repository_search
from shiftdown.forges.selection import Selection
from shiftdown_fakes.faults import Fault
from shiftdown_fakes.gitlab import FakeGitLab, Project, graphql
from shiftdown_fakes.gitlab.routing import Call
from shiftdown_fakes.serving import Answer

from .bench import GitLabBench

MANY = 2_500
RUNS = int(os.environ.get("SHIFTDOWN_LISTING_RUNS", "5"))


class Listing:
    """Projects of a group, and what is found of them."""

    def __init__(self, gitlab: FakeGitLab) -> None:
        self.gitlab = gitlab
        self.bench = GitLabBench(gitlab)
        self.world = gitlab.world
        self.owner = self.bench.group

    def add(self, path: str, files: dict[str, str] | None = None, **fields: object) -> Project:
        made = self.world.add_project(f"{self.owner}/{path}", owner=self.bench.forge_login)
        for field, value in fields.items():
            setattr(made, field, value)
        if files:
            self.gitlab.commit(made, "main", files)
        return made

    def add_many(self, count: int, path: str = "many") -> None:
        """Projects that share their files: making them takes no time."""
        self.world.add_group(f"{self.owner}/{path}")
        for n in range(count):
            name = f"r{n:05}"
            full = f"{self.owner}/{path}/{name}"
            self.world.projects[full] = replace(self.bench.project, id=self.world.number(), path=full, name=name)

    def names(self, **selection: object) -> list[str]:
        wanted = Selection.model_validate({"owner": self.owner} | selection)
        found = self.bench.forge.repositories(wanted)
        return [repository.name.removeprefix(f"{self.owner}/") for repository in found]

    @property
    def requests(self) -> int:
        return len(self.gitlab.requests)


@pytest.fixture
def listing(gitlab: FakeGitLab) -> Iterator[Listing]:
    listing = Listing(gitlab)
    yield listing
    listing.bench.close()
    for path in [path for path in listing.world.projects if path.startswith(f"{listing.owner}/")]:
        del listing.world.projects[path]


@pytest.fixture
def filled(listing: Listing) -> Listing:
    """Some of each kind."""
    go, both = {"Go": 90.0, "Shell": 10.0}, {"Shell": 20.0, "TypeScript": 80.0}
    listing.add("api", {"go.mod": "module api\n", "deploy/Dockerfile": "FROM x\n"}, languages=go, topics=["pay", "web"])
    listing.add("platform/site", {"package.json": "{}"}, languages=both, topics=["web"])
    listing.add("platform/deep/tool", {"src/x/main.go": "package main\n"}, languages=go)
    listing.add("old-api", {"go.mod": "module old\n"}, languages=go, archived=True)
    listing.add("fork", {"go.mod": "module fork\n"}, languages=go, parent=listing.bench.project)
    listing.add("empty", topics=["web"])
    return listing


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        ({}, ["api", "empty", "platform/deep/tool", "platform/orders", "platform/site"]),
        ({"exclude": ["*"], "include_archived": True}, []),
        ({"include_archived": True, "exclude": ["o*s", "ACME*/PLATFORM/*"]}, ["api", "empty", "old-api"]),
        ({"include_forks": True, "languages": ["go"]}, ["api", "fork", "platform/deep/tool"]),
        ({"topics": ["WEB"]}, ["api", "empty", "platform/site"]),
        ({"topics": ["web", "pay"]}, ["api"]),
        ({"languages": ["shell"]}, []),
        ({"languages": ["go", "typescript"]}, ["api", "platform/deep/tool", "platform/site"]),
        ({"has_files": ["go.mod"]}, ["api"]),
        ({"has_files": ["go.mod", "deploy/Dockerfile"]}, ["api"]),
        ({"has_files": ["go.mod", "deploy/"]}, ["api"]),
        ({"has_files": ["src/"]}, ["platform/deep/tool"]),
        ({"has_files": ["go.mod/"]}, []),
        ({"has_files": ["deploy"]}, []),
        ({"has_files": ["go.mod", "none"]}, []),
        ({"has_files": ["go.mod"], "include_archived": True, "include_forks": True}, ["api", "fork", "old-api"]),
        ({"search": "api"}, ["api"]),
    ],
)
def test_what_is_wanted_of_a_group_is_found(filled: Listing, selection: dict[str, object], names: list[str]) -> None:
    assert sorted(filled.names(**selection)) == names


def test_a_group_below_another_is_an_owner_too(filled: Listing) -> None:
    assert sorted(filled.names(owner=f"{filled.owner}/Platform")) == [
        "platform/deep/tool",
        "platform/orders",
        "platform/site",
    ]


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        ({"topics": ["web"]}, ["api", "empty", "platform/site"]),
        ({"topics": ["web"], "languages": ["Go", "TypeScript"]}, ["api", "platform/site"]),
        ({"topics": ["web", "pay"], "has_files": ["deploy/"]}, ["api"]),
        ({"languages": ["TypeScript"]}, ["platform/site"]),
        ({"languages": ["TypeScript", "Go", "Shell"]}, ["api", "platform/deep/tool", "platform/site"]),
        ({"search": "api", "include_archived": True}, ["api", "old-api"]),
        ({"search": "api", "languages": ["typescript"]}, []),
    ],
)
def test_what_is_wanted_of_the_whole_gitlab_is_found(
    filled: Listing, selection: dict[str, object], names: list[str]
) -> None:
    assert sorted(filled.names(owner=None, **selection)) == names


def test_what_is_known_of_a_repository(filled: Listing) -> None:
    (found,) = filled.bench.forge.repositories(Selection(owner=filled.owner, topics=("pay",)))
    assert (found.location, found.name) == (f"{filled.gitlab.url}/{filled.owner}/api", f"{filled.owner}/api")
    assert (found.default_branch, found.language, found.topics) == ("main", "Go", ("pay", "web"))
    assert (found.archived, found.fork, found.visibility) == (False, False, "public")
    assert found.changed_at is not None
    (empty,) = filled.bench.forge.repositories(Selection(owner=filled.owner, exclude=("api", "*s*", "tool")))
    assert (empty.default_branch, empty.language) == (None, None)


def test_thousands_come_page_by_page(listing: Listing) -> None:
    listing.add_many(MANY)
    before = listing.requests
    found = listing.bench.forge.repositories(Selection(owner=listing.owner))
    assert listing.requests == before
    assert len(list(islice(found, 100))) == 100
    assert listing.requests == before + 1
    assert len(list(found)) == MANY - 99
    assert listing.requests == before + 26


def test_what_happens_between_pages_does_no_harm(listing: Listing) -> None:
    listing.add_many(250)
    projects, many = listing.world.projects, f"{listing.owner}/many"
    found = listing.bench.forge.repositories(Selection(owner=listing.owner))
    first = [repository.name.rpartition("/")[2] for repository in islice(found, 100)]
    assert first[0] == "r00249"
    listing.add("a-new-one")
    listing.bench.rename(f"{many}/zzz", projects[f"{many}/r00240"])
    listing.bench.rename(f"{many}/aaa", projects[f"{many}/r00003"])
    listing.bench.rename("elsewhere/r00004", projects[f"{many}/r00004"])
    del projects[f"{many}/r00150"]
    del projects[f"{many}/r00149"]
    names = first + [repository.name.rpartition("/")[2] for repository in found]
    assert len(names) == len(set(names))
    assert set(names) == {f"r{n:05}" for n in range(250)} - {"r00003", "r00004", "r00149"} | {"orders", "aaa"}


@pytest.mark.parametrize("seed", range(RUNS))
def test_whatever_happens_meanwhile_all_that_stay_come_once(
    listing: Listing, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(repository_search, "_PAGE", 7)
    chance, world, projects = random.Random(seed), listing.world, listing.world.projects
    listing.add_many(60)

    def ours() -> list[Project]:
        return [own for path, own in projects.items() if path.startswith(f"{listing.owner}/")]

    stay = set(ours())
    ids = {own.path: own.id for own in stay}
    seen: list[int] = []
    for repository in listing.bench.forge.repositories(Selection(owner=listing.owner)):
        seen.append(ids[repository.name])
        for _ in range(chance.randrange(3)):
            own = chance.choice(ours())
            match chance.randrange(5):
                case 0:
                    del projects[own.path]
                    stay.discard(own)
                case 1:
                    listing.bench.rename(f"{listing.owner}/renamed{world.number():05}", own)
                case 2:
                    new = f"{listing.owner}/new{world.number():05}"
                    projects[new] = replace(own, id=world.number(), path=new, name=new)
                case 3:
                    own.archived = True
                    stay.discard(own)
                case _:
                    own.topics = ["changed"]
            ids |= {own.path: own.id for own in ours()}
    assert len(seen) == len(set(seen))
    assert {own.id for own in stay} <= set(seen)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.lost_before(),
        Fault.answers(502),
        Fault.cut(),
        Fault.answers(429, "Too many requests", Retry_After="0"),
    ],
    ids=["lost", "502", "cut", "429"],
)
@pytest.mark.usefixtures("hasty")
def test_a_page_that_fails_is_asked_for_again(listing: Listing, fault: Fault) -> None:
    listing.add_many(250)
    found = listing.bench.forge.repositories(Selection(owner=listing.owner))
    names = [repository.name for repository in islice(found, 100)]
    listing.gitlab.fail("POST", "/graphql", fault)
    names += [repository.name for repository in found]
    assert len(names) == len(set(names)) == 251


def test_a_limit_in_the_middle_is_told_with_its_end(listing: Listing) -> None:
    listing.add_many(150)
    found = listing.bench.forge.repositories(Selection(owner=listing.owner))
    assert next(found).name
    listing.gitlab.fail("POST", "/graphql", Fault.answers(429, "Too many requests", Retry_After="900"), times=9)
    with pytest.raises(RateLimitedError, match=r"cannot list repositories.*run again after"):
        list(found)


def test_projects_of_a_user(listing: Listing) -> None:
    world, bench = listing.world, listing.bench
    world.add_user("ada")
    for n in range(120):
        path = f"ada/p{n:03}"
        world.projects[path] = replace(bench.project, id=world.number(), path=path, name=f"p{n:03}", levels={})
    world.projects["ada/p000"].private = True
    before = listing.requests
    found = bench.forge.repositories(Selection(owner="ada", has_files=("README.md",)))
    names = [repository.name for repository in islice(found, 40)]
    del world.projects["ada/p119"]
    del world.projects["ada/p079"]
    names += [repository.name for repository in found]
    assert names == [f"ada/p{n:03}" for n in range(119, 0, -1) if n != 79]
    assert listing.requests - before == 1 + 3 * 2
    assert listing.names(owner="ada", search="p11", topics=["x"]) == []
    assert len(listing.names(owner="ada", search="p11")) == 9
    world.add_user("eve")
    assert listing.names(owner="eve") == []


def test_a_list_of_a_user_that_leads_nowhere_has_an_end(listing: Listing, monkeypatch: pytest.MonkeyPatch) -> None:
    listing.world.add_user("ivo")

    def keyset(call: Call, *_: object) -> Answer:
        here = f"{listing.gitlab.url}/api/v4{call.path}?{urlencode(call.query)}"
        return Answer(200, [], {"Link": f'<{here}>; rel="next"'})

    monkeypatch.setattr(Call, "keyset", keyset)
    with pytest.raises(RefusedError, match="next page is the same one"):
        listing.names(owner="ivo")


def test_owners_that_do_not_exist(listing: Listing) -> None:
    with pytest.raises(NotFoundError, match=r"nobody.*is no group or user that the token sees"):
        listing.names(owner="nobody")
    with pytest.raises(NotFoundError, match="is no group or user"):
        listing.names(owner=f"{listing.owner}/none")
    listing.world.add_group(f"{listing.owner}/void")
    assert listing.names(owner=f"{listing.owner}/void") == []


def test_private_ones_are_seen_by_those_who_may(listing: Listing) -> None:
    listing.add("secret", private=True)
    assert "secret" in listing.names()
    other = listing.bench.new_forge(listing.bench.new_token("stranger"))
    found = [repository.name for repository in other.repositories(Selection(owner=listing.owner))]
    assert found == [listing.bench.project.path]
    other.disconnect()


def test_a_token_that_may_not_is_told(listing: Listing) -> None:
    wrong = listing.bench.new_forge("glpat-wrong")
    with pytest.raises(RepositoryError, match="cannot list repositories"):
        list(wrong.repositories(Selection(owner=listing.owner)))
    wrong.disconnect()


Break = Callable[[Callable[[dict[str, Any]], None]], None]


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Change what the fake answers, as GitLab does for what it cannot find out."""

    def begin(change: Callable[[dict[str, Any]], None]) -> None:
        def execute(*given: Any) -> dict[str, Any]:
            answer = graphql.execute(*given)
            change(answer)
            return answer

        monkeypatch.setattr("shiftdown_fakes.gitlab.handler.execute", execute)

    return begin


PROJECTS = ["group", "projects", "nodes"]


def test_what_gitlab_does_not_show_is_left_out_and_told(
    listing: Listing, spoil: Break, caplog: pytest.LogCaptureFixture
) -> None:
    listing.add_many(9)

    def change(answer: dict[str, Any]) -> None:
        nodes = answer["data"]["group"]["projects"]["nodes"]
        nodes[2] = None
        nodes[4]["repository"]["files"] = None
        answer["errors"] = [
            {"path": [*PROJECTS, 2], "message": "Internal server error"},
            {"path": [*PROJECTS, 4, "repository", "files"], "message": "14:connections to all backends failing"},
        ]

    spoil(change)
    found = listing.names(has_files=["README.md"], exclude=["orders"])
    assert found == [f"many/r{n:05}" for n in range(8, -1, -1) if n not in (6, 4)]
    told = [record.getMessage() for record in caplog.records if "is left out" in record.getMessage()]
    where = f"{listing.gitlab.url}/{listing.owner}"
    assert told == [
        f"{where}: a repository that GitLab does not name is left out: Internal server error",
        f"{where}: {listing.owner}/many/r00004 is left out: 14:connections to all backends failing",
    ]


def test_what_gitlab_shows_the_second_time_is_not_left_out(
    listing: Listing, spoil: Break, caplog: pytest.LogCaptureFixture
) -> None:
    listing.add_many(9)
    answers: list[dict[str, Any]] = []

    def change(answer: dict[str, Any]) -> None:
        if not answers:
            answer["data"]["group"]["projects"]["nodes"][3] = None
            answer["errors"] = [{"path": [*PROJECTS, 3], "message": "Internal server error"}]
        answers.append(answer)

    spoil(change)
    assert len(listing.names()) == 10
    assert len(answers) == 2
    assert caplog.text == ""


@pytest.mark.parametrize("cursor", [None, "1"])
def test_pages_that_lead_nowhere_have_an_end(listing: Listing, spoil: Break, cursor: str | None) -> None:
    def change(answer: dict[str, Any]) -> None:
        answer["data"]["group"]["projects"]["pageInfo"] = {"hasNextPage": True, "endCursor": cursor}

    spoil(change)
    with pytest.raises(RefusedError, match="no cursor that leads to it"):
        listing.names()


def test_when_gitlab_shows_nothing_it_says_why(listing: Listing, spoil: Break) -> None:
    def nothing(answer: dict[str, Any]) -> None:
        nodes = answer["data"]["group"]["projects"]["nodes"]
        answer["errors"] = [{"path": [*PROJECTS, n], "message": "broken"} for n, _ in enumerate(nodes)]
        nodes[:] = [None] * len(nodes)

    spoil(nothing)
    with pytest.raises(RefusedError, match="cannot list repositories: GitLab answers: broken"):
        listing.names()

    def none(answer: dict[str, Any]) -> None:
        answer["data"] = {"group": None}
        answer["errors"] = [{"path": ["group"], "message": "the server is too busy"}]

    spoil(none)
    with pytest.raises(RefusedError, match="the server is too busy"):
        listing.names()

    def refused(answer: dict[str, Any]) -> None:
        del answer["data"]
        answer["errors"] = [{"message": "Field 'isForked' doesn't exist on type 'Project'"}]

    spoil(refused)
    with pytest.raises(RefusedError, match="Field 'isForked' doesn't exist"):
        listing.names()
