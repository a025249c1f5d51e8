"""What GitHub does not show of the repositories that it lists: told, and never just left out."""

from collections.abc import Callable
from typing import Any

import pytest

from shiftdown.forges.base import RateLimitedError
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.selection import Selection
from shiftdown_fakes.github import graphql

from .listing import Listing

Break = Callable[[Callable[[dict[str, Any]], None]], None]


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Change what the fake answers, as GitHub does for what a token may not see, or what it cannot find out."""

    def begin(change: Callable[[dict[str, Any]], None]) -> None:
        def execute(*given: Any) -> dict[str, Any]:
            answer = graphql.execute(*given)
            change(answer)
            return answer

        monkeypatch.setattr("shiftdown_fakes.github.handler.execute", execute)

    return begin


SSO = "Resource protected by organization SAML enforcement"


@pytest.mark.parametrize("search", [None, "r0"], ids=["listed", "searched"])
def test_what_github_does_not_show_is_left_out_and_told(
    listing: Listing, spoil: Break, caplog: pytest.LogCaptureFixture, search: str | None
) -> None:
    listing.add_many(9)

    def change(answer: dict[str, Any]) -> None:
        data = answer["data"]
        path = ["search"] if search else ["repositoryOwner", "repositories"]
        nodes = data["search"]["nodes"] if search else data["repositoryOwner"]["repositories"]["nodes"]
        nodes[2] = None
        nodes[4]["file0"] = None
        answer["errors"] = [
            {"type": "FORBIDDEN", "path": [*path, "nodes", 2], "message": SSO},
            {"path": [*path, "nodes", 4, "file0"], "message": "Something went wrong"},
        ]

    spoil(change)
    wanted = Selection(owner=listing.owner, search=search, has_files=("README.md",), exclude=("orders",))
    names = [found.name.rpartition("/")[2] for found in listing.bench.forge.repositories(wanted)]
    assert names == [f"r{n:05}" for n in range(9) if n not in (2, 4)]
    told = [record.getMessage() for record in caplog.records if "is left out" in record.getMessage()]
    where = f"{listing.github.url}/{listing.owner}"
    assert told == [
        f"{where}: a repository that GitHub does not name is left out: {SSO}",
        f"{where}: {listing.owner}/r00004 is left out: Something went wrong",
    ]


def test_what_github_shows_the_second_time_is_not_left_out(
    listing: Listing, spoil: Break, caplog: pytest.LogCaptureFixture
) -> None:
    listing.add_many(9)
    answers: list[dict[str, Any]] = []

    def change(answer: dict[str, Any]) -> None:
        if not answers:
            answer["data"]["repositoryOwner"]["repositories"]["nodes"][3] = None
            path = ["repositoryOwner", "repositories", "nodes", 3]
            answer["errors"] = [{"path": path, "message": "Something went wrong while executing your query"}]
        answers.append(answer)

    spoil(change)
    assert len(listing.names()) == 10
    assert len(answers) == 2
    assert caplog.text == ""


@pytest.mark.parametrize("cursor", [None, "2020-01-01T00:00:00+00:00 1"])
def test_pages_that_lead_nowhere_have_an_end(listing: Listing, spoil: Break, cursor: str | None) -> None:
    def change(answer: dict[str, Any]) -> None:
        answer["data"]["repositoryOwner"]["repositories"]["pageInfo"] = {"hasNextPage": True, "endCursor": cursor}

    spoil(change)
    with pytest.raises(RefusedError, match="no cursor that leads to it"):
        listing.names()


def test_when_github_shows_nothing_it_says_why(listing: Listing, spoil: Break) -> None:
    def nothing(answer: dict[str, Any]) -> None:
        page = answer["data"]["repositoryOwner"]["repositories"]
        answer["errors"] = [
            {"type": "FORBIDDEN", "path": ["repositoryOwner", "repositories", "nodes", n], "message": SSO}
            for n, _ in enumerate(page["nodes"])
        ]
        page["nodes"] = [None] * len(page["nodes"])

    spoil(nothing)
    with pytest.raises(RefusedError, match=f"cannot list repositories: GitHub answers: {SSO}"):
        listing.names()

    def none(answer: dict[str, Any]) -> None:
        answer["data"]["repositoryOwner"]["repositories"] = None
        answer["errors"] = [{"type": "FORBIDDEN", "path": ["repositoryOwner", "repositories"], "message": SSO}]

    spoil(none)
    with pytest.raises(RefusedError, match=SSO):
        listing.names()

    def limited(answer: dict[str, Any]) -> None:
        answer["data"] = None
        answer["errors"] = [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]

    spoil(limited)
    with pytest.raises(RateLimitedError, match="API rate limit exceeded"):
        listing.names()


def test_a_search_that_finds_more_than_it_shows_is_told(
    listing: Listing, spoil: Break, caplog: pytest.LogCaptureFixture
) -> None:
    listing.add_many(9)

    def change(answer: dict[str, Any]) -> None:
        answer["data"]["search"]["nodes"].pop()

    spoil(change)
    assert len(listing.names(search="r0")) == 8
    assert "finds 9 repositories, and GitHub shows 8" in caplog.text
