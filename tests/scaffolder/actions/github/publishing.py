"""What is published in tests, and what must be there afterwards."""

from typing import Any

from shiftdown.repository import Kind
from shiftdown.scaffolder.workspace import Workspace
from shiftdown_fakes.github import Repository

from .bench import Bench, names_of, tip_of

FILES = {"README.md": "# Shop\n", "src/app.py": "print()\n"}
SECRETS = ("hunter2-hunter2", "s3cret-s3cret")
EVERYTHING = {
    "description": "Sells\n  things\n",
    "homepage": "https://shop.example.org",
    "access": "acme/core",
    "collaborators": [
        {"user": "user:default/eve", "access": "push"},
        {"team": "group:default/nobody", "access": "pull"},
    ],
    "allowUpdateBranch": True,
    "allowRebaseMerge": False,
    "allowAutoMerge": True,
    "deleteBranchOnMerge": True,
    "squashMergeCommitTitle": "PR_TITLE",
    "squashMergeCommitMessage": "BLANK",
    "hasWiki": False,
    "topics": ["Payments", "python"],
    "repoVariables": {"REGION": "eu", "TIER": "1"},
    "secrets": {"PASSWORD": SECRETS[0], "KEY": SECRETS[1]},
    "oidcCustomization": {"useDefault": False, "includeClaimKeys": ["repo"]},
    "customProperties": {"tier": "1", "owners": ["a", "b"]},
    "subscribe": True,
    "requiredApprovingReviewCount": 2,
    "requiredStatusCheckContexts": ["ci"],
    "requiredCommitSigning": True,
}


def publish(bench: Bench, path: str, given: dict[str, Any] | None = None, **options: Any) -> Any:
    return bench.run("publish:github", {"repoUrl": bench.url(path), **(given or {})}, **{"workspace": FILES, **options})


def made_at(bench: Bench, path: str) -> Repository:
    return bench.github.repository(path)


def check_everything(repository: Repository) -> None:
    admin = repository.administered
    assert (repository.private, repository.description, repository.topics) == (
        True,
        "Sells things",
        ["payments", "python"],
    )
    assert (repository.merge_methods, repository.auto_merge) == (("merge", "squash"), True)
    assert admin.settings == {
        "homepage": "https://shop.example.org",
        "has_issues": True,
        "has_projects": True,
        "has_wiki": False,
        "delete_branch_on_merge": True,
        "allow_update_branch": True,
        "squash_merge_commit_title": "PR_TITLE",
        "squash_merge_commit_message": "BLANK",
    }
    assert (admin.teams, admin.invitations) == ({"core": "admin"}, {"eve": "write"})
    assert {name: item["value"] for name, item in admin.vault.variables.items()} == {"REGION": "eu", "TIER": "1"}
    assert admin.vault.secrets == {"PASSWORD": SECRETS[0], "KEY": SECRETS[1]}
    assert admin.oidc == {"use_default": False, "include_claim_keys": ["repo"]}
    assert admin.properties == {"tier": "1", "owners": ["a", "b"]}
    assert admin.subscriptions["ada"]["subscribed"] is True
    rules = repository.protection("main")
    assert rules is not None
    assert (rules.approvals, rules.checks, rules.signatures) == (2, ("ci",), True)
    assert len(repository.store.commits(None, tip_of(repository, "main").id)) == 1
    assert names_of(repository, "main") == set(FILES)


def odd_workspace() -> Workspace:
    workspace = Workspace()
    workspace.write("run.sh", b"#!/bin/sh\n", Kind.EXECUTABLE)
    workspace.write("data.bin", bytes(range(256)))
    workspace.write("link", b"run.sh", Kind.SYMLINK)
    return workspace
