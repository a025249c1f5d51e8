"""Rendering: the same pipelines as for GitHub Actions, accepted by GitLab's schema and executed."""

import shutil
from pathlib import Path

import pytest

from shiftdown.edits import yaml
from shiftdown.git.directory import directory_snapshot
from shiftdown.kits import jobs_of, units_of
from shiftdown.pipelines import CiValue, Condition, Job, Output, Permission, Pipeline, Runtime, Stage, Step, Trigger
from shiftdown.pipelines.gitlab_ci import GITLAB_CI
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Language
from tests.pipelines.github_actions.samples import FULL, MONOREPO, PREPARED, SIMPLE

from .running import PATH, check_pipeline, run_pipeline

GOLDEN = Path(__file__).parent / "golden"
EXAMPLES = Path(__file__).parents[3] / "examples" / "repositories"
SAMPLES = {"simple": SIMPLE, "full": FULL, "monorepo": MONOREPO, "prepared": PREPARED}
SYFT = "#!/bin/sh\necho '{}' > sbom.spdx.json\n"


def rendered(folder: Path) -> str:
    """The pipeline of an application, by its own commands."""
    repo = directory_snapshot(str(folder))
    jobs = [job for unit in units_of(stack_of(repo)) for job in jobs_of(repo, unit)]
    return GITLAB_CI.render(Pipeline(jobs=tuple(jobs)), path=PATH)


@pytest.mark.parametrize("name", SAMPLES)
def test_is_the_golden_pipeline_and_gitlab_accepts_it(name: str, tmp_path: Path) -> None:
    text = GITLAB_CI.render(SAMPLES[name], path=PATH)
    assert text == (GOLDEN / f"{name}.yml").read_text()
    check_pipeline(text, tmp_path)


@pytest.mark.parametrize("example", sorted(p.name for p in EXAMPLES.iterdir()))
def test_is_the_golden_pipeline_of_each_example(example: str, tmp_path: Path) -> None:
    text = rendered(EXAMPLES / example)
    assert text == (GOLDEN / f"{example}.yml").read_text()
    check_pipeline(text, tmp_path)


@pytest.mark.parametrize(("runs", "result"), [(False, "WARN"), (True, "FAIL")])
def test_runs_and_fails_where_an_error_was_planted(tmp_path: Path, runs: bool, result: str) -> None:
    folder = tmp_path / "go-service"
    shutil.copytree(EXAMPLES / "go-service", folder)
    if runs:  # what somebody runs today blocks
        (folder / ".githooks").mkdir()
        (folder / ".githooks/pre-push").write_text('go vet ./... && test -z "$(gofmt -l .)"\n')
    (folder / PATH).write_text(rendered(folder))
    run = run_pipeline(folder, {"syft": SYFT})
    assert run.results == dict.fromkeys(("code-quality", "test", "build"), "PASS"), run.output
    (folder / "internal/planted").mkdir()
    (folder / "internal/planted/planted.go").write_text("package planted\n\nfunc One( ) int { return 1 }\n")
    run = run_pipeline(folder, {"syft": SYFT}, "code-quality")
    assert run.results == {"code-quality": result}, run.output


OPEN = Step(
    name="Name",
    run='tag="v$(echo "$SHA" | cut -c1-2)"',
    key="name-it",
    outputs=("tag",),
    env={"SHA": "abc", "PRICE": "5 $HOME", "AT": ("at ", CiValue.REPOSITORY)},
)
STEPS = (
    OPEN,
    Step(name="Show", run='echo "[$TAG] [$PRICE] [$AT]" > "$CI_PROJECT_DIR/shown"', working_directory="below",
         env={"TAG": ("x-", Output(step="name-it", name="tag")), "SHA": "other"}),
    Step(name="Public", run="echo never > never", only_if=Condition.PUBLIC_REPOSITORY),
    Step(name="Two lines", run="false\necho never > never", allow_failure=True),
    Step(name="One line", run="false", allow_failure=True),
    Step(name="Look", run='cat shown; test "$(cat shown)" = "[x-vab] [5 \\$HOME] [at acme/shop]"; test ! -e never'),
    Step(name="After all", run="echo afterwards", always=True),
)  # fmt: skip


@pytest.mark.parametrize("fails", [False, True])
def test_steps_mean_what_the_model_says(tmp_path: Path, fails: bool) -> None:
    folder = tmp_path / "shop"
    (folder / "below").mkdir(parents=True)
    (folder / "below/file").write_text("")
    steps = (*STEPS, *([Step(name="Fail", run="exit 1")] if fails else []))
    job = Job(id="steps", name="Steps", stage=Stage.TEST, steps=steps)
    (folder / PATH).write_text(GITLAB_CI.render(Pipeline(jobs=(job,)), path=PATH))
    check_pipeline((folder / PATH).read_text(), tmp_path)
    run = run_pipeline(folder, {})
    assert run.results == {"steps": "FAIL" if fails else "WARN"}, run.output
    assert "> afterwards" in run.output


def test_no_name_is_one_of_gitlabs_own() -> None:
    text = GITLAB_CI.render(MONOREPO, path=PATH)
    assert yaml.load(text)["image-job"]["needs"] == [{"job": "api-test", "optional": True}, "docs"]


@pytest.mark.parametrize(
    ("runtime", "image", "before"),
    [
        (Runtime(language=Language.NODE, version="24"), "node:24.19.0-bookworm", None),
        (Runtime(language=Language.NODE, version="20"), "node:20-bookworm", None),
        (Runtime(language=Language.NODE, version_file=".nvmrc", version="lts/*"), "node:24.19.0-bookworm", None),
        (
            Runtime(language=Language.NODE, version="20", package_manager="pnpm", package_manager_version="9"),
            "node:20-bookworm",
            ["npm install --global pnpm@9"],
        ),
        (
            Runtime(language=Language.NODE, version="20", package_manager="yarn", package_manager_version="4.1.0"),
            "node:20-bookworm",
            ["corepack enable"],
        ),
        (
            Runtime(language=Language.PYTHON, version="3.12", package_manager="uv"),
            "python:3.12-trixie",
            ["pip install uv"],
        ),
        (
            Runtime(language=Language.JAVA, version="21", package_manager="maven"),
            "maven:3.9.11-eclipse-temurin-21",
            None,
        ),
    ],
)
def test_images(runtime: Runtime, image: str, before: list[str] | None) -> None:
    job = Job(id="a", name="A", stage=Stage.TEST, setup=(runtime,), steps=(Step(name="Test", run="make"),))
    data = yaml.load(GITLAB_CI.render(Pipeline(jobs=(job,)), path=PATH))["a"]
    assert (data["image"], data.get("before_script")) == (image, before)


def test_what_gitlab_cannot_do_by_itself_is_said() -> None:
    step = Step(name="Sign", run="cosign sign", programs=("docker", "cosign"))
    job = Job(
        id="sign",
        name="Sign",
        stage=Stage.BUILD,
        steps=(step,),
        only=Trigger.SCHEDULE,
        permissions=frozenset({Permission.WRITE_CODE}),
    )
    notes = GITLAB_CI.cannot(job)
    assert [word in " ".join(notes) for word in ("privileged", "cosign", "commits", "schedule")] == [True] * 4
    assert GITLAB_CI.cannot(MONOREPO.jobs[2]) == ()
