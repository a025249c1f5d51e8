"""Scripts of the repository that CI runs to the letter, whatever they lead to."""

import json

import pytest

from shiftdown.plugin import Snapshot
from shiftdown.transformations import Plan, PlanStatus, plan
from shiftdown_plugins.cicd.add_lint_stage import add_lint_stage, lint_runs_on_changes

HEAD = "on: pull_request\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n"
FILES = {"package-lock.json": '{"lockfileVersion": 3}', "index.js": "export default 1\n"}


def planned(scripts: dict[str, str], *commands: str) -> Plan:
    workflow = HEAD + "".join(f"      - run: {command}\n" for command in ("npm ci", "npm test", *commands))
    manifest = json.dumps({"name": "a", "type": "module", "scripts": {"test": "node --test", **scripts}})
    files = FILES | {"package.json": manifest, ".github/workflows/ci.yml": workflow}
    return plan(add_lint_stage, lint_runs_on_changes, Snapshot.of(files))


@pytest.mark.parametrize(
    "script", ["prettier --check 'a.{html,js}'", "oxlint", "our-own-checker .", "node scripts/check.js"]
)
def test_what_the_script_lint_leads_to_need_not_be_a_linter(script: str) -> None:
    found = planned({"lint": script})
    assert found.status is PlanStatus.CHANGES
    assert "run: npm run lint" in found.diff()
    assert planned({"lint": script}, "npm run lint").status is PlanStatus.ALREADY_SATISFIED


def test_a_formatter_that_checks_is_seen_behind_its_script() -> None:
    scripts = {"lint": "eslint", "format": "oxfmt --check"}
    assert planned(scripts, "npm run lint", "npm run format").status is PlanStatus.ALREADY_SATISFIED
    assert "run: npm run format" in planned(scripts, "npm run lint").diff()
