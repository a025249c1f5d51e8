"""Parameters on the command line: of a type, of an organisation, of a program."""

from pathlib import Path

import pytest

from tests.app.conftest import git, make_repository

from .conftest import Cli

PLUGIN = '''
from shiftdown.plugin import *


class Coverage(Model):
    threshold: int = 50
    """Least coverage, in per cent."""


@capability_check("coverage-is-enforced", question="Is coverage enforced?")
def coverage_is_enforced(repo: Snapshot, params: Coverage) -> CheckResult:
    found = int(repo.text("coverage")) if repo.is_file("coverage") else 0
    if found >= params.threshold:
        return CheckResult.passed("It is.", Evidence(fact=f"{found} %", path="coverage", line=1))
    return CheckResult.failed(f"{found} % is enforced, {params.threshold} % is wanted.")


@transformation(
    "ENFORCE_OURS",
    title="Enforce coverage",
    family="testing",
    verified_by="coverage-is-enforced",
    needs=("ADD_TEST_STAGE", "ADD_NOBODYS"),
)
def enforce_ours(repo: Snapshot, params: Coverage) -> ChangeSet:
    """Fail below a threshold."""
    return ChangeSet(files=(write("coverage", f"{params.threshold}\\n"),))


@hookimpl
def shiftdown_transformations():
    return [enforce_ours]


@hookimpl
def shiftdown_capability_checks():
    return [coverage_is_enforced]
'''
BOOK = """
name: coverage
phases:
  - name: Coverage
    phase_type: TESTING_AUTOMATION
    duration: 1 week
    transformations: [{type: ENFORCE_OURS, parameters: {threshold: 60}}]
"""
TYPE = "ENFORCE_OURS"


