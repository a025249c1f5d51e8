"""Rules: protected branches, and environments that workflows deploy to."""

from typing import Any

from shiftdown_fakes.github.administered import Environment, Record
from shiftdown_fakes.github.model import App, Protection, Repository
from shiftdown_fakes.github.pulls import iso
from shiftdown_fakes.github.routing import Call, RefusalError, invalid, route
from shiftdown_fakes.serving import Answer

_REPO = "/repos/{owner}/{repo}"
_PROTECTION = _REPO + "/branches/{branch}/protection"
_ENVIRONMENT = _REPO + "/environments/{environment_name}"
_POLICIES = _ENVIRONMENT + "/deployment-branch-policies"
_SWITCHES = ("required_linear_history", "required_conversation_resolution", "block_creations")


@route("PUT", _PROTECTION, "administration=write")
def protect_branch(call: Call) -> Answer:
    """Protect a branch; what is sent replaces what was set."""
    repository, branch = call.repository(role="admin"), call.params["branch"]
    if repository.private and call.world.add_user(repository.owner).free:
        raise RefusalError(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.")
    if repository.store.tip(branch) is None:
        raise RefusalError(404, "Branch not found")
    _check_people(call, repository)
    repository.administered.rules[branch] = dict(call.body) | {"required_signatures": False}
    _enforce(call, repository, branch)
    return Answer(200, _shown(call, repository, branch))


@route("POST", _PROTECTION + "/required_signatures", "administration=write")
def require_signatures(call: Call) -> Answer:
    """Take only signed commits on a protected branch."""
    repository, branch = call.repository(role="admin"), call.params["branch"]
    if branch not in repository.administered.rules:
        raise RefusalError(404, "Branch not protected")
    repository.administered.rules[branch]["required_signatures"] = True
    _enforce(call, repository, branch)
    return Answer(200, _shown(call, repository, branch)["required_signatures"])


def _check_people(call: Call, repository: Repository) -> None:
    """Refuse rules that name somebody who is not there."""
    reviews = call.body.get("required_pull_request_reviews") or {}
    restrictions = call.body.get("restrictions")
    if restrictions and call.world.add_user(repository.owner).kind != "Organization":
        raise RefusalError(422, "Only organization repositories can have users and team restrictions")
    for actors in (restrictions, reviews.get("bypass_pull_request_allowances")):
        logins = [login for login in (actors or {}).get("users", ()) if login.lower() not in call.world.users]
        slugs = (actors or {}).get("teams", ())
        teams = [slug for slug in slugs if (repository.owner.lower(), slug.lower()) not in call.world.teams]
        known = {app.slug for app in call.world.apps.values()}
        missing = logins + teams + [slug for slug in (actors or {}).get("apps", ()) if slug not in known]
        if missing:
            raise RefusalError(422, "Validation Failed", [f"Could not find {', '.join(missing)}"])


def _enforce(call: Call, repository: Repository, branch: str) -> None:
    """Let git refuse what the rules refuse."""
    rules = repository.administered.rules[branch]
    reviews, checks = rules["required_pull_request_reviews"], rules["required_status_checks"]
    call.world.protect(repository, branch, Protection(
        pull_request=reviews is not None,
        approvals=(reviews or {}).get("required_approving_review_count", 0),
        checks=tuple((checks or {}).get("contexts", ())),
        signatures=rules["required_signatures"],
    ))  # fmt: skip


def _shown(call: Call, repository: Repository, branch: str) -> dict[str, Any]:
    """The rules of a branch as the API shows them."""
    rules = repository.administered.rules[branch]
    url = f"{call.shapes.api}/repos/{repository.full_name}/branches/{branch}/protection"
    shown: dict[str, Any] = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": bool(rules["enforce_admins"])},
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": rules["required_signatures"]},
    } | {name: {"enabled": bool(rules.get(name))} for name in _SWITCHES}
    if checks := rules["required_status_checks"]:
        known = [{"context": context, "app_id": None} for context in checks["contexts"]]
        below = f"{url}/required_status_checks"
        shown["required_status_checks"] = checks | {"url": below, "checks": known, "contexts_url": f"{below}/contexts"}
    if reviews := rules["required_pull_request_reviews"]:
        same = {name: value for name, value in reviews.items() if name != "bypass_pull_request_allowances"}
        shown["required_pull_request_reviews"] = same | {"url": f"{url}/required_pull_request_reviews"}
        if allowed := reviews.get("bypass_pull_request_allowances"):
            shown["required_pull_request_reviews"]["bypass_pull_request_allowances"] = _actors(
                call, repository, allowed
            )
    if restrictions := rules["restrictions"]:
        below = f"{url}/restrictions"
        urls = {f"{kind}_url": f"{below}/{kind}" for kind in ("users", "teams", "apps")}
        shown["restrictions"] = _actors(call, repository, restrictions) | {"url": below} | urls
    return shown


