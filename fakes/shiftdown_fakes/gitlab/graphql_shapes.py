"""Records as GitLab's GraphQL API shows them: fields by name, those with arguments as functions.

Types and fields: https://docs.gitlab.com/api/graphql/reference/
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from shiftdown_fakes.gitlab.merging import conflicts, head_pipeline, may_merge, merge_status, refresh
from shiftdown_fakes.gitlab.model import DEVELOPER, MergeRequest, Note, Project
from shiftdown_fakes.gitlab.routing import Call
from shiftdown_fakes.gitlab.shapes import moment
from shiftdown_fakes.projection import Resolved, page
from shiftdown_fakes.store import Entry

_T = TypeVar("_T")
_MOST = 100
"""How many nodes a page has at most (https://docs.gitlab.com/api/graphql/#limits)."""


class GraphQLError(Exception):
    """An error of one field, with GitLab's words."""


def global_id(kind: str, number: int) -> str:
    """A number as GraphQL writes it."""
    return f"gid://gitlab/{kind}/{number}"


def connection(items: Sequence[_T], given: Mapping[str, Any], shape: Callable[[_T], Resolved]) -> Resolved:
    """A page of a list, with cursors."""
    asked = int(given.get("last") or given.get("first") or _MOST)
    side = "last" if given.get("last") is not None else "first"
    return {"count": len(items), **page(items, {**given, side: min(asked, _MOST)}, shape)}


def user(call: Call, username: str) -> Resolved:
    """A user."""
    found = call.world.users[username]
    return {"id": global_id("User", found.id), "username": username, "name": username, "bot": found.bot,
            "webUrl": f"{call.shapes.web}/{username}"}  # fmt: skip


def project_at(call: Call, path: str) -> Project | None:
    """The project of a path, refreshed, if the user sees it. GraphQL knows no paths of former times."""
    found = call.world.find_project(path)
    if found is None or not call.world.sees(found, call.username):
        return None
    refresh(call.world, found)
    return found


def project(call: Call, own: Project) -> Resolved:
    """A project."""
    url = call.shapes.project_url(own)
    return {
        "__typename": "Project", "id": global_id("Project", own.id), "name": own.name,
        "path": own.path.rpartition("/")[2], "fullPath": own.path, "webUrl": url,
        "httpUrlToRepo": f"{url}.git", "description": own.description,
        "archived": own.archived, "visibility": call.shapes.visibility(own), "topics": own.topics,
        "isForked": own.parent is not None, "markedForDeletionOn": own.deletion, "createdAt": moment(own.created),
        "lastActivityAt": moment(own.active or own.created), "importStatus": own.copying,
        "languages": [{"name": name, "share": share} for name, share in own.languages.items()],
        "userPermissions": {"pushCode": call.level(own) >= DEVELOPER and not own.archived},
        "repository": lambda _: _repository(own),
        "forkDetails": lambda given: fork_details(own, str(given["ref"])),
        "mergeRequest": lambda given: _numbered(call, own, str(given["iid"])),
        "mergeRequests": lambda given: connection(
            _wanted(own, given), given, lambda request: merge_request(call, own, request)),
    }  # fmt: skip


def _repository(own: Project) -> Resolved:
    tip = own.store.tip(own.default_branch)
    return {
        "rootRef": own.default_branch if tip else None, "empty": lambda _: own.empty, "exists": True,
        "blobs": lambda given: connection(_blobs(own, given), given, lambda entry: _file(own, entry)),
        "tree": lambda given: _tree(own, str(given.get("path") or "")),
    }  # fmt: skip


def _tree(own: Project, path: str) -> Resolved:
    """What is in a folder of the default branch; nothing when there is no such folder."""
    tip = own.store.tip(own.default_branch)
    folder = own.store.entry(tip, path) if tip and path else None
    found = own.store.entries(folder.id) if folder is not None and folder.kind == "tree" else []
    return {
        f"{kind}s": lambda given, kind=kind: connection([entry for entry in found if entry.kind == kind], given, _blob)
        for kind in ("blob", "tree")
    }


def _blobs(own: Project, given: Mapping[str, Any]) -> list[Entry]:
    """The files at the paths that are asked for; what is no file is left out."""
    ref = given.get("ref") or own.default_branch
    commit = own.store.tip(ref) or (ref if own.store.commit_facts(ref) else None)
    found = [own.store.entry(commit, path) for path in given["paths"]] if commit else []
    return [entry for entry in found if entry is not None and entry.kind == "blob"]


def _blob(entry: Entry) -> Resolved:
    return {"id": global_id("Blob", 0), "oid": entry.id, "path": entry.path, "name": entry.path.rpartition("/")[2],
            "mode": entry.mode, "size": str(entry.size)}  # fmt: skip


def _file(own: Project, entry: Entry) -> Resolved:
    """A file with what is in it, if that is text."""

    def text(_: Mapping[str, Any]) -> str | None:
        data = own.store.read(entry.id)
        return None if b"\0" in data[:8000] else data.decode(errors="replace")

    return {**_blob(entry), "rawTextBlob": text}


def fork_details(own: Project, branch: str) -> Resolved | None:
    """How a branch of a fork stands to the default branch of what it is a fork of."""
    upstream = own.parent
    if upstream is None:
        return None
    theirs, ours = upstream.store.tip(upstream.default_branch), own.store.tip(branch)
    if theirs is None or ours is None:
        return {"ahead": None, "behind": None, "isSyncing": False, "hasConflicts": False}
    own.store.run("fetch", "--quiet", str(upstream.store.path), theirs)
    ahead, behind = len(own.store.commits(theirs, ours)), len(own.store.commits(ours, theirs))
    merges = own.store.merge_tree(theirs, ours)[0] is not None
    return {"ahead": ahead, "behind": behind, "isSyncing": False, "hasConflicts": not merges}


def _numbered(call: Call, own: Project, number: str) -> Resolved | None:
    found = own.merge_requests.get(int(number)) if number.isdigit() else None
    return merge_request(call, own, found) if found else None


def _wanted(own: Project, given: Mapping[str, Any]) -> list[MergeRequest]:
    found = [
        request
        for request in own.merge_requests.values()
        if given.get("iids") is None or str(request.iid) in given["iids"]
        if given.get("state") in (None, "all", request.state)
        if given.get("sourceBranches") is None or request.branch in given["sourceBranches"]
        if given.get("targetBranches") is None or request.target in given["targetBranches"]
    ]
    # Those made last come first, unless something else is asked for.
    return found if given.get("sort") == "CREATED_ASC" else found[::-1]


def merge_request(call: Call, own: Project, request: MergeRequest) -> Resolved:
    """A merge request."""
    pipeline = head_pipeline(own, request)
    return {
        "__typename": "MergeRequest", "id": global_id("MergeRequest", request.id), "iid": str(request.iid),
        "title": request.title, "webUrl": f"{call.shapes.project_url(own)}/-/merge_requests/{request.iid}",
        "description": request.description, "state": request.state, "draft": request.draft,
        "createdAt": moment(request.created), "updatedAt": moment(request.updated),
        "mergedAt": moment(request.merged), "sourceBranch": request.branch, "targetBranch": request.target,
        "sourceProjectId": call.shapes.source_id(request), "targetProjectId": own.id, "diffHeadSha": request.head,
        "mergeCommitSha": request.merge_commit, "squash": request.squash,
        "autoMergeEnabled": request.auto_merge is not None, "conflicts": conflicts(own, request),
        "detailedMergeStatus": merge_status(own, request).upper(),
        "diffRefs": {"baseSha": request.start or request.base, "headSha": request.head, "startSha": request.base},
        "author": user(call, request.author),
        "milestone": {"title": request.milestone.title} if request.milestone else None,
        "headPipeline": {"status": pipeline.status.upper()} if pipeline else None,
        "labels": lambda given: connection(request.labels, given, lambda name: {"title": name}),
        "assignees": lambda given: connection(request.assignees, given, lambda name: user(call, name)),
        "reviewers": lambda given: connection(
            list(request.reviewers), given, lambda name: _reviewer(call, own, request, name)),
        "approvedBy": lambda given: connection(request.approved, given, lambda name: user(call, name)),
        "notes": lambda given: connection(request.notes, given, lambda note: _note(call, note)),
    }  # fmt: skip


def _reviewer(call: Call, own: Project, request: MergeRequest, name: str) -> Resolved:
    said = request.reviewers[name]
    interaction = {
        "reviewState": said.upper(), "reviewed": said != "unreviewed", "approved": name in request.approved,
        "canMerge": may_merge(call.world, own, name, request.target),
    }  # fmt: skip
    return {**user(call, name), "mergeRequestInteraction": interaction}


def _note(call: Call, note: Note) -> Resolved:
    return {"id": global_id("Note", note.id), "system": note.system, "body": note.body, "internal": False,
            "createdAt": moment(note.created), "author": user(call, note.author)}  # fmt: skip
