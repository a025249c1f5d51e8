"""Every request of administrators that the fake takes, through GitHub's own contract; what was written is read."""

import base64
import itertools
from typing import Any

import pytest
from nacl.public import PublicKey, SealedBox

from shiftdown_fakes.github import ROUTES, App, Repository
from shiftdown_fakes.github.routing import find_route

from .client import Client
from .prism import CheckedGitHub

_numbers = itertools.count(1)
ON_DEMAND = "on: workflow_dispatch\njobs: {}\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"


@pytest.fixture
def shop(checked: CheckedGitHub) -> Repository:
    """A private repository of an organisation; `ada` administers it."""
    github = checked.github
    owner = f"administered{next(_numbers)}"
    made = github.world.add_repository(f"{owner}/shop", private=True)
    github.world.add_user(owner).kind = "Organization"
    github.commit(made, "main", {"README.md": "hello\n", ".github/workflows/deploy.yaml": ON_DEMAND})
    for login in ("ada", "bob", "eve"):
        github.world.add_user(login)
    github.world.add_team(owner, "core", ["bob"])
    made.roles["ada"] = "admin"
    return made


@pytest.fixture
def ada(checked: CheckedGitHub) -> Client:
    return Client(checked.url, checked.github.world.add_token("ada").value)


def test_every_request_of_administrators_stays_within_the_contract(
    checked: CheckedGitHub, shop: Repository, ada: Client
) -> None:
    first = len(checked.github.requests)
    creation(checked, ada)
    people(checked, ada, shop)
    workflows(ada, shop)
    rules(checked, ada, shop)
    features(ada, shop)
    asked = [request.split(" ") for request in checked.github.requests[first:]]
    routes = [find_route(method, path.partition("?")[0]) for method, path in asked]
    used = {route[0].handler for route in routes if route}
    assert [r.handler.__name__ for r in ROUTES if ".admin_" in r.handler.__module__ and r.handler not in used] == []


def creation(checked: CheckedGitHub, ada: Client) -> None:
    makers = checked.github.world.add_user(f"organization{next(_numbers)}", "Organization")
    wanted = {"name": "shop", "description": "Sells.", "visibility": "private", "private": True, "has_wiki": False}
    path = f"/orgs/{makers.login}/repos"
    assert ada("POST", path, wanted)[0] == 403
    makers.makers.add("ada")
    made = ada.ok("POST", path, wanted | {"custom_properties": {"tier": "1"}})
    assert (made["full_name"], made["visibility"]) == (f"{makers.login}/shop", "private")
    assert (made["description"], made["permissions"]["admin"], made["has_wiki"]) == ("Sells.", True, False)
    again = ada("POST", path, wanted)
    assert (again[0], "already exists" in str(again[1])) == (422, True)
    repo, stored = f"/repos/{made['full_name']}", checked.github.repository(made["full_name"])
    checked.github.commit(stored, "trunk", {"a.txt": "a\n"})
    assert ada.ok("GET", repo)["default_branch"] == "trunk"
    edited = ada.ok("PATCH", repo, {"default_branch": "trunk", "allow_squash_merge": False, "homepage": "https://a.b"})
    assert (edited["default_branch"], edited["allow_squash_merge"]) == ("trunk", False)
    assert ada.ok("GET", repo)["homepage"] == "https://a.b"
    assert ada("PATCH", repo, {"default_branch": "none"})[0] == 422
    ada.ok("PATCH", f"{repo}/properties/values", {"properties": [{"property_name": "team", "value": ["a", "b"]}]})
    values = ada.ok("GET", f"{repo}/properties/values")
    assert {item["property_name"]: item["value"] for item in values} == {"tier": "1", "team": ["a", "b"]}
    assert ada.ok("GET", f"/users/{makers.login}")["type"] == "Organization"
    assert ada("GET", "/users/nobody-of-that-name")[0] == 404
    own = ada.ok("POST", "/user/repos", {"name": f"a shop {next(_numbers)}"})
    assert (own["name"][:7], own["private"]) == ("a-shop-", False)
    ada.ok("POST", "/user/repos", {"name": f"docs{next(_numbers)}", "private": True, "auto_init": True})


