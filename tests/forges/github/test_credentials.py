"""The tokens of an app: made once, kept while they are good, renewed in time, for each owner by itself."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from github.GithubIntegration import GithubIntegration

from shiftdown.forges.github import GitHubApp, GitHubForge, credentials
from shiftdown_fakes.faults import Fault
from shiftdown_fakes.github import FakeGitHub

from .bench import GitHubBench, add_app

PERMISSIONS = {"contents": "write", "pull_requests": "write", "metadata": "read"}


@pytest.fixture
def app(bench: GitHubBench) -> GitHubApp:
    """Installed for the owner of the bench's repository."""
    return add_app(bench.github, bench.repository.owner, PERMISSIONS)


@pytest.fixture
def forge(bench: GitHubBench, app: GitHubApp) -> Iterator[GitHubForge]:
    forge = bench.new_forge(None, app=app)
    yield forge
    forge.disconnect()


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[GithubIntegration]:
    """The clients of an app, as they are built."""
    made: list[GithubIntegration] = []

    class Counted(GithubIntegration):
        def __init__(self, *arguments: object, **given: object) -> None:
            super().__init__(*arguments, **given)  # type: ignore[arg-type]
            made.append(self)

    monkeypatch.setattr(credentials, "GithubIntegration", Counted)
    return made


def tokens(github: FakeGitHub) -> list[str]:
    return [token.value for token in github.world.tokens.values() if token.installation]


def test_a_good_token_is_used_without_asking(
    bench: GitHubBench, forge: GitHubForge, built: list[GithubIntegration]
) -> None:
    for _ in range(5):
        assert list(forge.list(bench.location)) == []
    assert forge.token(bench.location).get_secret_value() in tokens(bench.github)
    assert len(tokens(bench.github)) == len(built) == 1


def test_a_token_that_ends_soon_is_renewed(
    bench: GitHubBench, forge: GitHubForge, built: list[GithubIntegration]
) -> None:
    bench.github.world.clock = lambda: datetime.now(UTC) - timedelta(minutes=56)
    first = forge.token(bench.location)
    bench.github.world.clock = lambda: datetime.now(UTC)
    second = forge.token(bench.location)
    assert first != second
    assert forge.token(bench.location) == second
    assert len(tokens(bench.github)) == len(built) == 2


def test_a_token_that_ends_later_is_kept(bench: GitHubBench, forge: GitHubForge) -> None:
    bench.github.world.clock = lambda: datetime.now(UTC) - timedelta(minutes=54)
    first = forge.token(bench.location)
    bench.github.world.clock = lambda: datetime.now(UTC)
    assert forge.token(bench.location) == first


def test_threads_that_need_the_same_token_wait_for_one(bench: GitHubBench, forge: GitHubForge) -> None:
    bench.github.fail("POST", "/access_tokens", Fault.slow(0.2))
    with ThreadPoolExecutor(4) as threads:
        found = set(threads.map(lambda _: forge.token(bench.location).get_secret_value(), range(4)))
    assert len(found) == 1
    assert len(tokens(bench.github)) == 1


def test_nobody_waits_for_the_token_of_another_owner(bench: GitHubBench, forge: GitHubForge) -> None:
    world = bench.github.world
    other = world.add_repository("slow/orders")
    world.add_app(world.apps[7], "slow")
    good = forge.token(bench.location)
    asked, free = threading.Event(), threading.Event()

    def hold(method: str, path: str) -> Fault | None:
        if path.endswith("/access_tokens"):
            asked.set()
            assert free.wait(30)
        return None

    bench.github.inject = hold
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(forge.token, f"{bench.github.url}/{other.full_name}")
        assert asked.wait(30)
        assert threads.submit(forge.token, bench.location).result(timeout=10) == good
        free.set()
        assert slow.result(timeout=30) != good


def test_a_failure_is_not_kept(bench: GitHubBench, forge: GitHubForge) -> None:
    bench.github.fail("POST", "/access_tokens", Fault.answers(403, "Suspended"))
    with pytest.raises(Exception, match="Suspended"):
        forge.token(bench.location)
    assert forge.token(bench.location).get_secret_value() in tokens(bench.github)
