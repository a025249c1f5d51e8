"""GraphQL: documents and answers against GitHub's schema; and a fake that leaves it is caught."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shiftdown_fakes.github import FakeGitHub, Protection, Repository
from shiftdown_fakes.store import GitStore

from .client import Client
from .schema import Exchange, problems

PULL = """
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    id nameWithOwner isArchived viewerPermission defaultBranchRef { name target { __typename oid } }
    pullRequest(number: $number) { ...Pull }
    pullRequests(first: 1, orderBy: {field: CREATED_AT, direction: DESC}) {
      totalCount nodes { number } pageInfo { hasNextPage endCursor }
    }
  }
}
fragment Pull on PullRequest {
  id number state isDraft mergeable mergeStateStatus reviewDecision headRefOid
  autoMergeRequest { mergeMethod }
  labels(first: 10) { nodes { name } }
  reviewRequests(first: 10) {
    nodes { requestedReviewer { __typename ... on User { login } ... on Team { slug } } }
  }
  reviews(last: 10, states: [APPROVED]) { nodes { state author { __typename login } commit { oid } } }
  comments(last: 10) { nodes { body } }
  commits(last: 1) { nodes { commit { statusCheckRollup { state } } } }
}
"""
COMMIT = """
mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }
"""
AUTO_MERGE = """
mutation($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { pullRequest { autoMergeRequest { mergeMethod } } }
}
"""


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path) as server:
        yield server
        assert server.crashes == []
        assert problems(server.exchanges) == []


@pytest.fixture
def repository(github: FakeGitHub) -> Repository:
    made = github.world.add_repository("acme/orders")
    github.commit(made, "main", {"README.md": "hello\n"})
    github.commit(made, "topic", {"a.txt": "a\n"})
    made.roles["ada"] = "write"
    return made


@pytest.fixture
def owner(github: FakeGitHub) -> Client:
    return Client(github.api_url, github.world.add_token("acme").value)


def pull(owner: Client) -> dict[str, Any]:
    made: dict[str, Any] = owner.ok("POST", "/repos/acme/orders/pulls", {"title": "T", "head": "topic", "base": "main"})
    return made


def test_a_pull_request_shows_what_is_asked_for(github: FakeGitHub, repository: Repository, owner: Client) -> None:
    number = pull(owner)["number"]
    github.world.add_team("acme", "core")
    github.world.add_user("ada")
    asked = {"reviewers": ["ada"], "team_reviewers": ["core"]}
    owner.ok("POST", f"/repos/acme/orders/pulls/{number}/requested_reviewers", asked)
    answer = owner.graphql(PULL, owner="acme", name="orders", number=number)
    shown = answer["data"]["repository"]["pullRequest"]
    assert (shown["state"], shown["mergeable"], shown["autoMergeRequest"]) == ("OPEN", "MERGEABLE", None)
    requested = [node["requestedReviewer"] for node in shown["reviewRequests"]["nodes"]]
    assert requested == [{"__typename": "User", "login": "ada"}, {"__typename": "Team", "slug": "core"}]


def test_what_does_not_exist_is_an_error_of_its_field(repository: Repository, owner: Client) -> None:
    missing = owner.graphql(PULL, owner="acme", name="orders", number=99)
    assert missing["data"]["repository"]["pullRequest"] is None
    assert [error["type"] for error in missing["errors"]] == ["NOT_FOUND"]
    assert owner.graphql(PULL, owner="acme", name="none", number=1)["data"] == {"repository": None}


def test_a_commit_is_made_on_a_branch_that_is_where_it_is_expected(repository: Repository, owner: Client) -> None:
    tip = repository.store.tip("topic")
    content = base64.b64encode(b"new\n").decode()
    given = {
        "branch": {"repositoryNameWithOwner": "acme/orders", "branchName": "topic"},
        "message": {"headline": "Change", "body": "Why."},
        "fileChanges": {"additions": [{"path": "b.txt", "contents": content}], "deletions": [{"path": "a.txt"}]},
        "expectedHeadOid": tip,
    }
    made = owner.graphql(COMMIT, input=given)["data"]["createCommitOnBranch"]["commit"]["oid"]
    facts = repository.store.commit_facts(made)
    assert facts is not None
    assert (facts.parents, facts.message, facts.signed) == ((tip,), "Change\n\nWhy.", True)
    assert [entry.path for entry in repository.store.entries(made)] == ["README.md", "b.txt"]
    again = owner.graphql(COMMIT, input=given)
    assert [error["type"] for error in again["errors"]] == ["STALE_DATA"]


def test_a_pull_request_merges_by_itself_when_its_checks_are_green(
    github: FakeGitHub, repository: Repository, owner: Client
) -> None:
    opened = pull(owner)
    wanted = {"pullRequestId": opened["node_id"], "mergeMethod": "SQUASH"}
    assert owner.graphql(AUTO_MERGE, input=wanted)["errors"][0]["type"] == "UNPROCESSABLE"
    github.world.protect(repository, "main", Protection(checks=("ci",)))
    set_ = owner.graphql(AUTO_MERGE, input=wanted)["data"]["enablePullRequestAutoMerge"]["pullRequest"]
    assert set_ == {"autoMergeRequest": {"mergeMethod": "SQUASH"}}
    repo = "/repos/acme/orders"
    assert owner.ok("GET", f"{repo}/pulls/1")["mergeable_state"] == "blocked"
    owner.ok("POST", f"{repo}/statuses/{opened['head']['sha']}", {"state": "success", "context": "ci"})
    assert owner.ok("GET", f"{repo}/pulls/1")["merged"] is True


def test_the_schema_catches_what_does_not_belong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with FakeGitHub(tmp_path) as server:
        made = server.world.add_repository("acme/orders")
        server.commit(made, "main", {"README.md": "hello\n"})
        owner = Client(server.api_url, server.world.add_token("acme").value)
        owner.graphql("query { viewer { login } }")
        assert problems(server.exchanges) == []
        monkeypatch.setattr(GitStore, "tip", lambda self, branch: None)
        owner.graphql('query { repository(owner: "acme", name: "orders") { isArchived } }')
        made.archived = "perhaps"  # type: ignore[assignment]
        owner.graphql('query { repository(owner: "acme", name: "orders") { isArchived } }')
        assert len(problems(server.exchanges)) == 1
        wrong: list[Exchange] = [("query { viewer { nickname } }", {}, {"data": {"viewer": {"nickname": "x"}}})]
        assert len(problems(wrong)) == 1
