"""Servers that can do less than others, or die: the work is done all the same, or not at all."""

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from shiftdown.errors import RepositoryError
from shiftdown.git import Commit, Connections, open_repository
from shiftdown_fakes.git_server import GitServer

from . import lacking
from .conftest import Git
from .dying import DEATHS, dying
from .test_http import strip_protocol

BRANCH = "shiftdown/x"
HISTORY = 4


@pytest.fixture
def history(bare: Git) -> Git:
    """The sample repository, with some history."""
    for number in range(HISTORY):
        bare.commit({f"history/{number}.txt": b"%d" % number})
    return bare


def lack(server: GitServer, abilities: str) -> None:
    server.backend = [sys.executable, str(Path(lacking.__file__)), abilities, *server.backend]


@pytest.fixture(params=["version 2", "version 0"])
def version(request: pytest.FixtureRequest, server: GitServer) -> None:
    """The protocol that the server speaks."""
    if request.param == "version 0":
        strip_protocol(server)


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize(
    "abilities", ["shallow", "filter", "shallow,filter", "shallow!", "filter!", "shallow!,filter!"]
)
def test_a_server_that_gives_no_parts(
    server: GitServer, history: Git, make_commit: Callable[..., Commit], abilities: str
) -> None:
    lack(server, abilities)
    with Connections() as connections:
        for number in range(2):
            server.requests.clear()
            with open_repository(server.url_of("orders.git"), connections=connections) as repository:
                snapshot = repository.snapshot()
                assert snapshot.text("src/lib/deep.js") == "module.exports = 2\n"
                assert snapshot.text(f"history/{HISTORY - 1}.txt") == "3"
                repository.push(make_commit(repository), f"{BRANCH}{number}", expected=None)
            assert len(server.requests) < 20
    history.fsck()
    assert history("rev-parse", f"{BRANCH}1^") == history("rev-parse", "main")


def test_what_a_server_cannot_do_is_asked_for_once(server: GitServer, history: Git) -> None:
    lack(server, "shallow!")
    counts = []
    with Connections() as connections:
        for _ in range(2):
            server.requests.clear()
            with open_repository(server.url_of("orders.git"), connections=connections) as repository:
                repository.snapshot().text("README.md")
            counts.append(len(server.requests))
    assert counts[1] == 2 < counts[0]


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize("death", DEATHS)
def test_a_server_that_dies_during_the_push(
    server: GitServer, bare: Git, make_commit: Callable[..., Commit], death: str
) -> None:
    with dying(server, death), open_repository(server.url_of("orders.git")) as repository:
        commit = make_commit(repository)
        with suppress(RepositoryError):
            repository.push(commit, BRANCH, expected=None)
        tips = bare("for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}").split()
        assert tips == ([commit.id] if death in ("after the effect", "in the answer") else [])
    bare.fsck()
    with open_repository(server.url_of("orders.git")) as repository:
        again = make_commit(repository)
        assert again.id == commit.id
        repository.push(again, BRANCH, expected=repository.tip(BRANCH))
    assert bare("rev-parse", BRANCH) == commit.id
    bare.fsck()
    assert [p.name for p in (bare.path / "objects").iterdir() if p.name.startswith(("tmp", "incoming"))] == []


@pytest.mark.usefixtures("version")
def test_a_push_that_had_its_effect_is_no_error(
    server: GitServer, bare: Git, make_commit: Callable[..., Commit]
) -> None:
    for number, death in enumerate(("after the effect", "in the answer")):
        with dying(server, death), open_repository(server.url_of("orders.git")) as repository:
            repository.push(make_commit(repository), f"{BRANCH}{number}", expected=None)
        assert bare("rev-parse", f"{BRANCH}{number}")


def test_a_server_that_stays_dead_says_so(server: GitServer, bare: Git, make_commit: Callable[..., Commit]) -> None:
    with (
        dying(server, "before the effect"),
        open_repository(server.url_of("orders.git")) as repository,
        pytest.raises(RepositoryError, match=r"cannot be reached|the connection broke"),
    ):
        repository.push(make_commit(repository), BRANCH, expected=None)
    assert bare("for-each-ref", f"refs/heads/{BRANCH}") == ""
