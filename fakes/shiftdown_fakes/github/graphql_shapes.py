"""Records as GitHub's GraphQL API shows them: fields by name, those with arguments as functions."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from shiftdown_fakes.github.graphql_objects import commit, git_object, references
from shiftdown_fakes.github.model import Comment, Pull, Repository, Review
from shiftdown_fakes.github.pulls import iso, mergeable, obstacle, refresh, review_decision, rollup
from shiftdown_fakes.github.routing import Call
from shiftdown_fakes.github.shapes import node_id
from shiftdown_fakes.projection import Resolved, page

_T = TypeVar("_T")


class GraphQLError(Exception):
    """An error of one field. Holds GitHub's words and the `type` of the error."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        """"NOT_FOUND", "UNPROCESSABLE", "FORBIDDEN", …"""
        super().__init__(message)


def query_root(call: Call) -> Resolved:
    """What a query may start with."""
    return {
        "viewer": lambda _: {**actor(call, call.login), "login": call.login},
        "repository": lambda given: repository_named(call, str(given["owner"]), str(given["name"])),
        "node": lambda given: node(call, str(given["id"])),
        "nodes": lambda given: [node(call, str(id_)) for id_ in given["ids"]],
        "rateLimit": lambda _: {"limit": 5000, "cost": 1, "remaining": 5000, "used": 0, "nodeCount": 1,
                                "resetAt": iso(call.world.now())},
    }  # fmt: skip


def repository_named(call: Call, owner: str, name: str) -> Resolved:
    """A repository by its name, present or former."""
    full = f"{owner}/{name}"
    found = call.world.repositories.get(full.lower()) or call.world.moved.get(full.lower())
    if found is None or not call.world.allows(found, call.token, "read"):
        raise GraphQLError("NOT_FOUND", f"Could not resolve to a Repository with the name '{full}'.")
    _require(call, "pull_requests")
    refresh(call.world, found)
    return repository(call, found)


def _require(call: Call, area: str) -> None:
    """GraphQL hides what a fine-grained token may not read."""
    allowed = call.token.permissions if call.token else {}
    if allowed is not None and area not in allowed:
        raise GraphQLError("FORBIDDEN", "Resource not accessible by personal access token")


def node(call: Call, id_: str) -> Resolved:
    """A pull request by its global id."""
    own, pull = pull_of(call, id_)
    return pull_request(call, own, pull)


def pull_of(call: Call, id_: str) -> tuple[Repository, Pull]:
    """The pull request of a global id, with its repository."""
    for own in call.world.repositories.values():
        for pull in own.pulls:
            if node_id("PullRequest", pull.id) == id_ and call.world.allows(own, call.token, "read"):
                refresh(call.world, own)
                return own, pull
    raise GraphQLError("NOT_FOUND", f"Could not resolve to a node with the global id of '{id_}'")


def repository(call: Call, own: Repository) -> Resolved:
    """A repository."""
    return {
        "__typename": "Repository", "__interfaces": ("Node",),
        "id": base64.b64encode(f"Repository:{own.id}".encode()).decode(), "databaseId": own.id, "name": own.name,
        "nameWithOwner": own.full_name, "owner": actor(call, own.owner), "url": f"{call.shapes.web}/{own.full_name}",
        "isArchived": own.archived, "isDisabled": own.disabled, "isPrivate": own.private,
        "isFork": own.parent is not None, "viewerPermission": _permission(call, own),
        "mergeCommitAllowed": "merge" in own.merge_methods, "squashMergeAllowed": "squash" in own.merge_methods,
        "rebaseMergeAllowed": "rebase" in own.merge_methods, "autoMergeAllowed": own.auto_merge,
        "visibility": "PRIVATE" if own.private else "PUBLIC", "pushedAt": iso(own.created),
        "primaryLanguage": {"name": own.language} if own.language else None,
        "repositoryTopics": lambda given: connection(own.topics, given, lambda name: {"topic": {"name": name}}),
        "defaultBranchRef": _reference(call, own, own.default_branch),
        "object": lambda given: git_object(own, given),
        "refs": lambda given: references(own, given),
        "ref": lambda given: _reference(call, own, str(given["qualifiedName"]).removeprefix("refs/heads/")),
        "pullRequest": lambda given: pull_request(call, own, _numbered(own, int(given["number"]))),
        "pullRequests": lambda given: connection(_wanted(own, given), given, lambda p: pull_request(call, own, p)),
        "milestones": lambda given: connection(
            list(own.milestones.values()), given, lambda m: {"number": m.number, "title": m.title}),
    }  # fmt: skip


def _permission(call: Call, own: Repository) -> str | None:
    """Bots have no role of their own."""
    if call.token and call.token.installation:
        return None
    for role in ("admin", "maintain", "write", "triage", "read"):
        if call.world.allows(own, call.token, role):
            return role.upper()
    return None


def _reference(call: Call, own: Repository, branch: str) -> Resolved | None:
    tip = own.store.tip(branch)
    if tip is None:
        return None
    rule = {"pattern": branch} if own.protection(branch) else None
    return {
        "__typename": "Ref", "name": branch, "prefix": "refs/heads/", "target": commit(own, tip),
        "branchProtectionRule": rule, "refUpdateRule": rule,
        "associatedPullRequests": lambda given: connection(
            _from(call, own, branch, given.get("states")), given, lambda found: pull_request(call, *found)),
    }  # fmt: skip


