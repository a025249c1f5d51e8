"""Every request that the fake takes, through GitHub's own contract; and a fake that leaves it is caught."""

import base64
import itertools
from typing import Any

import pytest

from shiftdown_fakes.github import ROUTES, Repository
from shiftdown_fakes.github.routing import find_route
from shiftdown_fakes.github.shapes import Shapes
from shiftdown_fakes.store import GitStore

from .client import Client
from .prism import CheckedGitHub

_numbers = itertools.count(1)


@pytest.fixture
def repository(checked: CheckedGitHub) -> Repository:
    """A repository with a branch beside its default one; `ada` may write to it."""
    github = checked.github
    made = github.world.add_repository(f"contract{next(_numbers)}/orders")
    github.commit(made, "main", {"README.md": "hello\n", "docs/a.txt": "a\n"})
    github.commit(made, "topic/a", {"a.txt": "a\n"})
    github.world.add_user("ada")
    github.world.add_team(made.owner, "core", ["ada"])
    made.roles["ada"] = "write"
    return made


@pytest.fixture
def owner(checked: CheckedGitHub, repository: Repository) -> Client:
    """The owner of the repository, at the API."""
    return Client(checked.url, checked.github.world.add_token(repository.owner).value)


@pytest.fixture
def ada(checked: CheckedGitHub, repository: Repository) -> Client:
    """Somebody who may write, at the API."""
    return Client(checked.url, checked.github.world.add_token("ada").value)


def open_pull(owner: Client, repo: str, branch: str = "topic/a") -> Any:
    return owner.ok("POST", f"{repo}/pulls", {"title": "T", "head": branch, "base": "main", "body": "B"})


def test_every_request_stays_within_the_contract(
    checked: CheckedGitHub, repository: Repository, owner: Client, ada: Client
) -> None:
    first = len(checked.github.requests)
    repo = f"/repos/{repository.full_name}"
    accounts(owner, repository, repo)
    pull = pulls(owner, ada, repo)
    issues(owner, repo)
    head, base = pull["head"]["sha"], pull["base"]["sha"]
    checks(owner, repo, head)
    git_data(owner, repo, head, repository.store)
    files(owner, repo, base, head)
    forks(ada, repository, repo)
    number = f"{repo}/pulls/{pull['number']}"
    tip = owner.ok("GET", number)["head"]["sha"]
    assert owner("PUT", f"{number}/merge", {"sha": head})[0] == 409
    assert owner.ok("PUT", f"{number}/merge", {"sha": tip, "merge_method": "squash"})["merged"] is True
    assert owner.ok("GET", number)["merged"] is True
    asked = [request.split(" ") for request in checked.github.requests[first:]]
    routes = [find_route(method, path.partition("?")[0]) for method, path in asked]
    used = {route[0].template for route in routes if route}
    apps = {"/repos/{owner}/{repo}/installation", "/app/installations/{installation_id}/access_tokens"}
    apps |= {"/orgs/{org}/installation", "/users/{username}/installation"}
    others = {route.template for route in ROUTES if ".admin_" not in route.handler.__module__}
    assert others - used == apps


def accounts(owner: Client, repository: Repository, repo: str) -> None:
    assert owner.ok("GET", "/user")["login"] == repository.owner
    assert owner.ok("GET", "/rate_limit")["rate"]["limit"] == 5000
    assert owner.ok("GET", repo)["permissions"]["push"] is True
    assert owner.ok("PUT", f"{repo}/topics", {"names": ["payments"]}) == {"names": ["payments"]}
    assert owner.ok("GET", f"{repo}/topics") == {"names": ["payments"]}
    assert [r["name"] for r in owner.ok("GET", f"/orgs/{repository.owner}/repos")] == ["orders"]
    found = owner.ok("GET", f"/search/repositories?q=org:{repository.owner}+topic:payments+archived:false")
    assert [item["full_name"] for item in found["items"]] == [repository.full_name]


def pulls(owner: Client, ada: Client, repo: str) -> Any:
    pull = open_pull(owner, repo)
    number = f"{repo}/pulls/{pull['number']}"
    again = owner("POST", f"{repo}/pulls", {"title": "T", "head": "topic/a", "base": "main"})
    assert (again[0], "already exists" in str(again[1])) == (422, True)
    assert [p["number"] for p in owner.ok("GET", f"{repo}/pulls?state=all")] == [pull["number"]]
    assert owner.ok("PATCH", number, {"title": "U"})["title"] == "U"
    assert [f["filename"] for f in owner.ok("GET", f"{number}/files")] == ["a.txt"]
    asked = owner.ok("POST", f"{number}/requested_reviewers", {"reviewers": ["ada"], "team_reviewers": ["core"]})
    assert [team["slug"] for team in asked["requested_teams"]] == ["core"]
    assert [u["login"] for u in owner.ok("GET", f"{number}/requested_reviewers")["users"]] == ["ada"]
    owner.ok("DELETE", f"{number}/requested_reviewers", {"reviewers": [], "team_reviewers": ["core"]})
    ada.ok("POST", f"{number}/reviews", {"event": "APPROVE", "commit_id": pull["head"]["sha"]})
    assert [r["state"] for r in owner.ok("GET", f"{number}/reviews")] == ["APPROVED"]
    assert owner("POST", f"{number}/reviews", {"event": "APPROVE"})[0] == 422
    assert owner("GET", f"{repo}/pulls/99")[0] == 404
    return owner.ok("GET", number)


