"""Workflows: their variables and secrets, what they may do, and their runs."""

import re
from typing import Any

from shiftdown_fakes.github.administered import Vault
from shiftdown_fakes.github.model import Repository
from shiftdown_fakes.github.pulls import iso
from shiftdown_fakes.github.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer

_REPO = "/repos/{owner}/{repo}"
_ACTIONS = _REPO + "/actions"
_ENVIRONMENT = _REPO + "/environments/{environment_name}"
_WORKFLOW = _ACTIONS + "/workflows/{workflow_id}"
_MOST_VARIABLES = 30
"""So many are listed at once."""
_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
_RULE = (
    "can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). Spaces are not allowed. Must "
    "start with a letter ([a-z], [A-Z]) or underscores (_)."
)


@route("GET", _ACTIONS + "/variables", "actions_variables=read")
def list_variables(call: Call) -> Answer:
    """The variables of a repository."""
    return _list_variables(call, _of_repository(call))


@route("POST", _ACTIONS + "/variables", "actions_variables=write", creates=True)
def create_variable(call: Call) -> Answer:
    """Make a variable of a repository."""
    return _create_variable(call, _of_repository(call))


@route("PATCH", _ACTIONS + "/variables/{name}", "actions_variables=write")
def edit_variable(call: Call) -> Answer:
    """Change a variable of a repository."""
    return _edit_variable(call, _of_repository(call))


@route("GET", _ACTIONS + "/secrets/public-key", "secrets=read")
def get_public_key(call: Call) -> Answer:
    """What secrets of a repository are sealed with."""
    return _public_key(_of_repository(call))


@route("PUT", _ACTIONS + "/secrets/{secret_name}", "secrets=write")
def set_secret(call: Call) -> Answer:
    """Set a secret of a repository."""
    return _set_secret(call, _of_repository(call))


@route("GET", _ENVIRONMENT + "/variables", "environments=read")
def list_environment_variables(call: Call) -> Answer:
    """The variables of an environment."""
    return _list_variables(call, _of_environment(call))


@route("POST", _ENVIRONMENT + "/variables", "environments=write", creates=True)
def create_environment_variable(call: Call) -> Answer:
    """Make a variable of an environment."""
    return _create_variable(call, _of_environment(call))


@route("PATCH", _ENVIRONMENT + "/variables/{name}", "environments=write")
def edit_environment_variable(call: Call) -> Answer:
    """Change a variable of an environment."""
    return _edit_variable(call, _of_environment(call))


@route("GET", _ENVIRONMENT + "/secrets/public-key", "environments=read")
def get_environment_public_key(call: Call) -> Answer:
    """What secrets of an environment are sealed with."""
    return _public_key(_of_environment(call))


@route("PUT", _ENVIRONMENT + "/secrets/{secret_name}", "environments=write")
def set_environment_secret(call: Call) -> Answer:
    """Set a secret of an environment."""
    return _set_secret(call, _of_environment(call))


def _of_repository(call: Call) -> Vault:
    return call.repository(role="write").administered.vault


def _of_environment(call: Call) -> Vault:
    found = call.repository(role="write").administered.environments.get(call.params["environment_name"])
    if found is None:
        raise RefusalError(404, "Not Found")
    return found.vault


def _named(call: Call, what: str, name: str) -> str:
    """A name as GitHub keeps it: in capitals."""
    if not _NAME.fullmatch(name.upper()):
        raise RefusalError(422, f"{what} names {_RULE}")
    return name.upper()


def _list_variables(call: Call, vault: Vault) -> Answer:
    call.query["per_page"] = str(min(int(call.query.get("per_page", 10)), _MOST_VARIABLES))
    page, headers = call.page(list(vault.variables.values()))
    return Answer(200, {"total_count": len(vault.variables), "variables": list(page)}, headers)


def _create_variable(call: Call, vault: Vault) -> Answer:
    name, now = _named(call, "Variable", call.text("name")), iso(call.world.now())
    if name in vault.variables:
        raise RefusalError(409, "Already exists - Variable already exists")
    vault.variables[name] = {"name": name, "value": call.text("value"), "created_at": now, "updated_at": now}
    return Answer(201, {})


def _edit_variable(call: Call, vault: Vault) -> Answer:
    found = vault.variables.get(call.params["name"].upper())
    if found is None:
        raise RefusalError(404, "Not Found")
    found |= {"value": call.text("value", found["value"]), "updated_at": iso(call.world.now())}
    return Answer(204)


def _public_key(vault: Vault) -> Answer:
    return Answer(200, {"key_id": vault.key_id, "key": vault.public_key})


