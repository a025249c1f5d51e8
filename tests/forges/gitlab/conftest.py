"""A fake GitLab for each test."""

from collections.abc import Iterator

import pytest

from shiftdown.forges.gitlab import retry
from shiftdown_fakes.gitlab import FakeGitLab

from .bench import GitLabBench


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitLab]:
    """The fake of a module; a test fails when it has crashed."""
    with FakeGitLab(tmp_path_factory.mktemp("gitlab")) as gitlab:
        yield gitlab
        assert gitlab.crashes == []


@pytest.fixture
def gitlab(server: FakeGitLab) -> Iterator[FakeGitLab]:
    """The same, for one test."""
    yield server
    server.forget_faults()
    assert server.crashes == []


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made again is made again at once."""
    monkeypatch.setattr(retry, "BACKOFF", 0)


@pytest.fixture
def bench(gitlab: FakeGitLab) -> Iterator[GitLabBench]:
    """A project on it, with a branch `topic` that has one commit."""
    bench = GitLabBench(gitlab)
    bench.commit("topic", {"a.txt": "a\n"})
    yield bench
    bench.close()
