"""In a dry-run, actions for GitHub tell what they would do, and give what can be told, without a token or a request."""

from typing import Any

import pytest

from shiftdown.scaffolder.actions.github import github_actions
from shiftdown.testing import run_action

from .bench import none_in, told

ACTIONS = {action.id: action for action in github_actions()}
SHOP = "github.example.org:8443?owner=acme&repo=shop"
ADDRESS = "https://github.example.org:8443/acme/shop"


def _try(id_: str, given: dict[str, Any], **options: Any) -> Any:
    return run_action(ACTIONS[id_], {"repoUrl": SHOP, **given}, dry_run=True, **options)


@pytest.mark.parametrize("id_", sorted(ACTIONS))
def test_each_tells_its_effect(id_: str) -> None:
    example = ACTIONS[id_].examples[0]
    ran = run_action(ACTIONS[id_], example.input, dry_run=True, workspace=example.workspace)
    assert [effect.action for effect in ran.effects] == [id_]
    assert ran.effects[0].target.startswith("https://github.com/acme/shop")


def test_what_is_published() -> None:
    given = {"sourcePath": "made", "repoVisibility": "internal", "defaultBranch": "trunk", "topics": ["a"]}
    ran = _try("publish:github", given, workspace={"made/a.txt": "a", "b.txt": "b", "made/c.log": "c",
                                                   "made/.gitignore": "*.log\n"})  # fmt: skip
    assert ran.output == {
        "remoteUrl": f"{ADDRESS}.git",
        "repoContentsUrl": f"{ADDRESS}/blob/trunk",
        "commitHash": "0" * 40,
    }
    (effect,) = ran.effects
    assert (effect.kind, effect.target) == ("repository", ADDRESS)
    assert effect.details == {**given, "files": [".gitignore", "a.txt"]}


@pytest.mark.parametrize(
    ("id_", "given"),
    [
        ("publish:github", {"secrets": {"A": "s3cret-value"}}),
        ("github:repo:create", {"secrets": {"A": "s3cret-value"}}),
        ("github:environment:create", {"name": "dev", "secrets": {"A": "s3cret-value"}}),
        ("github:webhook", {"webhookUrl": "https://example.org", "webhookSecret": "s3cret-value"}),
        ("github:deployKey:create", {"publicKey": "ssh-rsa A", "privateKey": "s3cret-value", "deployKeyName": "k"}),
    ],
)
def test_effects_hold_no_secrets(id_: str, given: dict[str, Any]) -> None:
    ran = _try(id_, {**given, "token": "s3cret-token"}, workspace={"a.txt": "a"})
    assert none_in(told(ran), ["s3cret"])
    assert len(ran.effects) == 1