def _set_secret(call: Call, vault: Vault) -> Answer:
    name = _named(call, "Secret", call.params["secret_name"])
    if call.text("key_id") != vault.key_id:
        raise RefusalError(422, "Bad request - key_id does not match")
    try:
        value = vault.open(call.text("encrypted_value"))
    except ValueError as error:
        raise RefusalError(422, "Bad request - improperly encrypted secret") from error
    known = name in vault.secrets
    vault.secrets[name] = value
    return Answer(204) if known else Answer(201, {})


@route("PUT", _ACTIONS + "/oidc/customization/sub", "actions=write")
def set_oidc(call: Call) -> Answer:
    """Say what the identity tokens of workflows have as their subject."""
    call.repository(role="admin").administered.oidc = dict(call.body)
    return Answer(201, {})


@route("PUT", _ACTIONS + "/permissions/access", "administration=write")
def set_access(call: Call) -> Answer:
    """Say who else may use the actions and workflows of a private repository."""
    repository = call.repository(role="admin")
    if not repository.private:
        raise RefusalError(409, "Access policy only applies to internal and private repositories.")
    repository.administered.access = call.text("access_level")
    return Answer(204)


@route("GET", _WORKFLOW + "/runs", "actions=read")
def list_runs(call: Call) -> Answer:
    """The runs of a workflow that were started by hand, newest first."""
    repository = call.repository()
    _workflow(call, repository)
    found = [run for run in reversed(repository.administered.runs) if run["workflow"] == call.params["workflow_id"]]
    page, headers = call.page(found)
    shown = [_shown(call, repository, run) for run in page]
    return Answer(200, {"total_count": len(found), "workflow_runs": shown}, headers)


@route("POST", _WORKFLOW + "/dispatches", "actions=write", creates=True)
def dispatch(call: Call) -> Answer:
    """Start a workflow."""
    repository, ref = call.repository(role="write"), call.text("ref")
    text, store = _workflow(call, repository), repository.store
    commit = store.tip(ref) or store.reference(f"refs/tags/{ref}")
    if commit is None:
        raise RefusalError(422, f"No ref found for: {ref}")
    if "workflow_dispatch" not in text:
        raise RefusalError(422, "Workflow does not have 'workflow_dispatch' trigger")
    inputs = dict(call.body.get("inputs") or {})
    unknown = [name for name in inputs if f"{name}:" not in text]
    if unknown:
        raise RefusalError(422, f"Unexpected inputs provided: {unknown}")
    run = {
        "id": call.world.number(), "workflow": call.params["workflow_id"], "ref": ref, "commit": commit,
        "inputs": inputs, "actor": call.login, "created": call.world.now(),
    }  # fmt: skip
    repository.administered.runs.append(run)
    if not call.body.get("return_run_details"):
        return Answer(204)
    shown = _shown(call, repository, run)
    return Answer(200, {"workflow_run_id": run["id"], "run_url": shown["url"], "html_url": shown["html_url"]})


def _workflow(call: Call, repository: Repository) -> str:
    """The text of the workflow in the path, as it is on the default branch."""
    tip, path = repository.store.tip(repository.default_branch), f".github/workflows/{call.params['workflow_id']}"
    entry = repository.store.entry(tip, path) if tip else None
    if entry is None:
        raise RefusalError(404, "Not Found")
    return repository.store.read(entry.id).decode()


def _shown(call: Call, repository: Repository, run: dict[str, Any]) -> dict[str, Any]:
    """A run as the API shows it."""
    base = f"{call.shapes.api}/repos/{repository.full_name}"
    url, at = f"{base}/actions/runs/{run['id']}", iso(run["created"])
    suite, own = f"{base}/check-suites/{run['id']}", call.shapes.repository_minimal(repository)
    return {
        "id": run["id"], "node_id": str(run["id"]), "name": run["workflow"], "head_branch": run["ref"],
        "head_sha": run["commit"], "path": f".github/workflows/{run['workflow']}", "run_number": 1,
        "event": "workflow_dispatch", "status": "queued", "conclusion": None, "workflow_id": 1, "url": url,
        "html_url": f"{call.shapes.web}/{repository.full_name}/actions/runs/{run['id']}", "pull_requests": [],
        "created_at": at, "updated_at": at, "jobs_url": f"{url}/jobs", "logs_url": f"{url}/logs",
        "check_suite_url": suite, "artifacts_url": f"{url}/artifacts", "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun", "workflow_url": f"{base}/actions/workflows/1", "head_commit": None,
        "repository": own, "head_repository": own, "display_title": run["workflow"],
        "actor": call.shapes.user(run["actor"]),
    }  # fmt: skip
