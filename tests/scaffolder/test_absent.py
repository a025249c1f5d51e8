"""What a dry-run says in place of Backstage's actions that are not installed."""

from typing import Any

import pytest

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.absent import example_output, stand_in

PULL = {"repoUrl": "github.com?owner=acme&repo=shop", "branchName": "b", "title": "t", "description": "d"}


def _run(action: str, values: dict[str, Any]) -> dict[str, Any]:
    run = stand_in(action)
    assert run is not None
    return run(values)


def test_skipped_actions_give_examples() -> None:
    url = "<example>"
    assert example_output("publish:github") == {"remoteUrl": url, "repoContentsUrl": url, "commitHash": url}
    assert example_output("publish:gitlab")["projectId"] == 0


def test_unknown_actions_give_nothing() -> None:
    assert example_output("acme:deploy") == {}
    assert stand_in("acme:deploy") is None


def test_a_pull_request_answers_with_what_was_given() -> None:
    expected = {"targetBranchName": "b", "remoteUrl": PULL["repoUrl"], "pullRequestNumber": 43}
    assert _run("publish:github:pull-request", PULL) == expected


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"title": None}, "title is not of type string"),
        ({"draft": "yes"}, "draft is not of type boolean"),
        ({"allowedHosts": ["github.com"]}, "allowedHosts is not known"),
        ({"repoUrl": "github.com?repo=shop"}, "owner"),
    ],
)
def test_what_backstage_refuses(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidInputError, match=problem):
        _run("publish:github:pull-request", PULL | change)


def test_what_is_missing() -> None:
    with pytest.raises(InvalidInputError, match="repoUrl is required; title is required"):
        _run("github:issues:create", {})


def test_other_actions_that_backstage_can_dry_run() -> None:
    issue = _run("github:issues:create", {"repoUrl": PULL["repoUrl"], "title": "t"})
    assert issue == {"issueUrl": "https://github.com/acme/shop/issues/42", "issueNumber": 42}
    assert _run("github:webhook", {"repoUrl": PULL["repoUrl"], "webhookUrl": "https://x"}) == {}
    assert _run("gitlab:group:ensureExists", {"repoUrl": "gitlab.com", "path": ["a"]}) == {"groupId": 42}
    access = {"repoUrl": "gitlab.com", "path": "a", "userIds": [1]}
    assert _run("gitlab:group:access", access) == {"userIds": [1], "path": "a", "accessLevel": 30}
    assert _run("gitlab:group:access", access | {"action": "remove"}) == {"userIds": [1], "path": "a"}
    with pytest.raises(InvalidInputError, match="userIds or groupIds"):
        _run("gitlab:group:access", {"repoUrl": "gitlab.com", "path": "a"})
