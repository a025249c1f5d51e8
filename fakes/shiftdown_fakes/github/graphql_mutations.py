"""The mutations of GitHub's GraphQL API that change requests need."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from shiftdown_fakes.github.graphql_shapes import GraphQLError, pull_of, pull_request
from shiftdown_fakes.github.model import Pull, Repository
from shiftdown_fakes.github.pulls import obstacle, refresh
from shiftdown_fakes.github.routing import Call
from shiftdown_fakes.github.shapes import node_id
from shiftdown_fakes.projection import Resolved
from shiftdown_fakes.store import ZERO, GitStore, Person

_Input = Mapping[str, Any]


def _enable_auto_merge(call: Call, given: _Input) -> Resolved:
    own, pull = _writable(call, given)
    if not own.auto_merge:
        raise _unprocessable("Pull request Auto merge is not allowed for this repository")
    if own.protection(pull.base) is None:
        raise _unprocessable("Pull request Protected branch rules not configured for this branch")
    if obstacle(own, pull) is None:
        raise _unprocessable("Pull request Pull request is in clean status")
    method = str(given.get("mergeMethod") or "MERGE").lower()
    if method not in own.merge_methods:
        raise _unprocessable(f"Pull request Merge method {method} merging is not allowed on this repository")
    pull.auto_merge, pull.auto_merge_by = method, call.login
    return _touched(call, given, own, pull)


def _disable_auto_merge(call: Call, given: _Input) -> Resolved:
    own, pull = _writable(call, given)
    pull.auto_merge = pull.auto_merge_by = None
    return _touched(call, given, own, pull)


def _mark_ready(call: Call, given: _Input) -> Resolved:
    own, pull = _writable(call, given)
    pull.draft = False
    return _touched(call, given, own, pull)


def _convert_to_draft(call: Call, given: _Input) -> Resolved:
    own, pull = _writable(call, given)
    pull.draft = True
    return _touched(call, given, own, pull)


def _writable(call: Call, given: _Input) -> tuple[Repository, Pull]:
    own, pull = pull_of(call, str(given["pullRequestId"]))
    _allow(call, own, "pull_requests")
    if pull.state != "open":
        raise _unprocessable("Pull request is closed")
    return own, pull


def _allow(call: Call, own: Repository, area: str) -> None:
    """Refuse who may not write."""
    allowed = call.token.permissions if call.token else {}
    if not call.world.allows(own, call.token, "write") or (allowed is not None and allowed.get(area) != "write"):
        raise GraphQLError("FORBIDDEN", f"{call.login} does not have the correct permissions to execute this")
    if own.archived:
        raise GraphQLError("FORBIDDEN", "Repository was archived so is read-only.")


def _unprocessable(message: str) -> GraphQLError:
    return GraphQLError("UNPROCESSABLE", message)


def _touched(call: Call, given: _Input, own: Repository, pull: Pull) -> Resolved:
    call.world.touch(pull)
    return {"clientMutationId": given.get("clientMutationId"), "pullRequest": pull_request(call, own, pull)}


def _create_commit(call: Call, given: _Input) -> Resolved:
    """One commit on a branch, signed by GitHub, if the branch is where it is expected."""
    target = given["branch"]
    name = str(target["repositoryNameWithOwner"])
    own = call.world.repositories.get(name.lower())
    if own is None or not call.world.allows(own, call.token, "read"):
        raise GraphQLError("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
    _allow(call, own, "contents")
    branch = str(target["branchName"]).removeprefix("refs/heads/")
    store, tip = own.store, own.store.tip(branch)
    if tip is None:
        raise GraphQLError("NOT_FOUND", f"No ref for {branch}")
    if tip != given["expectedHeadOid"]:
        raise GraphQLError(
            "STALE_DATA",
            f'Expected branch to point to "{given["expectedHeadOid"]}" but it did not. Pull and try again.',
        )
    protection = own.protection(branch)
    if protection and protection.pull_request:
        raise _unprocessable("Changes must be made through a pull request.")
    changes = given.get("fileChanges") or {}
    tree = store.write_tree(tip, _entries(store, tip, changes))
    message = given["message"]
    text = str(message["headline"]) + (f"\n\n{message['body']}" if message.get("body") else "")
    author = Person(call.login, f"{call.login}@users.noreply.example", call.world.now())
    commit = store.write_commit(tree, [tip], text, author, author, signed=True)
    store.move(f"refs/heads/{branch}", commit, tip)
    refresh(call.world, own)
    shown = {"oid": commit, "url": f"{call.shapes.web}/{own.full_name}/commit/{commit}", "tree": {"oid": tree}}
    reference = {"name": branch, "prefix": "refs/heads/", "target": {"__typename": "Commit", "oid": commit}}
    return {"clientMutationId": given.get("clientMutationId"), "commit": shown, "ref": reference}


def _update_refs(call: Call, given: _Input) -> Resolved:
    """Move references that are where they are expected, all or none."""
    own = next(
        (r for r in call.world.repositories.values() if node_id("Repository", r.id) == given["repositoryId"]), None
    )
    if own is None:
        raise GraphQLError("NOT_FOUND", f"Could not resolve to a node with the global id of '{given['repositoryId']}'")
    _allow(call, own, "contents")
    for update in given["refUpdates"]:
        name, before, after = str(update["name"]), update.get("beforeOid"), str(update["afterOid"])
        now = own.store.reference(name)
        branch = name.removeprefix("refs/heads/")
        if before is not None and (now or ZERO) != before:
            raise _unprocessable(f"{name}: expected {before}, but is at {now or ZERO}")
        protection = own.protection(branch)
        if after == ZERO and (protection or branch == own.default_branch):
            raise _unprocessable(f"{name}: Cannot delete {'a protected' if protection else 'the default'} branch")
        if protection and protection.pull_request:
            raise _unprocessable(f"{name}: Changes must be made through a pull request.")
        facts = own.store.commit_facts(after)
        if protection and protection.signatures and not (facts and facts.signed):
            raise _unprocessable(f"{name}: Commits must have verified signatures.")
        if now and after != ZERO and not update.get("force") and not own.store.is_ancestor(now, after):
            raise _unprocessable(f"{name}: Update is not a fast forward")
        own.store.move(name, None if after == ZERO else after, now)
    refresh(call.world, own)
    return {"clientMutationId": given.get("clientMutationId")}


def _entries(store: GitStore, tip: str, changes: _Input) -> list[tuple[str, str, str]]:
    found = [("0", ZERO, str(item["path"])) for item in changes.get("deletions") or ()]
    for item in changes.get("additions") or ():
        there = store.entry(tip, str(item["path"]))
        blob = store.write(base64.b64decode(item["contents"]))
        found.append((there.mode if there else "100644", blob, str(item["path"])))
    return found


MUTATIONS: Mapping[str, Callable[[Call, _Input], Resolved]] = {
    "enablePullRequestAutoMerge": _enable_auto_merge,
    "disablePullRequestAutoMerge": _disable_auto_merge,
    "markPullRequestReadyForReview": _mark_ready,
    "convertPullRequestToDraft": _convert_to_draft,
    "createCommitOnBranch": _create_commit,
    "updateRefs": _update_refs,
}
"""By name."""
