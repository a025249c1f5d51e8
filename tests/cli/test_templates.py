"""Templates on the command line: validate, dry-run, golden cases, and the actions that they use."""

import base64
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: hello, title: Hello}
spec:
  owner: group:default/platform
  type: service
  parameters:
    - title: About
      required: [name]
      properties:
        name: {type: string, pattern: '^[a-z]+$'}
  steps:
    - id: fetch
      name: Fetch
      action: fetch:template
      input: {url: ./skeleton, values: {name: '${{ parameters.name }}'}}
    - id: tell
      action: debug:log
      input: {message: 'made with ${{ secrets.token }}'}
  output:
    text: [{title: Name, content: '${{ parameters.name }}'}]
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    folder = tmp_path / "hello"
    (folder / "skeleton").mkdir(parents=True)
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "skeleton" / "${{ values.name }}.txt").write_text("hello ${{ values.name }}\n")
    return folder


def test_a_dry_run_answers_as_backstage_does(cli: Cli, template: Path, tmp_path: Path) -> None:
    values, secrets = tmp_path / "values.json", tmp_path / "secrets.yaml"
    values.write_text(json.dumps({"name": "bob"}))
    secrets.write_text("token: hush-hush\n")
    answer = cli("templates", "dry-run", template, "--values", values, "--secrets", secrets, "--json")
    assert answer.code == 0
    assert set(answer.json) == {"log", "steps", "output", "directoryContents", "effects"}
    content = base64.b64encode(b"hello bob\n").decode()
    assert answer.json["directoryContents"] == [{"path": "bob.txt", "executable": False, "base64Content": content}]
    assert answer.json["output"] == {"text": [{"title": "Name", "content": "bob"}]}
    assert [(s["id"], s["name"], s["action"]) for s in answer.json["steps"]] == [
        ("fetch", "Fetch", "fetch:template"),
        ("tell", "debug:log", "debug:log"),
    ]
    messages = [line["body"]["message"] for line in answer.json["log"]]
    assert "made with ***" in messages
    assert "hush-hush" not in answer.out + answer.err


def test_what_is_given_wrongly_is_exit_2_and_says_what_to_do(cli: Cli, template: Path, tmp_path: Path) -> None:
    wrong = cli("templates", "dry-run", template, "--set", "name=Bob", "--json")
    assert (wrong.code, wrong.out) == (2, "")
    assert "name: 'Bob' does not match '^[a-z]+$'" in wrong.err
    assert "'name' is required" in cli("templates", "dry-run", template).err
    assert "write it as KEY=VALUE" in cli("templates", "dry-run", template, "--set", "name").err
    listed = tmp_path / "list.yaml"
    listed.write_text("- a\n")
    assert "expected one mapping" in cli("templates", "dry-run", template, "--values", listed).err
    listed.write_text("a: [\n")
    assert "is neither JSON nor YAML" in cli("templates", "dry-run", template, "--values", listed).err
    assert "cannot be read" in cli("templates", "dry-run", template, "--values", tmp_path / "none").err
    listed.write_text("token: 12345678\n")
    secret = cli("templates", "dry-run", template, "--secrets", listed)
    assert secret.code == 2
    assert "these are not: token" in secret.err
    assert "12345678" not in secret.err


