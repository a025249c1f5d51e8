"""Workflows are really executed: what a step does, and that it fails, is seen."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from shiftdown.errors import NotFoundError, ShiftdownError
from shiftdown.testing import HungToolError, run_workflow

NODE = """\
name: CI
on: [push, pull_request]
permissions: {}
jobs:
  lint:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0
        with:
          node-version-file: .nvmrc
          cache: npm
      - run: npm run lint
  test:
    needs: [lint]
    runs-on: ${{ matrix.os }}
    strategy:
      matrix:
        os: [ubuntu-latest, macos-15]
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: actions/cache/restore@55cc8345863c7cc4c66a329aec7e433d2d1c52a9 # v6.1.0
        with:
          path: .cache
          key: nothing
      - name: Unit tests
        run: node --test
  deploy:
    needs: [test]
    if: github.event_name == 'push'
    runs-on: [self-hosted, linux]
    steps:
      - run: echo "deployed $GITHUB_REF_NAME"
"""

TEST = """\
const { test } = require("node:test");
const assert = require("node:assert");
test("sum", () => assert.strictEqual(1 + 1, EXPECTED));
"""


def node_repository(root: Path, expected: int = 2) -> Path:
    write(root, ".github/workflows/ci.yml", NODE)
    write(root, "package.json", json.dumps({"name": "a", "scripts": {"lint": "node --check sum.test.js"}}))
    write(root, "sum.test.js", TEST.replace("EXPECTED", str(expected)))
    write(root, ".nvmrc", "22\n")
    return root


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def workflow(root: Path, steps: str) -> Path:
    steps = f"- uses: actions/checkout@v7\n{steps}"
    indented = "".join(f"      {line}\n" for line in steps.splitlines())
    write(
        root,
        ".github/workflows/ci.yml",
        f"on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n{indented}",
    )
    return root


def test_all_jobs_of_a_node_workflow_run(tmp_path: Path) -> None:
    run = run_workflow(node_repository(tmp_path))
    assert {id_: job.result for id_, job in run.jobs.items()} == {
        "lint": "success",
        "test": "success",
        "deploy": "success",
    }, run.output
    assert run.succeeded
    tests = [step for step in run.jobs["test"].steps if step.name == "Unit tests"]
    assert sorted(step.matrix["os"] for step in tests) == ["macos-15", "ubuntu-latest"]
    assert all("pass 1\n" in step.output for step in tests)
    assert "deployed main" in run.jobs["deploy"].output


def test_a_failing_test_fails_its_job_and_stops_what_needs_it(tmp_path: Path) -> None:
    run = run_workflow(node_repository(tmp_path, expected=3))
    assert {id_: job.result for id_, job in run.jobs.items()} == {
        "lint": "success",
        "test": "failure",
        "deploy": "skipped",
    }, run.output
    assert not run.succeeded
    assert set(run.jobs["test"].failed_steps) == {"Unit tests"}
    assert "fail 1" in run.jobs["test"].output


def test_one_job_brings_what_it_needs(tmp_path: Path) -> None:
    run = run_workflow(node_repository(tmp_path), job="test", event="pull_request")
    assert [run.jobs[name].result for name in ("lint", "test", "deploy")] == ["success", "success", "skipped"]


def test_the_checkout_is_a_copy_that_steps_may_change(tmp_path: Path) -> None:
    run = run_workflow(workflow(tmp_path, "- run: touch made-by-step; git log --format=%s"))
    assert run.jobs["job"].output.endswith("Snapshot\n")
    assert not (tmp_path / "made-by-step").exists()


def test_uncommitted_and_ignored_files_of_a_git_repository(tmp_path: Path) -> None:
    workflow(tmp_path, "- run: ls")
    subprocess.run(["git", "init", "-q", "-b", "trunk", tmp_path], check=True)
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, "commit", "-q", "--allow-empty", "-m", "x"], cwd=tmp_path, check=True)
    write(tmp_path, ".gitignore", "ignored\n")
    write(tmp_path, "ignored", "")
    write(tmp_path, "not-yet-committed", "")
    listed = run_workflow(tmp_path).jobs["job"].output.split()
    assert "not-yet-committed" in listed
    assert "ignored" not in listed


def test_python_is_a_fresh_environment_not_the_callers(tmp_path: Path) -> None:
    setup = "- uses: actions/setup-python@v7\n  with: {python-version: '3.11'}\n"
    ask = "python -c 'import sys; print(sys.prefix != sys.base_prefix)'; python -m pip list --format=freeze"
    run = run_workflow(workflow(tmp_path, f"{setup}- run: {ask}\n- run: command -v pytest"))
    shown, searched = run.jobs["job"].steps[2:]
    assert "True\n" in shown.output
    assert "pytest" not in shown.output
    assert searched.result == "failure"


@pytest.mark.parametrize(
    ("action", "command"), [("astral-sh/setup-uv@v10", "uv --version"), ("pnpm/action-setup@v4", "pnpm --version")]
)
def test_a_tool_that_an_action_brings_is_on_path_after_it(tmp_path: Path, action: str, command: str) -> None:
    run = run_workflow(workflow(tmp_path, f"- uses: {action}\n- run: {command}"))
    assert run.succeeded, run.output


def test_an_action_in_the_repository_is_executed(tmp_path: Path) -> None:
    action = """\
