"""`new`, `update` and `adopt` on the command line, with and without a terminal."""

import errno
import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.app.conftest import git, make_repository
from tests.cli.conftest import Cli

TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: hello, annotations: {shiftdown.dev/version: VERSION}}
spec:
  type: service
  parameters:
    - required: [name, size, public, tags]
      properties:
        name: {type: string, pattern: '^[a-z]+$'}
        size: {title: How large, type: string, enum: [small, large]}
        public: {type: boolean, description: Whether everybody may use it.}
        tags: {type: array, items: {type: string}}
        port: {type: integer, default: 80}
      dependencies:
        public:
          oneOf:
            - properties: {public: {enum: [false]}}
            - required: [host]
              properties: {public: {enum: [true]}, host: {type: string, pattern: '[.]example$'}}
  SECRETS
  steps:
    - action: fs:write
      input: {path: facts, content: "${{ parameters | dump }}\\n"}
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = tmp_path / "hello"
    folder.mkdir()
    (folder / "template.yaml").write_text(TEMPLATE.replace("SECRETS", "").replace("VERSION", '"1.0.0"'))
    return folder


GIVEN = ("--set", "size=small", "--set", "public=no", "--set", "tags=a, b")


def test_one_document(cli: Cli, template: Path, tmp_path: Path) -> None:
    answer = cli("new", "service", "shop", "--template", template, *GIVEN, "--to", tmp_path / "shop", "--json")
    assert answer.code == 0, answer.err
    made = answer.json
    assert " ".join(made) == "name template version path url files commit outputs effects dry_run"
    assert (made["name"], made["version"], made["files"]) == ("shop", "1.0.0", [".shiftdown/template.yaml", "facts"])
    assert made["commit"] == git(tmp_path / "shop", "rev-parse", "HEAD")
    facts = json.loads((tmp_path / "shop" / "facts").read_text())
    assert facts == {"name": "shop", "size": "small", "public": False, "tags": ["a", "b"], "port": 80}


