"""Rendering: workflows as people would write them, accepted by the linters that their users run."""

from pathlib import Path
from typing import Any

import pytest

from shiftdown.edits import yaml
from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.pipelines import CiValue, Condition, Job, Output, Part, Pipeline, Runtime, Stage, Step, runs
from shiftdown.pipelines.github_actions import read, render, render_job
from shiftdown.repository.stack import Language, Purpose
from shiftdown.testing import check_workflow

from .reading import PATH, repository
from .samples import FULL, MONOREPO, NODE, PREPARED, SIMPLE

GOLDEN = Path(__file__).parent / "golden"
SAMPLES = {"simple": SIMPLE, "full": FULL, "monorepo": MONOREPO, "prepared": PREPARED}


@pytest.mark.parametrize("name", SAMPLES)
def test_is_the_golden_workflow_and_the_linters_accept_it(name: str) -> None:
    golden = GOLDEN / f"{name}.yml"
    assert render(SAMPLES[name]).encode() == golden.read_bytes()
    check_workflow(golden)


def test_reads_what_it_rendered() -> None:
    files = {PATH: render(SIMPLE), "package.json": '{"scripts": {"lint": "eslint .", "build": "tsc"}}'}
    workflows = read(repository(files))
    assert runs(workflows, Purpose.LINT, default_branch="main")
    assert runs(workflows, Purpose.BUILD, default_branch="main")
    assert runs(workflows, Purpose.TEST, default_branch="main") is None


MANAGERS = {
    Language.NODE: ("npm", "pnpm", "yarn", "bun", None),
    Language.PYTHON: ("pip", "uv", "poetry", "pdm", "hatch", "pipenv", None),
    Language.GO: ("go",),
    Language.JAVA: ("maven", "gradle", None),
    Language.RUST: ("cargo",),
    Language.DOTNET: ("dotnet",),
    Language.RUBY: ("bundler",),
    Language.PHP: ("composer",),
}


VARIANTS: tuple[dict[str, Any], ...] = (
    {"version": "1.20"},
    {"version": "3.10", "cache_files": ("a.lock",), "package_manager_version": "4.1.0"},
    {"version_file": "x/.v", "cache_files": ("x/a.lock", "b.lock"), "package_manager_file": "x/package.json"},
    {"version_axis": "version", "cache_files": ("x/a.lock",), "package_manager_file": "package.json"},
)


def test_the_linters_accept_every_set_up(tmp_path: Path) -> None:
    jobs = tuple(
        Job(
            id=f"{language}-{manager}-{number}",
            name=f"{language} {manager} {number}",
            stage=Stage.TEST,
            matrix={"version": ("1.20", "2")} if "version_axis" in variant else {},
            setup=(Runtime(language=language, package_manager=manager, **variant),),
            steps=(Step(name="Test", run="make test"),),
        )
        for language, managers in MANAGERS.items()
        for manager in managers
        for number, variant in enumerate(VARIANTS)
    )
    file = tmp_path / "ci.yml"
    file.write_text(render(Pipeline(jobs=jobs)))
    check_workflow(file)


def setup_of(runtime: Runtime) -> list[dict[str, object]]:
    job = Job(id="a", name="A", stage=Stage.TEST, setup=(runtime,), steps=(Step(name="Test", run="make"),))
    steps = yaml.load(render_job(job))["steps"]
    return [dict(step.get("with", {"run": step.get("run")})) for step in steps[1:-1]]


