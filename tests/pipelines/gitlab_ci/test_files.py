"""Reading: what runs before a merge, what it runs, and what cannot be told."""

import pytest

from shiftdown.pipelines import choose, invocations_on_changes, runs
from shiftdown.pipelines.gitlab_ci import GITLAB_CI, GitLabPipeline
from shiftdown.repository import MemorySource, Snapshot
from shiftdown.repository.stack import Purpose
from tests.pipelines.github_actions.samples import MONOREPO

from .running import PATH, repository

MERGE_REQUEST = """\
workflow:
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
"""
EMPTY = Snapshot(MemorySource({}), name="empty", default_branch="main")
TEST = "test:\n  script: [pytest]\n"


def read(text: str, files: dict[str, str] | None = None) -> GitLabPipeline:
    (pipeline,) = GITLAB_CI.read(repository(text, files))
    return pipeline


def tools(text: str, files: dict[str, str] | None = None) -> set[str]:
    """What runs before a merge."""
    return {run.tool for run in invocations_on_changes([read(text, files)])}


@pytest.mark.parametrize(
    ("rules", "on_changes"),
    [
        ("", True),
        ("  rules: [{if: $CI_PIPELINE_SOURCE == 'merge_request_event'}]\n", True),
        ("  rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]\n", False),
        ("  rules: [{if: $CI_COMMIT_BRANCH != $CI_DEFAULT_BRANCH}]\n", True),
        ("  rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH, when: never}, {when: on_success}]\n", True),
        ("  rules: [{if: $CI_PIPELINE_SOURCE == 'schedule'}]\n", False),
        ("  rules: [{if: $CI_COMMIT_TAG}]\n", False),
        ("  rules: [{if: '$CI_COMMIT_BRANCH =~ /^release-/'}]\n", False),
        ("  rules: [{if: '$CI_COMMIT_REF_NAME =~ /^some/ && $CI_PIPELINE_SOURCE'}]\n", True),
        ("  rules: [{if: '($CI_COMMIT_TAG || $DEPLOY) && $CI_MERGE_REQUEST_IID'}]\n", True),
        ("  rules: [{if: $UNKNOWN == 'x'}]\n", True),
        ("  rules: [{when: manual}]\n", False),
        ("  rules: [{changes: [src/**/*]}]\n", True),
        ("  rules: [{if: '$CI_COMMIT_BRANCH == ('}]\n", True),
        ("  only: [merge_requests]\n", True),
        ("  only: [main]\n", False),
        ("  only: [/^some-.*$/]\n", True),
        ("  only: {refs: [branches]}\n", True),
        ("  only: [tags, schedules]\n", False),
        ("  except: [branches]\n", False),
        ("  when: manual\n", False),
    ],
)
def test_what_runs_before_a_merge(rules: str, on_changes: bool) -> None:
    assert tools(TEST + rules) == ({"pytest"} if on_changes else set())


@pytest.mark.parametrize(
    ("workflow", "on_changes"),
    [
        (MERGE_REQUEST, True),
        ("workflow: {rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]}\n", False),
        ("workflow: {rules: [{if: $CI_COMMIT_TAG, when: never}, {when: always}]}\n", True),
    ],
)
def test_the_workflow_says_when_there_is_a_pipeline(workflow: str, on_changes: bool) -> None:
    assert tools(workflow + TEST) == ({"pytest"} if on_changes else set())


def test_a_job_that_needs_one_that_does_not_run_does_not_run() -> None:
    text = f"a: {{script: [make], only: [main]}}\n{TEST}  needs: [a]\n"
    assert tools(text) == set()
    assert tools(text.replace("[a]", "[{job: a, optional: true}]")) == {"pytest"}