def test_values_from_a_file(cli: Cli, template: Path, tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("size: large\npublic: true\nhost: a.example\ntags: [x]\nport: 1\n")
    options = ("--values", tmp_path / "values.yaml", "--set", "port=8080", "--to", tmp_path / "shop")
    assert cli("new", "service", "shop", "--template", template, *options).code == 0
    assert json.loads((tmp_path / "shop" / "facts").read_text())["port"] == 8080


def test_what_is_missing_is_listed(cli: Cli, template: Path, tmp_path: Path) -> None:
    answer = cli("new", "service", "shop", "--template", template, "--to", tmp_path / "shop")
    assert (answer.code, answer.out) == (2, "")
    for line in ("--set size=small|large", "--set public=", "--set tags="):
        assert line in answer.err
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["library", "shop", "--set", "size=small"], "use `shiftdown new service`"),
        (["service", "Shop"], "'Shop' does not match"),
        (["service", "shop", "--set", "size=huge"], "'huge' is not one of"),
        (["service", "shop", "--set", "port=x"], "port"),
        (["service", "shop", "--set", "siez=small"], "has no parameter siez"),
        (["service", "shop", "--owner", "group:default/x"], "has no parameter owner"),
        (["service", "shop", "--set", "size"], "--set 'size': write it as KEY=VALUE"),
        (["service", "shop", "--publish", "git@github.com:acme/shop.git"], "write --publish github.com/OWNER/NAME"),
        (["service", "shop", "--visibility", "secret"], "--visibility 'secret': write private, internal or public"),
        (["service", "shop", "--publish", "x", "--to", "y"], "exclude each other"),
    ],
)  # fmt: skip
def test_wrong_input(cli: Cli, template: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    before = sorted(tmp_path.iterdir())
    answer = cli("new", *arguments, "--template", template)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert [p for p in sorted(tmp_path.iterdir()) if not p.name.startswith("registry")] == before


def test_secrets_are_asked_for_and_not_kept(cli: Cli, template: Path, tmp_path: Path) -> None:
    schema = "secrets: {schema: {required: [token], properties: {token: {type: string}}}}"
    (template / "template.yaml").write_text(TEMPLATE.replace("SECRETS", schema).replace("VERSION", '"1.0.0"'))
    options = ("--template", template, *GIVEN, "--to", tmp_path / "shop")
    assert "--secrets FILE: token" in cli("new", "service", "shop", *options).err
    (tmp_path / "secrets.json").write_text('{"token": "hunter2hunter2"}')
    answer = cli("new", "service", "shop", *options, "--secrets", tmp_path / "secrets.json")
    assert answer.code == 0
    assert "hunter2" not in answer.out + answer.err + git(tmp_path / "shop", "log", "--patch")


def talk(command: list[str], answers: list[tuple[str, str]], folder: Path) -> tuple[int, str, str]:
    """Run the command line on a terminal and answer its questions; its status, output, and what the terminal showed."""
    ours, theirs = pty.openpty()
    code = "import sys\nfrom shiftdown.cli import main\nmain(sys.argv[1:])\n"
    environment = os.environ | {"NO_COLOR": "1", "TERM": "dumb"}
    process = subprocess.Popen(
        [sys.executable, "-c", code, *command],
        stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, cwd=folder, env=environment, text=True,
    )  # fmt: skip
    os.close(theirs)
    shown, todo, end = "", list(answers), time.monotonic() + 120
    seen = 0
    while time.monotonic() < end:
        try:
            shown += os.read(ours, 4096).decode()
        except OSError as error:
            assert error.errno == errno.EIO  # noqa: PT017 - how Linux says that a terminal was closed
            break
        if todo and (place := shown.find(todo[0][0], seen)) >= 0:
            seen = place + len(todo[0][0])
            os.write(ours, f"{todo.pop(0)[1]}\n".encode())
    os.close(ours)
    out, _ = process.communicate(timeout=60)
    return process.returncode, out, shown


def test_on_a_terminal_it_asks(cli: Cli, template: Path, tmp_path: Path) -> None:
    answers = [
        ("2. large", "huge"),
        ("'huge' is not one of", "2"),
        ("Whether everybody may use it.", "maybe"),
        ("invalid input", "y"),
        ("tags", "a,b"),
        ("host", "nowhere"),
        ("does not match", "a.example"),
    ]
    command = ["new", "service", "shop", "--template", str(template), "--json"]
    code, out, shown = talk(command, answers, tmp_path)
    assert code == 0, shown
    assert json.loads(out)["files"] == [".shiftdown/template.yaml", "facts"]
    facts = json.loads((tmp_path / "shop" / "facts").read_text())
    wanted = {"name": "shop", "size": "large", "public": True, "tags": ["a", "b"], "port": 80, "host": "a.example"}
    assert facts == wanted


def test_update_and_adopt(cli: Cli, template: Path, tmp_path: Path) -> None:
    shop, other = tmp_path / "shop", make_repository(tmp_path / "other", {"facts": "{}\n"})
    assert cli("new", "service", "shop", "--template", template, *GIVEN, "--to", shop).code == 0
    assert cli("update", shop, "--json").json[0]["outcome"] == "UP_TO_DATE"
    nothing = cli("update", other, "--json")
    assert (nothing.code, nothing.json[0]["outcome"]) == (3, "NOT_APPLICABLE")
    adopted = cli("adopt", other, "--template", template, "--set", "name=other", *GIVEN, "--json")
    assert (adopted.code, adopted.json["outcome"]) == (0, "OPENED")
    assert adopted.json["change_request"]["branch"] == "shiftdown/adopt-template"
    (template / "template.yaml").write_text(TEMPLATE.replace("SECRETS", "").replace("VERSION", '"1.1.0"'))
    answer = cli("update", shop, other, tmp_path / "nowhere", "--set", "port=90", "--json")
    assert answer.code == 1
    assert [r["outcome"] for r in answer.json] == ["OPENED", "NOT_APPLICABLE", "FAILED"]
    assert (answer.json[0]["before"], answer.json[0]["after"], answer.json[0]["conflicts"]) == ("1.0.0", "1.1.0", [])
    assert answer.json[0]["change_request"]["status"] == "OPEN"
    assert (
        "3 repositories: 1 UNCHANGED, 1 NOT_APPLICABLE, 1 FAILED"
        in cli("update", shop, other, tmp_path / "nowhere", "--set", "port=90").out
    )


def test_an_update_asks_on_a_terminal(cli: Cli, template: Path, tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    assert cli("new", "service", "shop", "--template", template, *GIVEN, "--to", shop).code == 0
    text = (
        TEMPLATE.replace("SECRETS", "").replace("VERSION", '"1.1.0"').replace("public, tags]", "public, tags, region]")
    )
    text = text.replace("        port:", "        region: {enum: [eu, us]}\n        port:")
    (template / "template.yaml").write_text(text)
    code, out, shown = talk(["update", str(shop), "--json"], [("2. us", "us")], tmp_path)
    assert code == 0, shown
    assert json.loads(out)[0]["outcome"] == "OPENED"
    assert '"region":"us"' in git(shop, "show", "shiftdown/update-from-template:facts").replace(" ", "")
