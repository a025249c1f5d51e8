"""Starting workflows, deploy keys and environments: what there is afterwards."""

import itertools
from typing import Any

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError, RepositoryError, ShiftdownError
from shiftdown_fakes.github import Fault, Repository

from ..dying import deaths
from .bench import Bench, none_in, told

WORKFLOW = "on:\n  workflow_dispatch:\n    inputs:\n      environment:\n        type: string\njobs: {}\n"
FILES = {".github/workflows/deploy.yaml": WORKFLOW, ".github/workflows/ci.yaml": "on: push\njobs: {}\n"}
START = {"workflowId": "deploy.yaml", "branchOrTagName": "main", "workflowInputs": {"environment": "dev"}}
SECRETS = ("hunter2-hunter2", "s3cret-s3cret")
_numbers = itertools.count(1)


def _start(bench: Bench, repository: Repository, given: dict[str, Any] | None = None, **options: Any) -> Any:
    return bench.on("github:actions:dispatch", repository, {**START, **(given or {})}, **options)


def test_a_run(bench: Bench) -> None:
    repository = bench.repository(files=FILES)
    repository.store.run("update-ref", "refs/tags/v1", str(repository.store.tip("main")))
    assert _start(bench, repository).output == {}
    ran = _start(bench, repository, {"returnWorkflowRunDetails": True, "branchOrTagName": "v1"})
    first, second = repository.administered.runs
    assert (first["ref"], first["inputs"], second["ref"]) == ("main", {"environment": "dev"}, "v1")
    page = f"{bench.github.url}/{repository.full_name}/actions/runs/{second['id']}"
    assert (ran.output["workflowRunId"], ran.output["workflowRunHtmlUrl"]) == (second["id"], page)
    assert ran.output["workflowRunUrl"].endswith(f"/repos/{repository.full_name}/actions/runs/{second['id']}")


@pytest.mark.parametrize("details", [False, True])
def test_killed_after_any_request_there_is_one_run(bench: Bench, details: bool) -> None:
    repository = bench.repository(files=FILES)
    for count, death in enumerate(deaths(), 1):
        ran = death(_start, bench, repository, {"returnWorkflowRunDetails": details})
        runs = repository.administered.runs
        assert (len(runs), ran.output.get("workflowRunId")) == (count, runs[-1]["id"] if details else None)


@pytest.mark.parametrize("after", [False, True])
def test_an_answer_is_lost(bench: Bench, after: bool) -> None:
    repository = bench.repository(files=FILES)
    bench.github.fail("POST", "/dispatches", Fault(after=after))
    _start(bench, repository)
    assert len(repository.administered.runs) == 1


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"workflowId": "none.yaml"}, "there is no workflow none.yaml; name a file of .github/workflows"),
        ({"workflowId": "ci.yaml", "workflowInputs": {}}, "cannot start ci.yaml.*'workflow_dispatch' trigger"),
        ({"branchOrTagName": "none"}, "cannot start deploy.yaml.*No ref found for: none"),
        ({"workflowInputs": {"colour": "red"}}, "Unexpected inputs provided.*colour"),
        ({"workflowInputs": {"environment": 1}}, "workflowInputs"),
    ],
)
def test_what_cannot_be_started(bench: Bench, given: dict[str, Any], problem: str) -> None:
    repository = bench.repository(files=FILES)
    with pytest.raises(ShiftdownError, match=problem):
        _start(bench, repository, given)
    assert repository.administered.runs == []


def _key() -> dict[str, str]:
    key = f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{next(_numbers):05}"
    return {"publicKey": f"{key} me@host\n", "privateKey": SECRETS[0], "deployKeyName": "Deploy to dev"}


def test_a_deploy_key(bench: Bench) -> None:
    given = _key()
    repository = bench.repository()
    for death in deaths():
        ran = death(bench.on, "github:deployKey:create", repository, given)
        assert ran.output == {"privateKeySecretName": "DEPLOY_TO_DEV_PRIVATE_KEY"}
        assert none_in(told(ran), SECRETS)
    (key,) = repository.administered.keys
    assert (key["title"], key["key"], key["read_only"]) == ("Deploy to dev", given["publicKey"][:42], False)
    assert repository.administered.vault.secrets == {"DEPLOY_TO_DEV_PRIVATE_KEY": SECRETS[0]}
    with pytest.raises(RepositoryError, match=r"cannot add the deploy key Deploy to dev.*key is already in use"):
        bench.on("github:deployKey:create", bench.repository(), given)


