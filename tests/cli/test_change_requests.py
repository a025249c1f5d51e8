"""`change-requests comment`, and what `merge` and `close` do with branches."""

import io
from pathlib import Path

import pytest

from tests.app.conftest import git

from .conftest import Cli

BRANCH = "shiftdown/add-github-actions"


@pytest.fixture
def change(cli: Cli, orders: Path) -> str:
    return str(cli("run", "ADD_GITHUB_ACTIONS", orders, "--json").json[0]["change_request"]["id"])


def said(orders: Path) -> str:
    return git(orders, "cat-file", "-p", "refs/shiftdown/change-requests:1.json")


def test_a_comment_as_an_argument_from_a_file_and_from_standard_input(
    cli: Cli, orders: Path, change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "note.md").write_text("from a *file* ✓\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("from standard input\n"))
    for arguments in (["an argument"], ["--file", str(tmp_path / "note.md")], ["--file", "-"]):
        answer = cli("change-requests", "comment", change, *arguments, "--json")
        assert (answer.code, answer.json["id"], answer.json["status"]) == (0, change, "OPEN")
    for words in ("an argument", "from a *file* ✓", "from standard input"):
        assert words in said(orders)


@pytest.mark.parametrize("arguments", [[], ["x", "--file", "-"], ["--file", "nowhere.md"], [" "]])
def test_what_cannot_be_said_is_exit_2(cli: Cli, change: str, arguments: list[str]) -> None:
    answer = cli("change-requests", "comment", change, *arguments, "--json")
    assert (answer.code, answer.out) == (2, "")


@pytest.mark.parametrize(
    ("command", "option", "kept"),
    [
        ("merge", [], False),
        ("merge", ["--keep-branch"], True),
        ("close", [], True),
        ("close", ["--remove-branch"], False),
    ],
)
def test_the_defaults_are_those_that_people_expect(
    cli: Cli, orders: Path, change: str, command: str, option: list[str], kept: bool
) -> None:
    answer = cli("change-requests", command, change, *option, "--json")
    assert (answer.code, answer.json["id"]) == (0, change)
    assert (BRANCH in git(orders, "branch", "--list")) is kept
