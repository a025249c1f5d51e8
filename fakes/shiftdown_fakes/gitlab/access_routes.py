"""Variables, tokens and triggers of projects."""

import secrets

from shiftdown_fakes.gitlab.action_records import Record, records_of
from shiftdown_fakes.gitlab.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer

_MAINTAINER = 40
_VARIABLES = "/projects/{id}/variables"
_ACCESS = "/projects/{id}/access_tokens"
_DEPLOY = "/projects/{id}/deploy_tokens"
_TRIGGERS = "/projects/{id}/triggers"
_FLAGS = ("protected", "masked", "raw")


def _shown(variable: Record) -> Record:
    return {**variable, "value": None} if variable["hidden"] else variable


def _variable(call: Call, kept: list[Record], scope: str | None) -> Record:
    found = [one for one in kept if one["key"] == call.params["key"] and scope in (None, one["environment_scope"])]
    if not found:
        raise RefusalError(404, "404 Variable Not Found")
    if len(found) > 1:
        raise RefusalError(
            409, "There are multiple variables with provided parameters. Please use 'filter[environment_scope]'"
        )
    return found[0]


@route("GET", _VARIABLES + "/{key}")
def get_variable(call: Call) -> Answer:
    """One variable (https://docs.gitlab.com/api/project_level_variables/#get-a-single-variable)."""
    kept = records_of(call.world).variables.setdefault(call.project(level=_MAINTAINER).id, [])
    return Answer(200, _shown(_variable(call, kept, call.query.get("filter[environment_scope]"))))


@route("POST", _VARIABLES)
def create_variable(call: Call) -> Answer:
    """A new variable (https://docs.gitlab.com/api/project_level_variables/#create-a-variable)."""
    kept = records_of(call.world).variables.setdefault(call.project(level=_MAINTAINER).id, [])
    body = call.body
    hidden = bool(body.get("masked_and_hidden"))
    made: Record = {
        "variable_type": body.get("variable_type", "env_var"),
        "key": body["key"],
        "value": body["value"],
        **{name: bool(body.get(name)) for name in _FLAGS},
        "hidden": hidden,
        "environment_scope": body.get("environment_scope", "*"),
        "description": body.get("description"),
    }
    made["masked"] = made["masked"] or hidden
    if any((one["key"], one["environment_scope"]) == (made["key"], made["environment_scope"]) for one in kept):
        raise RefusalError(400, {"key": [f"({made['key']}) has already been taken"]})
    if made["masked"] and len(made["value"]) < 8:
        raise RefusalError(400, {"value": ["is invalid"]})
    kept.append(made)
    return Answer(201, _shown(made))


@route("PUT", _VARIABLES + "/{key}")
def update_variable(call: Call) -> Answer:
    """Change a variable (https://docs.gitlab.com/api/project_level_variables/#update-a-variable)."""
    kept = records_of(call.world).variables.setdefault(call.project(level=_MAINTAINER).id, [])
    found = _variable(call, kept, (call.body.get("filter") or {}).get("environment_scope"))
    names = ("value", "variable_type", "environment_scope", "description", *_FLAGS)
    found.update({name: call.body[name] for name in names if name in call.body})
    return Answer(200, _shown(found))


@route("GET", _ACCESS)
def list_access_tokens(call: Call) -> Answer:
    """Access tokens (https://docs.gitlab.com/api/project_access_tokens/#list-all-project-access-tokens)."""
    kept = records_of(call.world).access_tokens.get(call.project(level=_MAINTAINER).id, [])
    return call.paged([_without_value(one) for one in kept])


@route("POST", _ACCESS)
def create_access_token(call: Call) -> Answer:
    """A new access token (https://docs.gitlab.com/api/project_access_tokens/#create-a-project-access-token)."""
    project = call.project(level=_MAINTAINER)
    call.need("name", "scopes", "expires_at")
    level = call.body.get("access_level", _MAINTAINER)
    if level > call.level(project):
        raise RefusalError(400, "Access level of the token can't be higher than the current user's access level")
    token = call.world.add_project_token(project, level, call.body["scopes"])
    made: Record = {
        "id": call.world.number(),
        "user_id": call.world.users[token.username].id,
        "name": call.body["name"],
        "scopes": call.body["scopes"],
        "access_level": level,
        "created_at": call.world.shown_now(),
        "last_used_at": None,
        "expires_at": call.body["expires_at"],
        "revoked": False,
        "active": True,
        "token": token.value,
    }
    records_of(call.world).access_tokens.setdefault(project.id, []).append(made)
    return Answer(201, made)


