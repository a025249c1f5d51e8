"""The same delivery on each forge, by each way in which commits get there."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown.forges.github import GitHubForge
from shiftdown.forges.gitlab import GitLabForge
from shiftdown.registry import Registry
from shiftdown_fakes.github import FakeGitHub
from shiftdown_fakes.gitlab import FakeGitLab
from tests.forges.github.bench import GitHubBench
from tests.forges.gitlab.bench import GitLabBench
from tests.forges.local_bench import LocalBench

from .bench import WAYS, Bench, open_registry

_strangers = itertools.count(1)


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitHub]:
    """The fake GitHub of a module."""
    with FakeGitHub(tmp_path_factory.mktemp("github")) as server:
        yield server


@pytest.fixture(scope="module")
def gitlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitLab]:
    """The fake GitLab of a module."""
    with FakeGitLab(tmp_path_factory.mktemp("gitlab")) as server:
        yield server


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """The forge, and how commits get there."""
    return str(request.param)


@pytest.fixture
def bench(
    way: str, github: FakeGitHub, gitlab: FakeGitLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    """A repository on the forge, and a registry that knows nothing yet."""
    monkeypatch.setattr("shiftdown.forges.github.retry.BACKOFF", 0)
    monkeypatch.setattr("shiftdown.forges.gitlab.retry.BACKOFF", 0)
    with open_registry(tmp_path) as registry:
        if way == "local":
            yield Bench(LocalBench.with_tree(tmp_path / "orders"), registry)
        elif way.startswith("github"):
            yield from on_github(GitHubBench(github), registry=registry, by_api=way.endswith("api"))
        else:
            yield from on_gitlab(GitLabBench(gitlab), registry=registry, by_api=way.endswith("api"))
    assert (github.crashes, gitlab.crashes) == ([], [])


def on_github(work: GitHubBench, *, registry: Registry, by_api: bool) -> Iterator[Bench]:
    """On GitHub; a stranger sees the repository."""
    world, settings = work.github.world, {"write": "api"} if by_api else {}
    work.forge = work.new_forge(work.token, **settings)
    made, stranger, start = [work.forge], f"stranger-{next(_strangers)}", len(work.github.requests)

    def deny() -> GitHubForge:
        made.append(work.new_forge(world.add_token(stranger).value, **settings))
        return made[-1]

    yield Bench(
        work,
        registry,
        lambda: work.github.requests[start:],
        deny,
        lambda branch: world.repositories[f"{stranger}/orders"].store.tip(branch),
    )
    for forge in made:
        forge.disconnect()
    work.close()


def on_gitlab(work: GitLabBench, *, registry: Registry, by_api: bool) -> Iterator[Bench]:
    """On GitLab; a stranger sees the project."""
    world, settings = work.world, {"write": "api"} if by_api else {}
    work.forge = work.new_forge(work.token, **settings)
    made, stranger, start = [work.forge], f"stranger-{next(_strangers)}", len(work.gitlab.requests)

    def deny() -> GitLabForge:
        made.append(work.new_forge(work.new_token(stranger), **settings))
        return made[-1]

    yield Bench(
        work,
        registry,
        lambda: work.gitlab.requests[start:],
        deny,
        lambda branch: world.projects[f"{stranger}/orders"].store.tip(branch),
    )
    for forge in made:
        forge.disconnect()
    work.close()
