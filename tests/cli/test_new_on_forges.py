"""`shiftdown new --publish` on a forge: what it prints, when it is killed, and when several run at once."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown.scaffolder.origin import REFERENCE
from shiftdown_fakes.faults import Fault
from tests.app.forge_kit import ForgeKit, forge_kit
from tests.cli.conftest import Cli

TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: hello, annotations: {shiftdown.dev/version: "1.0.0"}}
spec:
  type: service
  parameters: {properties: {name: {type: string}, description: {type: string, default: Takes orders.}}}
  steps:
    - action: fs:write
      input: {path: README.md, content: "# ${{ parameters.name }}\\n"}
"""

NEW = "import sys\nfrom shiftdown.cli import main\nmain(sys.argv[1:])\n"


@pytest.fixture(params=["GITHUB", "GITLAB"])
def forge(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgeKit]:
    with forge_kit(request.param, tmp_path / "forge", monkeypatch) as kit:
        yield kit


@pytest.fixture
def command(forge: ForgeKit, tmp_path: Path) -> list[str]:
    """The command that makes `orders`."""
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    where = f"{forge.host}/{forge.owner}/orders"
    return ["new", "service", "orders", "--template", str(tmp_path / "template.yaml"), "--publish", where]


def is_whole(forge: ForgeKit) -> bool:
    """Whether there is one repository, with one commit."""
    there = forge.store().references("refs/")
    return (forge.names(), set(there), len(set(there.values()))) == (["orders"], {"refs/heads/main", REFERENCE}, 1)


def test_what_it_prints(cli: Cli, forge: ForgeKit, command: list[str]) -> None:
    url = forge.address()
    shown = cli(*command, "--dry-run", "--visibility", "internal")
    assert (shown.code, forge.names()) == (0, [])
    for line in (
        f"would do: shiftdown:new: repository {url}",
        "  visibility: internal",
        "  branch: main",
        f"would make {url} from {Path(command[4]).parent} 1.0.0: 2 files",
    ):
        assert line in shown.out
    made = cli(*command, "--json")
    assert made.code == 0, made.err
    assert (made.json["url"], made.json["path"], made.json["dry_run"]) == (url, url, False)
    assert made.json["commit"] == forge.store().tip("main")
    assert forge.facts() == ("private", "Takes orders.", "main")
    again = cli(*command)
    assert (again.code, again.out) == (2, "")
    assert f"{url}: exists already, and has commits; choose another name" in again.err
    assert forge.token not in shown.out + shown.err + made.out + made.err + again.err


def test_without_a_token(cli: Cli, forge: ForgeKit, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(f"SHIFTDOWN_{forge.name}_TOKEN")
    answer = cli(*command)
    assert (answer.code, answer.out, forge.server.requests) == (2, "", [])
    assert f"there is no token for {forge.host}: set SHIFTDOWN_{forge.name}_TOKEN" in answer.err


def test_with_a_wrong_token(cli: Cli, forge: ForgeKit, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"SHIFTDOWN_{forge.name}_TOKEN", "hunter2hunter2")
    answer = cli(*command)
    assert (answer.code, forge.names()) == (1, [])
    assert "the token is refused (401" in answer.err
    assert "hunter2" not in answer.err


@pytest.mark.parametrize("forge", ["GITHUB"], indirect=True)
@pytest.mark.parametrize("arrives", [False, True])
def test_killed_at_the_push(cli: Cli, forge: ForgeKit, command: list[str], arrives: bool) -> None:
    """Killed for good when the push is on its way, which then gets lost, or gets there nevertheless."""
    started: list[subprocess.Popen[bytes]] = []

    def kill(method: str, path: str) -> Fault | None:
        if (method, path[-16:]) != ("POST", "git-receive-pack"):
            return None
        started[0].kill()
        started[0].wait()
        return None if arrives else Fault.answers(403)

    forge.server.inject = kill
    with subprocess.Popen([sys.executable, "-c", NEW, *command], stderr=subprocess.PIPE) as process:
        started.append(process)
        _, said = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, said
    forge.server.inject = lambda *_: None
    if arrives:
        await_commit(forge)
    assert bool(forge.store().references("refs/")) is arrives
    assert cli(*command).code == (2 if arrives else 0)
    assert is_whole(forge)


def await_commit(forge: ForgeKit) -> None:
    """git goes on for a moment when what has started it is gone."""
    end = time.monotonic() + 60
    while len(forge.store().references("refs/")) < 2:
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.usefixtures("cli")
@pytest.mark.parametrize("forge", ["GITHUB"], indirect=True)
def test_four_at_once(forge: ForgeKit, command: list[str]) -> None:
    several = [
        subprocess.Popen(
            [sys.executable, "-c", NEW, *command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    answers = [(process.communicate(timeout=120), process.returncode) for process in several]
    assert is_whole(forge)
    commit = forge.store().tip("main")
    good = [out for (out, _), code in answers if code == 0]
    assert {json.loads(out)["commit"] for out in good} == {commit}
    assert all("exists already" in err for (_, err), code in answers if code), answers