@pytest.mark.parametrize(
    ("runtime", "expected"),
    [
        (NODE, [{"node-version-file": ".nvmrc", "cache": "npm"}]),
        (Runtime(language=Language.NODE, version="20"), [{"node-version": "20", "package-manager-cache": False}]),
        (
            Runtime(
                language=Language.NODE,
                package_manager="pnpm",
                package_manager_version="9",
                cache_files=("web/pnpm-lock.yaml",),
            ),
            [{"version": "9"}, {"cache": "pnpm", "cache-dependency-path": "web/pnpm-lock.yaml"}],
        ),
        (
            Runtime(
                language=Language.NODE,
                package_manager="yarn",
                package_manager_version="4.1.0",
                cache_files=("yarn.lock",),
            ),
            [{"run": "corepack enable"}, {"cache": "yarn"}],
        ),
        (
            Runtime(
                language=Language.NODE,
                package_manager="yarn",
                package_manager_version="1.22.0",
                cache_files=("yarn.lock",),
            ),
            [{"cache": "yarn"}],
        ),
        (
            Runtime(
                language=Language.PYTHON,
                version="3.12",
                package_manager="pip",
                cache_files=("requirements/dev.txt", "pyproject.toml"),
            ),
            [
                {
                    "python-version": "3.12",
                    "cache": "pip",
                    "cache-dependency-path": "requirements/dev.txt\npyproject.toml\n",
                }
            ],
        ),
        (
            Runtime(
                language=Language.PYTHON, version_file=".python-version", package_manager="uv", cache_files=("uv.lock",)
            ),
            [{"enable-cache": True}],
        ),
        (
            Runtime(language=Language.PYTHON, version="3.12", package_manager="poetry", cache_files=("poetry.lock",)),
            [{"run": "pipx install poetry"}, {"python-version": "3.12", "cache": "poetry"}],
        ),
        (Runtime(language=Language.GO, version_file="go.mod"), [{"go-version-file": "go.mod", "cache": False}]),
        (
            Runtime(language=Language.JAVA, version="21", package_manager="gradle", cache_files=("build.gradle",)),
            [{"distribution": "temurin", "java-version": "21", "cache": "gradle"}],
        ),
    ],
)
def test_set_up(runtime: Runtime, expected: list[dict[str, object]]) -> None:
    assert setup_of(runtime) == expected


def job(**more: object) -> Pipeline:
    step = {"name": "Step", "run": "make", **more}
    return Pipeline(jobs=(Job(id="a", name="A", stage=Stage.TEST, steps=(Step.model_validate(step),)),))


WITH_EXPRESSION = Part(name="docker/login-action", inputs={"username": "${{ github.actor }}"})


def test_refuses_expressions_in_commands() -> None:
    with pytest.raises(InvalidInputError, match="environment variable"):
        render(job(run="echo ${{ github.event.pull_request.title }}"))


def test_a_part_of_another_system_is_not_ours() -> None:
    assert yaml.load(render(job(parts={"gitlab-ci": Part(name="x")})))["jobs"]["a"]["steps"][1]["run"] == "make"


@pytest.mark.parametrize("more", [{"env": {"A": "${{ github.ref }}"}}, {"parts": {"github-actions": WITH_EXPRESSION}}])
def test_refuses_expressions_as_values(more: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError, match="CiValue"):
        render(job(**more))


def test_says_values_outputs_and_conditions_as_expressions() -> None:
    first = Step(name="First", run="tag=1", key="first", outputs=("tag",), env={"SHA": CiValue.COMMIT})
    tag = ("v", Output(step="first", name="tag"))
    second = Step(name="Second", run="make", env={"TAG": tag}, only_if=Condition.PUBLIC_REPOSITORY, always=True)
    text = render(Pipeline(jobs=(Job(id="a", name="A", stage=Stage.BUILD, steps=(first, second)),)))
    assert yaml.load(text)["jobs"]["a"]["steps"][1:] == [
        {
            "name": "First",
            "id": "first",
            "env": {"SHA": "${{ github.sha }}"},
            "run": 'tag=1\necho "tag=$tag" >> "$GITHUB_OUTPUT"\n',
        },
        {
            "name": "Second",
            "if": "${{ !cancelled() && !github.event.repository.private }}",
            "env": {"TAG": "v${{ steps.first.outputs.tag }}"},
            "run": "make",
        },
    ]


def test_refuses_actions_without_a_pin() -> None:
    with pytest.raises(NotFoundError, match="some/action"):
        render(job(parts={"github-actions": Part(name="some/action/sub")}))


def test_refuses_unknown_package_managers() -> None:
    runtime = Runtime(language=Language.NODE, package_manager="deno")
    with pytest.raises(InvalidInputError, match="deno"):
        setup_of(runtime)


def test_a_script_that_looks_like_a_list_stays_as_it_is() -> None:
    script = "cat > x.yml <<'EOF'\nneeds:\n  - a\n  - b\nuses: \"a/b@" + "0" * 40 + ' # v1"\nEOF\n'
    assert yaml.load(render(job(run=script)))["jobs"]["a"]["steps"][1]["run"] == script
