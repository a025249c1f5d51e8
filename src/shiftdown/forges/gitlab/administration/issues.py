"""Issues of projects. (https://docs.gitlab.com/api/issues/, https://docs.gitlab.com/api/epics/)"""

from collections.abc import Collection, Mapping
from typing import Any

from shiftdown.errors import NotFoundError
from shiftdown.forges.gitlab.administration.requests import Requests, looks_first
from shiftdown.forges.gitlab.projects import encoded


def of_title(api: Requests, project: str, title: str) -> list[int]:
    """Numbers of the issues of that title that the user of the token has made."""
    return [one["iid"] for one in _of_title(api, project, title)]


def other_than(api: Requests, project: str, numbers: Collection[int], title: str) -> Mapping[str, Any] | None:
    """The first issue of that title that the user of the token has made, beside those with these numbers.

    When they were made does not tell which is newer: an administrator may choose that.
    """
    found = [one for one in _of_title(api, project, title) if one["iid"] not in numbers]
    return _shown(min(found, key=lambda one: one["iid"])) if found else None


def create(api: Requests, project: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make an issue; what is known of it. Raises `UnsureError`: nobody knows whether it is made."""
    return _shown(api.needing("Guest").post("make an issue", _path(project), data))


@looks_first
def edit(api: Requests, project: str, number: int, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Change an issue; what is known of it then."""
    path = f"{_path(project)}/{number}"
    if not data:
        return _shown(api.get("look at an issue", path))
    return _shown(api.needing("Reporter").put("change an issue", path, data))


def is_epic_of(api: Requests, project: str, number: int) -> bool:
    """Whether an epic is of a group that a project is in.

    Raises:
        NotFoundError: there is no such epic below the outermost of the groups.
    """
    path: str = api.get("look at the project", f"/projects/{encoded(project)}")["path_with_namespace"]
    root = path.partition("/")[0]
    epics = api.pages("look at the epics", f"/groups/{encoded(root)}/epics")
    found = next((epic for epic in epics if epic["id"] == number), None)
    if found is None:
        raise NotFoundError("epic", str(number), f"group {root} and those below it have none of that number")
    group = api.get("look at a group", f"/groups/{found['group_id']}", with_projects="false")["full_path"]
    return path.startswith(f"{group}/")


def _of_title(api: Requests, project: str, title: str) -> list[Mapping[str, Any]]:
    query = {"scope": "created_by_me", "search": title, "in": "title"}
    return [one for one in api.pages("look at the issues", _path(project), **query) if one["title"] == title]


def _path(project: str) -> str:
    return f"/projects/{encoded(project)}/issues"


def _shown(issue: Mapping[str, Any]) -> dict[str, Any]:
    return {name: issue[name] for name in ("id", "iid", "project_id", "web_url", "state", "title", "updated_at")}
