"""The project keeps the rules that it brings to others."""

import json
import re
from pathlib import Path

import pytest

from shiftdown.testing import check_workflow, run_tool

ROOT = Path(__file__).parents[1]

LOCKED = sorted((ROOT / "requirements").glob("*.txt"))


def test_the_workflow_is_one_that_shiftdown_would_accept() -> None:
    check_workflow(ROOT)


def test_dependabot_is_configured_as_its_schema_says() -> None:
    file = ROOT / ".github" / "dependabot.yml"
    code, output = run_tool(["check-jsonschema", "--builtin-schema", "vendor.dependabot", str(file)])
    assert code == 0, output


@pytest.mark.parametrize("file", LOCKED, ids=lambda path: path.stem)
def test_python_packages_are_pinned_by_hash_and_come_from_anywhere(file: Path) -> None:
    text = file.read_text()
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)
    for requirement in re.split(r"\n(?=\S)", text.strip()):
        if not requirement.startswith("#"):
            assert re.match(r"[\w.-]+==\S+( ; .+)? \\\n +--hash=sha256:", requirement), requirement


@pytest.mark.parametrize(
    "file",
    [ROOT / "tests" / "tools", *(path.parent for path in ROOT.glob("examples/repositories/*/package-lock.json"))],
    ids=lambda path: path.name,
)
def test_npm_packages_are_pinned_by_hash_and_come_from_anywhere(file: Path) -> None:
    packages = json.loads((file / "package-lock.json").read_text())["packages"]
    del packages[""]
    assert packages
    assert all("integrity" in package and "resolved" not in package for package in packages.values())


def test_scripts_are_valid_and_executable() -> None:
    scripts = [ROOT / ".ci" / "run", *(ROOT / "scripts").glob("*.sh")]
    assert all(script.stat().st_mode & 0o111 for script in scripts)
    for script in scripts:
        code, output = run_tool(["bash", "-n", str(script)])
        assert code == 0, output
