"""Groups, whom they are shared with, and namespaces."""

import re

from shiftdown_fakes.gitlab.model import DEVELOPER, MAINTAINER, OWNER
from shiftdown_fakes.gitlab.routing import Call, RefusalError, route, same_path
from shiftdown_fakes.serving import Answer

LEVELS = (0, 5, 10, 15, 20, 30, 40, 50)
"""Access levels that can be given (https://docs.gitlab.com/api/access_requests/#valid-access-levels)."""
PATH = re.compile(r"(?!.*(?:\.git|\.atom)$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")
"""Part of an address that a group or project may have (https://docs.gitlab.com/user/reserved_names/)."""
_GROUP = "/groups/{id}"


@route("GET", _GROUP)
def get_group(call: Call) -> Answer:
    """One group (https://docs.gitlab.com/api/groups/#get-a-single-group)."""
    group = call.group()
    shown = call.shapes.group_full(group)
    if call.flag("with_projects", default=True):
        within = [one for one in call.world.projects.values() if one.namespace == group.path]
        shown["projects"] = [call.shapes.project_simple(one) for one in within if call.world.sees(one, call.username)]
    return Answer(200, shown)


@route("POST", "/groups")
def create_group(call: Call) -> Answer:
    """A new group, whose owner is who makes it (https://docs.gitlab.com/api/groups/#create-a-group)."""
    call.need("name", "path")
    parent = call.group_named(call.body["parent_id"], MAINTAINER) if call.body.get("parent_id") else None
    if parent is None and not call.user.makes_groups:
        raise RefusalError(403, "403 Forbidden")
    part, name = call.text("path"), call.text("name")
    if not PATH.fullmatch(part):
        raise _unsaved(path="can contain only letters, digits, '_', '-' and '.'")
    path = f"{parent.path}/{part}" if parent else part
    taken = {place.lower() for place in (*call.world.groups, *call.world.projects, *call.world.users)}
    if path.lower() in taken:
        raise _unsaved(path="has already been taken")
    made = call.world.add_group(path, owner=call.user.username, private=call.text("visibility", "private") != "public")
    made.name, made.description = name, call.text("description")
    return Answer(201, call.shapes.group_full(made))


@route("POST", _GROUP + "/share")
def share_group(call: Call) -> Answer:
    """Let the members of another group in.

    (https://docs.gitlab.com/api/groups/#create-a-link-to-share-a-group-with-another-group)
    """
    group = call.group(OWNER)
    call.need("group_id", "group_access")
    other = call.group_named(call.body["group_id"])
    if call.body["group_access"] not in LEVELS[1:]:
        raise RefusalError(400, "", data={"error": "group_access does not have a valid value"})
    if other.id in group.shares:
        raise RefusalError(409, "Shared group The group has already been shared with this group")
    group.shares[other.id] = int(call.body["group_access"])
    return Answer(201, call.shapes.group_full(group))


@route("DELETE", _GROUP + "/share/{group_id}")
def unshare_group(call: Call) -> Answer:
    """Let them in no more (https://docs.gitlab.com/api/groups/#delete-the-link-that-shares-a-group-with-another-group)."""
    group = call.group(OWNER)
    if group.shares.pop(int(call.params["group_id"]), None) is None:
        raise RefusalError(404, "404 Group Link Not Found")
    return Answer(204)


@route("GET", "/namespaces/{id}")
def get_namespace(call: Call) -> Answer:
    """A group that one belongs to, or oneself (https://docs.gitlab.com/api/namespaces/#get-details-on-a-namespace)."""
    name, user = call.params["id"], call.user
    groups = [one.path for one in call.world.groups.values() if name == str(one.id) or same_path(name, one.path)]
    found = [path for path in groups if call.level(call.world.groups[path]) > 0]
    if name == str(user.id) or same_path(name, user.username):
        found.append(user.username)
    if not found:
        raise RefusalError(404, "404 Namespace Not Found")
    return Answer(200, call.shapes.namespace(found[0]))


def creates_projects(call: Call, path: str) -> bool:
    """Whether who asks may make projects in a namespace (https://docs.gitlab.com/user/permissions/#group-permissions)."""
    group = call.world.groups.get(path)
    return call.level(group) >= DEVELOPER if group else path == call.user.username


def _unsaved(**problems: str) -> RefusalError:
    words = ", ".join(f':{name}=>["{problem}"]' for name, problem in problems.items())
    return RefusalError(400, f"Failed to save group {{{words}}}")
