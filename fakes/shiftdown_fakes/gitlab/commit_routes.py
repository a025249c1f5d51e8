"""Commits, made and looked at, and their statuses."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from shiftdown_fakes.gitlab.merging import may_push, refresh
from shiftdown_fakes.gitlab.model import DEVELOPER, Project, Status
from shiftdown_fakes.gitlab.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer
from shiftdown_fakes.store import ZERO, CommitFacts, GitStore, Person

_COMMITS = "/projects/{id}/repository/commits"
_Files = dict[str, tuple[str, str]]
"""Mode and object id of files by their paths."""


@route("GET", _COMMITS)
def list_commits(call: Call) -> Answer:
    """Commits, the newest first (https://docs.gitlab.com/api/commits/#list-repository-commits)."""
    project = call.project()
    tip = call.commit(project, call.query.get("ref_name", project.default_branch))
    path = call.query.get("path")
    found = project.store.word("rev-list", tip, *(["--", path] if path else [])).split()
    return call.paged(found, lambda oid: call.shapes.commit(_facts(project, oid), project))


@route("GET", _COMMITS + "/{sha}")
def get_commit(call: Call) -> Answer:
    """One commit (https://docs.gitlab.com/api/commits/#get-a-single-commit)."""
    project = call.project()
    return Answer(200, _full(call, project, call.commit(project, call.params["sha"])))


def _facts(project: Project, oid: str) -> CommitFacts:
    facts = project.store.commit_facts(oid)
    if facts is None:
        raise RefusalError(404, "404 Commit Not Found")
    return facts


def _full(call: Call, project: Project, oid: str) -> dict[str, Any]:
    facts, store = _facts(project, oid), project.store
    empty = store.word("hash-object", "-t", "tree", "--stdin")
    changes = store.changes(facts.parents[0] if facts.parents else empty, oid)
    added, deleted = sum(change.additions for change in changes), sum(change.deletions for change in changes)
    pipeline = next((one for one in reversed(project.pipelines) if one.commit == oid), None)
    return call.shapes.commit(facts, project) | {
        "stats": {"additions": added, "deletions": deleted, "total": added + deleted},
        "status": pipeline.status if pipeline else None, "project_id": project.id,
        "last_pipeline": call.shapes.pipeline(project, pipeline) if pipeline else None,
    }  # fmt: skip


@route("POST", _COMMITS)
def create_commit(call: Call) -> Answer:
    """A commit of many files (https://docs.gitlab.com/api/commits/#create-a-commit-with-multiple-files-and-actions).

    A push rule refuses it with its words alone, without what marks the line for git.
    """
    project, branch = call.project(), call.text("branch")
    call.need("branch", "commit_message", "actions")
    _ = call.user
    if not may_push(call.world, project, call.username, branch):
        raise RefusalError(403, "403 Forbidden - You are not allowed to push into this branch")
    tip = project.store.tip(branch)
    parent = _parent(call, project, branch, tip)
    if project.push_rule:
        raise RefusalError(400, project.push_rule)
    store = project.store
    changes = _changed(store, parent, call.body["actions"])
    tree = store.write_tree(parent, [(mode, oid, path) for path, (mode, oid) in changes.items()])
    name, now = call.user.username, call.world.now()
    author = Person(call.text("author_name", name), call.text("author_email", f"{name}@example.org"), now)
    committer = Person(name, f"{name}@example.org", now)
    made = store.write_commit(tree, [parent] if parent else [], call.text("commit_message"), author, committer)
    store.move(f"refs/heads/{branch}", made, tip)
    refresh(call.world, project)
    return Answer(201, _full(call, project, made))


def _parent(call: Call, project: Project, branch: str, tip: str | None) -> str | None:
    """What the commit stands on; `None` for the first one."""
    commit, start = call.text("start_sha"), call.text("start_branch") or branch
    found = call.find_commit(project, commit) if commit else project.store.tip(start)
    if found is None and commit:
        raise RefusalError(400, f"Cannot find start_sha '{commit}'")
    if found is None and not project.empty:
        raise RefusalError(400, "You can only create or edit files when you are on a branch")
    if tip is not None and (commit or start != branch) and not call.flag("force"):
        raise RefusalError(
            400, f"A branch called '{branch}' already exists. Switch to that branch in order to make changes"
        )
    return found


def _changed(store: GitStore, parent: str | None, actions: list[Mapping[str, Any]]) -> _Files:
    """What becomes of which file; the zero id removes one."""
    entries = store.entries(parent, recursive=True) if parent else []
    files: _Files = {entry.path: (entry.mode, entry.id) for entry in entries if entry.kind != "tree"}
    changes: _Files = {}
    for action in actions:
        for path, entry in _done(store, files, action).items():
            changes[path] = entry
            if entry[1] == ZERO:
                del files[path]
            else:
                files[path] = entry
    return changes


def _done(store: GitStore, files: _Files, action: Mapping[str, Any]) -> _Files:
    """What one action does."""
    what, path = action["action"], str(action["file_path"])
    old = str(action["previous_path"]) if what == "move" else path
    if what == "create" and path in files:
        raise RefusalError(400, "A file with this name already exists")
    if what != "create" and old not in files:
        raise RefusalError(400, "A file with this name doesn't exist")
    mode, oid = files.get(old, ("100644", ZERO))
    gone: _Files = {old: ("0", ZERO)} if what in ("delete", "move") else {}
    if what == "delete":
        return gone
    if what == "chmod":
        return {path: ("100755" if action["execute_filemode"] else "100644", oid)}
    if what != "move" or action.get("content") is not None:
        oid = store.write(_content(action))
    return gone | {path: (mode, oid)}


def _content(action: Mapping[str, Any]) -> bytes:
    text = str(action.get("content") or "")
    if action.get("encoding", "text") == "text":
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise RefusalError(400, "Content must be Base64 encoded") from None


@route("GET", _COMMITS + "/{sha}/statuses")
def list_statuses(call: Call) -> Answer:
    """Statuses of a commit (https://docs.gitlab.com/api/commits/#list-the-statuses-of-a-commit)."""
    project = call.project()
    oid = call.commit(project, call.params["sha"])
    found = [one for one in project.statuses if one.commit == oid]
    if "name" in call.query:
        found = [one for one in found if one.name == call.query["name"]]
    return call.paged(found, call.shapes.status)


@route("POST", "/projects/{id}/statuses/{sha}")
def set_status(call: Call) -> Answer:
    """Set a status (https://docs.gitlab.com/api/commits/#set-the-pipeline-status-of-a-commit).

    It belongs to a pipeline of the commit, which is made when there is none, and goes as its statuses do.
    """
    project = call.project(level=DEVELOPER)
    call.need("state")
    oid, name = call.commit(project, call.params["sha"]), call.text("name") or call.text("context") or "default"
    made = next((one for one in project.statuses if (one.commit, one.name) == (oid, name)), None)
    if made is None:
        now, ref = call.world.now(), call.text("ref") or project.default_branch
        made = Status(call.world.number(), name, oid, ref, "pending", call.user.username, now)
        project.statuses.append(made)
    made.state = call.text("state")
    made.description, made.target_url = call.body.get("description"), call.body.get("target_url")
    _run(call, project, oid)
    return Answer(201, call.shapes.status(made))


def _run(call: Call, project: Project, oid: str) -> None:
    """Let the pipeline of a commit go as its statuses do."""
    states = {one.state for one in project.statuses if one.commit == oid}
    order = ("failed", "canceled", "running", "pending", "success", "skipped")
    state = next(one for one in order if one in states)
    pipeline = next((one for one in reversed(project.pipelines) if one.commit == oid), None)
    if pipeline is None:
        call.world.add_pipeline(project, oid, state, source="external", user=call.user.username)
    else:
        pipeline.status = state
