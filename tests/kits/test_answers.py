"""Three answers: CI does something, it does not, or that cannot be told."""

import json

import pytest

from shiftdown.kits import image_publisher
from shiftdown.plugin import CheckOutcome, Snapshot
from shiftdown.repository import MemorySource
from shiftdown.transformations import Plan, PlanStatus, plan
from shiftdown_plugins.cicd.add_github_actions import add_github_actions, github_actions_run_on_changes
from shiftdown_plugins.cicd.add_lint_stage import lint_runs_on_changes
from shiftdown_plugins.cicd.add_test_stage import add_test_stage, tests_run_on_changes

WORKFLOW = ".github/workflows/main.yml"
NODE = {
    "package.json": json.dumps({"name": "shop", "scripts": {"test": "jest"}, "devDependencies": {"jest": "^29"}}),
    "package-lock.json": "{}",
    "a.test.js": "test('a', () => {})\n",
}


def repository(workflow: str, files: dict[str, str] | None = None) -> Snapshot:
    texts = NODE | {WORKFLOW: workflow} | (files or {})
    return Snapshot(MemorySource({p: t.encode() for p, t in texts.items()}), name="shop", revision="1")


def called(name: str, on: str = "pull_request", job: str = "one") -> str:
    return f"on: {on}\njobs:\n  {job}:\n    uses: acme/workflows/.github/workflows/{name}.yml@v3\n"


def planned(repo: Snapshot, **parameters: bool) -> Plan:
    return plan(add_test_stage, tests_run_on_changes, repo, parameters)


@pytest.mark.parametrize("name", ["node-ci", "test", "quality-and-tests", "main", "x"])
def test_a_workflow_elsewhere_may_do_it(name: str) -> None:
    repo = repository(called(name))
    answer = tests_run_on_changes.run(repo)
    place = f"{WORKFLOW}:4: calls acme/workflows/.github/workflows/{name}.yml@v3, which the repository does not hold"
    assert answer.outcome is CheckOutcome.UNKNOWN
    assert answer.message == f"{place}: what that does cannot be told."
    refused = planned(repo)
    assert refused.status is PlanStatus.NOT_APPLICABLE
    assert (refused.reason or "").startswith(place)
    assert "despite_unknown=true" in (refused.reason or "")
    assert planned(repo, despite_unknown=True).status is PlanStatus.CHANGES


@pytest.mark.parametrize(
    ("name", "on", "job"),
    [
        ("labeler", "pull_request", "one"),
        ("release", "pull_request", "one"),
        ("main", "pull_request", "stale"),
        ("test-docs-links", "pull_request", "one"),
        ("node-ci", "workflow_dispatch", "one"),
        ("node-ci", "{push: {branches: [main]}}", "one"),
    ],
)
def test_what_is_for_something_else_or_runs_at_other_times_makes_nothing_unknown(name: str, on: str, job: str) -> None:
    repo = repository(called(name, on, job))
    assert tests_run_on_changes.run(repo).outcome is CheckOutcome.FAIL
    assert planned(repo).status is PlanStatus.CHANGES


def steps(*given: str) -> str:
    return "on: pull_request\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n" + "".join(
        f"      - {step}\n" for step in given
    )


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ("run: python ci/test_all.py", "runs `python ci/test_all.py`, a script that is not followed"),
        ("run: ./run-tests", "runs `run-tests`, of which nothing is known"),
        ("run: frobnicate --test", "runs `frobnicate --test`, of which nothing is known"),
        ("run: docker run -v .:/w acme/tests", "runs `docker run -v .:/w acme/tests`, which cannot be followed"),
        ("run: 'eval \"$TEST_COMMAND\"'", "runs `eval …`, which cannot be followed"),
        ("{run: $RUN, name: Unit tests}", "runs `…`, a program that only the run knows"),
        ("{run: print(1), shell: python, name: Tests}", "runs a script of python, which is not followed"),
        ("uses: acme/run-unit-tests@v1", "uses acme/run-unit-tests@v1, of which nothing is known"),
        ("run: cd $PLACE && npx jest", "runs `jest` in a directory that only the run knows"),
    ],
)
def test_a_step_that_is_not_understood_may_do_it(step: str, what: str) -> None:
    answer = tests_run_on_changes.run(repository(steps("uses: actions/checkout@v4", step)))
    assert answer.outcome is CheckOutcome.UNKNOWN
    assert answer.message == f"{WORKFLOW}:7: {what}: what that does cannot be told."


