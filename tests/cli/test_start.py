"""What commands leave unloaded, since nobody should wait for what is not used."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.conftest import make_repository

COMMANDS = (["transformations", "list", "--json"], ["plan", "ADD_TEST_STAGE", "REPOSITORY", "--json"])
HEAVY = (
    "sqlalchemy",
    "github",
    "gitlab",
    "git",
    "jinja2",
    "cookiecutter",
    "fastapi",
    "shiftdown.scaffolder.action",
    "rich",
)
PROGRAM = """
import sys
from shiftdown.cli.main import main
try:
    main(sys.argv[2:])
finally:
    sys.stderr.write(" ".join(name for name in sys.argv[1].split(",") if name in sys.modules))
"""


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_commands_load_nothing_heavy_that_they_do_not_use(tmp_path: Path, command: list[str]) -> None:
    repository = make_repository(tmp_path / "shop", {"package.json": "{}"})
    arguments = [str(repository) if word == "REPOSITORY" else word for word in command]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ",".join(HEAVY), *arguments], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith(("[", "{"))
    assert done.stderr == ""


def test_help_loads_nothing_of_what_commands_work_with() -> None:
    heavy = ",".join((*HEAVY[:-1], "yaml", "shiftdown.app", "shiftdown.edits", "shiftdown.repository"))
    done = subprocess.run([sys.executable, "-c", PROGRAM, heavy, "--help"], capture_output=True, text=True, check=False)
    assert "transformations" in done.stdout
    assert done.stderr == ""
