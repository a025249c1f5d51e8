"""Adding a job to workflows in the shapes that people write, judged by the linters that their users run."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError
from shiftdown.pipelines import Job, Permission, Runtime, Stage, Step
from shiftdown.pipelines.github_actions import add_job
from shiftdown.repository.stack import Language
from shiftdown.testing.tools import run_tool

from .shapes import SHAPES, steps

LINT = Job(
    id="lint",
    name="Lint",
    stage=Stage.CODE_QUALITY,
    setup=(
        Runtime(
            language=Language.NODE, version_file=".nvmrc", package_manager="npm", cache_files=("package-lock.json",)
        ),
    ),
    steps=(Step(name="Install", run="npm ci"), Step(name="Lint", run="npm run lint\nnpm run format:check")),
)
GOOD = {name: shape for name, shape in SHAPES.items() if not shape.problem}
IN_BRACKETS = "flow_style"


def actionlint(text: str, folder: Path) -> Counter[str]:
    """What actionlint says, without places."""
    file = folder / "workflow.yml"
    file.write_bytes(text.encode())
    _, output = run_tool(["actionlint", "-no-color", "-oneline", "-shellcheck=", "-pyflakes=", str(file)])
    return Counter(re.sub(r"^\S+?:\d+:\d+: |line:\d+,col:\d+", "", line) for line in output.splitlines())


def without(text: str, added: str) -> str:
    """`text` with one run of characters taken out so that it has the length of before; else as it is."""
    start = next((n for n, (a, b) in enumerate(zip(text, added, strict=False)) if a != b), len(text))
    return added[:start] + added[start + len(added) - len(text) :]


@pytest.mark.parametrize("name", [n for n in GOOD if n != IN_BRACKETS])
def test_adds_a_job_and_changes_no_other_byte(name: str, tmp_path: Path) -> None:
    text = GOOD[name].text
    added = add_job(text, LINT)
    jobs, before = yaml.load(added)["jobs"], yaml.load(text)["jobs"]
    assert without(text, added) == text
    assert {key: job for key, job in jobs.items() if key in before} == before
    assert list(jobs)[-1] == ("lint-2" if "lint" in before else "lint")
    assert next(s["run"] for s in jobs[list(jobs)[-1]]["steps"] if "run" in s) == "npm ci"
    assert add_job(added, LINT) == added
    assert not actionlint(added, tmp_path).keys() - actionlint(text, tmp_path).keys()


@pytest.mark.parametrize("name", [*(n for n, s in SHAPES.items() if s.problem), IN_BRACKETS])
def test_refuses_what_cannot_be_edited_and_says_why(name: str) -> None:
    with pytest.raises(CannotEditError) as caught:
        add_job(SHAPES[name].text, LINT)
    assert len(caught.value.reason) > 10


@pytest.mark.parametrize(
    "text",
    [
        steps("pytest", on='"{{ cookiecutter.on }}"'),
        "name: '{{ name }}'\n" + steps("pytest"),
        steps("pytest").replace("  a:", "  '{{ id }}':"),
    ],
)
def test_refuses_templates(text: str) -> None:
    with pytest.raises(CannotEditError, match="template"):
        add_job(text, LINT)


def test_go_templates_in_commands_are_no_template() -> None:
    assert add_job(steps("go list -f '{{.Dir}}' ./..."), LINT)


def added_job(text: str, job: Job = LINT, key: str = "lint") -> dict[str, Any]:
    result = yaml.load(add_job(text, job))["jobs"][key]
    assert isinstance(result, dict)
    return result


def test_a_taken_id_is_numbered() -> None:
    text = steps("pytest").replace("  a:", "  lint:")
    job = added_job(text, key="lint-2")
    assert job["name"] == "Lint (2)"
    assert add_job(add_job(text, LINT), LINT) == add_job(text, LINT)


def test_the_same_job_with_older_pins_is_there_already() -> None:
    text = re.sub(r"@[0-9a-f]{40} # \S+", f"@{'a' * 40} # v1", add_job(steps("pytest"), LINT))
    assert add_job(text, LINT) == text


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ("", {"contents": "read"}),
        ("permissions: write-all\n", {"contents": "read"}),
        ("permissions: {}\n", {"contents": "read"}),
        ("permissions: {contents: read, packages: write}\n", {"contents": "read"}),
        ("permissions:\n  contents: read\n", None),
    ],
)
def test_says_its_permissions_where_the_workflow_gives_others(permissions: str, expected: object) -> None:
    assert added_job(permissions + steps("pytest")).get("permissions") == expected


def test_its_own_permissions_stay() -> None:
    job = LINT.model_copy(update={"permissions": frozenset({Permission.WRITE_FINDINGS})})
    expected = {"contents": "read", "security-events": "write", "actions": "read"}
    assert added_job(steps("pytest"), job)["permissions"] == expected


@pytest.mark.parametrize(
    ("runners", "expected"),
    [
        (["ubuntu-22.04", "ubuntu-22.04", "windows-latest"], "ubuntu-22.04"),
        (["[self-hosted, linux]"], ["self-hosted", "linux"]),
        (["big-linux", "big-linux", "ubuntu-latest"], "ubuntu-latest"),
        (["windows-latest", "macos-14"], "ubuntu-latest"),
        (["${{ matrix.os }}"], "ubuntu-latest"),
    ],
)
def test_runs_where_the_others_run(runners: list[str], expected: object) -> None:
    jobs = "".join(f"  j{n}:\n    runs-on: {r}\n    steps: [{{run: make}}]\n" for n, r in enumerate(runners))
    assert added_job(f"on: push\njobs:\n{jobs}")["runs-on"] == expected


def test_undoes_the_defaults_of_the_workflow() -> None:
    text = "defaults:\n  run:\n    working-directory: web\n    shell: pwsh\n" + steps("pytest")
    assert added_job(text)["defaults"] == {"run": {"shell": "bash", "working-directory": "."}}
    there = LINT.model_copy(update={"working_directory": "api"})
    assert added_job(text, there)["defaults"] == {"run": {"shell": "bash", "working-directory": "api"}}


def test_waits_for_jobs_that_are_there() -> None:
    after = LINT.model_copy(update={"needs": ("a",)})
    assert added_job(steps("pytest"), after)["needs"] == "a"
    with pytest.raises(CannotEditError, match="'b'"):
        add_job(steps("pytest"), LINT.model_copy(update={"needs": ("b",)}))


GATED = """\
on: pull_request
jobs:
  changes:
    runs-on: ubuntu-latest
    outputs:
      api: ${{ steps.x.outputs.api }}
    steps: [{id: x, run: echo api=true >> "$GITHUB_OUTPUT"}]

  test:
    needs: changes
    runs-on: ubuntu-latest
    steps: [{run: make}]

  all:
    if: always()
    needs: [changes, test] # every job
    runs-on: ubuntu-latest
    steps:
      - run: test "$RESULTS" = success
        env: {RESULTS: "${{ join(needs.*.result) }}"}
