"""Adding a job to a pipeline that exists: it fits in, and no other byte changes."""

from pathlib import Path

import pytest

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError
from shiftdown.pipelines import Addition, Area, Job, Stage, Step, Trigger
from shiftdown.pipelines.gitlab_ci import GITLAB_CI

from .running import PATH, check_pipeline
from .test_files import MERGE_REQUEST, TEST

LINT = Job(id="lint", name="Lint", stage=Stage.CODE_QUALITY, steps=(Step(name="Lint", run="npm run lint"),))
BRANCHES = """\
# Our pipeline
stages:
  - build
  - test   # and more
  - deploy

compile:
  stage: build
  tags: [ours]
  script:
  - make

test:
  stage: test
  tags: [ours]
  script:
  - make test
"""


def added(text: str, *jobs: Job, areas: tuple[Area, ...] = (), triggers: tuple[Trigger, ...] = ()) -> str:
    addition = Addition(path=PATH, jobs=jobs or (LINT,), areas=areas, triggers=triggers)
    return GITLAB_CI.add(text, addition).text


def job_of(text: str, name: str = "lint") -> dict[str, object]:
    return dict(yaml.load(text)[name])


@pytest.mark.parametrize(
    "text",
    [
        BRANCHES,
        BRANCHES.replace("\n", "\r\n"),
        MERGE_REQUEST + TEST,
        TEST,
        "image: node:20\nbefore_script: [npm ci]\n" + TEST,
        "default: {image: 'node:20', tags: [big], cache: {paths: [node_modules/]}}\n" + TEST,
        "include: {project: a/b, file: c.yml}\nstages: [test]\n" + TEST,
    ],
)
def test_gitlab_accepts_it_nothing_else_changes_and_once_is_enough(text: str, tmp_path: Path) -> None:
    more = added(text)
    check_pipeline(more, tmp_path)
    assert more.startswith(text)
    assert added(more) == more


def test_it_goes_to_a_stage_for_its_like_and_to_the_others_runner() -> None:
    job = job_of(added(BRANCHES))
    assert (job["stage"], job["tags"], job.get("rules")) == ("test", ["ours"], None)
    build = LINT.model_copy(update={"id": "package", "stage": Stage.BUILD, "needs": ("test",)})
    assert job_of(added(BRANCHES, build), "package")["stage"] == "test"


def test_a_stage_that_is_missing_comes_where_it_belongs() -> None:
    compiles = "compile:\n  stage: build\n  script: [make]\n"
    assert yaml.load(added(f"stages: [build, deploy]\n{compiles}"))["stages"] == ["code-quality", "build", "deploy"]
    assert yaml.load(added(f"stages: [prepare]\n{compiles}"))["stages"] == ["prepare", "code-quality"]


def test_defaults_of_other_jobs_are_not_inherited() -> None:
    text = "default: {before_script: [npm ci], tags: [big]}\n" + TEST
    assert job_of(added(text))["inherit"] == {"default": ["tags"]}
    assert job_of(added("before_script: [npm ci]\n" + TEST))["inherit"] == {"default": False}
    assert "inherit" not in job_of(added(TEST))


def test_it_runs_in_the_pipelines_that_there_are() -> None:
    assert "rules" not in job_of(added(MERGE_REQUEST + TEST))
    assert job_of(added(TEST + "  only: [merge_requests]\n"))["rules"] == [
        {"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'},
        {"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"},
    ]
    published = LINT.model_copy(update={"only": Trigger.DEFAULT_BRANCH})
    assert job_of(added(TEST, published))["rules"] == [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}]


def test_areas_are_told_where_the_pipeline_says_when_it_starts() -> None:
    job = LINT.model_copy(update={"area": "web"})
    area = Area(key="web", paths=("web/",))
    told = job_of(added(MERGE_REQUEST + TEST, job, areas=(area,)))
    assert told["rules"] == [
        {"if": '$CI_PIPELINE_SOURCE == "merge_request_event"', "changes": ["web/**/*", PATH]},
        {"if": '$CI_PIPELINE_SOURCE != "merge_request_event"'},
    ]
    assert "rules" not in job_of(added(TEST, job, areas=(area,)))


def test_ids_that_are_taken_are_numbered_and_needs_follow() -> None:
    text = "lint:\n  script: [old]\n"
    build = LINT.model_copy(update={"id": "image", "stage": Stage.BUILD, "needs": ("lint",)})
    more = added(text, LINT, build)
    assert list(yaml.load(more)) == ["lint", "lint-2", "image-job"]
    assert job_of(more, "image-job")["needs"] == ["lint-2"]
    assert added(more, LINT, build) == more


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- a\n", "no pipeline"),
        ("test:\n  script: [x\n", "YAML|flow|expected"),
        ("include: {project: a/b, file: c.yml}\ntest: {script: [a]}\n", "stages are named in a file"),
        ("workflow: {rules: [{if: $CI_COMMIT_TAG}]}\n" + TEST, "no merge request"),
    ],
)
def test_what_cannot_be_joined_safely_is_left_alone(text: str, reason: str) -> None:
    with pytest.raises(CannotEditError, match=reason):
        added(text)


def test_what_it_waits_for_must_be_there() -> None:
    with pytest.raises(CannotEditError, match="is to wait for"):
        added(TEST, LINT.model_copy(update={"needs": ("other",)}))


def test_a_workflow_that_leaves_the_default_branch_out_is_not_widened() -> None:
    text = "workflow: {rules: [{if: $CI_MERGE_REQUEST_IID}]}\n" + TEST
    with pytest.raises(CannotEditError, match="leave main out"):
        added(text, triggers=(Trigger.DEFAULT_BRANCH,))
