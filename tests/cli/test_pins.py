"""`pins check` and `pins bump`, against a file."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

SHIPPED = files("shiftdown.pipelines").joinpath("data/pins.yaml")
NEW = "7" * 40


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A copy of the table."""
    path = tmp_path / "pins.yaml"
    path.write_text(SHIPPED.read_text("utf-8"))
    return path


def available(tmp_path: Path, **entries: object) -> Path:
    path = tmp_path / "available.json"
    path.write_text(json.dumps({k.replace("__", "/").replace("_", "-"): v for k, v in entries.items()}))
    return path


def test_a_newer_version_is_shown_and_written(cli: Cli, table: Path, tmp_path: Path) -> None:
    there = available(tmp_path, actions__checkout={"version": "v99.0.0", "sha": NEW})
    before = table.read_text()
    shown = cli("pins", "check", "--table", table, "--available", there, "--json")
    assert shown.code == 1
    assert [(o["action"], o["available"]["version"], o["moved"]) for o in shown.json] == [
        ("actions/checkout", "v99.0.0", False)
    ]
    assert table.read_text() == before
    assert cli("pins", "bump", "--table", table, "--available", there, "--json").json["bumped"][0]["action"]
    changed = [(a, b) for a, b in zip(before.splitlines(), table.read_text().splitlines(), strict=True) if a != b]
    assert [("v99.0.0" in b, NEW in b, "actions/checkout" in a) for a, b in changed] == [(True, True, True)]
    assert cli("pins", "check", "--table", table, "--available", there).code == 0


def test_images_of_services_are_bumped_too(cli: Cli, table: Path, tmp_path: Path) -> None:
    there = available(tmp_path, image_postgres={"version": "postgres:99.1-alpine3.30"})
    assert "postgres:99.1-alpine3.30" in cli("pins", "check", "--table", table, "--available", there).out
    assert cli("pins", "bump", "--table", table, "--available", there).code == 0
    assert 'image-postgres: {version: "postgres:99.1-alpine3.30"}' in table.read_text()
    assert cli("pins", "check", "--table", table, "--available", there).code == 0


def test_a_moved_tag_is_shown_and_left_for_a_person(cli: Cli, table: Path, tmp_path: Path) -> None:
    there = available(tmp_path, actions__setup_node={"version": "v7.0.0", "sha": NEW})
    shown = cli("pins", "check", "--table", table, "--available", there, "--json")
    assert [o["moved"] for o in shown.json] == [True]
    before = table.read_text()
    assert cli("pins", "bump", "--table", table, "--available", there).code == 0
    assert table.read_text() == before


@pytest.mark.parametrize("content", ["{", "[]", '{"actions/checkout": {"version": "v1"}}', "\udcff"])
def test_a_bad_file_is_named(cli: Cli, table: Path, tmp_path: Path, content: str) -> None:
    bad = tmp_path / "available.json"
    bad.write_bytes(content.encode(errors="surrogateescape"))
    answer = cli("pins", "bump", "--table", table, "--available", bad)
    assert answer.code == 2
    assert "available.json" in answer.err


def test_without_file_and_token_it_says_what_to_do(cli: Cli, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    answer = cli("pins", "check", "--table", table)
    assert (answer.code, "GITHUB_TOKEN" in answer.err) == (2, True)