def _from(call: Call, own: Repository, branch: str, states: Sequence[str] | None) -> list[tuple[Repository, Pull]]:
    """The pull requests that come from a branch, with their repositories."""
    return [
        (target, pull)
        for target in call.world.repositories.values()
        for pull in target.pulls
        if (pull.head_repository, pull.branch) == (own, branch) and (states is None or _state(pull) in states)
    ]


def _numbered(own: Repository, number: int) -> Pull:
    found = own.issues.get(number)
    if not isinstance(found, Pull):
        raise GraphQLError("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
    return found


def _wanted(own: Repository, given: Mapping[str, Any]) -> list[Pull]:
    states, order = given.get("states"), given.get("orderBy") or {}
    found = [
        pull
        for pull in own.pulls
        if states is None or _state(pull) in states
        if given.get("headRefName") in (None, pull.branch)
        if given.get("baseRefName") in (None, pull.base)
    ]
    return found[::-1] if order.get("direction") == "DESC" else found


def _state(pull: Pull) -> str:
    return "MERGED" if pull.merged else pull.state.upper()


def pull_request(call: Call, own: Repository, pull: Pull) -> Resolved:
    """A pull request."""
    open_ = pull.state == "open"
    conflict = open_ and not mergeable(own, pull)
    source = pull.head_repository
    milestone = own.milestones.get(pull.milestone or 0)
    return {
        "__typename": "PullRequest", "__interfaces": ("Node",), "id": node_id("PullRequest", pull.id),
        "number": pull.number, "title": pull.title, "body": pull.body, "author": actor(call, pull.author),
        "url": f"{call.shapes.web}/{own.full_name}/pull/{pull.number}", "state": _state(pull), "isDraft": pull.draft,
        "headRefName": pull.branch, "headRefOid": pull.head, "baseRefName": pull.base, "baseRefOid": pull.base_tip,
        "headRepository": lambda _: repository(call, source) if call.world.holds(source) else None,
        "headRef": lambda _: _reference(call, source, pull.branch) if call.world.holds(source) else None,
        "headRepositoryOwner": actor(call, source.owner), "isCrossRepository": source is not own,
        "createdAt": iso(pull.created), "updatedAt": iso(pull.updated), "closedAt": iso(pull.closed),
        "mergedAt": iso(pull.merged), "mergeCommit": {"oid": pull.merge_commit} if pull.merge_commit else None,
        "mergeable": "CONFLICTING" if conflict else "MERGEABLE" if open_ else "UNKNOWN",
        "mergeStateStatus": _merge_state(own, pull, conflict=conflict),
        "reviewDecision": review_decision(own, pull),
        "milestone": {"number": milestone.number, "title": milestone.title} if milestone else None,
        "autoMergeRequest": {"mergeMethod": pull.auto_merge.upper()} if pull.auto_merge else None,
        "labels": lambda given: connection(pull.labels, given, lambda name: {"name": name}),
        "assignees": lambda given: connection(pull.assignees, given, lambda login: actor(call, login)),
        "reviewRequests": lambda given: connection(
            [*pull.reviewers, *("team " + slug for slug in pull.team_reviewers)], given,
            lambda who: {"requestedReviewer": _requested(call, own, who)}),
        "reviews": lambda given: connection(
            [r for r in pull.reviews if given.get("states") is None or r.state in given["states"]], given,
            lambda r: _review(call, r)),
        "comments": lambda given: connection(pull.comments, given, lambda c: _comment(call, c)),
        "commits": lambda given: connection(
            [pull.head], given, lambda oid: {"commit": {"oid": oid, "statusCheckRollup": _rollup(own, oid)}}),
    }  # fmt: skip


def _merge_state(own: Repository, pull: Pull, *, conflict: bool) -> str:
    if pull.state != "open":
        return "UNKNOWN"
    if pull.draft or conflict:
        return "DRAFT" if pull.draft else "DIRTY"
    return "BLOCKED" if obstacle(own, pull) else "CLEAN"


def _rollup(own: Repository, commit: str) -> Resolved | None:
    state = rollup(own, commit)
    return {"state": state} if state else None


def _requested(call: Call, own: Repository, who: str) -> Resolved:
    if who.startswith("team "):
        slug = who.removeprefix("team ")
        return {"__typename": "Team", "slug": slug, "name": slug, "combinedSlug": f"{own.owner}/{slug}"}
    return actor(call, who)


def _review(call: Call, review: Review) -> Resolved:
    return {"id": node_id("PullRequestReview", review.id), "state": review.state, "body": review.body,
            "author": actor(call, review.author), "commit": {"oid": review.commit},
            "submittedAt": iso(review.submitted)}  # fmt: skip


def _comment(call: Call, comment: Comment) -> Resolved:
    return {"id": node_id("IssueComment", comment.id), "body": comment.body, "author": actor(call, comment.author),
            "createdAt": iso(comment.created)}  # fmt: skip


def actor(call: Call, login: str) -> Resolved:
    """An account. GraphQL names bots without `[bot]`."""
    user = call.world.add_user(login)
    shown = login.removesuffix("[bot]")
    return {"__typename": user.kind, "__interfaces": ("Actor", "RepositoryOwner"), "login": shown,
            "id": node_id("User", user.id), "databaseId": user.id, "url": f"{call.shapes.web}/{shown}"}  # fmt: skip


def connection(items: Sequence[_T], given: Mapping[str, Any], shape: Callable[[_T], Resolved]) -> Resolved:
    """A page of a list, with cursors."""
    return {"totalCount": len(items), **page(items, given, shape)}
