"""`gitlab:projectAccessToken:create` and `gitlab:projectDeployToken:create`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import Field

from shiftdown.errors import InvalidInputError
from shiftdown.forges.requesting import surely
from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.actions.gitlab.common import (
    UNTOLD,
    Number,
    OnHost,
    address_part,
    project_of,
    requests_for,
    tell,
)
from shiftdown.scaffolder.publishing import now


class AccessTokenInput(OnHost):
    """The token that is to be made."""

    project_id: Number | str
    """Number or path of the project."""
    name: str = "tokenname"
    """Its name."""
    access_level: Number = 40
    """What it may do: 10 as a guest, 20 a reporter, 30 a developer, 40 a maintainer, 50 an owner."""
    scopes: tuple[str, ...] = ("read_repository",)
    """What it is for: `api`, `read_api`, `read_repository`, `write_repository`, …"""
    expires_at: str = Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$")
    """The day when it ends, `2026-12-31`; default in 365 days."""


class AccessTokenOutput(ActionModel):
    """The token that was made."""

    access_token: str = Field(alias="access_token")
    """Its value, which GitLab tells only once."""


class DeployTokenInput(OnHost):
    """The token that is to be made."""

    project_id: Number | str
    """Number or path of the project."""
    name: str
    """Its name."""
    username: str = ""
    """User name that goes with it; default GitLab's, `gitlab+deploy-token-` and a number."""
    scopes: tuple[str, ...]
    """What it is for: `read_repository`, `read_registry`, `write_registry`, …"""


class DeployTokenOutput(ActionModel):
    """The token that was made."""

    deploy_token: str = Field(alias="deploy_token")
    """Its value, which GitLab tells only once."""
    user: str
    """User name that goes with it."""


@action(
    "gitlab:projectAccessToken:create",
    title="Make an access token of a project on GitLab",
    examples=(
        Example(
            title="A token that reads the repository for a year",
            input={
                "repoUrl": "gitlab.com?owner=acme&repo=shop",
                "projectId": "acme/shop",
                "name": "deployments",
                "accessLevel": 20,
                "scopes": ["read_repository"],
            },
            output={"access_token": "<example>"},
        ),
    ),
)
def create_access_token(given: AccessTokenInput, context: ActionContext) -> AccessTokenOutput:
    """Make an access token of a project on GitLab; it is hidden in logs.

    Its value can be had only once: when a task is killed after the token was made, it makes another one and takes back
    the first.
    """
    project = project_of(given, given.project_id)
    data = {"name": given.name, "access_level": given.access_level, "scopes": list(given.scopes)}
    target = f"{given.host}/{address_part(project)}"
    tell(context, "gitlab:projectAccessToken:create", "access token", target, **data, expires_at=given.expires_at)
    if context.dry_run:
        return AccessTokenOutput(access_token=UNTOLD)
    from shiftdown.forges.gitlab.administration import tokens

    data["expires_at"] = given.expires_at or context.checkpoint("end", lambda: _in_a_year(context))
    api = requests_for(given, context, address_part(project))
    made = _renewed(context, given.name, tokens.AccessTokens(api, project), data)
    return AccessTokenOutput(access_token=made["token"])


@action(
    "gitlab:projectDeployToken:create",
    title="Make a deploy token of a project on GitLab",
    examples=(
        Example(
            title="A token that pulls images",
            input={
                "repoUrl": "gitlab.com?owner=acme&repo=shop",
                "projectId": "acme/shop",
                "name": "cluster",
                "scopes": ["read_registry"],
            },
            output={"deploy_token": "<example>", "user": "<example>"},
        ),
    ),
)
def create_deploy_token(given: DeployTokenInput, context: ActionContext) -> DeployTokenOutput:
    """Make a deploy token of a project on GitLab; it is hidden in logs.

    Its value can be had only once: when a task is killed after the token was made, it makes another one and takes back
    the first.
    """
    if not given.scopes:
        raise InvalidInputError("gitlab:projectDeployToken:create: a token without scopes is of no use; name some")
    project = project_of(given, given.project_id)
    data = {"name": given.name, "scopes": list(given.scopes)} | ({"username": given.username} if given.username else {})
    tell(context, "gitlab:projectDeployToken:create", "deploy token", f"{given.host}/{address_part(project)}", **data)
    if context.dry_run:
        return DeployTokenOutput(deploy_token=UNTOLD, user=given.username or UNTOLD)
    from shiftdown.forges.gitlab.administration import tokens

    api = requests_for(given, context, address_part(project))
    made = _renewed(context, given.name, tokens.DeployTokens(api, project), data)
    return DeployTokenOutput(deploy_token=made["token"], user=made["username"])


def _renewed(context: ActionContext, name: str, kept: Any, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A new token, in place of those that earlier attempts of this task have made and whose values are lost."""
    before: list[int] = context.checkpoint("before", lambda: kept.live(name))
    made: list[Mapping[str, Any]] = []

    def renew() -> None:
        for lost in kept.live(name):
            if lost not in before:
                context.log(f"Taking back token {lost}, whose value is lost")
                kept.revoke(lost)
        made.append(kept.create(data))

    attempt = 0
    while not made:
        # What is remembered of an attempt is not the value, so that one of an interrupted task does not help.
        context.checkpoint(f"token, attempt {attempt}", lambda: surely(renew))
        attempt += 1
    context.hide(made[0]["token"])
    context.log(f"Made token {made[0]['id']}, {name}")
    return made[0]


def _in_a_year(context: ActionContext) -> str:
    return (now(context) + timedelta(days=365)).date().isoformat()
