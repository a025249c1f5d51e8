"""The keys of every command's JSON, nested and in their order: `json_keys.json` says what they are."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from shiftdown import Shiftdown
from shiftdown.cli.main import app
from shiftdown_fakes.github import FakeGitHub
from tests.app.conftest import git, make_repository

from .conftest import NODE, Answer, Cli
from .test_parameters import install
from .test_pins import SHIPPED

KNOWN: Mapping[str, Mapping[str, str]] = json.loads(Path(__file__).with_name("json_keys.json").read_text())
TYPE = "ADD_GITHUB_ACTIONS"
OPEN = {"parameters", "by_status", "input", "output", "outputs", "schema", "details", "inputs", "permissions"}
"""Keys below which stands what a caller, template or plugin says."""
PARAMETER = ("--param", "ENFORCE_OURS.threshold=81")
BOOK = """\
name: ours
phases:
  - name: Now
    phase_type: TESTING_AUTOMATION
    duration: 1 week
    transformations: [ADD_GITHUB_ACTIONS, {type: ENFORCE_OURS, parameters: {threshold: 60}}]
    activities: [Tell everybody]
  - {name: Later, phase_type: TESTING_AUTOMATION, duration: 1 week, activities: [Tell them again]}
"""
TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: hello, annotations: {shiftdown.dev/version: "VERSION"}}
spec:
  type: service
  parameters: [{properties: {name: {type: string}, text: {type: string, default: hello}}}]
  steps:
    - id: write
      name: Write
      action: fs:write
      input: {path: "${{ parameters.name }}", content: "${{ parameters.text }}VERSION"}
    - {id: check, if: "${{ parameters.name === 'wrong' }}", action: fetch:plain, input: {url: ./none}}
"""


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin whose type has a parameter."""
    install(tmp_path, monkeypatch)


Documents = Iterator[tuple[str, Answer]]
"""Commands without their arguments, with their answers."""


Keys = dict[str, "Keys"]
"""What stands in a document, by key; `[]` stands for the items of a list."""


def learn(document: Any, into: Keys) -> None:
    """Add what a document has, in its order."""
    if isinstance(document, list):
        for item in document:
            learn(item, into.setdefault("[]", {}))
    elif isinstance(document, dict):
        for key, value in document.items():
            below = into.setdefault(key, {})
            if key not in OPEN:
                learn(value, below)


def text(known: Keys) -> str:
    """Keys as they are written down: `id files[path mode]`."""
    if known.keys() == {"[]"}:
        return f"[{text(known['[]'])}]"
    return " ".join(
        key + (text(below) if "[]" in below else f"{{{text(below)}}}" if below else "") for key, below in known.items()
    )


def asked(cli: Cli, command: str, *arguments: Any) -> tuple[str, Answer]:
    return command, cli(*command.split(), *arguments, "--json")


def transformations(cli: Cli, orders: Path, tmp_path: Path) -> Documents:
    yield asked(cli, "transformations list")
    yield asked(cli, "transformations show", TYPE)
    yield asked(cli, "plan", "ENFORCE_OURS", orders, "--param", "threshold=81")
    yield asked(cli, "plan", "ADD_TEST_STAGE", orders)
    yield asked(cli, "plan", TYPE, orders)
    yield asked(cli, "apply", TYPE, make_repository(tmp_path / "other", NODE))
    yield asked(cli, "run", TYPE, orders, make_repository(tmp_path / "empty", {"README": "hello\n"}))
    yield asked(cli, "inspect", tmp_path / "other")
    yield asked(cli, "assess", orders)


def programs(cli: Cli, orders: Path, tmp_path: Path) -> Documents:
    (tmp_path / "book.yaml").write_text(BOOK)
    given = ("--playbook", tmp_path / "book.yaml", "--name", "C", "--organization", "acme", "--repository", orders)
    started = asked(cli, "program start", *given)
    yield started
    id_ = started[1].json["id"]
    yield asked(cli, "program set", id_, *PARAMETER)
    yield asked(cli, "program plan", id_)
    yield asked(cli, "program run", id_)
    yield asked(cli, "program list")
    for command in ("show", "sync", "report", "pause", "resume"):
        yield asked(cli, f"program {command}", id_)
    record = ("--type", TYPE, "--repository", orders, "--until", "2999-01-01")
    yield asked(cli, "program exempt", id_, *record, "--reason", "later")
    yield asked(cli, "program activity", id_, "Tell everybody", "--status", "DONE", "--evidence", "seen")
    yield asked(cli, "program skip", id_, "--phase", "2", "--reason", "done before")
    yield asked(cli, "program cancel", id_)


def organizations(cli: Cli, _: Path, __: Path) -> Documents:
    yield asked(cli, "organization set", "acme", *PARAMETER)
    yield asked(cli, "organization show", "acme")
    yield asked(cli, "organization list")


def change_requests(cli: Cli, orders: Path, tmp_path: Path) -> Documents:
    other = make_repository(tmp_path / "other", NODE)
    first, second = (r["change_request"]["id"] for r in cli("run", TYPE, orders, other, "--draft", "--json").json)
    yield asked(cli, "change-requests ready", first)
    yield asked(cli, "change-requests list")
    yield asked(cli, "change-requests show", first)
    yield asked(cli, "change-requests comment", first, "good")
    yield asked(cli, "change-requests approve", first)
    yield asked(cli, "change-requests merge", first)
    yield asked(cli, "change-requests close", second)


def template(folder: Path, version: str = "1.0.0") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "template.yaml").write_text(TEMPLATE.replace("VERSION", version))
    return folder


def templates(cli: Cli, _: Path, tmp_path: Path) -> Documents:
    hello = template(tmp_path / "hello")
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "template.yaml").write_text(TEMPLATE.replace("fs:write", "fs:wrote"))
    (hello / "tests" / "one").mkdir(parents=True)
    (hello / "tests" / "one" / "case.yaml").write_text("values: {name: a}\n")
    yield asked(cli, "templates list")
    yield asked(cli, "templates validate", hello, tmp_path / "wrong", tmp_path / "nowhere")
    yield asked(cli, "templates dry-run", hello, "--set", "name=a")
    yield asked(cli, "templates run", hello, "--set", "name=a")
    yield asked(cli, "templates test", hello)
    yield asked(cli, "actions list")
    yield asked(cli, "actions show", "fetch:plain")


def tasks(cli: Cli, _: Path, tmp_path: Path) -> Documents:
    hello = template(tmp_path / "hello")
    failed = cli("templates", "run", hello, "--set", "name=wrong", "--json").json["id"]
    yield asked(cli, "tasks list")
    yield asked(cli, "tasks show", failed)
    yield asked(cli, "tasks retry", failed)
    yield asked(cli, "tasks log", failed)
    waiting = []
    for _number in range(2):
        with Shiftdown.open() as sd:
            waiting.append(sd.tasks.submit(str(hello), {"name": "a"}).id)
    yield asked(cli, "tasks cancel", waiting[0])
    yield asked(cli, "tasks recover")
    yield asked(cli, "tasks prune", "--days", "0")


def creation(cli: Cli, orders: Path, tmp_path: Path) -> Documents:
    hello = template(tmp_path / "hello")
    yield asked(cli, "new", "service", "shop", "--template", hello, "--to", tmp_path / "shop")
    yield asked(cli, "adopt", orders, "--template", hello, "--set", "name=package.json")
    (tmp_path / "shop" / "shop").write_text("mine\n")
    git(tmp_path / "shop", "commit", "--quiet", "--all", "--message", "Mine")
    template(hello, "1.1.0")
    yield asked(cli, "update", tmp_path / "shop", tmp_path / "nowhere")


def machine(cli: Cli, _: Path, tmp_path: Path) -> Documents:
    yield asked(cli, "plugins list")
    yield asked(cli, "doctor")
    table, newer = tmp_path / "pins.yaml", tmp_path / "newer.json"
    table.write_text(SHIPPED.read_text("utf-8"))
    checkout = {"version": "v99.0.0", "sha": "7" * 40}
    newer.write_text(json.dumps({"actions/checkout": checkout, "image-postgres": {"version": "postgres:99.1"}}))
    yield asked(cli, "pins check", "--table", table, "--available", newer)
    yield asked(cli, "pins bump", "--table", table, "--available", newer)


def repositories(cli: Cli, _: Path, tmp_path: Path) -> Documents:
    with pytest.MonkeyPatch.context() as patch, FakeGitHub(tmp_path / "github") as server:
        (tmp_path / "shiftdown.toml").write_text("")
        patch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
        patch.setenv("SHIFTDOWN_GITHUB_URL", server.url)
        patch.setenv("SHIFTDOWN_GITHUB_TOKEN", server.world.add_token("acme").value)
        server.commit(server.world.add_repository("acme/orders"), "main", NODE)
        yield asked(cli, "repositories list", "--owner", "acme")


GROUPS = (
    *(transformations, programs, organizations, change_requests),
    *(templates, tasks, creation, machine, repositories),
)


@pytest.mark.parametrize("group", GROUPS, ids=lambda g: g.__name__)
def test_keys_and_their_order_are_what_others_rely_on(
    group: Callable[[Cli, Path, Path], Documents], cli: Cli, orders: Path, tmp_path: Path
) -> None:
    found: dict[str, Keys] = {}
    for command, answer in group(cli, orders, tmp_path):
        assert answer.out, answer.err
        learn(answer.json, found.setdefault(command, {}))
    assert {command: text(known) for command, known in found.items()} == KNOWN[group.__name__]


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))
    if not hasattr(command, "commands"):
        yield " ".join(path), command


def test_no_command_is_missing() -> None:
    asking = {
        path
        for path, command in commands(typer.main.get_command(app))
        if any("--json" in option.opts for option in command.params)
    }
    assert {command for group in KNOWN.values() for command in group} == asking
    assert KNOWN.keys() == {group.__name__ for group in GROUPS}
