"""CI/CD variables of projects. (https://docs.gitlab.com/api/project_level_variables/)"""

from collections.abc import Mapping
from typing import Any

from shiftdown.errors import InvalidInputError
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.gitlab.administration.requests import Requests, looks_first
from shiftdown.forges.gitlab.projects import encoded

_ROLE = "Maintainer"
"""What it takes to see and make variables."""
_COMPARED = ("value", "variable_type", "protected", "masked", "raw")


def find(api: Requests, project: str, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The variable with the `key` and `environment_scope` of `data`; `None` if there is none."""
    query = {"filter[environment_scope]": data["environment_scope"]}
    found: Mapping[str, Any] | None = api.needing(_ROLE).find(
        f"look for variable {data['key']}", _path(project, data["key"]), **query
    )
    return found


@looks_first
def put(api: Requests, project: str, data: Mapping[str, Any]) -> None:
    """Make a variable, or bring the one that is there in line with `data`.

    Raises:
        InvalidInputError: its value cannot be masked.
    """
    found = find(api, project, data)
    try:
        if found is None:
            api.needing(_ROLE).post(f"make variable {data['key']}", f"/projects/{encoded(project)}/variables", data)
        elif not _is_same(found, data):
            changes = {name: value for name, value in data.items() if name not in ("key", "masked_and_hidden")}
            changes["filter"] = {"environment_scope": data["environment_scope"]}
            api.needing(_ROLE).put(f"change variable {data['key']}", _path(project, data["key"]), changes)
    except RefusedError as refused:
        if "value is invalid" in refused.reason and data["masked"]:
            raise InvalidInputError(
                f"{api.subject}: GitLab cannot mask the value of variable {data['key']}: it takes 8 characters or more "
                "on one line, without blanks; choose another value, or do not mask it"
            ) from None
        raise


def is_there(api: Requests, project: str, data: Mapping[str, Any]) -> bool:
    """Whether a variable is there, and is what `data` says.

    Raises:
        InvalidInputError: it is there, and is something else.
    """
    found = find(api, project, data)
    if found is not None and not _is_same(found, data):
        raise InvalidInputError(
            f"{api.subject}: has a variable {data['key']} for {data['environment_scope']} already, "
            "and it is another one; remove it first, or choose another name or scope"
        )
    return found is not None


def _is_same(found: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Whether a variable is what is wanted. The value of a hidden one is not told, so that it counts as another."""
    return not found.get("hidden") and all(found[name] == data[name] for name in _COMPARED if name in found)


def _path(project: str, key: str) -> str:
    return f"/projects/{encoded(project)}/variables/{key}"