@route("DELETE", _ACCESS + "/{token_id}")
def revoke_access_token(call: Call) -> Answer:
    """Take back an access token (https://docs.gitlab.com/api/project_access_tokens/#revoke-a-project-access-token)."""
    found = _numbered(
        call, records_of(call.world).access_tokens.get(call.project(level=_MAINTAINER).id, []), "token_id"
    )
    found.update(revoked=True, active=False)
    call.world.tokens.pop(found["token"], None)
    return Answer(204)


@route("GET", _DEPLOY)
def list_deploy_tokens(call: Call) -> Answer:
    """Deploy tokens (https://docs.gitlab.com/api/deploy_tokens/#list-project-deploy-tokens)."""
    kept = records_of(call.world).deploy_tokens.get(call.project(level=_MAINTAINER).id, [])
    return call.paged([_without_value(one) for one in kept])


@route("POST", _DEPLOY)
def create_deploy_token(call: Call) -> Answer:
    """A new deploy token (https://docs.gitlab.com/api/deploy_tokens/#create-a-project-deploy-token)."""
    project, number = call.project(level=_MAINTAINER), call.world.number()
    if not call.body.get("scopes"):
        raise RefusalError(400, {"base": ["Scopes can't be blank"]})
    made: Record = {
        "id": number,
        "name": call.body["name"],
        "username": call.body.get("username") or f"gitlab+deploy-token-{number}",
        "scopes": call.body["scopes"],
        "expires_at": call.body.get("expires_at"),
        "revoked": False,
        "expired": False,
        "token": f"gldt-{secrets.token_hex(10)}",
    }
    records_of(call.world).deploy_tokens.setdefault(project.id, []).append(made)
    return Answer(201, made)


@route("DELETE", _DEPLOY + "/{token_id}")
def delete_deploy_token(call: Call) -> Answer:
    """Remove a deploy token (https://docs.gitlab.com/api/deploy_tokens/#delete-a-project-deploy-token)."""
    kept = records_of(call.world).deploy_tokens.get(call.project(level=_MAINTAINER).id, [])
    kept.remove(_numbered(call, kept, "token_id"))
    return Answer(204)


@route("GET", _TRIGGERS)
def list_triggers(call: Call) -> Answer:
    """Trigger tokens (https://docs.gitlab.com/api/pipeline_triggers/#list-project-trigger-tokens)."""
    return call.paged(records_of(call.world).triggers.get(call.project(level=_MAINTAINER).id, []))


@route("POST", _TRIGGERS)
def create_trigger(call: Call) -> Answer:
    """A new trigger token (https://docs.gitlab.com/api/pipeline_triggers/#create-a-trigger-token)."""
    project = call.project(level=_MAINTAINER)
    made: Record = {
        "id": call.world.number(),
        "description": call.body["description"],
        "token": f"glptt-{secrets.token_hex(10)}",
        "owner": call.shapes.user(call.user),
        "created_at": call.world.shown_now(),
        "updated_at": call.world.shown_now(),
        "last_used": None,
    }
    records_of(call.world).triggers.setdefault(project.id, []).append(made)
    return Answer(201, made)


@route("DELETE", _TRIGGERS + "/{trigger_id}")
def delete_trigger(call: Call) -> Answer:
    """Remove a trigger token (https://docs.gitlab.com/api/pipeline_triggers/#remove-a-trigger-token)."""
    kept = records_of(call.world).triggers.get(call.project(level=_MAINTAINER).id, [])
    kept.remove(_numbered(call, kept, "trigger_id"))
    return Answer(204)


def _numbered(call: Call, kept: list[Record], name: str) -> Record:
    found = next((one for one in kept if str(one["id"]) == call.params[name]), None)
    if found is None:
        raise RefusalError(404, "404 Not Found")
    return found


def _without_value(token: Record) -> Record:
    return _without(token, "token")


def _without(record: Record, *names: str) -> Record:
    return {name: value for name, value in record.items() if name not in names}