def test_set_wins_over_values(cli: Cli, template: Path, tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text("name: bob\n")
    answer = cli("templates", "dry-run", template, "--values", values, "--set", "name=ann", "--json")
    assert [f["path"] for f in answer.json["directoryContents"]] == ["ann.txt"]


def test_set_reads_texts_by_the_schema_and_fills_the_form_in(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("""\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: kinds}
spec:
  type: service
  parameters:
    properties:
      version: {type: string}
      port: {type: integer}
      tags: {type: array, items: {type: string}}
      tier: {type: string, default: gold}
  steps: []
  output: {all: "${{ parameters }}"}
""")
    given = ("--set", "version=1.0", "--set", "port=8080", "--set", "tags=a, b")
    filled = cli("templates", "dry-run", tmp_path, *given, "--json").json["output"]["all"]
    assert filled == {"version": "1.0", "port": 8080, "tags": ["a", "b"], "tier": "gold"}
    (tmp_path / "values.yaml").write_text("port: 1\n")
    whole = cli("templates", "dry-run", tmp_path, "--values", tmp_path / "values.yaml", "--json")
    assert whole.json["output"]["all"] == {"port": 1}
    (tmp_path / "values.json").write_text(json.dumps({"version": "\N{PARTY POPPER}"}))
    escaped = cli("templates", "dry-run", tmp_path, "--values", tmp_path / "values.json", "--json")
    assert escaped.json["output"]["all"] == {"version": "\N{PARTY POPPER}"}
    assert "port" in cli("templates", "dry-run", tmp_path, "--set", "port=many").err


def test_a_run_is_a_task_that_is_recorded(cli: Cli, template: Path, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.yaml"
    secrets.write_text("token: hush-hush\n")
    ran = cli("templates", "run", template, "--set", "name=bob", "--secrets", secrets, "--json")
    assert ran.code == 0
    assert (ran.json["status"], ran.json["output"]) == ("completed", {"text": [{"title": "Name", "content": "bob"}]})
    assert "made with ***" in ran.err
    assert "hush-hush" not in ran.out + ran.err
    (listed,) = cli("tasks", "list", "--json").json
    assert listed["id"] == ran.json["id"]
    refused = cli("templates", "run", template, "--set", "name=Bob", "--json")
    assert (refused.code, refused.out) == (2, "")
    assert len(cli("tasks", "list", "--json").json) == 1


def test_a_run_that_fails_is_exit_1(cli: Cli, template: Path) -> None:
    (template / "skeleton").rename(template / "gone")
    failed = cli("templates", "run", template, "--set", "name=bob", "--json")
    assert (failed.code, failed.json["status"]) == (1, "failed")
    assert "skeleton" in failed.json["error"]


@pytest.mark.parametrize("pattern", ["^(?<first>[a-z])[a-z]*$", r"^[a-z]+(?<!\\/)$"])
def test_a_pattern_of_javascript_is_one_everywhere(
    cli: Cli, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file = template / "template.yaml"
    file.write_text(TEMPLATE.replace("^[a-z]+$", pattern))
    (tmp_path / "secrets.yaml").write_text("token: t\n")
    (tmp_path / "values.yaml").write_text("name: bob\n")
    assert cli("templates", "validate", file).code == 0
    for given in (("--set", "name=bob"), ("--values", "values.yaml")):
        answer = cli("templates", "dry-run", file, *given, "--secrets", "secrets.yaml")
        assert answer.code == 0, answer.err
    refused = cli("templates", "dry-run", file, "--set", "name=BOB", "--secrets", "secrets.yaml")
    assert (refused.code, "does not match" in refused.err) == (2, True)
    file.write_text(TEMPLATE.replace("^[a-z]+$", "^(?<first[a-z]"))
    assert "is not valid JSON Schema" in cli("templates", "validate", file).out


def test_validation_names_file_line_path_and_what_was_expected(cli: Cli, template: Path) -> None:
    assert cli("templates", "validate", template, "--json").json == [
        {"template": str(template), "valid": True, "problems": []}
    ]
    bad = template / "bad.yaml"
    text = TEMPLATE.replace("fetch:template", "fetch:tempalte").replace(
        "{message: 'made", "{massage: '${{ ( }}', x: 'made"
    )
    bad.write_text(text.replace("type: string,", "type: strin,"))
    answer = cli("templates", "validate", bad, template, template / "none", "--json")
    assert answer.code == 2
    wrong, right, none = answer.json
    assert right["valid"]
    assert "there is no such file" in none["problems"][0]["text"]
    places = [(p["line"], p["path"]) for p in wrong["problems"]]
    assert places == [
        (11, "spec.parameters.0.properties.name.type"),
        (15, "spec.steps.0.action"),
        (19, "spec.steps.1.input.massage"),
        (19, "spec.steps.1.input.x"),
        (19, "spec.steps.1.input.massage"),
    ]
    assert "did you mean fetch:template?" in wrong["problems"][1]["expected"]
    said = cli("templates", "validate", bad)
    assert "bad.yaml:15: spec.steps.0.action: there is no action 'fetch:tempalte'" in said.out
    bad.write_text("kind: Component\n")
    assert "bad.yaml:1" in cli("templates", "validate", bad).out


def test_inputs_are_checked_as_far_as_they_are_known(cli: Cli, template: Path) -> None:
    def problems(step: str) -> list[str]:
        head = TEMPLATE[: TEMPLATE.index("    - id: fetch")]
        (template / "template.yaml").write_text(f"{head}    - {step}\n")
        (answer,) = cli("templates", "validate", template, "--json").json
        return [p["path"] for p in answer["problems"]]

    assert problems("{action: 'debug:wait', input: {seconds: many}}") == ["spec.steps.0.input.seconds"]
    assert problems("{action: 'debug:wait', input: {seconds: '${{ parameters.n }}'}}") == []
    assert problems("{action: 'fs:delete', input: {files: '${{ parameters.files }}'}}") == []
    assert problems("{action: 'fs:delete', input: {}}") == ["spec.steps.0.input.files"]
    assert problems("{action: 'fs:rename', input: {files: [{from: a}]}}") == ["spec.steps.0.input.files.0.to"]


def test_golden_cases_are_written_compared_and_shown(cli: Cli, template: Path) -> None:
    none = cli("templates", "test", template)
    assert none.code == 2
    assert "there are no cases" in none.err
    case = template / "tests" / "plain"
    case.mkdir(parents=True)
    (case / "case.yaml").write_text("values: {name: bob}\n")
    missing = cli("templates", "test", template)
    assert missing.code == 1
    assert "bob.txt: is not expected" in missing.out
    assert cli("templates", "test", template, "--update").code == 0
    assert (case / "expected" / "bob.txt").read_bytes() == b"hello bob\n"
    assert cli("templates", "test", template, "--json").json == [
        {"template": str(template), "case": "plain", "passed": True, "differences": []}
    ]
    (case / "expected" / "bob.txt").write_bytes(b"hello bob\r\n")
    (case / "expected" / "more.txt").write_bytes(b"")
    (case / "expected" / "bob.txt").chmod(0o755)
    differs = cli("templates", "test", template)
    assert differs.code == 1
    for said in ("more.txt: is missing", "bob.txt: is not executable", "+hello bob", "0 of 1 cases passed"):
        assert said in differs.out


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("values: {name: Bob}\nerror: does not match", None),
        ("values: {name: Bob}", "failed: the parameters do not fit"),
        ("values: {name: Bob}\nerror: something else", "expected 'something else' in it"),
        ("values: {name: bob}\nerror: does not match", "did not fail"),
        ("values: {name: bob}\noutput: {text: []}", "output: expected"),
        ("values: {name: bob}\neffects: [{kind: repository}]", "effects: expected"),
        ("values: {name: bob}\neffects: []", None),
    ],
)
def test_golden_cases_look_at_errors_output_and_effects(cli: Cli, template: Path, case: str, said: str | None) -> None:
    place = template / "tests" / "one"
    (place / "expected").mkdir(parents=True)
    (place / "case.yaml").write_text(case)
    (place / "expected" / "bob.txt").write_text("hello bob\n")
    answer = cli("templates", "test", template)
    assert answer.code == (1 if said else 0)
    assert said is None or said in answer.out


def test_a_malformed_case_is_named(cli: Cli, template: Path) -> None:
    place = template / "tests" / "one"
    place.mkdir(parents=True)
    for text, said in (
        ("valeus: {}\n", "valeus"),
        ("values: [\n", "is not valid YAML"),
        ("secrets: {a: 1}\n", "secrets.a"),
    ):
        (place / "case.yaml").write_text(text)
        answer = cli("templates", "test", template)
        assert answer.code == 2
        assert said in answer.err


def test_actions_are_listed_and_shown(cli: Cli) -> None:
    listed = cli("actions", "list", "--json").json
    assert {"fetch:template", "fs:delete", "transform:apply"} <= {a["id"] for a in listed}
    shown = cli("actions", "show", "fetch:plain", "--json").json
    assert shown["schema"]["input"]["required"] == ["url"]
    assert "url" in cli("actions", "show", "fetch:plain").out
    assert "did you mean fetch:plain?" in cli("actions", "show", "fetch:plian").err
