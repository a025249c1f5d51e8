"""Users, and who is a member of which project or group."""

from shiftdown_fakes.gitlab.group_routes import LEVELS
from shiftdown_fakes.gitlab.model import MAINTAINER, OWNER, Group, Project, User
from shiftdown_fakes.gitlab.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer

_OF_PROJECT = "/projects/{id}/members"
_OF_GROUP = "/groups/{id}/members"


@route("GET", "/user")
def current_user(call: Call) -> Answer:
    """Who the token belongs to (https://docs.gitlab.com/api/users/#get-the-current-user)."""
    return Answer(200, call.shapes.current_user(call.user))


@route("GET", "/users")
def list_users(call: Call) -> Answer:
    """Users, or the one of that user name in any case (https://docs.gitlab.com/api/users/#list-all-users)."""
    wanted = call.query.get("username")
    users = call.world.users.values()
    found = [user for user in users if wanted is None or user.username.lower() == wanted.lower()]
    return call.paged(found, call.shapes.user)


@route("GET", "/users/{user_id}")
def get_user(call: Call) -> Answer:
    """One user (https://docs.gitlab.com/api/users/#get-a-single-user)."""
    return Answer(200, call.shapes.user(_user(call, call.params["user_id"])))


@route("GET", _OF_PROJECT + "/{user_id}")
def get_project_member(call: Call) -> Answer:
    """A member of its own (https://docs.gitlab.com/api/project_members/#get-a-member-of-a-project)."""
    return _shown(call, call.project())


@route("POST", _OF_PROJECT)
def add_project_member(call: Call) -> Answer:
    """A new member (https://docs.gitlab.com/api/project_members/#add-a-member-to-a-project)."""
    return _added(call, call.project(MAINTAINER))


@route("PUT", _OF_PROJECT + "/{user_id}")
def edit_project_member(call: Call) -> Answer:
    """Another access level (https://docs.gitlab.com/api/project_members/#edit-a-member-of-a-project)."""
    return _edited(call, call.project(MAINTAINER))


@route("GET", _OF_GROUP + "/{user_id}")
def get_group_member(call: Call) -> Answer:
    """A member of its own (https://docs.gitlab.com/api/group_members/#get-a-member-of-a-group)."""
    return _shown(call, call.group())


@route("POST", _OF_GROUP)
def add_group_member(call: Call) -> Answer:
    """A new member (https://docs.gitlab.com/api/group_members/#add-a-member-to-a-group)."""
    return _added(call, call.group(OWNER))


@route("PUT", _OF_GROUP + "/{user_id}")
def edit_group_member(call: Call) -> Answer:
    """Another access level (https://docs.gitlab.com/api/group_members/#edit-a-member-of-a-group)."""
    return _edited(call, call.group(OWNER))


@route("DELETE", _OF_GROUP + "/{user_id}")
def remove_group_member(call: Call) -> Answer:
    """Send a member away (https://docs.gitlab.com/api/group_members/#remove-a-member-from-a-group)."""
    group = call.group(OWNER)
    user = _member(call, group)
    del group.members[user.id]
    return Answer(204)


def _user(call: Call, number: object) -> User:
    found = call.world.user(int(str(number))) if str(number).isdigit() else None
    if found is None:
        raise RefusalError(404, "404 User Not Found")
    return found


def _levels(call: Call, where: Project | Group) -> dict[int, int]:
    """Access levels of own members, by the numbers of users."""
    if isinstance(where, Group):
        return where.members
    return {call.world.users[name].id: level for name, level in where.levels.items()}


def _member(call: Call, where: Project | Group) -> User:
    found = next((number for number in _levels(call, where) if str(number) == call.params["user_id"]), None)
    if found is None:
        raise RefusalError(404, "404 Not found")
    return _user(call, found)


def _shown(call: Call, where: Project | Group) -> Answer:
    user = _member(call, where)
    return Answer(200, call.shapes.member(user.username, _levels(call, where)[user.id]))


def _added(call: Call, where: Project | Group) -> Answer:
    call.need("user_id", "access_level")
    if any(str(number) == str(call.body["user_id"]) for number in _levels(call, where)):
        raise RefusalError(409, "Member already exists")
    user = _user(call, call.body["user_id"])
    return Answer(201, call.shapes.member(user.username, _set(call, where, user)))


def _edited(call: Call, where: Project | Group) -> Answer:
    call.need("access_level")
    user = _member(call, where)
    return Answer(200, call.shapes.member(user.username, _set(call, where, user)))


def _set(call: Call, where: Project | Group, user: User) -> int:
    level = call.body["access_level"]
    if level not in LEVELS:
        raise RefusalError(400, {"access_level": ["is not included in the list"]})
    if level > call.level(where):
        raise RefusalError(403, "403 Forbidden")
    above = call.world.above(where.path.rpartition("/")[0])
    highest = max(above, key=lambda group: group.members.get(user.id, 0), default=None)
    if highest and level < highest.members.get(user.id, 0):
        words = f"should be greater than or equal to the inherited membership from group {highest.name}"
        raise RefusalError(400, {"access_level": [words]})
    if isinstance(where, Group):
        where.members[user.id] = level
    else:
        where.levels[user.username] = level
    return int(level)