"""


def test_joins_the_job_that_sums_up_the_others() -> None:
    added = add_job(GATED, LINT)
    assert list(yaml.load(added)["jobs"]) == ["changes", "test", "lint", "all"]
    assert "    needs: [changes, test, lint] # every job\n" in added
    assert add_job(added, LINT) == added


def test_a_job_that_sums_up_a_few_of_many_is_left_alone() -> None:
    more = "".join(f"  j{n}:\n    runs-on: ubuntu-latest\n    steps: [{{run: make}}]\n\n" for n in range(6))
    text = GATED.replace("  test:\n", f"{more}  test:\n").replace("needs: [changes, test]", "needs: test")
    assert yaml.load(add_job(text, LINT))["jobs"]["all"]["needs"] == "test"


def test_runs_for_its_area_where_the_workflow_knows_it() -> None:
    job = LINT.model_copy(update={"area": "api"})
    added = added_job(GATED, job)
    assert (added["needs"], added["if"]) == ("changes", "needs.changes.outputs.api == 'true'")
    other = added_job(GATED, LINT.model_copy(update={"area": "web"}))
    assert "if" not in other
    assert "needs" not in other


def test_a_second_job_is_set_off_as_the_sections_are() -> None:
    text = steps("pytest").replace("jobs:", "\njobs:")
    assert "\n\n  lint:\n" in add_job(text, LINT)
    assert "\n\n  lint:\n" not in add_job(steps("pytest"), LINT)
    assert "\r\n\r\n  lint:\r\n" in add_job(text.replace("\n", "\r\n"), LINT)


@pytest.mark.parametrize(
    ("on", "cached"),
    [
        ("on: [push, pull_request]", True),
        ("on: release", False),
        ("on: [pull_request, release]", False),
        ("on:\n  pull_request:\n  release:\n    types: [published]", False),
        ("on:\n  pull_request:\n  push:\n    branches: [main]", True),
        ("on:\n  pull_request:\n  push:\n    tags: ['*']", False),
        ("on:\n  pull_request:\n  push:\n    branches: [main, release/*]", False),
    ],
)
def test_keeps_no_caches_where_releases_are_made(on: str, cached: bool) -> None:
    text = f"{on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: 'true'\n"
    added = add_job(text, LINT)
    setup = next(s for s in yaml.load(added)["jobs"]["lint"]["steps"] if "setup-node" in s.get("uses", ""))
    assert ("cache" in setup["with"]) is cached
    assert add_job(added, LINT) == added
