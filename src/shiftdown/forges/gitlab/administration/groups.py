"""Groups, and who may do what in them.

(https://docs.gitlab.com/api/groups/, https://docs.gitlab.com/api/group_members/)
"""

from collections.abc import Mapping
from typing import Any

from shiftdown.errors import InvalidInputError
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.gitlab.administration.requests import Requests, looks_first
from shiftdown.forges.gitlab.projects import encoded

_FORBIDDEN = 403


def find(api: Requests, path: str) -> Mapping[str, Any] | None:
    """The group with a path or number; `None` if the token sees none."""
    found: Mapping[str, Any] | None = api.find(
        f"look for group {path}", f"/groups/{encoded(path)}", with_projects="false"
    )
    return found


@looks_first
def ensure(api: Requests, path: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The group with a path, made if there is none: of `name`, `path` and, below another, `parent_id`.

    Raises:
        InvalidInputError: the path is taken.
    """
    found = _named(api, path)
    if found is not None:
        return found
    try:
        made: Mapping[str, Any] = api.needing("Maintainer").post(f"make group {path}", "/groups", data)
    except RefusedError as refused:
        if "has already been taken" in refused.reason:
            return _made_meanwhile(api, path)
        if refused.status == _FORBIDDEN and "parent_id" not in data:
            problem = f"cannot make group {path}: GitLab lets the owner of the token make no group that is in no other"
            raise RefusedError(
                api.subject, f"{problem} (gitlab.com lets nobody by the API): make it by hand", _FORBIDDEN, "Forbidden"
            ) from None
        raise
    return made


def _named(api: Requests, path: str) -> Mapping[str, Any] | None:
    """The group with a path, which GitLab takes for a number if it looks like one."""
    found = find(api, path)
    return found if found and found["full_path"].lower() == path.lower() else None


def _made_meanwhile(api: Requests, path: str) -> Mapping[str, Any]:
    found = _named(api, path)
    if found is None:
        raise InvalidInputError(
            f"{api.subject}: cannot make group {path}: its path or name is taken, by a project, a user, or a group "
            "that the token does not see; choose another one, or use a token that sees it"
        )
    return found


@looks_first
def set_member(api: Requests, group: str, user: int, level: int | None) -> None:
    """Let a user into a group with an access level, or (`None`) send them away."""
    members, api = f"/groups/{encoded(group)}/members", api.needing("Owner")
    found = api.find("look at the members", f"{members}/{user}")
    if level is None:
        if found is not None:
            api.delete("remove a member", f"{members}/{user}")
    elif found is None:
        api.post("add a member", members, {"user_id": user, "access_level": level})
    elif found["access_level"] != level:
        api.put("change a member", f"{members}/{user}", {"access_level": level})


@looks_first
def set_share(api: Requests, group: str, other: int, level: int | None) -> None:
    """Share a group with another one at an access level, or (`None`) no longer. GitLab cannot change a share."""
    path, api = f"/groups/{encoded(group)}", api.needing("Owner")
    shares = api.get("look at the group", path, with_projects="false")["shared_with_groups"]
    there = next((share["group_access_level"] for share in shares if share["group_id"] == other), None)
    if there == level:
        return
    if there is not None:
        api.delete("end the sharing with a group", f"{path}/share/{other}")
    if level is not None:
        api.post("share the group", f"{path}/share", {"group_id": other, "group_access": level})