@pytest.mark.parametrize(
    "given",
    [
        ["uses: actions/setup-node@v4", "uses: actions/cache@v4", "run: npm ci", "uses: codecov/codecov-action@v5"],
        ["run: sudo apt-get install -y libfoo-dev", "run: curl -sSf https://example.org/install.sh -o install.sh"],
        ["run: git diff --exit-code", "run: docker login ghcr.io", "run: echo test"],
        ["uses: actions/labeler@v5", "uses: acme/check-pr-title@v1", "run: python scripts/check_links.py"],
        ["{run: python scripts/prepare.py, name: Set up the test database}"],
        ["run: npx eslint .", "run: frobnicate"],
    ],
)
def test_what_is_harmless_or_for_something_else_makes_nothing_unknown(given: list[str]) -> None:
    assert tests_run_on_changes.run(repository(steps(*given))).outcome is CheckOutcome.FAIL


@pytest.mark.parametrize(
    "script",
    [
        'cd "$GITHUB_WORKSPACE" && npm ci && npm t',
        'for place in "docs" "."; do pushd $place; npm test; popd; done',
        "./ci/run",
    ],
)
def test_what_can_be_followed_is_yes(script: str) -> None:
    run = '#!/bin/sh\ncd "$(dirname "$0")/.."\nnpm test\n'
    answer = tests_run_on_changes.run(repository(steps(f"run: |\n          {script}"), {"ci/run": run}))
    assert answer.outcome is CheckOutcome.PASS, answer.message


MISE = '[tasks.test]\nrun = "npm test"\n[tasks.all]\ndepends = ["test"]\n'


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("mise run all", {"mise.toml": MISE}),
        ("mise r test", {".mise.toml": MISE}),
        ("mise run unit:js", {"mise-tasks/unit/js": "#!/usr/bin/env bash\nnpm test\n"}),
        ("mise x -- npx jest", {}),
        ("nci && nr test", {}),
        ("nlx jest", {}),
        ("deno task check", {"deno.json": '{"tasks": {"check": {"dependencies": ["t"]}, "t": "npx jest"}}'}),
    ],
)
def test_launchers_are_followed(command: str, files: dict[str, str]) -> None:
    repo = repository(steps(f"run: {command}"), files)
    answer = tests_run_on_changes.run(repo)
    assert answer.outcome is CheckOutcome.PASS, answer.message


BUN = {"package.json": '{"name": "a", "private": true, "scripts": {"test": "bun test"}}', "bun.lock": "{}"}


def test_the_own_test_of_bun_is_none_of_the_script_of_that_name() -> None:
    files = BUN | {"a.test.js": ""}
    bare = Snapshot(MemorySource({p: t.encode() for p, t in files.items()}), name="a", revision="1")
    assert plan(add_github_actions, github_actions_run_on_changes, bare).status is PlanStatus.CHANGES
    assert tests_run_on_changes.run(repository(steps("run: bun test"), BUN)).outcome is CheckOutcome.PASS


@pytest.mark.parametrize(
    "step", ["{run: npm test, continue-on-error: true}", "{run: npm test || true}", "{run: set +e; npm test; echo}"]
)
def test_what_cannot_fail_is_no_gate(step: str) -> None:
    unknown = {"package.json": NODE["package.json"].replace('"test": "jest"', '"test": "jest --runInBand"')}
    assert tests_run_on_changes.run(repository(steps(step), unknown)).outcome is CheckOutcome.FAIL


def test_what_cannot_be_told_gets_no_workflow_beside_it() -> None:
    repo = repository(called("node-ci"))
    refused = plan(add_github_actions, github_actions_run_on_changes, repo)
    assert refused.status is PlanStatus.NOT_APPLICABLE
    assert "calls acme/workflows" in (refused.reason or "")
    ahead = plan(add_github_actions, github_actions_run_on_changes, repo, {"despite_unknown": True})
    assert ahead.status is PlanStatus.CHANGES


def test_browser_tests_are_work() -> None:
    repo = repository(steps("run: npx playwright test"))
    assert github_actions_run_on_changes.run(repo).outcome is CheckOutcome.PASS


MAKE = {"Makefile": "publish:\n\tdocker build -t ghcr.io/a/b . && docker push ghcr.io/a/b\n"}


@pytest.mark.parametrize(
    ("workflow", "sure"),
    [
        (steps("run: make publish"), True),
        (steps("uses: docker/login-action@v3"), False),
        (steps("run: ls").replace("jobs:", "permissions: {packages: write}\njobs:"), False),
        (called("docker-publish"), False),
    ],
)
def test_who_publishes_images_is_known_or_cannot_be_told(workflow: str, sure: bool) -> None:
    found = image_publisher(repository(workflow.replace("on: pull_request", "on: {push: {branches: [main]}}"), MAKE))
    assert (found.evidence is not None, bool(found.opaque)) == (sure, not sure)


