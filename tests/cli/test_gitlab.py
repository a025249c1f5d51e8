"""`shiftdown run TYPE URL` for a project on GitLab."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown_fakes.faults import Fault
from shiftdown_fakes.gitlab import FakeGitLab, Project
from shiftdown_fakes.gitlab.model import DEVELOPER

from .conftest import NODE, Cli

BRANCH = "shiftdown/add-github-actions"


@pytest.fixture
def gitlab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitLab]:
    """The one GitLab that the environment knows."""
    with FakeGitLab(tmp_path / "gitlab") as server:
        (tmp_path / "shiftdown.toml").write_text("")
        monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
        monkeypatch.setenv("SHIFTDOWN_GITLAB_URL", server.url)
        monkeypatch.setenv("SHIFTDOWN_GITLAB_TOKEN", server.world.add_token("robot").value)
        yield server
        assert server.crashes == []


@pytest.fixture
def orders(gitlab: FakeGitLab) -> Project:
    """A private project in a sub-group."""
    made = gitlab.world.add_project("acme/platform/orders", owner="robot", private=True)
    made.levels["ada"] = DEVELOPER
    gitlab.world.add_user("ada")
    gitlab.commit(made, "main", NODE)
    return made


def test_a_change_request_on_gitlab(cli: Cli, gitlab: FakeGitLab, orders: Project) -> None:
    url = f"{gitlab.url}/{orders.path}"
    wanted = ("--label", "devops", "--label", "ci", "--reviewer", "ada", "--assignee", "ada", "--draft")
    draft = cli("run", "ADD_GITHUB_ACTIONS", url, *wanted, "--json")
    assert (draft.code, [result["outcome"] for result in draft.json]) == (0, ["OPENED"]), draft.err
    request = orders.merge_requests[1]
    assert (request.draft, request.labels) == (True, ["devops", "ci"])
    assert (request.assignees, list(request.reviewers)) == (["ada"], ["ada"])
    done = cli("run", "ADD_GITHUB_ACTIONS", url, "--json")
    assert (done.code, [result["outcome"] for result in done.json]) == (0, ["UNCHANGED"]), done.err
    assert (request.draft, request.labels) == (False, ["devops", "ci"])
    (shown,) = cli("change-requests", "list", "--json").json
    assert (shown["url"], shown["branch"]) == (f"{url}/-/merge_requests/1", BRANCH)
    assert cli("change-requests", "comment", shown["id"], "Almost.").code == 0
    assert [note.body for note in request.notes if not note.system] == ["Almost."]
    assert cli("change-requests", "merge", shown["id"]).code == 0
    names = {entry.path for entry in orders.store.entries("refs/heads/main", recursive=True)}
    assert any(name.startswith(".github/workflows/") for name in names)


@pytest.mark.parametrize("end", ["/git-receive-pack", "/merge_requests"])
def test_killed_in_between_and_run_again(
    cli: Cli, gitlab: FakeGitLab, orders: Project, end: str, tmp_path: Path
) -> None:
    command = [
        str(Path(sys.executable).with_name("shiftdown")),
        "run",
        "ADD_GITHUB_ACTIONS",
        f"{gitlab.url}/{orders.path}",
    ]
    process: subprocess.Popen[bytes] | None = None

    def kill(method: str, path: str) -> Fault | None:
        if method == "POST" and path.endswith(end) and process is not None:
            process.kill()
            process.wait()
            return Fault.lost_after()
        return None

    gitlab.inject = kill
    process = subprocess.Popen(command, env=dict(os.environ), cwd=tmp_path)
    assert process.wait() == -9
    gitlab.inject = lambda method, path: None
    again = cli("run", "ADD_GITHUB_ACTIONS", f"{gitlab.url}/{orders.path}", "--json")
    assert again.code == 0, again.err
    assert set(orders.store.references()) == {"refs/heads/main", f"refs/heads/{BRANCH}"}
    assert [request.state for request in orders.merge_requests.values()] == ["opened"]
    (shown,) = cli("change-requests", "list", "--json").json
    assert shown["status"] == "OPEN"
