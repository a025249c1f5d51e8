"""Lists of projects in GitLab's GraphQL API: of a group, or all that a user sees.

(https://docs.gitlab.com/api/graphql/reference/#queryprojects, https://docs.gitlab.com/api/graphql/reference/#groupprojects)
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shiftdown_fakes.gitlab.graphql_shapes import GraphQLError, connection, global_id, project, project_at
from shiftdown_fakes.gitlab.model import Group, Project
from shiftdown_fakes.gitlab.routing import Call
from shiftdown_fakes.projection import Resolved

_PATHS = 50
"""How many paths `projects` takes."""


def search_root(call: Call) -> Resolved:
    """What a query about many projects may start with."""
    return {
        "projects": lambda given: _projects(call, given),
        "group": lambda given: _group(call, str(given["fullPath"])),
    }


def _projects(call: Call, given: Mapping[str, Any]) -> Resolved:
    """Projects by their paths or ids, else all that the user sees; newest first."""
    paths, ids = given.get("fullPaths"), given.get("ids")
    if paths is not None and len(paths) > _PATHS:
        raise GraphQLError(f"You cannot provide more than {_PATHS} full paths at a time.")
    known = call.world.projects if paths is None else dict.fromkeys(str(path).lower() for path in paths)
    found = [own for path in known if (own := project_at(call, path)) is not None]
    return _listed(call, [own for own in found if ids is None or global_id("Project", own.id) in ids], given)


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
    return _listed(call, found, given)


def _listed(call: Call, projects: Sequence[Project], given: Mapping[str, Any]) -> Resolved:
    """A page of those with the topics, the language and the words that are asked for, newest first.

    A cursor says after what a page begins, not after how many: what was before it does not matter any more.
    """
    search, language = str(given.get("search") or "").lower(), given.get("programmingLanguageName")
    found = [
        own
        for own in projects
        if set(given.get("topics") or ()) <= set(own.topics)
        if search in f"{own.path.rpartition('/')[2]} {own.name} {own.description or ''}".lower()
        if language is None or str(language).lower() in {name.lower() for name in own.languages}
        if given.get("archived") != "EXCLUDE" or not own.archived
        if given.get("archived") != "ONLY" or own.archived
        if not given.get("after") or own.id < int(given["after"])
    ]
    found.sort(key=lambda own: own.id, reverse=True)
    page = connection(found, {**given, "after": None}, lambda own: project(call, own))
    last = found[len(page["nodes"]) - 1].id if found else None
    return {**page, "pageInfo": {**page["pageInfo"], "endCursor": None if last is None else str(last)}}