def _actors(call: Call, repository: Repository, given: Record) -> dict[str, Any]:
    teams = [call.world.teams[repository.owner.lower(), slug.lower()] for slug in given.get("teams", ())]
    return {
        "users": [call.shapes.user(login) for login in given.get("users", ())],
        "teams": [call.shapes.team(team) for team in teams],
        "apps": [_app(call, app) for app in call.world.apps.values() if app.slug in given.get("apps", ())],
    }


def _app(call: Call, app: App) -> dict[str, Any]:
    at, page = iso(call.world.now()), f"{call.shapes.web}/apps/{app.slug}"
    return {
        "id": app.id, "slug": app.slug, "node_id": str(app.id), "owner": call.shapes.user(f"{app.slug}[bot]"),
        "name": app.slug, "description": "", "external_url": page, "html_url": page, "created_at": at,
        "updated_at": at, "permissions": dict(app.permissions), "events": [],
    }  # fmt: skip


@route("PUT", _ENVIRONMENT, "administration=write")
def set_environment(call: Call) -> Answer:
    """Make an environment, or replace its rules."""
    repository, name = call.repository(role="admin"), call.params["environment_name"]
    policy, people = call.body.get("deployment_branch_policy"), call.body.get("reviewers") or []
    if policy and policy["protected_branches"] == policy["custom_branch_policies"]:
        raise invalid("Environment", "deployment_branch_policy")
    known = {user.id for user in call.world.users.values()} | {team.id for team in call.world.teams.values()}
    if any(reviewer["id"] not in known for reviewer in people):
        raise invalid("Environment", "reviewers")
    environments = repository.administered.environments
    found = environments.setdefault(name, Environment(call.world.number(), name))
    found.rules = dict(call.body)
    if not policy or not policy["custom_branch_policies"]:
        found.policies.clear()
    return Answer(200, _environment(call, repository, found))


@route("GET", _POLICIES, "actions=read")
def list_policies(call: Call) -> Answer:
    """The branches and tags that may deploy to an environment."""
    found = _found(call, call.repository()).policies
    page, headers = call.page(found)
    return Answer(200, {"total_count": len(found), "branch_policies": list(page)}, headers)


@route("POST", _POLICIES, "administration=write", creates=True)
def add_policy(call: Call) -> Answer:
    """Let a branch or tag deploy to an environment."""
    environment = _found(call, call.repository(role="admin"))
    if not (environment.rules.get("deployment_branch_policy") or {}).get("custom_branch_policies"):
        raise RefusalError(404, "Not Found")
    number = call.world.number()
    made = {"id": number, "node_id": str(number), "name": call.text("name"), "type": call.text("type", "branch")}
    environment.policies.append(made)
    return Answer(200, made)


def _found(call: Call, repository: Repository) -> Environment:
    found = repository.administered.environments.get(call.params["environment_name"])
    if found is None:
        raise RefusalError(404, "Not Found")
    return found


def _environment(call: Call, repository: Repository, environment: Environment) -> dict[str, Any]:
    at, name = iso(call.world.now()), environment.name
    rules, timer = [], environment.rules.get("wait_timer")
    if timer:
        rules.append({"id": environment.id, "node_id": "wait", "type": "wait_timer", "wait_timer": timer})
    if environment.rules.get("reviewers"):
        rules.append({"id": environment.id, "node_id": "review", "type": "required_reviewers",
                      "prevent_self_review": bool(environment.rules.get("prevent_self_review")),
                      "reviewers": []})  # fmt: skip
    return {
        "id": environment.id, "node_id": str(environment.id), "name": name, "created_at": at, "updated_at": at,
        "url": f"{call.shapes.api}/repos/{repository.full_name}/environments/{name}", "protection_rules": rules,
        "html_url": f"{call.shapes.web}/{repository.full_name}/deployments/activity_log?environments_filter={name}",
        "deployment_branch_policy": environment.rules.get("deployment_branch_policy"),
    }  # fmt: skip
