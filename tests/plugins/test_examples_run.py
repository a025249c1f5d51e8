"""The generated workflow of each example application is executed: it passes, and planted errors fail the right job.

The Spring service is judged by the linters of workflows alone: its parent and plugins come from the central repository
of Maven, which a test machine need not reach. In its place a Java service is executed whose plugins and dependencies
Debian packages.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from shiftdown.extensions import Plugins
from shiftdown.git.directory import apply_changes, directory_snapshot
from shiftdown.testing import check_workflow, run_workflow
from shiftdown.transformations import PlanStatus, plan

EXAMPLES = Path(__file__).parents[2] / "examples" / "repositories"
JAVA = Path(__file__).parent / "applications" / "java-service"
LEFT_OUT = shutil.ignore_patterns("node_modules", "__pycache__", "dist", "coverage", ".venv", "target", ".*_cache")


@dataclass(frozen=True)
class Planted:
    """An error in one file, and the job and step that it must fail."""

    file: str
    text: str
    job: str
    step: str


APPLICATIONS = {
    "express-api": (
        {"version": "22"},
        {
            "lint": Planted("src/planted.ts", "export const x = 1;\nvar y = x\n", "code-quality", "Lint"),
            "type": Planted("src/planted.ts", "export const x: number = 'one';\n", "code-quality", "Check the types"),
            "test": Planted(
                "test/planted.test.ts",
                "import { expect, it } from 'vitest';\n\nit('fails', () => {\n  expect(1).toBe(2);\n});\n",
                "test",
                "Test",
            ),
        },
    ),
    "fastapi-service": (
        {"version": "3.11"},
        {
            "lint": Planted("src/inventory/planted.py", "import os\n", "code-quality", "Lint"),
            "type": Planted("src/inventory/planted.py", 'x: int = "one"\n', "code-quality", "Check the types"),
            "test": Planted(
                "tests/test_planted.py",
                "def test_planted() -> None:\n    assert 1 == 2\n",
                "test",
                "Test",
            ),
        },
    ),
    "go-service": (
        {},
        {
            "lint": Planted(
                "internal/planted/planted.go",
                'package planted\n\nimport "fmt"\n\nfunc Print() { fmt.Printf("%d\\n", "one") }\n',
                "code-quality",
                "Lint",
            ),
            "format": Planted(
                "internal/planted/planted.go",
                "package planted\n\nfunc One( ) int { return 1 }\n",
                "code-quality",
                "Check the format",
            ),
            "test": Planted(
                "internal/planted/planted_test.go",
                'package planted\n\nimport "testing"\n\nfunc TestPlanted(t *testing.T) { t.Fatal("planted") }\n',
                "test",
                "Test",
            ),
        },
    ),
    "java-service": (
        {},
        {
            "lint": Planted(
                "src/main/java/org/example/rates/Planted.java",
                "package org.example.rates;\n\nclass Planted {\n    java.util.List list;\n}\n",
                "test",
                "Test",
            ),
            "type": Planted(
                "src/main/java/org/example/rates/Planted.java",
                'package org.example.rates;\n\nclass Planted {\n    int one = "one";\n}\n',
                "test",
                "Test",
            ),
            "test": Planted(
                "src/test/java/org/example/rates/PlantedTest.java",
                "package org.example.rates;\n\nimport org.junit.jupiter.api.Assertions;\n"
                "import org.junit.jupiter.api.Test;\n\nclass PlantedTest {\n    @Test\n    void fails() {\n"
                "        Assertions.fail();\n    }\n}\n",
                "test",
                "Test",
            ),
        },
    ),
}
JOBS = dict.fromkeys(APPLICATIONS, ("code-quality", "test", "build")) | {"java-service": ("test", "build")}
"""The compiler is the only linter of the Java service."""
TOGETHER: Mapping[str, Sequence[tuple[str, ...]]] = {
    "express-api": (("lint", "test"), ("type",)),
    "fastapi-service": (("lint", "test"), ("type",)),
    "go-service": (("lint",), ("format", "test")),
    "java-service": (("lint",), ("type",), ("test",)),
}
"""Errors that must fail different jobs, and do not hide each other, are found in one run."""
HOOKS = {
    "express-api": "npm run lint && npm run typecheck\n",
    "fastapi-service": "ruff check . && mypy\n",
    "go-service": 'go vet ./... && test -z "$(gofmt -l .)"\n',
}
"""Hooks of git: people run the linters, so their failure counts."""


def test_every_error_is_planted_once() -> None:
    assert {n: sorted(k for kinds in all_ for k in kinds) for n, all_ in TOGETHER.items()} == {
        name: sorted(errors) for name, (_, errors) in APPLICATIONS.items()
    }


@pytest.fixture(scope="module")
def _packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A local repository of Maven's that holds nothing but what these tests use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAVEN_OPTS", f"-Dmaven.repo.local={tmp_path_factory.mktemp('maven')}")
        yield


def with_workflow(name: str, folder: Path, hook: str | None = None) -> Path:
    """A copy of an example application under git, with ADD_GITHUB_ACTIONS applied, and before that perhaps a hook."""
    target = folder / name
    shutil.copytree(JAVA if name == JAVA.name else EXAMPLES / name, target, ignore=LEFT_OUT)
    if hook is not None:
        (target / ".githooks").mkdir()
        (target / ".githooks/pre-push").write_text(hook)
    git = ["git", "-C", str(target), "-c", "user.name=Dev", "-c", "user.email=dev@example.org"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch", "main"], check=True)
    plugins = Plugins.installed()
    transformation = plugins.transformation("ADD_GITHUB_ACTIONS")
    planned = plan(transformation, plugins.check(transformation.verified_by), directory_snapshot(str(target)))
    assert planned.status is PlanStatus.CHANGES, planned.reason
    apply_changes(str(target), planned.changes)
    subprocess.run([*git, "add", "--all"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "Start"], check=True)
    return target


@pytest.mark.parametrize("name", sorted(p.name for p in (*EXAMPLES.iterdir(), JAVA)))
def test_the_linters_of_workflows_accept_it(name: str, tmp_path: Path) -> None:
    check_workflow(with_workflow(name, tmp_path))


@pytest.mark.usefixtures("_packages")
@pytest.mark.parametrize("name", APPLICATIONS)
def test_every_job_passes_on_the_unchanged_application(name: str, tmp_path: Path) -> None:
    matrix, _ = APPLICATIONS[name]
    run = run_workflow(with_workflow(name, tmp_path), matrix=matrix)
    assert {id_: job.result for id_, job in run.jobs.items()} == dict.fromkeys(JOBS[name], "success"), run.output


@pytest.mark.usefixtures("_packages")
@pytest.mark.parametrize(
    ("name", "kinds"), [pytest.param(n, k, id=f"{n}-{'-and-'.join(k)}") for n, all_ in TOGETHER.items() for k in all_]
)
def test_a_planted_error_fails_its_job(name: str, kinds: tuple[str, ...], tmp_path: Path) -> None:
    target = with_workflow(name, tmp_path, HOOKS.get(name))
    matrix, errors = APPLICATIONS[name]
    for planted in (errors[kind] for kind in kinds):
        (target / planted.file).parent.mkdir(parents=True, exist_ok=True)
        (target / planted.file).write_text(planted.text)
    jobs = run_workflow(target, job=errors[kinds[0]].job if len(kinds) == 1 else None, matrix=matrix).jobs
    for planted in (errors[kind] for kind in kinds):
        job = jobs[planted.job]
        assert (job.result, job.failed_steps) == ("failure", [planted.step]), job.output
        assert planted.step == "Check the format" or Path(planted.file).stem in job.output, (
            job.output
        )  # gofmt is silent


def test_what_nobody_runs_today_reports_and_fails_no_job(tmp_path: Path) -> None:
    target = with_workflow("go-service", tmp_path)
    planted = APPLICATIONS["go-service"][1]["lint"]
    (target / planted.file).parent.mkdir(parents=True)
    (target / planted.file).write_text(planted.text)
    job = run_workflow(target, job=planted.job).jobs[planted.job]
    assert job.result == "success"
    assert Path(planted.file).stem in job.output
