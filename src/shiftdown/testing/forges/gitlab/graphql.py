"""GitLab's GraphQL API, as far as change requests and lists of projects need it.

(https://docs.gitlab.com/api/graphql/reference/)
"""

from collections.abc import Mapping
from typing import Any

from shiftdown.testing.forges import projection
from shiftdown.testing.forges.gitlab.graphql_search import search_root
from shiftdown.testing.forges.gitlab.graphql_shapes import (
    GraphQLError,
    connection,
    fork_details,
    project,
    project_at,
    user,
)
from shiftdown.testing.forges.gitlab.merging import may_push
from shiftdown.testing.forges.gitlab.model import Project
from shiftdown.testing.forges.gitlab.routing import Call
from shiftdown.testing.forges.projection import Resolved

_HIDDEN = (
    "The resource that you are attempting to access does not exist or you don't have permission to perform this action"
)


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
        **search_root(call),
    }


def _users(call: Call, given: Mapping[str, Any]) -> Resolved:
    wanted = {str(name).lower() for name in given["usernames"]}
    found = [name for name in call.world.users if name.lower() in wanted]
    return connection(found, given, lambda name: user(call, name))


def _project(call: Call, path: str) -> Resolved | None:
    found = project_at(call, path)
    return project(call, found) if found else None


def _mutations(call: Call) -> Resolved:
    return {"projectSyncFork": lambda given: _sync_fork(call, given["input"])}


def _sync_fork(call: Call, given: Mapping[str, Any]) -> Resolved:
    """Ask for a branch of a fork to be brought to where its upstream is.

    GitLab does so after the answer, the fake before it, and only when the branch has no commits of its own.
    """
    own, branch = project_at(call, str(given["projectPath"])), str(given["targetBranch"])
    scopes = call.token.scopes if call.token else ()
    if own is None or own.parent is None or own.archived or "api" not in scopes:
        raise GraphQLError(_HIDDEN)
    if not may_push(call.world, own, call.username, branch):
        raise GraphQLError(_HIDDEN)
    details = fork_details(own, branch)
    errors = []
    if details is None or details["hasConflicts"]:
        errors.append("The synchronization cannot happen due to the merge conflict")
    elif details["behind"] and not details["ahead"]:
        bring_up_to_date(own, own.parent, branch)
    return {"clientMutationId": given.get("clientMutationId"), "errors": errors, "details": fork_details(own, branch)}


def bring_up_to_date(fork: Project, upstream: Project, branch: str) -> None:
    """Move a branch of a fork to where its upstream is, whose commits it has already."""
    fork.store.move(f"refs/heads/{branch}", upstream.store.tip(upstream.default_branch), fork.store.tip(branch))
