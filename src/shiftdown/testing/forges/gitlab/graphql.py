"""GitLab's GraphQL API, as far as change requests and lists of projects need it.

(https://docs.gitlab.com/api/graphql/reference/)
"""

from collections.abc import Mapping
from typing import Any

from shiftdown.testing.forges import projection
from shiftdown.testing.forges.gitlab.graphql_shapes import (
    connection,
    fork_details,
    global_id,
    project,
    project_at,
    user,
)
from shiftdown.testing.forges.gitlab.merging import may_push
from shiftdown.testing.forges.gitlab.model import Group, Project
from shiftdown.testing.forges.gitlab.routing import Call
from shiftdown.testing.forges.projection import Resolved

_PATHS = 50
"""How many paths `projects` takes."""
_HIDDEN = (
    "The resource that you are attempting to access does not exist or you don't have permission to perform this action"
)


class GraphQLError(Exception):
    """An error of one field, with GitLab's words."""


def execute(call: Call, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a document.

    Raises:
        ShiftdownError: graphql-core is not installed.
    """
    roots = {"query": lambda: _queries(call), "mutation": lambda: _mutations(call)}
    return projection.execute(query, variables, roots, _explained)


def _explained(problem: Exception) -> Mapping[str, Any] | None:
    return {"message": str(problem)} if isinstance(problem, GraphQLError) else None


def _queries(call: Call) -> Resolved:
    return {
        "currentUser": lambda _: user(call, call.username) if call.username else None,
        "users": lambda given: _users(call, given),
        "project": lambda given: _project(call, str(given["fullPath"])),
        "projects": lambda given: _projects(call, given),
        "group": lambda given: _group(call, str(given["fullPath"])),
    }


def _users(call: Call, given: Mapping[str, Any]) -> Resolved:
    wanted = {str(name).lower() for name in given["usernames"]}
    found = [name for name in call.world.users if name.lower() in wanted]
    return connection(found, given, lambda name: user(call, name))


def _project(call: Call, path: str) -> Resolved | None:
    found = project_at(call, path)
    return project(call, found) if found else None


def _projects(call: Call, given: Mapping[str, Any]) -> Resolved:
    """Projects by their paths, else all that the user sees; newest first."""
    paths = given.get("fullPaths")
    if paths is not None and len(paths) > _PATHS:
        raise GraphQLError(f"You cannot provide more than {_PATHS} full paths at a time.")
    known = call.world.projects if paths is None else dict.fromkeys(str(path).lower() for path in paths)
    found = [own for path in known if (own := project_at(call, path)) is not None]
    return connection(_filtered(found, given), given, lambda own: project(call, own))


def _filtered(projects: list[Project], given: Mapping[str, Any]) -> list[Project]:
    """Those with the topics, the language and the words that are asked for."""
    search, language = str(given.get("search") or "").lower(), given.get("programmingLanguageName")
    found = [
        own
        for own in projects
        if set(given.get("topics") or ()) <= set(own.topics)
        if search in own.path.lower()
        if language is None or str(language).lower() in {name.lower() for name in own.languages}
        if given.get("archived") != "EXCLUDE" or not own.archived
        if given.get("archived") != "ONLY" or own.archived
    ]
    return sorted(found, key=lambda own: own.id, reverse=True)


def _group(call: Call, path: str) -> Resolved | None:
    found = next((group for key, group in call.world.groups.items() if key.lower() == path.lower()), None)
    if found is None or not call.world.sees(found, call.username):
        return None
    return {
        "id": global_id("Group", found.id), "name": found.name, "path": found.path.rpartition("/")[2],
        "fullPath": found.path, "webUrl": f"{call.shapes.web}/groups/{found.path}",
        "projects": lambda given: _group_projects(call, found, given),
    }  # fmt: skip


def _group_projects(call: Call, group: Group, given: Mapping[str, Any]) -> Resolved:
    """The projects of a group, and of those below it when asked; archived ones unless told otherwise."""
    deep = bool(given.get("includeSubgroups"))
    found = [
        own
        for own in call.world.projects.values()
        if own.namespace == group.path or (deep and own.path.startswith(f"{group.path}/"))
        if call.world.sees(own, call.username)
        if not own.archived or given.get("includeArchived", True)
    ]
    return connection(_filtered(found, given), given, lambda own: project(call, own))


def _mutations(call: Call) -> Resolved:
    return {"projectSyncFork": lambda given: _sync_fork(call, given["input"])}


def _sync_fork(call: Call, given: Mapping[str, Any]) -> Resolved:
    """Bring a branch of a fork to where its upstream is; GitLab does so after the answer, the fake before it."""
    own, branch = project_at(call, str(given["projectPath"])), str(given["targetBranch"])
    if own is None or own.parent is None or not may_push(call.world, own, call.username, branch) or own.archived:
        raise GraphQLError(_HIDDEN)
    details = fork_details(own, branch)
    if details is None or details["hasConflicts"]:
        errors = ["The synchronization cannot happen due to the merge conflict"]
        return {"clientMutationId": given.get("clientMutationId"), "errors": errors, "details": details}
    upstream = own.parent
    theirs = upstream.store.tip(upstream.default_branch)
    if details["behind"] and not details["ahead"]:
        own.store.move(f"refs/heads/{branch}", theirs, own.store.tip(branch))
    return {"clientMutationId": given.get("clientMutationId"), "errors": [], "details": fork_details(own, branch)}