name: Greet
description: Greets
runs:
  using: composite
  steps:
    - uses: acme/notify@v1
    - run: echo hello from inside
      shell: bash
"""
    write(tmp_path, ".github/actions/greet/action.yml", action)
    run = run_workflow(workflow(tmp_path, "- uses: ./.github/actions/greet"))
    assert "hello from inside" in run.jobs["job"].output


def test_a_version_file_that_does_not_exist_fails_as_in_the_real_action(tmp_path: Path) -> None:
    (node_repository(tmp_path) / ".nvmrc").unlink()
    run = run_workflow(tmp_path, job="lint")
    assert run.jobs["lint"].result == "failure"
    assert "no .nvmrc" in run.jobs["lint"].output


def test_jobs_do_not_see_the_callers_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "s3cr3t-value")
    monkeypatch.setenv("DATABASE_PASSWORD", "s3cr3t-value")
    run = run_workflow(workflow(tmp_path, "- run: env"))
    assert "PATH=" in run.log
    assert "s3cr3t-value" not in run.log


def test_steps_that_never_ran_and_tolerated_failures(tmp_path: Path) -> None:
    steps = "- {name: never, if: false, run: exit 1}\n- {name: maybe, continue-on-error: true, run: exit 1}"
    job = run_workflow(workflow(tmp_path, steps)).jobs["job"]
    assert job.result == "success"
    assert [(step.name, step.result) for step in job.steps[1:]] == [("maybe", "failure")]


def test_a_run_that_hangs_is_ended(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    with pytest.raises(HungToolError, match="act"):
        run_workflow(workflow(tmp_path / "r", f"- run: echo $$ > {pid_file}; exec sleep 600"), timeout=3)
    assert has_ended(pid_file)


def test_what_a_job_leaves_running_is_ended(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    steps = f"- run: |\n    nohup sleep 600 >/dev/null 2>&1 &\n    echo $! > {pid_file}"
    assert run_workflow(workflow(tmp_path / "r", steps)).succeeded
    assert has_ended(pid_file)


def has_ended(pid_file: Path) -> bool:
    """Whether a process is gone, or goes within a few seconds: the kernel needs a moment."""
    status = Path("/proc") / pid_file.read_text().strip() / "status"
    for _ in range(100):
        try:
            if "State:\tZ" in status.read_text():
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def test_a_job_or_workflow_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no job 'tset': .* has lint, test, deploy"):
        run_workflow(node_repository(tmp_path), job="tset")
    with pytest.raises(NotFoundError, match="no workflow"):
        run_workflow(tmp_path, workflow=".github/workflows/no.yml")


def test_a_workflow_that_act_refuses(tmp_path: Path) -> None:
    with pytest.raises(ShiftdownError, match="act cannot run"):
        run_workflow(workflow(tmp_path, "- rum: nonsense"))