def test_scripts_come_from_defaults_templates_references_and_files_of_the_repository() -> None:
    text = """\
include:
  - local: /ci/templates.yml
default:
  before_script: [npm ci]
.lint:
  script: [npx eslint .]
lint:
  extends: .lint
  before_script: []
test:
  variables: {PACKAGE: below}
  script:
    - cd $PACKAGE
    - |
      echo one
      npm test
    - !reference [.more, script]
checks:
  extends: [.checks]
"""
    files = {
        "ci/templates.yml": ".more:\n  script:\n    - npx tsc --noEmit\n.checks:\n  script: [npx prettier --check .]\n",
        "below/package.json": '{"scripts": {"test": "vitest run"}}',
    }
    pipeline = read(text, files)
    found = {(run.tool, run.directory, run.path, run.line) for job in pipeline.jobs for run in job.invocations}
    assert {
        ("eslint", "", PATH, 6),
        ("vitest", "below", PATH, 16),
        ("tsc", "below", PATH, 17),
        ("prettier", "", "ci/templates.yml", 5),
    } <= found
    assert [job.id for job in pipeline.jobs] == ["lint", "test", "checks"]
    assert not any(run.tool == "npm" for run in pipeline.jobs[0].invocations)


def test_failures_that_do_not_count_are_ignored() -> None:
    pipeline = read(f"{TEST}  allow_failure: true\n")
    assert runs([pipeline], Purpose.TEST) is None
    assert runs([read(TEST)], Purpose.TEST)


@pytest.mark.parametrize(
    ("include", "named"),
    [
        ("include: {project: acme/ci, file: a.yml}\n", "project acme/ci"),
        ("include: https://example.org/ci.yml\n", "https://example.org/ci.yml"),
        ("include: [{remote: 'https://example.org/ci.yml'}]\n", "remote https://example.org/ci.yml"),
        ("include: [{template: Security/SAST.gitlab-ci.yml}]\n", "template Security/SAST.gitlab-ci.yml"),
        ("include:\n  - component: $CI_SERVER_FQDN/acme/lint@1\n", "component $CI_SERVER_FQDN/acme/lint@1"),
    ],
)
def test_what_is_included_from_elsewhere_is_opaque(include: str, named: str) -> None:
    (opaque,) = read(include + TEST).opaque
    assert opaque.what == f"includes {named}, which the repository does not hold"
    assert opaque.path == PATH


def test_another_pipeline_that_a_job_starts_is_opaque() -> None:
    (job,) = read("deploy:\n  trigger: acme/deploy\n").jobs
    (opaque,) = job.opaque
    assert opaque.line == 1


@pytest.mark.parametrize(
    ("text", "fact"),
    [("test: [", ""), ("- a\n", "has no jobs"), ("include: /gone.yml\n", "includes gone.yml, which is not there")],
)
def test_what_cannot_be_read_is_a_problem(text: str, fact: str) -> None:
    problem = read(text).problem
    assert problem
    assert fact in problem.fact


def test_there_is_one_pipeline_or_none() -> None:
    repo = repository(TEST)
    assert GITLAB_CI.new_path(repo) is None
    assert choose(GITLAB_CI.read(repo)) is not None
    assert GITLAB_CI.new_path(EMPTY) == PATH
    assert GITLAB_CI.read(EMPTY) == ()


def test_areas_are_told_by_rules_and_their_variable() -> None:
    jobs = read(GITLAB_CI.render(MONOREPO, path=PATH)).jobs
    assert [(job.id, job.area, job.condition is None) for job in jobs] == [
        ("api-test", "api", False),
        ("web-test", "web", False),
        ("docs", None, True),
        ("image-job", None, True),
    ]


def test_files_that_were_made_to_keep_a_reader_busy_do_not() -> None:
    many = "[" + ", ".join(f".a{n}" for n in range(30)) + "]"
    bases = "".join(f".a{n}:\n  extends: {many}\n  script: [make]\n" for n in range(30))
    references = "".join(f"    - !reference [.a{n}, script]\n" for n in range(30))
    hidden = "".join(f".b{n}:\n  script:\n{references.replace('.a', '.b')}" for n in range(30))
    slow = "  rules:\n    - if: $CI_COMMIT_REF_NAME =~ /^(\\w|\\w\\w|\\W|.)*!$/\n"
    text = f"{bases}{hidden}test:\n  extends: {many}\n  script:\n{references.replace('.a', '.b')}{slow}"
    (job,) = read(text).jobs
    assert job.invocations == ()
