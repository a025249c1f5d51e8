"""A fake GitHub for the tests of a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown.app.forges import Forges
from shiftdown_fakes.github import FakeGitHub

from .bench import Bench


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitHub]:
    """The fake of a module."""
    with FakeGitHub(tmp_path_factory.mktemp("github")) as github:
        yield github


@pytest.fixture(scope="module")
def shared(server: FakeGitHub) -> Iterator[Bench]:
    """What runs actions on it, without pauses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shiftdown.forges.github.settings.PAUSE", 0)
        patch.setattr("shiftdown.forges.github.settings.PATIENCE", 0)
        patch.setattr("shiftdown.forges.github.retry.BACKOFF", 0)
        bench = Bench(server)
        yield bench
        bench.close()


@pytest.fixture
def bench(shared: Bench) -> Iterator[Bench]:
    """The same, for one test, which fails when the fake has crashed."""
    yield shared
    shared.github.forget_faults()
    assert shared.github.crashes == []


@pytest.fixture
def by_api(bench: Bench, tmp_path: Path) -> Iterator[Forges]:
    """Forges that read and write by the API alone, where commits get other ids."""
    config = tmp_path / "shiftdown.toml"
    config.write_text(
        f'[hosts."{bench.host}"]\nforge = "github"\nurl = "{bench.github.url}"\nwrite = "api"\n'
        'token_variables = ["TOKEN"]\n'
    )
    made = bench.connect({"SHIFTDOWN_CONFIG": str(config), "TOKEN": bench.token})
    yield made
    made.close()
