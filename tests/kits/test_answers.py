"""Three answers: CI does something, it does not, or that cannot be told."""

import json

import pytest

from shiftdown.plugin import CheckOutcome, Snapshot
from shiftdown.repository import MemorySource
from shiftdown.transformations import Plan, PlanStatus, plan
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