def people(checked: CheckedGitHub, ada: Client, shop: Repository) -> None:
    repo, team = f"/repos/{shop.full_name}", f"/orgs/{shop.owner}/teams/core"
    bob = Client(ada.url, checked.github.world.add_token("bob").value)
    assert ada.ok("GET", team)["organization"]["login"] == shop.owner
    assert ada("GET", f"/orgs/{shop.owner}/teams/none")[0] == 404
    assert bob("GET", repo)[0] == 404
    ada.ok("PUT", f"{team}{repo}", {"permission": "push"})
    assert bob.ok("GET", repo)["permissions"] == {"admin": False, "maintain": False, "push": True, "triage": True,
                                                  "pull": True}  # fmt: skip
    assert ada.ok("PUT", f"{repo}/collaborators/eve", {"permission": "maintain"})["permissions"] == "maintain"
    shop.roles["eve"] = "read"
    assert ada("PUT", f"{repo}/collaborators/eve", {"permission": "push"})[0] == 204
    assert ada("PUT", f"{repo}/collaborators/eve", {"permission": "king"})[0] == 422
    assert (shop.roles["eve"], shop.administered.invitations) == ("write", {"eve": "maintain"})
    assert ada.ok("PUT", f"{repo}/subscription", {"subscribed": True, "ignored": False})["subscribed"] is True


def workflows(ada: Client, shop: Repository) -> None:
    repo = f"/repos/{shop.full_name}"
    ada.ok("PUT", f"{repo}/environments/dev", {})
    for place in (f"{repo}/actions", f"{repo}/environments/dev"):
        ada.ok("POST", f"{place}/variables", {"name": "region", "value": "eu"})
        assert ada("PATCH", f"{place}/variables/REGION", {"value": "us"})[0] == 204
        listed = ada.ok("GET", f"{place}/variables")
        assert [(item["name"], item["value"]) for item in listed["variables"]] == [("REGION", "us")]
        key = ada.ok("GET", f"{place}/secrets/public-key")
        given = {"encrypted_value": sealed(key["key"], "hunter2"), "key_id": key["key_id"]}
        assert [ada("PUT", f"{place}/secrets/PASSWORD", given)[0] for _ in range(2)] == [201, 204]
    assert shop.administered.vault.secrets == {"PASSWORD": "hunter2"}
    assert shop.administered.environments["dev"].vault.secrets == {"PASSWORD": "hunter2"}
    ada.ok("PUT", f"{repo}/actions/oidc/customization/sub", {"use_default": False, "include_claim_keys": ["repo"]})
    assert ada("PUT", f"{repo}/actions/permissions/access", {"access_level": "organization"})[0] == 204
    assert (shop.administered.oidc["include_claim_keys"], shop.administered.access) == (["repo"], "organization")
    workflow = f"{repo}/actions/workflows/deploy.yaml"
    assert ada("POST", f"{workflow}/dispatches", {"ref": "main"})[0] == 204
    told = ada.ok("POST", f"{workflow}/dispatches", {"ref": "main", "return_run_details": True})
    runs = ada.ok("GET", f"{workflow}/runs?event=workflow_dispatch")["workflow_runs"]
    assert [run["head_branch"] for run in runs] == ["main", "main"]
    assert runs[0]["id"] == told["workflow_run_id"]


def sealed(key: str, value: str) -> str:
    box = SealedBox(PublicKey(base64.b64decode(key)))
    return base64.b64encode(box.encrypt(value.encode())).decode()


