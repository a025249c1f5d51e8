"""The Go service: its workflow is executed, the program started, asked and stopped; odd values compile, too."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown.scaffolder.parameters import ParametersError
from shiftdown.testing import check_workflow, run_workflow
from tests.golden_paths.documents import check_documents
from tests.golden_paths.kit import ODD, PLAIN, Server, free_port, make, plan_again, render, succeed

NAME = "go-service"
MODULE = {"modulePath": "github.com/acme/orders"}


@pytest.fixture(scope="module", autouse=True)
def _go() -> Iterator[None]:
    """The Go of the test tools comes before the system's, which may be older than the module asks for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("GOTOOLCHAIN", "local")
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(NAME, {**PLAIN, **MODULE}, tmp_path_factory.mktemp("plain"))


def test_what_it_says_of_itself(made: Path) -> None:
    check_documents(NAME, made, {**PLAIN, **MODULE})


def test_every_job_of_its_workflow_passes(made: Path) -> None:
    check_workflow(made)
    run = run_workflow(made)
    assert {id_: job.result for id_, job in run.jobs.items()} == {
        "code-quality": "success",
        "test": "success",
        "build": "success",
    }, run.output


def test_its_types_find_nothing_more_to_do(made: Path) -> None:
    assert set(plan_again(NAME, made).values()) == {"ALREADY_SATISFIED"}


def test_its_own_tests_cover_it(made: Path) -> None:
    succeed(["go", "vet", "./..."], made)
    succeed(["go", "test", "-coverprofile=coverage.out", "-coverpkg=./internal/...", "./..."], made)
    total = succeed(["go", "tool", "cover", "-func=coverage.out"], made).splitlines()[-1]
    assert float(total.split()[-1].rstrip("%")) > 95, total


def test_it_serves_and_stops_in_order(made: Path, tmp_path: Path) -> None:
    succeed(["go", "build", "-o", str(tmp_path / "orders"), "./cmd/orders"], made)
    port = free_port()
    with Server([str(tmp_path / "orders")], made, port, PORT=str(port), LOG_LEVEL="debug") as server:
        assert server.ask("/healthz").json() == {"status": "ok"}
        added = server.ask("/items", method="POST", data={"name": "lamp"}, headers={"X-Request-Id": "r-1"})
        assert (added.status, added.headers["X-Request-Id"]) == (201, "r-1")
        assert server.ask(added.headers["Location"]).json() == added.json()
        unknown = server.ask("/items/none")
        assert (unknown.status, unknown.headers["Content-Type"]) == (404, "application/problem+json")
        assert server.stop() == 0
        assert [line["msg"] for line in server.lines][-2:] == ["stopping", "stopped"]
        assert any(line.get("request_id") == "r-1" and line["status"] == 201 for line in server.lines)


def test_a_wrong_setting_stops_it_at_once(made: Path) -> None:
    with pytest.raises(AssertionError, match='PORT is "no": expected a number'):
        succeed(["go", "run", "./cmd/orders"], made, PORT="no")


def test_odd_values_make_a_module_as_good(tmp_path: Path) -> None:
    values = {**ODD, "modulePath": "git.x-1.example/a.b/~c_d/v2"}
    odd = make(NAME, values, tmp_path)
    check_documents(NAME, odd, values)
    check_workflow(odd)
    assert succeed(["gofmt", "-l", "."], odd) == ""
    succeed(["go", "vet", "./..."], odd)
    assert set(plan_again(NAME, odd).values()) == {"ALREADY_SATISFIED"}


@pytest.mark.parametrize("path", ["orders", "acme/orders", "example.org/..", "example.org/a b", "example.org/orders/"])
def test_what_is_no_module_path_is_refused(path: str) -> None:
    with pytest.raises(ParametersError, match="modulePath"):
        render(NAME, {**PLAIN, "modulePath": path})
