"""Projects: found, made, and given owners. (https://docs.gitlab.com/api/projects/)"""

from collections.abc import Mapping
from typing import Any

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.gitlab.administration.requests import Requests, looks_first
from shiftdown.forges.gitlab.projects import encoded

_OWNER = 50
"""GitLab's access level of owners."""


def find(api: Requests, path: str) -> Mapping[str, Any] | None:
    """The project with a path or number; `None` if the token sees none."""
    found = api.find(f"look for project {path}", f"/projects/{encoded(path)}")
    # A path that a project had before leads to it, but is free again.
    return found if found is None or path.isdigit() or found["path_with_namespace"].lower() == path.lower() else None


def path_of(api: Requests, number: str) -> str:
    """Path of the project with a number. Raises `NotFoundError`."""
    found = find(api, number)
    if found is None:
        raise NotFoundError("project", number, "the token sees none of that number")
    path: str = found["path_with_namespace"]
    return path


def namespace(api: Requests, path: str) -> int:
    """Number of the group or user that is to own a project.

    Raises:
        NotFoundError: there is none of that path.
    """
    found = api.find(f"look for group {path}", f"/namespaces/{encoded(path)}")
    # GitLab takes a path that looks like a number for one.
    if found is None or found["full_path"].lower() != path.lower():
        raise NotFoundError("group", path, "make it first (gitlab:group:ensureExists), or use the token of a member")
    number: int = found["id"]
    return number


def create(api: Requests, path: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make a project without a commit.

    Args:
        api: where.
        path: its path, with its groups.
        data: `namespace_id`, `name`, `path`, and settings.

    Raises:
        InvalidInputError: the name is taken.
        RefusedError: GitLab does not take it, or not from the owner of the token.
        UnsureError: nobody knows whether it is made: look.
    """
    try:
        made: Mapping[str, Any] = api.post("make a project", "/projects", data)
    except RefusedError as refused:
        if "has already been taken" in refused.reason:
            raise InvalidInputError(f"{path}: the name is taken; choose another one") from None
        if "namespace is not valid" in refused.reason:
            group = path.rpartition("/")[0]
            problem = f"{refused.problem}. The owner of the token may not make projects in {group}: that takes the role"
            problem += " Developer there, or what the group asks for"
            raise RefusedError(api.subject, problem, refused.status, refused.reason) from None
        raise
    return made


@looks_first
def set_default_branch(api: Requests, number: int, branch: str) -> None:
    """Make a branch the default one, unless it is."""
    path, api = f"/projects/{number}", api.needing("Maintainer")
    if api.get("look at the default branch", path)["default_branch"] != branch:
        api.put("set the default branch", path, {"default_branch": branch})


@looks_first
def set_owner(api: Requests, number: int, user: int) -> None:
    """Make a user an owner of a project. (https://docs.gitlab.com/api/project_members/)"""
    members, api = f"/projects/{number}/members", api.needing("Owner")
    found = api.find("look at the members", f"{members}/{user}")
    if found is None:
        api.post("add an owner", members, {"user_id": user, "access_level": _OWNER})
    elif found["access_level"] != _OWNER:
        api.put("make a member an owner", f"{members}/{user}", {"access_level": _OWNER})