def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the plugin be there as if it were installed."""
    meta = tmp_path / "site" / "coverage_of_ours-1.0.dist-info"
    meta.mkdir(parents=True)
    (tmp_path / "site" / "coverage_of_ours.py").write_text(PLUGIN)
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: coverage-of-ours\nVersion: 1.0\n")
    (meta / "entry_points.txt").write_text("[shiftdown]\ncoverage = coverage_of_ours\n")
    monkeypatch.syspath_prepend(tmp_path / "site")


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin with a parameter."""
    install(tmp_path, monkeypatch)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that enforces 50 %, with nothing to test."""
    return make_repository(tmp_path / "orders", {"coverage": "50\n"})


@pytest.fixture
def start(cli: Cli, repository: Path, tmp_path: Path) -> tuple[str, ...]:
    """The command that starts a program over it."""
    (tmp_path / "book.yaml").write_text(BOOK)
    where = ("--playbook", str(tmp_path / "book.yaml"), "--repository", str(repository))
    return ("program", "start", *where, "--name", "C", "--organization", "acme")


def test_a_type_shows_its_parameters_and_needs(cli: Cli) -> None:
    shown = cli("transformations", "show", TYPE, "--json").json
    assert shown["needs"] == ["ADD_TEST_STAGE", "ADD_NOBODYS"]
    assert shown["parameters"]["properties"]["threshold"]["default"] == 50
    text = cli("transformations", "show", TYPE).out
    assert "Needs ADD_TEST_STAGE, ADD_NOBODYS first." in text
    assert "Least coverage, in per cent." in text
    assert {t["type"]: t["needs"] for t in cli("transformations", "list", "--json").json}[TYPE] == shown["needs"]


def test_a_plan_shows_what_is_not_default(cli: Cli, repository: Path) -> None:
    assert cli("plan", TYPE, repository, "--json").json["status"] == "ALREADY_SATISFIED"
    planned = cli("plan", TYPE, repository, "--param", "threshold=80", "--json")
    assert (planned.json["status"], planned.json["parameters"]) == ("CHANGES", {"threshold": 80})
    assert cli("plan", TYPE, repository, "--param", "threshold=80").out.startswith("with threshold=80\ndiff --git")
    assert cli("plan", TYPE, repository, "--param", "limit=80").code == 2


def test_the_organisation_holds_over_the_playbook_and_the_program_over_both(
    cli: Cli, start: tuple[str, ...], repository: Path
) -> None:
    parameter = f"{TYPE}.threshold"
    assert cli(*start, "--json").json["phases"][0]["transformations"][0]["parameters"] == {"threshold": 60}
    said = cli("organization", "set", "acme", "--param", f"{parameter}=70", "--json").json
    assert (
        said
        == {"name": "acme", "parameters": {TYPE: {"threshold": 70}}}
        == cli("organization", "show", "acme", "--json").json
    )
    assert cli("organization", "list", "--json").json == [said]
    started = cli(*start, "--json").json
    assert started["parameters"] == {TYPE: {"threshold": 70}}
    assert started["phases"][0]["parameters"] == {TYPE: {"threshold": 60}}

    program = cli(*start, "--param", f"{parameter}=80", "--json").json["id"]
    shown = cli("program", "show", program).out
    assert f"Parameters: {parameter}=80\nParameters of phase 1 by the playbook: {parameter}=60\n" in shown
    planned = cli("program", "plan", program, "--json").json["plans"][0]
    assert (planned["status"], planned["parameters"]) == ("CHANGES", {"threshold": 80})
    assert "with threshold=80: CHANGES" in cli("program", "plan", program).out
    assert cli("program", "run", program, "--json").json[0]["outcome"] == "OPENED"
    assert git(repository, "show", "shiftdown/enforce-ours:coverage") == "80"

    changed = cli("program", "set", program, "--param", f"{parameter}=90", "--json").json
    assert changed["phases"][0]["transformations"][0]["parameters"] == {"threshold": 90}
    assert cli("program", "run", program, "--json").json[0]["outcome"] == "UPDATED"
    assert git(repository, "show", "shiftdown/enforce-ours:coverage") == "90"
    unset = cli("program", "set", program, "--unset", parameter, "--json").json
    assert (unset["parameters"], unset["phases"][0]["transformations"][0]["parameters"]) == ({}, {"threshold": 60})
    assert cli("organization", "set", "acme", "--unset", parameter, "--json").json["parameters"] == {}
    assert "says nothing about parameters" in cli("organization", "show", "acme").out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("ENFORCE_OURS.threshold=much",), "ENFORCE_OURS: threshold: Input should be a valid integer"),
        (("ENFORCE_OURS.limit=3",), "ENFORCE_OURS: limit: there is no such parameter (parameters: threshold)"),
        (("ADD_NOBODYS.x=3",), "ADD_NOBODYS"),
        (("threshold=3",), "--param 'threshold': say of which type, such as ADD_TEST_STAGE.threshold"),
        (("ENFORCE_OURS.threshold",), "write it as KEY=VALUE"),
    ],
)
def test_what_is_wrong_stops_it_before_anything_is_written(
    cli: Cli, start: tuple[str, ...], given: tuple[str, ...], said: str
) -> None:
    options = [word for text in given for word in ("--param", text)]
    for command in (start, ("organization", "set", "acme")):
        answer = cli(*command, *options)
        assert answer.code == 2
        assert said in answer.err
    assert cli("organization", "list", "--json").json == cli("program", "list", "--json").json == []
    program = cli(*start, "--json").json["id"]
    before = cli("program", "show", program, "--json").out
    answer = cli("program", "set", program, *options)
    assert answer.code == 2
    assert said in answer.err
    assert cli("program", "show", program, "--json").out == before


def test_there_must_be_something_to_change(cli: Cli, start: tuple[str, ...]) -> None:
    assert "say what to change" in cli("organization", "set", "acme").err
    assert "nothing is said about it" in cli("organization", "set", "acme", "--unset", "ENFORCE_OURS.threshold").err
    assert cli("organization", "show", "acme").code == 2
