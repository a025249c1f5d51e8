"""A fake GitHub for each test, reached directly: faults and refusals need not be within the contract."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown.forges.github import retry
from shiftdown_fakes.github import FakeGitHub
from tests.fakes.github.schema import problems

from .bench import GitHubBench
from .listing import Listing


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    """The fake; a test fails when it has crashed."""
    with FakeGitHub(tmp_path / "github") as server:
        yield server
        assert server.crashes == []


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made again is made again at once."""
    monkeypatch.setattr(retry, "BACKOFF", 0)


@pytest.fixture
def bench(github: FakeGitHub) -> Iterator[GitHubBench]:
    """A repository on it, with a branch `topic` that has one commit."""
    bench = GitHubBench(github)
    bench.commit("topic", {"a.txt": "a\n"})
    yield bench
    bench.close()


@pytest.fixture
def listing(github: FakeGitHub) -> Iterator[Listing]:
    """Repositories of one owner on it; what was asked and answered fits GitHub's schema."""
    listing = Listing(github)
    yield listing
    assert problems(github.exchanges[:5]) == []
    listing.bench.close()