def rules(checked: CheckedGitHub, ada: Client, shop: Repository) -> None:
    robot = App(next(_numbers) + 7000, f"robot{next(_numbers)}", "", {"contents": "read"})
    checked.github.world.add_app(robot, shop.owner)
    repo = f"/repos/{shop.full_name}"
    wanted: dict[str, Any] = {
        "required_status_checks": {"strict": True, "contexts": ["ci"]},
        "enforce_admins": True,
        "required_pull_request_reviews": {
            "required_approving_review_count": 2,
            "bypass_pull_request_allowances": {"users": ["ada"], "teams": ["core"], "apps": [robot.slug]},
        },
        "restrictions": {"users": ["ada"], "teams": ["core"], "apps": []},
        "required_linear_history": True,
    }
    path = f"{repo}/branches/main/protection"
    shown = ada.ok("PUT", path, wanted)
    assert (shown["required_linear_history"]["enabled"], shown["block_creations"]["enabled"]) == (True, False)
    assert shown["restrictions"]["teams"][0]["slug"] == "core"
    assert ada.ok("POST", f"{path}/required_signatures")["enabled"] is True
    protection = shop.protection("main")
    assert protection is not None
    assert (protection.approvals, protection.checks, protection.signatures) == (2, ("ci",), True)
    assert ada("PUT", f"{repo}/branches/none/protection", wanted)[0] == 404
    assert ada("PUT", path, wanted | {"restrictions": {"users": ["nobody-there"], "teams": []}})[0] == 422
    policy = {"protected_branches": False, "custom_branch_policies": True}
    users = [{"type": "User", "id": ada.ok("GET", "/user")["id"]}]
    set_ = {"deployment_branch_policy": policy, "wait_timer": 5, "reviewers": users}
    assert len(ada.ok("PUT", f"{repo}/environments/prod", set_)["protection_rules"]) == 2
    below = f"{repo}/environments/prod/deployment-branch-policies"
    ada.ok("POST", below, {"name": "v*", "type": "tag"})
    assert [policy["name"] for policy in ada.ok("GET", below)["branch_policies"]] == ["v*"]
    assert ada("POST", f"{repo}/environments/dev/deployment-branch-policies", {"name": "x"})[0] == 404
    assert ada("PUT", f"{repo}/environments/prod", {"reviewers": [{"type": "User", "id": 10**9}]})[0] == 422


def features(ada: Client, shop: Repository) -> None:
    repo = f"/repos/{shop.full_name}"
    key = f"{KEY}{next(_numbers)}"
    assert ada.ok("POST", f"{repo}/keys", {"title": "CI", "key": f"{key} me@host"})["key"] == key
    assert ada("POST", f"{repo}/keys", {"title": "CI", "key": key})[0] == 422
    assert [item["title"] for item in ada.ok("GET", f"{repo}/keys")] == ["CI"]
    assert ada("GET", f"{repo}/pages")[0] == 404
    assert ada.ok("POST", f"{repo}/pages", {"build_type": "workflow"})["build_type"] == "workflow"
    assert ada("POST", f"{repo}/pages", {"build_type": "workflow"})[0] == 409
    legacy = {"build_type": "legacy", "source": {"branch": "main", "path": "/docs"}}
    assert ada("PUT", f"{repo}/pages", legacy)[0] == 204
    assert ada.ok("GET", f"{repo}/pages")["source"]["path"] == "/docs"
    config = {"url": "https://example.org/hook", "secret": "hunter2", "content_type": "json", "insecure_ssl": "0"}
    hook = ada.ok("POST", f"{repo}/hooks", {"config": config, "events": ["push"], "active": True})
    assert ada("POST", f"{repo}/hooks", {"config": config, "events": ["push"], "active": True})[0] == 422
    ada.ok("PATCH", f"{repo}/hooks/{hook['id']}", {"config": config, "events": ["push", "release"]})
    (listed,) = ada.ok("GET", f"{repo}/hooks")
    assert (listed["events"], listed["config"]["secret"]) == (["push", "release"], "********")
    link = {"key_prefix": "T-", "url_template": "https://example.org/<num>", "is_alphanumeric": False}
    ada.ok("POST", f"{repo}/autolinks", link)
    assert ada("POST", f"{repo}/autolinks", link)[0] == 422
    assert [item["key_prefix"] for item in ada.ok("GET", f"{repo}/autolinks")] == ["T-"]
    number = ada.ok("POST", f"{repo}/issues", {"title": "I"})["number"]
    labels = ada.ok("POST", f"{repo}/issues/{number}/labels", {"labels": ["devops", "devops"]})
    assert [label["name"] for label in labels] == ["devops"]