def issues(owner: Client, repo: str) -> None:
    made = owner.ok("POST", f"{repo}/milestones", {"title": "M"})
    assert [m["title"] for m in owner.ok("GET", f"{repo}/milestones")] == ["M"]
    wanted = {"labels": ["devops", "two words"], "assignees": ["ada", "nobody-there"], "milestone": made["number"]}
    edited = owner.ok("PATCH", f"{repo}/issues/1", wanted)
    assert [label["name"] for label in edited["labels"]] == ["devops", "two words"]
    assert [user["login"] for user in edited["assignees"]] == ["ada"]
    assert owner.ok("GET", f"{repo}/issues/1")["milestone"]["title"] == "M"
    owner.ok("POST", f"{repo}/issues/1/comments", {"body": "hi"})
    assert [c["body"] for c in owner.ok("GET", f"{repo}/issues/1/comments")] == ["hi"]
    assert owner("POST", f"{repo}/issues/1/comments", {"body": " "})[0] == 422
    owner.ok("POST", f"{repo}/issues", {"title": "I"})
    assert [i["title"] for i in owner.ok("GET", f"{repo}/issues")] == ["I", "U"]


def checks(owner: Client, repo: str, head: str) -> None:
    owner.ok("POST", f"{repo}/statuses/{head}", {"state": "success", "context": "ci"})
    assert owner.ok("GET", f"{repo}/commits/topic/a/status")["state"] == "success"
    owner.ok("POST", f"{repo}/check-runs", {"name": "unit", "head_sha": head, "status": "in_progress"})
    assert owner.ok("GET", f"{repo}/commits/{head}/check-runs")["check_runs"][0]["conclusion"] is None
    done = {"name": "unit", "head_sha": head, "status": "completed", "conclusion": "success"}
    owner.ok("POST", f"{repo}/check-runs", done)
    assert owner.ok("GET", f"{repo}/commits/{head}/check-runs")["total_count"] == 1


def git_data(owner: Client, repo: str, head: str, store: GitStore) -> None:
    assert owner.ok("GET", f"{repo}/git/ref/heads/topic/a")["object"]["sha"] == head
    owner.ok("POST", f"{repo}/git/refs", {"ref": "refs/heads/new", "sha": head})
    assert owner("POST", f"{repo}/git/refs", {"ref": "refs/heads/new", "sha": head})[0] == 422
    blob = owner.ok("POST", f"{repo}/git/blobs", {"content": "hey", "encoding": "utf-8"})
    assert base64.b64decode(owner.ok("GET", f"{repo}/git/blobs/{blob['sha']}")["content"]) == b"hey"
    commit = owner.ok("GET", f"{repo}/git/commits/{head}")
    entries = [
        {"path": "deep/z.txt", "mode": "100644", "type": "blob", "content": "z"},
        {"path": "a.txt", "mode": "100644", "type": "blob", "sha": None},
    ]
    tree = owner.ok("POST", f"{repo}/git/trees", {"base_tree": commit["tree"]["sha"], "tree": entries})
    listed = owner.ok("GET", f"{repo}/git/trees/{tree['sha']}?recursive=1")
    names = ["README.md", "deep", "deep/z.txt", "docs", "docs/a.txt"]
    assert [entry["path"] for entry in listed["tree"]] == names
    made = owner.ok("POST", f"{repo}/git/commits", {"message": "m", "tree": tree["sha"], "parents": [head]})
    moved = owner.ok("PATCH", f"{repo}/git/refs/heads/new", {"sha": made["sha"], "force": False})
    assert moved["object"]["sha"] == made["sha"]
    assert owner("PATCH", f"{repo}/git/refs/heads/new", {"sha": head})[0] == 422
    owner.ok("DELETE", f"{repo}/git/refs/heads/new")
    assert [item["ref"] for item in owner.ok("GET", f"{repo}/git/matching-refs/heads/to")] == ["refs/heads/topic/a"]
    now = {"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org", "GIT_COMMITTER_DATE": "@0 +0000"}
    store.run("tag", "-am", "first", "v1", head, env=now)
    (reference,) = owner.ok("GET", f"{repo}/git/matching-refs/tags/v")
    assert reference["object"]["type"] == "tag"
    assert owner.ok("GET", f"{repo}/git/tags/{reference['object']['sha']}")["object"]["sha"] == head


