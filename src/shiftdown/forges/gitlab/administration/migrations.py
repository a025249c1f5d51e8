"""Projects that come from another GitLab by direct transfer. (https://docs.gitlab.com/api/bulk_imports/)"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from shiftdown.errors import InvalidInputError
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.gitlab.administration.requests import Requests

_UNPROCESSABLE = 422


@dataclass(frozen=True)
class Migration:
    """What is brought where."""

    url: str
    """Address of the GitLab where it comes from."""
    token: SecretStr
    """Token for that."""
    path: str
    """Path of the project there, with its groups."""
    group: str
    """Group that it goes to."""
    name: str
    """Its part of the address there."""


def newest(api: Requests) -> int:
    """Number of the newest migration that the user of the token has started; 0 if there is none."""
    found = api.get("look at the migrations", "/bulk_imports", sort="desc", per_page=1)
    return found[0]["id"] if found else 0


def started_since(api: Requests, number: int, plan: Migration) -> Mapping[str, Any] | None:
    """The migration after a number that does what is planned."""
    found = api.get("look at the migrations", "/bulk_imports", sort="desc", per_page=100)
    later = [one for one in found if one["id"] > number]
    return next((one for one in reversed(later) if _does(api, one["id"], plan)), None)


def start(api: Requests, plan: Migration) -> Mapping[str, Any]:
    """Start a migration.

    Raises:
        InvalidInputError: it cannot go there.
    """
    entity = {
        "source_type": "project_entity",
        "source_full_path": plan.path,
        "destination_slug": plan.name,
        "destination_namespace": plan.group,
    }
    source = {"url": plan.url, "access_token": plan.token.get_secret_value()}
    try:
        made = api.post("start a migration", "/bulk_imports", {"configuration": source, "entities": [entity]})
    except RefusedError as refused:
        if refused.status == _UNPROCESSABLE:
            raise InvalidInputError(
                f"{api.subject}: {refused.problem.rstrip('.')}; name a group that exists, in which the owner of the "
                "token has the role Maintainer, and a project that does not exist"
            ) from None
        raise
    return {"id": made["id"]}


def _does(api: Requests, number: int, plan: Migration) -> bool:
    entities = api.get("look at a migration", f"/bulk_imports/{number}/entities")
    wanted = (plan.path, plan.name, plan.group)
    names = ("source_full_path", "destination_slug", "destination_namespace")
    return any(tuple(one[name] for name in names) == wanted for one in entities)
