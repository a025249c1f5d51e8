"""The example plugin with a kind of forge: it is a forge as others are, and everything else works on it."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from tests.app.conftest import MottoPlugin
from tests.forges.contract import ForgeContract
from tests.forges.local_bench import LocalBench

from shiftdown import Identity, Shiftdown
from shiftdown.campaigns import RunOutcome
from shiftdown.errors import InvalidInputError, RepositoryError, ShiftdownError
from shiftdown.extensions import Plugins, forges
from shiftdown.forges.hosted import ForgeHost, ForgeKind, HostedForge, HostSettings
from shiftdown.forges.repository_maker import Visibility
from shiftdown.forges.selection import Selection
from shiftdown.model import ChangeRequestStatus

from .shelf_server import ShelfServer

FOLDER = Path(__file__).parents[2] / "examples" / "forge"


@pytest.fixture(scope="module")
def plugins() -> Iterator[Plugins]:
    """The example plugin, beside ours and one with a transformation."""
    sys.path.insert(0, str(FOLDER))
    module = importlib.import_module("shiftdown_shelf")
    sys.path.remove(str(FOLDER))
    plugins = Plugins()
    plugins.register(forges, name="forges", package="shiftdown")
    plugins.register(module, name="shelf", package="shiftdown-shelf")
    plugins.register(MottoPlugin(), name="mottos", package="mottos")
    yield plugins
    del sys.modules["shiftdown_shelf"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ShelfServer]:
    (tmp_path / "shelf").mkdir()
    with ShelfServer(tmp_path / "shelf") as running:
        yield running


def connect(plugins: Plugins, server: ShelfServer, token: str) -> HostedForge:
    kind: ForgeKind[HostSettings] = plugins.forges["shelf"]
    settings = HostSettings(forge="shelf", url=server.url)
    return kind.connect(ForgeHost("shelf.example", settings, SecretStr(token), lambda who: 0))


class ShelfBench(LocalBench):
    """See `contract.Workbench`: the repository is worked on where the server keeps it."""

    def __init__(self, plugins: Plugins, server: ShelfServer) -> None:
        self._plugins = plugins
        self._server = server
        path = server.path("acme/orders")
        path.parent.mkdir()
        path.mkdir()
        super().__init__(path)
        self.git("init", "-q", "--bare", "-b", "main")
        self.commit("main", {"README.md": "hello\n"})
        self.location = f"{server.url}/acme/orders"

    def new_forge(self, timeout: float = 60) -> Any:
        return self.as_user("robot")

    def as_user(self, login: str) -> Any:
        self._server.accounts[f"token of {login}"] = login
        return connect(self._plugins, self._server, f"token of {login}")

    def say(self, number: int, text: str) -> None:
        self.as_user("Ada").comment(self.location, number, text)


@pytest.fixture
def bench(plugins: Plugins, server: ShelfServer) -> ShelfBench:
    return ShelfBench(plugins, server)


class TestShelf(ForgeContract):
    """The contract of all forges."""


def test_it_is_known_beside_the_first_party_kinds(plugins: Plugins) -> None:
    assert list(plugins.forges) == ["github", "gitlab", "shelf"]
    assert {info.name: info.forges for info in plugins.infos}["shelf"] == ("shelf",)


@pytest.fixture
def sd(
    plugins: Plugins, server: ShelfServer, bench: ShelfBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shiftdown]:
    """Shiftdown with a token for the server, which the environment names."""
    monkeypatch.setenv("SHIFTDOWN_CONFIG", "/dev/null")
    monkeypatch.setenv("SHIFTDOWN_SHELF_URL", server.url)
    monkeypatch.setenv("SHIFTDOWN_SHELF_TOKEN", "token of robot")
    author = Identity(name="Ada Example", email="ada@example.org")
    with Shiftdown.open(f"sqlite:///{tmp_path}/registry.db", plugins=plugins, author=author) as opened:
        yield opened


def test_a_transformation_runs_on_it_from_plan_to_merge(sd: Shiftdown, bench: ShelfBench, server: ShelfServer) -> None:
    assert sd.plan_one("ADD_MOTTO", bench.location).files
    result = next(iter(sd.run_type("ADD_MOTTO", [bench.location])))
    assert result.outcome is RunOutcome.OPENED
    (change,) = sd.change_requests.list()
    assert change.url == f"{bench.location}/changes/1"
    assert sd.change_requests.merge(change.id).status is ChangeRequestStatus.MERGED
    assert "MOTTO" in bench.files("main")
    assert [request for request in server.requests if request.endswith("git-receive-pack")]


def test_its_repositories_can_be_selected(sd: Shiftdown, bench: ShelfBench) -> None:
    found = list(sd.select(Selection(owner="acme"), host=bench.location.split("/")[2]))
    assert [repository.location for repository in found] == [bench.location]


def test_a_repository_can_be_made_there(plugins: Plugins, server: ShelfServer, bench: ShelfBench) -> None:
    maker = connect(plugins, server, "token of robot").maker(f"{server.url}/acme/shop")
    assert maker.look(Visibility.PRIVATE) is None
    made = maker.make(Visibility.PRIVATE, "A shop")
    assert (made.url, made.default_branch) == (f"{server.url}/acme/shop", None)
    assert maker.look(Visibility.PRIVATE) == made


def test_a_wrong_token_is_told(plugins: Plugins, server: ShelfServer, bench: ShelfBench) -> None:
    with pytest.raises(RepositoryError, match="refuses the token"):
        connect(plugins, server, "wrong").list(bench.location)


def test_no_token_goes_over_plain_http(plugins: Plugins) -> None:
    kind, settings = plugins.forges["shelf"], HostSettings(forge="shelf", url="http://shelf.example")
    with pytest.raises(InvalidInputError):
        kind.connect(ForgeHost("shelf.example", settings, SecretStr("t"), lambda who: 0))


def test_a_server_that_is_gone_is_told(plugins: Plugins, tmp_path: Path) -> None:
    with ShelfServer(tmp_path) as server:
        forge = connect(plugins, server, "t")
    with pytest.raises(ShiftdownError, match="gives no answer"):
        forge.list(f"{server.url}/acme/orders")


def test_its_hosts_are_configured_as_others_are(
    plugins: Plugins, server: ShelfServer, bench: ShelfBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = server.url.partition("://")[2]
    (tmp_path / "shiftdown.toml").write_text(
        f'[hosts."{name}"]\nforge = "shelf"\nurl = "{server.url}"\ntoken_variables = ["OURS"]\n'
    )
    monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
    url, wanted = f"sqlite:///{tmp_path}/registry.db", f"no token for {name}: set OURS"
    with Shiftdown.open(url, plugins=plugins) as sd, pytest.raises(InvalidInputError, match=wanted):
        sd._forges.forge(bench.location)
    monkeypatch.setenv("OURS", "token of robot")
    with Shiftdown.open(url, plugins=plugins) as sd:
        assert list(sd._forges.forge(bench.location).list(bench.location)) == []
