"""Many repositories at once: selected on a forge, from a list, and worked on as they come."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from shiftdown import FoundRepository, RunOutcome, RunResult, Selection, Shiftdown, ShiftdownError
from shiftdown.app.selecting import MAX_LIST, listed
from shiftdown.errors import InvalidInputError, RepositoryError
from shiftdown.forges.base import RateLimitedError
from shiftdown_fakes.github import FakeGitHub, Fault
from shiftdown_fakes.gitlab import FakeGitLab

from .test_github import as_app, configuration

WORKERS = 2


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitHub]:
    """A GitHub with a token for it, and none for any other forge."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "SHIFTDOWN_GITLAB_TOKEN", "SHIFTDOWN_CREDENTIALS_FROM"):
        monkeypatch.delenv(name, raising=False)
    for name in ("PAUSE", "PATIENCE"):
        monkeypatch.setattr(f"shiftdown.forges.github.settings.{name}", 0)
    monkeypatch.setattr("shiftdown.forges.github.retry.BACKOFF", 0)
    with FakeGitHub(tmp_path / "github") as server:
        monkeypatch.setenv("SHIFTDOWN_CONFIG", str(configuration(tmp_path, "")))
        monkeypatch.setenv("SHIFTDOWN_GITHUB_URL", server.url)
        monkeypatch.setenv("SHIFTDOWN_GITHUB_TOKEN", server.world.add_token("acme").value)
        add(server, "acme/orders")
        yield server
        assert server.crashes == []


def add(github: FakeGitHub, *names: str) -> None:
    for name in names:
        github.commit(github.world.add_repository(name), "main", {"README.md": "hello\n"})


def host(server: FakeGitHub | FakeGitLab) -> str:
    return server.url.partition("://")[2]


# Selecting


def test_thousands_are_told_of_as_they_come(sd: Shiftdown, github: FakeGitHub) -> None:
    world, first = github.world, github.repository("acme/orders")
    for n in range(3_000):
        made = replace(first, id=world.number(), name=f"r{n:05}")
        world.repositories[made.full_name] = made
    found = sd.select(Selection(owner="acme"), host=host(github))
    assert github.requests == []
    some = list(islice(found, 250))
    assert len(github.requests) == 3
    assert all(isinstance(repository, FoundRepository) for repository in some)
    assert len(some) + len(list(found)) == 3_001


