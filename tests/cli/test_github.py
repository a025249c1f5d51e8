"""`shiftdown run TYPE URL` for a repository on GitHub."""

from pathlib import Path

import pytest

from shiftdown_fakes.github import FakeGitHub

from .conftest import NODE, Cli


def test_a_change_request_on_github(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeGitHub(tmp_path / "github") as github:
        orders = github.world.add_repository("acme/orders", private=True)
        orders.roles["ada"] = "write"
        github.commit(orders, "main", NODE)
        (tmp_path / "shiftdown.toml").write_text("")
        monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
        monkeypatch.setenv("SHIFTDOWN_GITHUB_URL", github.url)
        monkeypatch.setenv("SHIFTDOWN_GITHUB_TOKEN", github.world.add_token("acme").value)
        url = f"{github.url}/acme/orders"
        github.world.add_user("ada")
        wanted = ("--label", "devops", "--label", "ci", "--reviewer", "ada", "--assignee", "ada", "--draft")
        assert cli("run", "ADD_GITHUB_ACTIONS", url, "--auto-merge", "fly").code == 2
        draft = cli("run", "ADD_GITHUB_ACTIONS", url, *wanted, "--json")
        assert (draft.code, [result["outcome"] for result in draft.json]) == (0, ["OPENED"]), draft.err
        pull = orders.pulls[0]
        assert (pull.draft, pull.labels, pull.assignees, pull.reviewers) == (True, ["devops", "ci"], ["ada"], ["ada"])
        done = cli("run", "ADD_GITHUB_ACTIONS", url, "--json")
        assert (done.code, [result["outcome"] for result in done.json]) == (0, ["UNCHANGED"]), done.err
        assert (pull.draft, pull.labels) == (False, ["devops", "ci"])
        (shown,) = cli("change-requests", "list", "--json").json
        assert (shown["url"], shown["branch"]) == (f"{url}/pull/1", "shiftdown/add-github-actions")
        assert cli("change-requests", "merge", shown["id"]).code == 0
        names = {entry.path for entry in orders.store.entries("refs/heads/main", recursive=True)}
        assert any(name.startswith(".github/workflows/") for name in names)
        assert github.crashes == []
