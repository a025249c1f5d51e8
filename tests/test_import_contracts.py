"""The import contracts hold, and each of them notices a violation."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from shiftdown.testing import find_tool

ROOT = Path(__file__).parents[1]
FOLDERS = ("src", "plugins", "fakes")


def lint_imports(root: Path) -> str:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(str(root / folder) for folder in FOLDERS),
        "COLUMNS": "200",
    }
    command = [find_tool("lint-imports"), "--no-cache", "--config", str(root / ".importlinter")]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == (1 if "BROKEN" in done.stdout else 0), done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_contracts_hold(checkout: Path) -> None:
    said = lint_imports(checkout)
    assert " KEPT" in said
    assert "BROKEN" not in said


@pytest.mark.parametrize(
    ("module", "imports", "contract"),
    [
        ("src/shiftdown/model/planted.py", "import shiftdown.registry", "Rooms import only rooms below them"),
        ("src/shiftdown/stray/__init__.py", "", "Rooms import only rooms below them"),
        ("src/shiftdown/edits/planted.py", "from pathlib import Path", "Pure rooms do no input or output"),
        ("src/shiftdown/pipelines/planted.py", "import sqlalchemy.orm", "Pure rooms do no input or output"),
        ("src/shiftdown/creation/planted.py", "import shiftdown.app.forges", "Rooms import only rooms below them"),
        ("src/shiftdown/creation/planted.py", "import shiftdown.campaigns", "Rooms import only rooms below them"),
        ("src/shiftdown/delivery/planted.py", "import shiftdown.campaigns", "Rooms import only rooms below them"),
        ("src/shiftdown/scaffolder/planted.py", "import shiftdown.delivery", "Rooms import only rooms below them"),
        ("src/shiftdown/kits/planted.py", "from pathlib import Path", "Pure rooms do no input or output"),
        ("src/shiftdown/kits/planted.py", "import shiftdown.extensions", "Rooms import only rooms below them"),
        ("plugins/shiftdown_plugins/planted.py", "import shiftdown.kits.stage", "Plugins see only the door"),
        ("plugins/shiftdown_plugins/planted.py", "import shiftdown.edits._yaml_tree", "Plugins see only the door"),
        ("plugins/shiftdown_plugins/planted.py", "import shiftdown.pipelines.shell", "Plugins see only the door"),
        ("plugins/shiftdown_plugins/planted.py", "import shiftdown.model", "Plugins see only the door"),
        (
            "plugins/shiftdown_plugins/cicd/planted.py",
            "import shiftdown_plugins.cicd.add_lint_stage.go",
            "First-party types share nothing",
        ),
        ("fakes/shiftdown_fakes/planted.py", "import shiftdown.forges.base", "The fakes know nothing"),
        ("src/shiftdown/transformations/planted.py", "import shiftdown_plugins", "The program does not depend"),
    ],
)
def test_a_planted_violation_is_found(checkout: Path, module: str, imports: str, contract: str) -> None:
    planted = checkout / module
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f"{imports}\n")
    broken = [line for line in lint_imports(checkout).splitlines() if " BROKEN" in line]
    assert [line for line in broken if line.startswith(contract)], broken