def test_the_host_need_not_be_said_when_there_is_one(
    sd: Shiftdown, github: FakeGitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert [found.location for found in sd.select(Selection(owner="acme"))] == [f"{github.url}/acme/orders"]
    monkeypatch.setenv("GITLAB_TOKEN", "glpat-any")
    with Shiftdown.open(f"sqlite:///{tmp_path}/registry.db") as other:
        with pytest.raises(InvalidInputError, match=f"say on which host: there are credentials for {host(github)} and"):
            other.select(Selection(owner="acme"))
        assert next(other.select(Selection(owner="acme"), host=host(github).upper())).name == "acme/orders"
    monkeypatch.delenv("GITLAB_TOKEN")
    monkeypatch.delenv("SHIFTDOWN_GITHUB_TOKEN")
    with (
        Shiftdown.open(f"sqlite:///{tmp_path}/registry.db") as none,
        pytest.raises(InvalidInputError, match="credentials for none"),
    ):
        none.select(Selection(owner="acme"))


def test_a_host_must_be_a_forge_that_is_known(sd: Shiftdown, github: FakeGitHub) -> None:
    with pytest.raises(InvalidInputError, match=r"there is no forge for evil\.example"):
        sd.select(Selection(owner="acme"), host="evil.example")
    with pytest.raises(
        InvalidInputError, match=r"there is no token for gitlab\.com: set GITLAB_TOKEN|SHIFTDOWN_GITLAB"
    ):
        sd.select(Selection(owner="acme"), host="gitlab.com")
    assert github.requests == []


def test_groups_of_a_gitlab_are_selected_as_well(
    sd: Shiftdown, github: FakeGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeGitLab(tmp_path / "gitlab") as gitlab:
        gitlab.commit(gitlab.world.add_project("acme/platform/bills"), "main", {"README.md": "hello\n"})
        monkeypatch.setenv("SHIFTDOWN_GITLAB_URL", gitlab.url)
        monkeypatch.setenv("SHIFTDOWN_GITLAB_TOKEN", gitlab.world.add_token("ada").value)
        (found,) = sd.select(Selection(owner="acme"), host=host(gitlab))
        assert found.location == f"{gitlab.url}/acme/platform/bills"
        assert sd.inspect(found.location).default_branch == "main"


# Working on what was selected


def outcomes(results: list[RunResult]) -> dict[str, RunOutcome]:
    return {result.repository.rpartition("/")[2]: result.outcome for result in results}


def test_a_whole_organisation_is_changed_but_for_what_cannot_be(sd: Shiftdown, github: FakeGitHub) -> None:
    add(github, "acme/bills", "acme/gone", "acme/old", "umbrella/orders")
    github.repository("acme/old").archived = True
    locations = []
    for found in sd.select(Selection(owner="acme"), host=host(github)):
        locations.append(found.location)
    del github.world.repositories["acme/gone"]
    results = sd.run_type("ADD_MOTTO", iter(locations))
    assert outcomes(results) == {
        "orders": RunOutcome.OPENED,
        "bills": RunOutcome.OPENED,
        "gone": RunOutcome.FAILED,
    }
    again = sd.run_type("ADD_MOTTO", (found.location for found in sd.select(Selection(owner="acme"))))
    assert outcomes(again) == {"orders": RunOutcome.UNCHANGED, "bills": RunOutcome.UNCHANGED}


def test_what_came_before_a_listing_ends_is_done_and_told(sd: Shiftdown, github: FakeGitHub) -> None:
    world, first = github.world, github.repository("acme/orders")
    for n in range(150):
        made = replace(first, id=world.number(), name=f"r{n:03}", created=world.now())
        world.repositories[made.full_name] = made
    limited = Fault.answers(403, "You have exceeded a secondary rate limit", Retry_After="900")
    told: list[RunResult] = []

    def found() -> Iterator[str]:
        for number, repository in enumerate(sd.select(Selection(owner="acme"))):
            if number == 99:
                github.fail("POST", "/graphql", limited, times=9)
            if number > 97:
                yield repository.location

    with pytest.raises(RateLimitedError, match="cannot list repositories"):
        sd.run_type("ADD_MOTTO", found(), on_result=told.append)
    assert len(told) == 2


@pytest.fixture
def copies(tmp_path: Path, new_repository: Callable[..., Path]) -> list[str]:
    """Some repositories on this disk."""
    first = new_repository("first", bare=True)
    return [str(shutil.copytree(first, tmp_path / f"copy{n:02}")) for n in range(12)]


def test_no_more_are_taken_than_are_worked_on(sd: Shiftdown, copies: list[str]) -> None:
    taken: list[str] = []
    ahead: list[int] = []

    def take() -> Iterator[str]:
        for copy in copies:
            taken.append(copy)
            yield copy

    done: list[RunResult] = []

    def told(result: RunResult) -> None:
        ahead.append(len(taken) - len(done))
        done.append(result)

    results = sd.run_type("ADD_MOTTO", take(), workers=WORKERS, on_result=told)
    assert [result.repository for result in results] == copies
    assert {result.outcome for result in results} == {RunOutcome.OPENED}
    assert max(ahead) <= 2 * WORKERS


def test_all_of_a_list_are_looked_at_first(sd: Shiftdown, copies: list[str], tmp_path: Path) -> None:
    with pytest.raises(ShiftdownError, match="nowhere"):
        sd.run_type("ADD_MOTTO", [*copies, str(tmp_path / "nowhere")])
    assert sd.change_requests.list() == []
    assert list(sd.registry.repositories()) == []


def test_one_that_cannot_be_used_stops_nothing_else(sd: Shiftdown, copies: list[str], tmp_path: Path) -> None:
    mixed = iter([str(tmp_path / "nowhere"), copies[0], "http://example.com/a/b", copies[0], copies[1]])
    results = sd.run_type("ADD_MOTTO", mixed)
    assert [result.outcome for result in results] == [
        RunOutcome.FAILED,
        RunOutcome.OPENED,
        RunOutcome.FAILED,
        RunOutcome.OPENED,
    ]
    assert "nowhere" in str(results[0].reason)
    assert "not encrypted" in str(results[2].reason)


def test_thousands_that_cannot_be_used_are_results(sd: Shiftdown, tmp_path: Path) -> None:
    results = sd.run_type("ADD_MOTTO", (f"{tmp_path}/none{n}" for n in range(2_000)))
    assert {result.outcome for result in results} == {RunOutcome.FAILED}
    assert [result.repository for result in results] == [f"{tmp_path}/none{n}" for n in range(2_000)]


def test_an_app_that_one_owner_has_not_installed_works_for_the_others(
    sd: Shiftdown, github: FakeGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(github, "umbrella/orders")
    as_app(github, tmp_path, monkeypatch)
    results = sd.run_type("ADD_MOTTO", [f"{github.url}/umbrella/orders", f"{github.url}/acme/orders"])
    assert [result.outcome for result in results] == [RunOutcome.FAILED, RunOutcome.OPENED]
    assert "the app is not installed for umbrella" in str(results[0].reason)


def test_a_configuration_that_is_wrong_is_told_before_anything_is_done(
    sd: Shiftdown, github: FakeGitHub, tmp_path: Path
) -> None:
    configuration(tmp_path, f'[hosts."{host(github)}"]\nforge = "github"\napp_id = 7\n')
    with pytest.raises(InvalidInputError, match="app_id needs private_key_file"):
        sd.run_type("ADD_MOTTO", [f"{github.url}/acme/orders"])
    with pytest.raises(InvalidInputError, match="app_id needs private_key_file"):
        sd.select(Selection(owner="acme"))


# Lists


def read(content: bytes) -> list[str]:
    def locate(repository: str) -> str:
        if repository.startswith("bad"):
            raise RepositoryError(repository, "cannot be used")
        return repository

    return listed(content, "list.txt", locate)


def test_a_list_has_one_repository_per_line() -> None:
    first, others = b"# ours\n\nhttps://example.com/a/b  # the first\r\n\t../b#c\t\n", b"  # no more\n/srv/d e"
    content = first + b"https://example.com/a/b\n" + others
    assert read(content) == ["https://example.com/a/b", "../b#c", "/srv/d e"]
    assert read(b"\xef\xbb\xbfone") == ["one"]
    assert read("drei/größe\n".encode()) == ["drei/größe"]


def test_a_list_may_be_long() -> None:
    assert len(read(b"".join(b"https://github.com/acme/r%d\n" % n for n in range(50_000)))) == 50_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "list.txt: names no repository"),
        (b"# nothing\n\n", "names no repository"),
        (b"one\nbad/two\n", "list.txt: line 2: bad/two: cannot be used"),
        (b"one\nt\xffwo\n", "line 2: is not text in UTF-8"),
        ("one\ntwo\n".encode("utf-16"), "line 1: is not text in UTF-8"),
        ("one\n".encode("utf-16-le"), "line 1: holds a character that cannot be printed"),
        (b"one\n\ntw\0o", "line 3: holds a character that cannot be printed"),
        (b"one\n\x1b[31mtwo", "line 2: holds a character that cannot be printed"),
        (b"\x7fELF\x02\x01\x01\0\0\0", "line 1: holds a character that cannot be printed"),
        (b"one\n" + b"x" * 5000, "line 2: has more than 4,096 characters"),
        (b"x" * (MAX_LIST + 1), "list.txt: has more than 10,000,000 bytes"),
    ],
)
def test_what_is_no_list_is_told_with_its_line(content: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        read(content)
