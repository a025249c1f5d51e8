"""The command line."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from {{ cookiecutter.package }}.cli import app

from .conftest import Place, order

runner = CliRunner()


def test_run_prints_what_it_did_and_logs_each_file(filled: Place) -> None:
    result = runner.invoke(app, ["run"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {
        "read": 5,
        "loaded": 5,
        "unchanged": 0,
        "skipped": 0,
        "rejected": 0,
    }
    events = [json.loads(line) for line in result.stderr.splitlines()]
    assert [e["event"] for e in events] == [
        "run started",
        "file read",
        "file read",
        "run finished",
    ]
    assert len({e["run_id"] for e in events}) == 1


def test_a_failed_run_says_why(place: Place) -> None:
    place.put("1.jsonl", "{")
    result = runner.invoke(app, ["run"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "1 of 1 rows break the contract" in json.loads(result.stderr.splitlines()[-1])["error"]


def test_a_missing_inbox_says_what_to_do(place: Place) -> None:
    place.inbox.rmdir()
    result = runner.invoke(app, ["run"])
    assert result.exit_code == 1
    assert "PIPELINE_INBOX" in result.stderr


def test_quarantine_prints_the_rows(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_MAX_REJECTED", "1")
    place.put("1.jsonl", order(quantity=0))
    assert runner.invoke(app, ["run"]).exit_code == 0
    (line,) = runner.invoke(app, ["quarantine"]).stdout.splitlines()
    rejection = json.loads(line)
    assert (rejection["source"], rejection["line"]) == ("1.jsonl", 1)
    assert json.loads(rejection["text"])["order_id"] == "o-1"


def test_it_runs_as_a_module(filled: Place) -> None:
    command = [sys.executable, "-m", "{{ cookiecutter.package }}", "run"]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603
    assert json.loads(done.stdout)["loaded"] == 5
