"""Pipelines that are started from outside.

(https://docs.gitlab.com/api/pipelines/, https://docs.gitlab.com/api/pipeline_triggers/)
"""

from collections.abc import Collection, Mapping
from typing import Any

from shiftdown.forges.gitlab.administration import users
from shiftdown.forges.gitlab.administration.requests import Requests
from shiftdown.forges.gitlab.projects import encoded

_ROLE = "Maintainer"
"""What it takes to make trigger tokens."""


def newest(api: Requests, project: str, ref: str) -> int:
    """Number of the newest pipeline for a branch or tag that was triggered; 0 if there is none."""
    return max((one["id"] for one in _triggered(api, project, ref)), default=0)


def started_since(api: Requests, project: str, ref: str, number: int) -> Mapping[str, Any] | None:
    """The first pipeline for a branch or tag that came after a number and was triggered by the user of the token."""
    name = users.viewer(api)["username"]
    found = [one for one in _triggered(api, project, ref, username=name) if one["id"] > number]
    return min(found, key=lambda one: one["id"], default=None)


def trigger_tokens(api: Requests, project: str, description: str) -> list[int]:
    """Numbers of the trigger tokens of that description."""
    found = api.needing(_ROLE).pages("look at the trigger tokens", f"/projects/{encoded(project)}/triggers")
    return [one["id"] for one in found if one["description"] == description]


def make_trigger_token(api: Requests, project: str, description: str) -> str:
    """Make a trigger token; its value."""
    made = api.needing(_ROLE).post(
        "make a trigger token", f"/projects/{encoded(project)}/triggers", {"description": description}
    )
    value: str = made["token"]
    return value


def remove_trigger_tokens(api: Requests, project: str, description: str, *, but: Collection[int]) -> None:
    """Remove the trigger tokens of that description, but for some."""
    for number in trigger_tokens(api, project, description):
        if number not in but:
            api.needing(_ROLE).delete("remove a trigger token", f"/projects/{encoded(project)}/triggers/{number}")


def start(api: Requests, project: str, ref: str, token: str, variables: Mapping[str, str]) -> Mapping[str, Any]:
    """Start a pipeline with a trigger token. Raises `UnsureError`: nobody knows whether it runs."""
    data = {"token": token, "ref": ref, "variables": dict(variables)}
    made = api.post("start a pipeline", f"/projects/{encoded(project)}/trigger/pipeline", data)
    return {"id": made["id"], "web_url": made["web_url"]}


def _triggered(api: Requests, project: str, ref: str, **query: str) -> list[Mapping[str, Any]]:
    path = f"/projects/{encoded(project)}/pipelines"
    found: list[Mapping[str, Any]] = api.get(
        "look at the pipelines", path, ref=ref, source="trigger", order_by="id", sort="desc", per_page=100, **query
    )
    return found
