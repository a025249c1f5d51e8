"""Issues of projects. (https://docs.gitlab.com/api/issues/, https://docs.gitlab.com/api/epics/)"""

from collections.abc import Mapping
from typing import Any

from shiftdown.errors import NotFoundError
from shiftdown.forges.gitlab.administration import people
from shiftdown.forges.gitlab.administration.requests import Requests, looks_first
from shiftdown.forges.gitlab.places import encoded


def newest(api: Requests, project: str) -> int:
    """Number of the newest issue of a project; 0 if it has none."""
    found = api.get("look at the issues", _path(project), order_by="created_at", sort="desc", per_page=1, scope="all")
    return found[0]["iid"] if found else 0


def made_since(api: Requests, project: str, number: int, title: str) -> Mapping[str, Any] | None:
    """The issue of that title that came after a number and was made by the user of the token."""
    me = people.viewer(api)["id"]
    found = api.get(
        "look at the issues", _path(project), author_id=me, search=title, **{"in": "title"}, scope="all", per_page=100
    )
    fitting = [one for one in found if one["iid"] > number and one["title"] == title]
    return _shown(min(fitting, key=lambda one: one["iid"])) if fitting else None


def create(api: Requests, project: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make an issue; what is known of it. Raises `UnsureError`: nobody knows whether it is made."""
    return _shown(api.post("make an issue", _path(project), data))


@looks_first
def edit(api: Requests, project: str, number: int, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Change an issue; what is known of it then."""
    path = f"{_path(project)}/{number}"
    if not data:
        return _shown(api.get("look at an issue", path))
    return _shown(api.put("change an issue", path, data))


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


def _path(project: str) -> str:
    return f"/projects/{encoded(project)}/issues"


def _shown(issue: Mapping[str, Any]) -> dict[str, Any]:
    return {name: issue[name] for name in ("id", "iid", "project_id", "web_url", "state", "title", "updated_at")}
