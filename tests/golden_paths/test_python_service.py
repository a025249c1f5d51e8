"""The service in Python: its workflow is executed; with odd values it is installed, built, asked and stopped."""

import sys
from pathlib import Path

import pytest

from shiftdown.testing import check_workflow, run_workflow
from tests.golden_paths.documents import check_documents
from tests.golden_paths.kit import ODD, PLAIN, Server, free_port, make, plan_again, succeed

NAME = "python-service"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
VALUES = {**PLAIN, "pythonVersion": VERSION}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(NAME, VALUES, tmp_path_factory.mktemp("plain"))


def test_what_it_says_of_itself(made: Path) -> None:
    check_documents(NAME, made, PLAIN)


def test_its_types_find_nothing_more_to_do(made: Path) -> None:
    assert set(plan_again(NAME, made).values()) == {"ALREADY_SATISFIED"}


def test_every_job_of_its_workflow_passes(made: Path) -> None:
    check_workflow(made)
    run = run_workflow(made)
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


def test_odd_values_make_one_that_serves_and_stops_in_order(tmp_path: Path) -> None:
    odd = make(NAME, {**ODD, "pythonVersion": VERSION}, tmp_path)
    check_documents(NAME, odd, ODD)
    succeed(["uv", "venv", "--quiet", "--python", sys.executable, ".venv"], odd)
    install = ["uv", "pip", "install", "--quiet", "--python", ".venv/bin/python"]
    succeed([*install, "--require-hashes", "-r", "requirements-dev.txt"], odd)
    succeed([*install, "-e", "."], odd)
    succeed([*install, "--dry-run", "--require-hashes", "-r", "requirements.txt"], odd)
    programs = odd / ".venv" / "bin"
    for command in (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]):
        succeed([str(programs / command[0]), *command[1:]], odd)
    port = free_port()
    start = str(programs / ODD["name"])
    with Server([start], odd, port, PORT=str(port), SHUTDOWN_DELAY="0.3") as server:
        assert server.ask("/healthz").json() == {"status": "ok"}
        added = server.ask("/notes", method="POST", data={"text": "Ä"}, headers={"X-Request-Id": "r-1"})
        assert (added.status, added.headers["x-request-id"]) == (201, "r-1")
        assert server.ask(added.headers["location"]).json() == added.json()
        refused = server.ask("/notes", method="POST", data={"text": ""})
        assert (refused.status, refused.headers["content-type"]) == (422, "application/problem+json")
        assert server.ask("/openapi.json").json()["info"]["title"] == ODD["name"]
        assert server.stop() == 0
        assert {line["service"] for line in server.lines} == {ODD["name"]}
        assert any(line["request_id"] == "r-1" and line.get("status") == 201 for line in server.lines)
    with pytest.raises(AssertionError, match="invalid settings: PORT"):
        succeed([start], odd, PORT="no")


def test_it_starts_as_a_container_would_start_it(made: Path, tmp_path: Path) -> None:
    """With the packages of requirements.txt alone, by the command that shiftdown detects."""
    python = str(tmp_path / "venv" / "bin" / "python")
    succeed(["uv", "venv", "--quiet", "--python", sys.executable, str(tmp_path / "venv")], made)
    install = ["uv", "pip", "install", "--quiet", "--python", python]
    succeed([*install, "--require-hashes", "-r", "requirements.txt"], made)
    succeed([*install, "--no-deps", "."], made)
    port = free_port()
    uvicorn = [str(tmp_path / "venv" / "bin" / "uvicorn"), "orders.main:create_app", "--factory", "--port", str(port)]
    with Server(uvicorn, tmp_path, port) as server:
        assert server.ask("/notes").json() == []
        server.stop()  # what it logs about the request comes after the answer
        assert {line["service"] for line in server.lines if line["logger"].startswith("orders")} == {"orders"}
