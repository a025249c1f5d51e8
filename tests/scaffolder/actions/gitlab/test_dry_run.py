"""In a dry-run, actions for GitLab tell what they would do, and give what can be told, without a token or a request."""

from typing import Any

import pytest

from shiftdown.errors import ShiftdownError
from shiftdown.scaffolder.actions.gitlab import gitlab_actions
from shiftdown.testing import run_action

ACTIONS = {action.id: action for action in gitlab_actions()}
LOOKS_ONLY = {"gitlab:user:info"}
"""Actions that do nothing: a dry-run skips them."""
SHOP = "gitlab.example.org:8443?owner=acme/payments&repo=shop"


def _try(id_: str, given: dict[str, Any], **options: Any) -> Any:
    return run_action(ACTIONS[id_], given, dry_run=True, **options)


@pytest.mark.parametrize("id_", sorted(ACTIONS.keys() - LOOKS_ONLY))
def test_each_tells_its_effect(id_: str) -> None:
    example = ACTIONS[id_].examples[0]
    ran = _try(id_, dict(example.input), workspace=example.workspace)
    assert [effect.action for effect in ran.effects] == [id_]
    assert ran.effects[0].target.startswith("gitlab.com")


def test_what_is_published() -> None:
    given = {
        "repoUrl": SHOP,
        "sourcePath": "made",
        "settings": {"path": "the-shop", "merge_method": "ff", "visibility": "public"},
        "branches": [{"name": "release", "create": True}],
        "projectVariables": [{"key": "PASSWORD", "value": "hunter2-value"}],
        "token": "glpat-given",
    }
    ran = _try("publish:gitlab", given, workspace={"made/a.txt": "a", "b.txt": "b"})
    address = "https://gitlab.example.org:8443/acme/payments/the-shop"
    assert ran.output == {
        "remoteUrl": address,
        "repoContentsUrl": f"{address}/-/blob/master",
        "projectId": 0,
        "commitHash": "0" * 40,
        "created": True,
    }
    (effect,) = ran.effects
    assert (effect.kind, effect.target) == ("repository", "gitlab.example.org:8443/acme/payments/the-shop")
    assert effect.details["files"] == ["a.txt"]
    assert effect.details["variables"] == ["PASSWORD"]
    assert effect.details["visibility"] == "public"
    assert effect.details["settings"] == {"path": "the-shop", "merge_method": "ff", "visibility": "public"}


def test_a_project_without_a_commit() -> None:
    ran = _try("publish:gitlab", {"repoUrl": SHOP, "sourcePath": False}, workspace={"a.txt": "a"})
    assert "commitHash" not in ran.output
    assert "files" not in ran.effects[0].details


@pytest.mark.parametrize(
    ("id_", "given"),
    [
        ("publish:gitlab", {"projectVariables": [{"key": "A", "value": "s3cret-value"}], "token": "s3cret-token"}),
        (
            "gitlab:projectVariable:create",
            {"projectId": 1, "key": "A", "value": "s3cret-value", "variableType": "env_var", "token": "s3cret-token"},
        ),
        (
            "gitlab:pipeline:trigger",
            {"projectId": 1, "tokenDescription": "t", "branch": "main", "variables": {"A": "s3cret-value"}},
        ),
    ],
)
def test_effects_hold_no_secrets(id_: str, given: dict[str, Any]) -> None:
    ran = _try(id_, {"repoUrl": SHOP, **given})
    assert "s3cret" not in repr(ran.effects) + repr(ran.log)


def test_a_migration_tells_no_token() -> None:
    given = {
        "sourceUrl": "https://old.example.org",
        "sourceFullPath": "a/b",
        "sourceAccessToken": "s3cret-old",
        "destinationUrl": SHOP,
        "destinationAccessToken": "s3cret-new",
    }
    ran = _try("gitlab:group:migrate", given)
    assert ran.effects[0].details == {"source": "https://old.example.org/a/b"}
    assert ran.output == {"importedRepoUrl": "gitlab.example.org:8443/acme/payments/shop", "migrationId": 0}


def test_paths_of_projects() -> None:
    project = "gitlab.example.org?project=acme%2Fpayments%2Fshop"
    given = {"branchName": "docs", "commitMessage": "x"}
    for url in (project, "gitlab.example.org?owner=acme/payments&repo=shop"):
        assert _try("gitlab:repo:push", {"repoUrl": url, **given}).output["projectPath"] == "acme/payments/shop"


@pytest.mark.parametrize(
    ("id_", "given", "problem"),
    [
        ("publish:gitlab", {"repoUrl": "gitlab.com"}, "names no project"),
        ("publish:gitlab", {"repoUrl": "gitlab.com?project=shop"}, "names no owner"),
        ("publish:gitlab", {"repoUrl": "gitlab"}, "is no repository"),
        ("publish:gitlab", {"repoUrl": SHOP, "signCommit": True}, "cannot be signed"),
        ("publish:gitlab", {"repoUrl": SHOP, "sourcePath": "none"}, "no such folder"),
        ("publish:gitlab", {"repoUrl": SHOP, "sourcePath": "../up"}, "is not normal"),
        ("publish:gitlab", {"repoUrl": SHOP, "defaultBranch": "a..b"}, "branch"),
        ("publish:gitlab", {"repoUrl": SHOP, "settings": {"colour": "red"}}, "colour"),
        ("publish:gitlab", {"repoUrl": SHOP, "projectVariables": [{"key": "A B", "value": ""}]}, "key"),
        (
            "publish:gitlab",
            {"repoUrl": SHOP, "projectVariables": [{"key": "A", "value": "x"}] * 2},
            r"variable A for \* is given twice",
        ),
        ("publish:gitlab", {"repoUrl": SHOP, "branches": [{"name": "a..b", "create": True}]}, "'a..b' is not a name"),
        ("gitlab:group:access", {"repoUrl": SHOP, "path": 1}, "needs userIds or groupIds"),
        ("gitlab:group:access", {"repoUrl": SHOP, "path": 1, "userIds": [1], "accessLevel": "king"}, "minimal_access"),
        ("gitlab:group:ensureExists", {"repoUrl": SHOP, "path": []}, "path"),
        ("gitlab:issue:edit", {"repoUrl": SHOP, "projectId": 1, "issueIid": 1, "dueDate": "soon"}, "dueDate"),
        ("gitlab:issues:create", {"repoUrl": SHOP, "title": "t", "weight": -1}, "weight"),
        ("gitlab:issues:create", {"repoUrl": "gitlab.com", "title": "t"}, "names no project"),
        ("gitlab:projectDeployToken:create", {"repoUrl": SHOP, "projectId": 1, "name": "n", "scopes": []}, "scopes"),
        (
            "publish:gitlab:merge-request",
            {"repoUrl": SHOP, "title": "t", "branchName": "b", "commitAction": "guess"},
            "commitAction",
        ),
    ],
)
def test_wrong_input(id_: str, given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ShiftdownError, match=problem):
        _try(id_, given, workspace={"a.txt": "a"})


def test_without_forges() -> None:
    with pytest.raises(ShiftdownError, match="no forge can be reached"):
        run_action(ACTIONS["gitlab:user:info"], {"repoUrl": SHOP})