def test_nobody_publishes_images_where_nothing_says_so() -> None:
    found = image_publisher(repository(steps("run: docker build ."), MAKE))
    assert found.known
    assert found.evidence is None


CIRCLE = {".circleci/config.yml": "version: 2.1\njobs: {}\n"}


def test_another_ci_system_beside_may_do_it() -> None:
    repo = repository(steps("run: npx eslint ."), CIRCLE)
    answer = tests_run_on_changes.run(repo)
    assert answer.outcome is CheckOutcome.UNKNOWN
    assert answer.message.startswith(".circleci/config.yml: configures circleci, which cannot be read")
    assert tests_run_on_changes.run(repository(steps("run: npm test"), CIRCLE)).outcome is CheckOutcome.PASS


@pytest.mark.parametrize(
    ("step", "files", "outcome"),
    [
        ("uses: reviewdog/action-eslint@v1", {}, CheckOutcome.PASS),
        ("uses: reviewdog/action-misspell@v1", {}, CheckOutcome.FAIL),
        ("uses: trunk-io/trunk-action@v1", {}, CheckOutcome.UNKNOWN),
        ("run: npm test", {".pre-commit-config.yaml": "ci: {skip: []}\nrepos: []\n"}, CheckOutcome.UNKNOWN),
        ("run: python scripts/check-file-changes.py", {}, CheckOutcome.FAIL),
    ],
)
def test_linters_behind_services_are_known_or_cannot_be_told(
    step: str, files: dict[str, str], outcome: CheckOutcome
) -> None:
    package = (
        NODE["package.json"]
        .replace('"test"', '"lint": "eslint .", "test"')
        .replace('{"jest"', '{"eslint": "^9", "jest"')
    )
    code = {"package.json": package, "eslint.config.js": "export default []\n", "a.js": "let a = 1\n"}
    assert lint_runs_on_changes.run(repository(steps(step), code | files)).outcome is outcome


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        ("npx jest a.test.js", CheckOutcome.FAIL),
        ("npx jest", CheckOutcome.PASS),
        ("npx jest src", CheckOutcome.PASS),
        ("npm test", CheckOutcome.PASS),
    ],
)
def test_a_run_of_named_files_is_no_run_of_the_tests(command: str, outcome: CheckOutcome) -> None:
    assert tests_run_on_changes.run(repository(steps(f"run: {command}"))).outcome is outcome


LINTED = {
    "package.json": '{"name": "shop", "scripts": {"lint": "eslint ."}, "devDependencies": {"eslint": "^9"}}',
    "eslint.config.js": "export default []\n",
    "a.js": "let a = 1\n",
}


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        ("{uses: super-linter/super-linter@v7, env: {VALIDATE_MARKDOWN: true}}", CheckOutcome.FAIL),
        ("{uses: super-linter/super-linter@v7, env: {VALIDATE_JAVASCRIPT_ES: true}}", CheckOutcome.PASS),
        ("{uses: super-linter/super-linter@v7, env: {VALIDATE_ALL_CODEBASE: true}}", CheckOutcome.PASS),
        ("{uses: oxsecurity/megalinter@v8, env: {ENABLE_LINTERS: YAML_YAMLLINT}}", CheckOutcome.FAIL),
        ("{uses: oxsecurity/megalinter@v8, env: {ENABLE_LINTERS: 'YAML_YAMLLINT,JAVASCRIPT_ES'}}", CheckOutcome.PASS),
        ("uses: oxsecurity/megalinter@v8", CheckOutcome.PASS),
    ],
)
def test_sets_of_linters_are_believed_by_what_they_enable(step: str, outcome: CheckOutcome) -> None:
    assert lint_runs_on_changes.run(repository(steps(step), LINTED)).outcome is outcome


def test_a_workflow_that_starts_after_another_may_do_it() -> None:
    after = steps("run: npm test").replace("on: pull_request", "on: {workflow_run: {workflows: [CI]}}")
    repo = repository(steps("run: npx eslint ."), {".github/workflows/after.yml": after})
    answer = tests_run_on_changes.run(repo)
    assert answer.outcome is CheckOutcome.UNKNOWN
    assert answer.message.startswith(".github/workflows/after.yml:1: starts after another workflow")


def test_what_only_sets_variables_makes_nothing_unknown() -> None:
    script = "{shell: pwsh, name: Test, run: '$a = Join-Path $b tools; $a += 1; if ($c.IsPresent) { Write-Host hi }'}"
    assert tests_run_on_changes.run(repository(steps(script))).outcome is CheckOutcome.FAIL