def files(owner: Client, repo: str, base: str, head: str) -> None:
    assert owner.ok("GET", f"{repo}/compare/{base}...{head}")["ahead_by"] == 1
    diff = owner.ok("GET", f"{repo}/compare/{base}...{head}", Accept="application/vnd.github.diff")
    assert b"+++ b/a.txt" in diff
    assert [item["name"] for item in owner.ok("GET", f"{repo}/contents/docs")] == ["a.txt"]
    written = {"message": "m", "content": base64.b64encode(b"hi").decode(), "branch": "topic/a"}
    sha = owner.ok("PUT", f"{repo}/contents/docs/b.txt", written)["content"]["sha"]
    assert owner.ok("GET", f"{repo}/contents/docs/b.txt?ref=topic/a")["sha"] == sha
    assert owner("PUT", f"{repo}/contents/docs/b.txt", written)[0] == 422
    owner.ok("DELETE", f"{repo}/contents/docs/b.txt", {"message": "m", "sha": sha, "branch": "topic/a"})
    names = {branch["name"] for branch in owner.ok("GET", f"{repo}/branches")}
    assert names == {"main", "topic/a"}
    assert owner.ok("GET", f"{repo}/branches/topic/a")["protected"] is False


def forks(ada: Client, repository: Repository, repo: str) -> None:
    fork = ada.ok("POST", f"{repo}/forks", {})
    assert ada.ok("POST", f"{repo}/forks", {})["full_name"] == fork["full_name"]
    assert fork["parent"]["full_name"] == repository.full_name
    ada.ok("POST", f"/repos/{fork['full_name']}/merge-upstream", {"branch": "main"})


def test_lists_come_in_pages(checked: CheckedGitHub, repository: Repository, owner: Client) -> None:
    for number in range(1, 5):
        checked.github.world.add_repository(f"{repository.owner}/r{number}")
    path, seen = f"/orgs/{repository.owner}/repos?per_page=2", []
    while path:
        _, data, headers = owner("GET", path)
        seen += [item["name"] for item in data]
        links = dict(part.split("; rel=")[::-1] for part in headers.get("link", "").split(", ") if part)
        path = links.get('"next"', "").strip("<>").removeprefix(checked.url)
    assert seen == ["orders", "r1", "r2", "r3", "r4"]


def test_a_repository_that_was_renamed_is_found(checked: CheckedGitHub, repository: Repository, owner: Client) -> None:
    old = repository.full_name
    checked.github.world.rename(repository, f"{repository.owner}/bills")
    assert owner.ok("GET", f"/repos/{old}")["name"] == "bills"


@pytest.mark.parametrize("sabotage", ["missing", "type"])
def test_a_fake_that_leaves_the_contract_is_caught(
    github_behind_contract: CheckedGitHub, monkeypatch: pytest.MonkeyPatch, sabotage: str
) -> None:
    github = github_behind_contract.github
    made = github.world.add_repository(f"contract{next(_numbers)}/sabotage")
    github.commit(made, "main", {"README.md": "hello\n"})
    github.commit(made, "topic", {"a.txt": "a\n"})
    owner = Client(github_behind_contract.url, github.world.add_token(made.owner).value)
    github_behind_contract.violations()
    true = Shapes.pull_simple

    def false(self: Shapes, *given: Any) -> dict[str, Any]:
        shape = true(self, *given)
        return {k: v for k, v in shape.items() if k != "user"} if sabotage == "missing" else shape | {"number": "1"}

    monkeypatch.setattr(Shapes, "pull_simple", false)
    status, answer, _ = owner("POST", f"/repos/{made.full_name}/pulls", {"title": "T", "head": "topic", "base": "main"})
    assert (status, "VIOLATIONS" in answer["type"]) == (500, True)
    assert github_behind_contract.violations(expected=True)


def test_a_request_that_leaves_the_contract_is_caught(github_behind_contract: CheckedGitHub) -> None:
    github = github_behind_contract.github
    made = github.world.add_repository(f"contract{next(_numbers)}/sabotage")
    owner = Client(github_behind_contract.url, github.world.add_token(made.owner).value)
    github_behind_contract.violations()
    before = len(github.requests)
    status, _, _ = owner("POST", f"/repos/{made.full_name}/pulls", {"title": "T", "base": "main"})
    assert (status, len(github.requests)) == (422, before)
    assert github_behind_contract.violations(expected=True)