def test_a_deploy_key_whose_secret_cannot_be_named(bench: Bench) -> None:
    repository = bench.repository()
    with pytest.raises(InvalidInputError, match="privateKeySecretName: 'TO-DEV_PRIVATE_KEY' is no name"):
        bench.on("github:deployKey:create", repository, {**_key(), "deployKeyName": "to-dev"})
    assert repository.administered.keys == []
    bench.on("github:deployKey:create", repository, {**_key(), "deployKeyName": "x-y", "privateKeySecretName": "KEY"})
    assert repository.administered.vault.secrets == {"KEY": SECRETS[0]}


PRODUCTION: dict[str, Any] = {
    "name": "production eu",
    "deploymentBranchPolicy": {"protected_branches": False, "custom_branch_policies": True},
    "customBranchPolicyNames": ["main", "release/*"],
    "customTagPolicyNames": ["v*"],
    "environmentVariables": {"REGION": "eu"},
    "secrets": {"PASSWORD": SECRETS[0], "KEY": SECRETS[1]},
    "waitTimer": 30,
    "preventSelfReview": True,
    "reviewers": ["user:default/bob", "group:default/core", "eve"],
}


def test_an_environment(bench: Bench) -> None:
    repository, users = bench.repository(), bench.world.users
    for death in deaths():
        ran = death(bench.on, "github:environment:create", repository, PRODUCTION)
        assert none_in(told(ran), SECRETS)
    (made,) = repository.administered.environments.values()
    team = bench.world.teams["acme", "core"].id
    reviewers = [("User", users["bob"].id), ("Team", team), ("User", users["eve"].id)]
    assert [(item["type"], item["id"]) for item in made.rules["reviewers"]] == reviewers
    assert (made.name, made.rules["wait_timer"], made.rules["prevent_self_review"]) == ("production eu", 30, True)
    policies = [(policy["type"], policy["name"]) for policy in made.policies]
    assert policies == [("branch", "main"), ("branch", "release/*"), ("tag", "v*")]
    assert {name: item["value"] for name, item in made.vault.variables.items()} == {"REGION": "eu"}
    assert made.vault.secrets == {"PASSWORD": SECRETS[0], "KEY": SECRETS[1]}


def test_an_environment_is_brought_in_line(bench: Bench) -> None:
    repository = bench.repository()
    for region in ("eu", "us"):
        given = {"name": "dev", "environmentVariables": {"REGION": region}, "customBranchPolicyNames": ["main"]}
        bench.on("github:environment:create", repository, given)
    made = repository.administered.environments["dev"]
    assert (made.vault.variables["REGION"]["value"], [p["name"] for p in made.policies]) == ("us", ["main"])


@pytest.mark.parametrize(
    ("given", "error", "problem"),
    [
        ({"reviewers": ["nobody-there"]}, NotFoundError, "nobody-there.*it cannot review deployments"),
        ({"reviewers": ["group:default/nobodies"]}, NotFoundError, "nobodies.*it cannot review deployments"),
        ({"reviewers": ["system:default/shop"]}, InvalidInputError, "is neither a user nor a group"),
        ({"waitTimer": -1}, InvalidInputError, "wait"),
        ({"secrets": {"A B": SECRETS[0]}}, InvalidInputError, "secrets: 'A B' is no name"),
        ({"environmentVariables": {"1": "x"}}, InvalidInputError, "environmentVariables: '1' is no name"),
        (
            {"deploymentBranchPolicy": {"protected_branches": True, "custom_branch_policies": True}},
            RepositoryError,
            "cannot set up the environment dev",
        ),
    ],
)
def test_what_cannot_be_an_environment(
    bench: Bench, given: dict[str, Any], error: type[Exception], problem: str
) -> None:
    repository = bench.repository()
    with pytest.raises(error, match=problem) as raised:
        bench.on("github:environment:create", repository, {"name": "dev", **given})
    assert repository.administered.environments == {}
    assert none_in(str(raised.value), SECRETS)
