"""The data pipeline: its workflow is executed, the package installed and run end to end, with odd values."""

import json
import sys
import tomllib
from pathlib import Path

import pytest

from shiftdown.testing import check_workflow, run_workflow
from tests.golden_paths.documents import check_documents
from tests.golden_paths.kit import ODD, PLAIN, make, plan_again, succeed

NAME = "data-pipeline"
FIRST = {"read": 5, "loaded": 5, "unchanged": 0, "skipped": 0, "rejected": 0}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(NAME, PLAIN, tmp_path_factory.mktemp("plain"))


def install(target: Path, folder: Path) -> Path:
    """The program of a pipeline, in a virtual environment with nothing but what its lock file lists, hashes checked."""
    succeed(["uv", "venv", "--quiet", "--python", sys.executable, str(folder)], target)
    pip = ["uv", "pip", "install", "--quiet", "--python", str(folder / "bin" / "python")]
    succeed([*pip, "--require-hashes", "-r", "requirements/runtime.txt"], target)
    succeed([*pip, "--no-deps", "."], target)
    return folder / "bin" / target.name


def test_what_it_says_of_itself(made: Path) -> None:
    check_documents(NAME, made, PLAIN)


def test_every_job_of_its_workflow_passes(made: Path) -> None:
    check_workflow(made)
    run = run_workflow(made, matrix={"version": "3.11"})
    assert {id_: job.result for id_, job in run.jobs.items()} == {
        "code-quality": "success",
        "test": "success",
        "build": "success",
    }, run.output
    steps = [step.name for step in run.jobs["code-quality"].steps]
    assert steps[-3:] == ["Lint", "Check the format", "Check the types"]


def test_its_types_find_nothing_more_to_do(made: Path) -> None:
    assert set(plan_again(NAME, made).values()) == {"ALREADY_SATISFIED"}


def test_it_runs_end_to_end_also_when_its_name_is_a_keyword(tmp_path: Path) -> None:
    values = {**ODD, "name": "import"}
    odd = make(NAME, values, tmp_path)
    check_documents(NAME, odd, values)
    program = str(install(odd, tmp_path / "venv"))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "bad.jsonl").write_text('{"order_id": "o-9"}\n', "utf-8")

    def call(command: str, source: Path, max_rejected: str = "0") -> str:
        return succeed(
            [program, command],
            odd,
            PIPELINE_INBOX=str(source),
            PIPELINE_DATABASE=str(tmp_path / "new" / "orders.sqlite"),
            PIPELINE_MAX_REJECTED=max_rejected,
            PIPELINE_LOG_LEVEL="error",
        )

    samples = odd / "tests" / "data"
    runs = [json.loads(call("run", samples)) for _ in range(2)]
    assert runs == [FIRST, {**FIRST, "loaded": 0, "unchanged": 5}]
    with pytest.raises(AssertionError, match="1 of 1 rows break the contract"):
        call("run", inbox)
    call("run", inbox, max_rejected="1")
    (rejected,) = call("quarantine", inbox).splitlines()
    assert "customer_id: Field required" in json.loads(rejected)["reason"]


def test_the_longest_name_and_an_odd_description_fit_everywhere(tmp_path: Path) -> None:
    odd = make(NAME, ODD, tmp_path)
    check_documents(NAME, odd, ODD)
    check_workflow(odd)
    project = tomllib.loads((odd / "pyproject.toml").read_text("utf-8"))["project"]
    assert (project["name"], project["description"]) == (ODD["name"], ODD["description"])
    succeed(["ruff", "check", "--no-cache", "."], odd)
    succeed(["ruff", "format", "--no-cache", "--check", "."], odd)
    assert set(plan_again(NAME, odd).values()) == {"ALREADY_SATISFIED"}
