"""The API in TypeScript: its workflow is executed; with odd values it is installed, built, asked and stopped."""

from pathlib import Path

import pytest

from shiftdown.testing import check_workflow, run_workflow
from tests.golden_paths.documents import check_documents
from tests.golden_paths.kit import ODD, PLAIN, Server, free_port, make, plan_again, succeed

NAME = "node-api"

pytestmark = pytest.mark.usefixtures("node")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(NAME, PLAIN, tmp_path_factory.mktemp("plain"))


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
            "Set up Node.js",
            "Install dependencies",
            "Lint",
            "Check the format",
            "Check the types",
        ],
        "test": ["Check out", "Set up Node.js", "Install dependencies", "Test", "Keep reports"],
        "build": ["Check out", "Set up Node.js", "Install dependencies", "Build"],
    }, run.output


def test_odd_values_make_one_that_serves_and_stops_in_order(tmp_path: Path) -> None:
    values = {**ODD, "port": 8123}
    odd = make(NAME, values, tmp_path)
    check_documents(NAME, odd, values)
    succeed(["npm", "ci"], odd)
    for command in ("lint", "format:check", "typecheck", "build"):
        succeed(["npm", "run", command], odd)
    port = free_port()
    start = ["node", "--enable-source-maps", "dist/main.js"]
    with Server(start, odd, port, PORT=str(port), SHUTDOWN_DELAY_MS="300") as server:
        assert server.ask("/healthz").json() == {"status": "ok"}
        added = server.ask("/notes", method="POST", data={"text": "Ä"}, headers={"X-Request-Id": "r-1"})
        assert (added.status, added.headers["X-Request-Id"]) == (201, "r-1")
        assert server.ask(added.headers["Location"]).json() == added.json()
        refused = server.ask("/notes", method="POST", data={"text": ""})
        assert (refused.status, refused.headers["Content-Type"]) == (422, "application/problem+json; charset=utf-8")
        assert server.stop() == 0
        assert server.lines[0]["msg"] == "listening"
        assert [line["msg"] for line in server.lines][-2:] == ["stopping", "stopped"]
        assert {line["service"] for line in server.lines} == {values["name"]}
        assert any(line.get("req", {}).get("id") == "r-1" for line in server.lines)
    with pytest.raises(AssertionError, match="PORT"):
        succeed(start, odd, PORT="no")
