"""The library in Python: its workflow is executed; with odd values it is checked, and its packages work."""

import sys
from pathlib import Path

import pytest

from shiftdown.testing import check_workflow, run_workflow
from tests.golden_paths.documents import check_documents
from tests.golden_paths.kit import ODD, PLAIN, make, plan_again, succeed

NAME = "python-library"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(NAME, PLAIN, tmp_path_factory.mktemp("plain"))


def test_what_it_says_of_itself(made: Path) -> None:
    check_documents(NAME, made, PLAIN)


def test_its_types_find_nothing_more_to_do(made: Path) -> None:
    assert set(plan_again(NAME, made).values()) == {"ALREADY_SATISFIED"}


def test_every_job_of_its_workflow_passes(made: Path) -> None:
    check_workflow(made)
    run = run_workflow(made, matrix={"version": VERSION})
    assert {job.id: [step.name for step in job.steps if step.result == "success"] for job in run.jobs.values()} == {
        "code-quality": [
            "Check out",
            "Set up Python",
            "Install dependencies",
            "Lint",
            "Check the format",
            "Check the types",
        ],
        "test": ["Check out", "Set up Python", "Install dependencies", "Test", "Keep reports"],
        "build": ["Check out", "Set up Python", "Install dependencies", "Build"],
    }, run.output


def test_odd_values_make_one_whose_packages_work(tmp_path: Path) -> None:
    odd = make(NAME, ODD, tmp_path)
    check_documents(NAME, odd, ODD)
    succeed(["uv", "venv", "--quiet", "--python", sys.executable, ".venv"], odd)
    install = ["uv", "pip", "install", "--quiet", "--python", ".venv/bin/python"]
    succeed([*install, "--require-hashes", "-r", "requirements-dev.txt"], odd)
    succeed([*install, "-e", "."], odd)
    programs = odd / ".venv" / "bin"
    for command in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["python", "-m", "build"]):
        succeed([str(programs / command[0]), *command[1:]], odd)
    package = ODD["name"].replace("-", "_")
    use = f"from {package} import parse_duration, __version__; print(parse_duration('90s'), __version__)"
    for built in sorted((odd / "dist").iterdir()):
        python = tmp_path / built.suffix / "bin" / "python"
        succeed(["uv", "venv", "--quiet", "--python", sys.executable, str(tmp_path / built.suffix)], tmp_path)
        succeed(["uv", "pip", "install", "--quiet", "--python", str(python), str(built)], tmp_path)
        assert succeed([str(python), "-c", use], tmp_path) == "0:01:30 0.1.0\n"
    assert {built.suffix for built in (odd / "dist").iterdir()} == {".gz", ".whl"}
