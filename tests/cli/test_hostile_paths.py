"""Every argument and option of every command is given what no path can be: it ends in a sentence, not a traceback."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from shiftdown.cli.main import app
from tests.cli.conftest import Cli

LONG = "b" * 300
HOSTILE = ("~nosuchuser/shop", LONG, "/x" * 2500)
_GIVEN = {"type_": "ADD_TEST_STAGE", "kind": "service", "name": "orders", "template": "node-api", "id_": "1"}
"""What the other arguments of a command are given, so that the one that is tried is looked at."""
_LEFT_OUT = {"serve", "worker"}
"""They would serve."""


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from _commands(inner, (*path, name))
    else:
        yield path, command


_COMMANDS = [(p, command) for p, command in _commands(typer.main.get_command(app)) if not _LEFT_OUT & set(p)]


def _words(command: Any, tried: Any, value: str) -> list[str]:
    words: list[str] = []
    for parameter in command.params:
        given = value if parameter is tried else _GIVEN.get(parameter.name, "nowhere")
        if parameter is not tried and not parameter.required:
            continue
        words += [given] if parameter.param_type_name == "argument" else [parameter.opts[0], given]
    return words


@pytest.mark.parametrize(("path", "command"), _COMMANDS, ids=[" ".join(path) for path, _ in _COMMANDS])
def test_every_parameter(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...], command: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    tried = [parameter for parameter in command.params if not getattr(parameter, "is_flag", False)]
    for words in (_words(command, parameter, value) for parameter in tried for value in HOSTILE[:2]):
        answer = cli(*path, *words)
        assert answer.code in (0, 1, 2, 3), (words, answer)
        assert "Traceback" not in answer.err


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    "words",
    [
        ("plan", "ADD_TEST_STAGE"),
        ("apply", "ADD_TEST_STAGE"),
        ("run", "ADD_TEST_STAGE"),
        ("inspect",),
        ("assess",),
        ("run", "ADD_TEST_STAGE", "--from"),
        ("new", "service", "orders", "--template"),
        ("new", "service", "orders", "--template", "node-api", "--to"),
        ("templates", "dry-run", "node-api", "--values"),
        ("templates", "dry-run", "node-api", "--secrets"),
        ("templates", "test"),
    ],
    ids=" ".join,
)
def test_a_path_that_cannot_be_is_wrong_input(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = cli(*words, value)
    assert (answer.code, answer.out) == (2, ""), answer


@pytest.mark.parametrize("words", [("plan", "ADD_TEST_STAGE"), ("apply", "ADD_TEST_STAGE"), ("run", "ADD_TEST_STAGE")])
def test_a_long_address_that_reads_like_a_host_and_a_path(cli: Cli, words: tuple[str, ...]) -> None:
    answer = cli(*words, f"h:{LONG}")
    assert (answer.code, answer.out) == (2, "")


@pytest.mark.parametrize("value", HOSTILE)
def test_one_of_several_fails_alone(cli: Cli, orders: Path, value: str) -> None:
    answer = cli("update", value, orders, "--json")
    assert answer.code == 1
    assert answer.json[0]["outcome"] == "FAILED"
    assert len(answer.json) == 2
    checked = cli("templates", "validate", value)
    assert checked.code == 2
    assert value[:100] in checked.out


@pytest.mark.parametrize("value", HOSTILE)
def test_a_line_of_a_list_is_named(cli: Cli, orders: Path, tmp_path: Path, value: str) -> None:
    (tmp_path / "list.txt").write_text(f"{orders}\n\n{value[:4000]}\n")
    answer = cli("run", "ADD_TEST_STAGE", "--from", tmp_path / "list.txt")
    assert (answer.code, answer.out) == (2, "")
    assert f"list.txt: line 3: {value[:100]}" in answer.err


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("variable", ["SHIFTDOWN_CONFIG", "SHIFTDOWN_REGISTRY", "XDG_CONFIG_HOME", "XDG_DATA_HOME"])
def test_a_variable_that_names_a_path(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    if variable == "XDG_DATA_HOME":
        monkeypatch.delenv("SHIFTDOWN_REGISTRY")
    given = f"sqlite:///{value}" if variable == "SHIFTDOWN_REGISTRY" else value
    monkeypatch.setenv(variable, given)
    for words in (("program", "list"), ("plan", "ADD_TEST_STAGE", "https://127.0.0.1:9/acme/x")):
        answer = cli(*words)
        named = (variable, words[0]) in (("SHIFTDOWN_CONFIG", "plan"), ("SHIFTDOWN_REGISTRY", "program"))
        assert answer.code == 2 if named else answer.code in (0, 1, 2), answer


@pytest.mark.parametrize("value", ["~nosuchuser/app.pem", LONG, r"nul\u0000"])
def test_a_key_file_of_the_settings(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
    text = f'[hosts."github.com"]\nforge = "github"\napp_id = 1\nprivate_key_file = "{value}"\n'
    (tmp_path / "shiftdown.toml").write_text(text)
    answer = cli("plan", "ADD_TEST_STAGE", "https://github.com/acme/x")
    assert (answer.code, answer.out) == (2, "")
    assert "the host github.com: private_key_file: " in answer.err
