"""What belongs to a user."""

from shiftdown_fakes.gitlab.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer


@route("GET", "/users/{user_id}/projects", public=True)
def list_user_projects(call: Call) -> Answer:
    """The projects in a user's own namespace, those made last first; a page begins after the number of the last one.

    (https://docs.gitlab.com/api/projects/#list-a-users-projects,
    https://docs.gitlab.com/api/rest/#keyset-based-pagination)
    """
    wanted = call.params["user_id"]
    user = next((u for u in call.world.users.values() if wanted in (u.username, str(u.id))), None)
    if user is None:
        raise RefusalError(404, "404 User Not Found")
    if (call.query.get("pagination"), call.query.get("order_by")) != ("keyset", "id"):
        raise RefusalError(400, "the fake lists the projects of users by keyset and id alone")
    before, search = int(call.query.get("id_before", 0)), call.query.get("search", "").lower()
    found = [
        own
        for own in call.world.projects.values()
        if own.namespace == user.username and call.world.sees(own, call.username)
        if search in own.path.rpartition("/")[2].lower()
        if not before or own.id < before
    ]
    found.sort(key=lambda own: own.id, reverse=True)
    return call.keyset(found, "id_before", lambda own: str(own.id), call.shapes.project_simple)
