"""A fake GitLab for the tests of a module."""

from collections.abc import Iterator

import pytest

from shiftdown_fakes.gitlab import FakeGitLab

from .bench import Bench


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitLab]:
    """The fake of a module; a test fails when it has crashed."""
    with FakeGitLab(tmp_path_factory.mktemp("gitlab")) as gitlab:
        yield gitlab
        assert gitlab.crashes == []


@pytest.fixture(scope="module")
def shared(server: FakeGitLab) -> Iterator[Bench]:
    """What runs actions on it, without pauses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shiftdown.forges.gitlab.settings.PATIENCE", 0)
        patch.setattr("shiftdown.forges.gitlab.retry.BACKOFF", 0)
        bench = Bench(server)
        yield bench
        bench.close()


@pytest.fixture
def bench(shared: Bench) -> Iterator[Bench]:
    """The same, for one test."""
    yield shared
    shared.gitlab.forget_faults()
    assert shared.gitlab.crashes == []
