"""The scripts of the jobs around a monorepo's jobs, executed with real git."""

import subprocess
from pathlib import Path

import pytest

from shiftdown.edits import yaml
from shiftdown.pipelines.github_actions import render

from .samples import MONOREPO

JOBS = yaml.load(render(MONOREPO))["jobs"]


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, *paths: str) -> None:
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)
    git(folder, "add", "-A")
    git(folder, "commit", "--allow-empty", "-q", "-m", "change")


def touched(folder: Path, event: str = "pull_request") -> dict[str, str]:
    """The outputs of the job "changes" for a checkout."""
    output = folder.parent / "output"
    step = next(s for s in JOBS["changes"]["steps"] if s.get("id") == "areas")
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "EVENT": event, "GITHUB_OUTPUT": str(output)}
    subprocess.run(["bash", "-e", "-c", step["run"]], cwd=folder, env=environment, check=True, capture_output=True)
    found = dict(line.split("=") for line in output.read_text().splitlines())
    assert set(found) == set(JOBS["changes"]["outputs"])
    return found


def pull_request(folder: Path, *paths: str) -> Path:
    """A shallow checkout of the merge of a pull request, two commits deep, while its base has moved on."""
    origin = folder / "origin"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "main")
    commit(origin, "README.md", "web/index.js")
    git(origin, "switch", "-q", "-c", "topic")
    for path in paths:
        commit(origin, path)
    git(origin, "switch", "-q", "main")
    commit(origin, "services/api/other.go", "web/other.js", "package-lock.json")
    git(origin, "switch", "-q", "-c", "merge")
    git(origin, "merge", "-q", "--no-ff", "-m", "merge", "topic")
    git(folder, "clone", "-q", "--depth=2", "--branch=merge", f"file://{origin}", "checkout")
    return folder / "checkout"


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["services/api/main.go"], {"api": "true", "web": "false"}),
        (["web/app.js", "README"], {"api": "false", "web": "true"}),
        (["services/web/x", "weber/x", "services/api.md"], {"api": "false", "web": "false"}),
        (["lib/deep/style.css"], {"api": "false", "web": "true"}),
        (["a b/c"], {"api": "false", "web": "true"}),
        (["package-lock.json"], {"api": "false", "web": "false"}),  # as it is on main already
        ([".github/workflows/ci.yml"], {"api": "true", "web": "true"}),
        (["services/api/a", "web/b"], {"api": "true", "web": "true"}),
    ],
)
def test_finds_what_a_pull_request_touches(paths: list[str], expected: dict[str, str], tmp_path: Path) -> None:
    assert touched(pull_request(tmp_path, *paths)) == expected


def test_everything_counts_as_touched_on_other_events_and_when_git_fails(tmp_path: Path) -> None:
    checkout = pull_request(tmp_path, "README")
    everything = {"api": "true", "web": "true"}
    assert touched(checkout, "push") == everything
    git(checkout, "checkout", "-q", "HEAD^1")  # its own parent is beyond the depth
    assert touched(checkout) == everything


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ("success success", 0),
        ("success skipped", 0),
        ("success failure skipped", 1),
        ("cancelled", 1),
    ],
)
def test_the_last_job_fails_when_one_failed(results: str, code: int) -> None:
    (step,) = JOBS["ci"]["steps"]
    done = subprocess.run(["bash", "-e", "-c", step["run"]], env={"RESULTS": results}, capture_output=True, check=False)
    assert done.returncode == code


def test_the_last_job_needs_all_others() -> None:
    assert set(JOBS["ci"]["needs"]) == set(JOBS) - {"ci"}
    assert JOBS["ci"]["if"] == "always()"


def test_a_job_without_area_runs_although_one_it_needs_was_not_needed() -> None:
    assert JOBS["image"]["if"] == "${{ !cancelled() && !failure() }}"
    assert JOBS["api-test"]["if"] == "needs.changes.outputs.api == 'true'"
    assert "if" not in JOBS["docs"]
