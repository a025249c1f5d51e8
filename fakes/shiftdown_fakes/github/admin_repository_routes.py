"""Accounts, and repositories that are made and set up."""

import re
from typing import Any

from shiftdown_fakes.github.model import Repository, User
from shiftdown_fakes.github.pulls import iso
from shiftdown_fakes.github.routing import Call, RefusalError, invalid, route
from shiftdown_fakes.serving import Answer

_REPO = "/repos/{owner}/{repo}"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@route("GET", "/users/{username}", None)
def get_account(call: Call) -> Answer:
    """A person or organisation, as everybody sees it."""
    return Answer(200, call.shapes.own_user(_account(call, call.params["username"]).login))


@route("POST", "/orgs/{org}/repos", "administration=write", creates=True)
def create_in_organization(call: Call) -> Answer:
    """Make a repository in an organisation."""
    organization = _account(call, call.params["org"])
    if organization.kind != "Organization":
        raise RefusalError(404, "Not Found")
    if not _may_create(call, organization):
        raise RefusalError(403, "You need admin access to the organization before adding a repository to it.")
    return _create(call, organization.login)


@route("POST", "/user/repos", "administration=write", creates=True)
def create_for_person(call: Call) -> Answer:
    """Make a repository of the person that the token belongs to: an installation is nobody."""
    if call.token is not None and call.token.installation is not None:
        raise RefusalError(403, "Resource not accessible by integration")
    return _create(call, call.login)


@route("PATCH", _REPO, "administration=write")
def edit_repository(call: Call) -> Answer:
    """Change a repository."""
    repository = call.repository(role="admin")
    branch = call.body.get("default_branch")
    if branch is not None:
        if repository.store.tip(branch) is None:
            message = (
                f"The branch {branch} was not found. Please push that ref first or create it via the Git Data API."
            )
            raise invalid("Repository", "default_branch", message=message)
        call.world.make_default(repository, branch)
    _describe(repository, call.body)
    return Answer(200, call.shapes.repository_full(repository, call.login))


@route("GET", _REPO + "/properties/values", "repository_custom_properties=read")
def get_properties(call: Call) -> Answer:
    """Values of properties that the organisation defines."""
    values = call.repository().administered.properties
    return Answer(200, [{"property_name": name, "value": value} for name, value in values.items()])


@route("PATCH", _REPO + "/properties/values", "repository_custom_properties=write")
def set_properties(call: Call) -> Answer:
    """Set values of properties that the organisation defines."""
    repository = call.repository(role="admin")
    if _account(call, repository.owner).kind != "Organization":
        raise RefusalError(404, "Not Found")
    repository.administered.properties |= {item["property_name"]: item["value"] for item in call.body["properties"]}
    return Answer(204)


@route("PUT", _REPO + "/subscription", None)
def subscribe(call: Call) -> Answer:
    """Let the account of the token watch a repository."""
    if call.token is not None and call.token.installation is not None:
        raise RefusalError(403, "Resource not accessible by integration")
    repository = call.repository()
    url = f"{call.shapes.api}/repos/{repository.full_name}"
    made = {
        "subscribed": bool(call.body.get("subscribed")), "ignored": bool(call.body.get("ignored")), "reason": None,
        "created_at": iso(call.world.now()), "url": f"{url}/subscription", "repository_url": url,
    }  # fmt: skip
    repository.administered.subscriptions[call.login] = made
    return Answer(200, made)


def _account(call: Call, login: str) -> User:
    found = call.world.users.get(login.lower())
    if found is None:
        raise RefusalError(404, "Not Found")
    return found


def _may_create(call: Call, organization: User) -> bool:
    """Whether it is the organisation's own token, one of an app in it, or one of somebody who makes repositories."""
    if call.token is not None and call.token.installation is not None:
        account = call.world.installations[call.token.installation].account
        return account.lower() == organization.login.lower()
    return call.login == organization.login or call.login in organization.makers


def _create(call: Call, owner: str) -> Answer:
    """Make a repository; what a name must not hold becomes a hyphen."""
    name = _NOT_IN_NAMES.sub("-", call.text("name"))
    if not name.strip("."):
        raise invalid("Repository", "name")
    if f"{owner}/{name}".lower() in call.world.repositories:
        error = {"resource": "Repository", "code": "custom", "field": "name"}
        error["message"] = "name already exists on this account"
        raise RefusalError(422, "Repository creation failed.", [error])
    made = call.world.add_repository(f"{owner}/{name}")
    made.roles[call.login] = "admin"
    _describe(made, call.body)
    if call.body.get("auto_init"):
        made.store.commit_files("main", {"README.md": f"# {name}\n"}, start="main", at=call.world.now())
    return Answer(201, call.shapes.repository_full(made, call.login))


def _describe(repository: Repository, given: dict[str, Any]) -> None:
    """Take over what a request says about a repository."""
    visibility = given.get("visibility") or ("private" if given.get("private", repository.private) else "public")
    repository.private, repository.internal = visibility != "public", visibility == "internal"
    if "description" in given:
        repository.description = given["description"]
    repository.auto_merge = bool(given.get("allow_auto_merge", repository.auto_merge))
    fields = {"merge": "allow_merge_commit", "squash": "allow_squash_merge", "rebase": "allow_rebase_merge"}
    settings = repository.administered.settings
    settings |= {name: value for name, value in given.items() if name in settings}
    repository.administered.properties |= given.get("custom_properties", {})
    methods = repository.merge_methods
    repository.merge_methods = tuple(way for way, name in fields.items() if given.get(name, way in methods))
