"""GitLab's GraphQL API, as far as change requests and lists of projects need it.

(https://docs.gitlab.com/api/graphql/reference/)
"""

from collections.abc import Mapping
from typing import Any

from shiftdown_fakes import projection
from shiftdown_fakes.gitlab.graphql_search import search_root
from shiftdown_fakes.gitlab.graphql_shapes import (
    GraphQLError,
    connection,
    fork_details,
    project,
    project_at,
    user,
)
from shiftdown_fakes.gitlab.merging import may_push
from shiftdown_fakes.gitlab.model import Project
from shiftdown_fakes.gitlab.routing import Call
from shiftdown_fakes.projection import Resolved
from shiftdown_fakes.store import Person

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
    """Ask for a branch of a fork to take up what its upstream has; GitLab does so after the answer, the fake before."""
    own, branch = project_at(call, str(given["projectPath"])), str(given["targetBranch"])
    scopes = call.token.scopes if call.token else ()
    if own is None or own.archived or "api" not in scopes or not may_push(call.world, own, call.username, branch):
        raise GraphQLError(_HIDDEN)
    details = fork_details(own, branch)
    errors = []
    if own.store.tip(branch) is None:
        errors.append("Target branch does not exist")
    elif own.parent is None or details is None:
        errors.append("This branch of this project cannot be updated from the upstream")
    elif details["behind"] and details["hasConflicts"]:
        errors.append("The synchronization cannot happen due to the merge conflict")
    elif details["behind"]:
        take_up(call, own, own.parent, branch)
    now = None if errors and not details else fork_details(own, branch)
    return {"clientMutationId": given.get("clientMutationId"), "errors": errors, "details": now}


def take_up(call: Call, fork: Project, upstream: Project, branch: str) -> None:
    """Merge what is upstream, whose commits the fork has already, into a branch; or go there, if nothing is its own."""
    store, ours = fork.store, str(fork.store.tip(branch))
    new = str(upstream.store.tip(upstream.default_branch))
    if not store.is_ancestor(ours, new):
        who = Person(call.user.username, f"{call.user.username}@users.noreply.example", call.world.now())
        tree, _ = store.merge_tree(ours, new)
        new = store.write_commit(str(tree), [ours, new], f"Merge branch {upstream.path}:{branch}\n", who, who)
    store.move(f"refs/heads/{branch}", new, ours)
