"""Branches, tags, trees and files of a repository, and comparisons."""

import base64
import hashlib

from shiftdown_fakes.gitlab.merging import protection_of, refresh
from shiftdown_fakes.gitlab.model import DEVELOPER, Project
from shiftdown_fakes.gitlab.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer
from shiftdown_fakes.store import Entry

_REPOSITORY = "/projects/{id}/repository"
_BRANCHES = _REPOSITORY + "/branches"
_FILE = _REPOSITORY + "/files/{file_path}"
_BINARY = "application/octet-stream"


@route("GET", _BRANCHES)
def list_branches(call: Call) -> Answer:
    """Branches (https://docs.gitlab.com/api/branches/#list-repository-branches)."""
    project = call.project()
    names = [name.removeprefix("refs/heads/") for name in project.store.references()]
    names = [name for name in names if _is_found(call, name)]
    return call.paged(names, lambda name: _shown(call, project, name))


@route("GET", _BRANCHES + "/{branch}")
def get_branch(call: Call) -> Answer:
    """One branch (https://docs.gitlab.com/api/branches/#get-single-repository-branch)."""
    return Answer(200, _shown(call, call.project(), call.params["branch"]))


def _is_found(call: Call, name: str) -> bool:
    """Whether a branch or tag is searched for: `^` and `$` stand for the ends of its name."""
    wanted = call.query.get("search", "")
    if wanted.startswith("^"):
        return name.startswith(wanted[1:])
    return name.endswith(wanted[:-1]) if wanted.endswith("$") else wanted in name


def _shown(call: Call, project: Project, name: str) -> dict[str, object]:
    return call.shapes.branch(project, name, _tip(project, name), call.username)


def _tip(project: Project, name: str) -> str:
    tip = project.store.tip(name)
    if tip is None:
        raise RefusalError(404, "404 Branch Not Found")
    return tip


@route("POST", _BRANCHES)
def create_branch(call: Call) -> Answer:
    """A new branch (https://docs.gitlab.com/api/branches/#create-repository-branch)."""
    project = call.project(level=DEVELOPER)
    name, ref = call.text("branch"), call.text("ref")
    if project.store.tip(name):
        raise RefusalError(400, "Branch already exists")
    start = call.find_commit(project, ref)
    if start is None or not project.store.move(f"refs/heads/{name}", start, None):
        raise RefusalError(400, f"Invalid reference name: {ref if start is None else name}")
    return Answer(201, _shown(call, project, name))


@route("DELETE", _BRANCHES + "/{branch}")
def delete_branch(call: Call) -> Answer:
    """Remove a branch (https://docs.gitlab.com/api/branches/#delete-repository-branch).

    A protected branch and the default one stay.
    """
    project = call.project(level=DEVELOPER)
    name = call.params["branch"]
    tip = _tip(project, name)
    if name == project.default_branch:
        raise RefusalError(400, "Cannot remove HEAD branch")
    if protection_of(project, name):
        raise RefusalError(403, "403 Forbidden - Protected branch cannot be deleted")
    project.store.move(f"refs/heads/{name}", None, tip)
    refresh(call.world, project)
    return Answer(204)


@route("GET", _REPOSITORY + "/tags")
def list_tags(call: Call) -> Answer:
    """Tags (https://docs.gitlab.com/api/tags/#list-project-repository-tags)."""
    project = call.project()
    store = project.store
    found = store.references("refs/tags/")
    names = [name for name in found if _is_found(call, name.removeprefix("refs/tags/"))]

    def shape(name: str) -> dict[str, object]:
        commit = store.commit_facts(store.word("rev-parse", f"{name}^{{commit}}"))
        shown = call.shapes.commit(commit, project) if commit else None
        return {
            "name": name.removeprefix("refs/tags/"), "message": "", "target": found[name], "commit": shown,
            "release": None, "protected": False, "created_at": None,
        }  # fmt: skip

    return call.paged(sorted(names, reverse=True), shape)


@route("GET", _REPOSITORY + "/tree")
def list_tree(call: Call) -> Answer:
    """What is in a folder (https://docs.gitlab.com/api/repositories/#list-repository-tree)."""
    project = call.project()
    commit, path = _ref(call, project, "404 Tree Not Found"), call.query.get("path", "").strip("/")
    found = project.store.entry(commit, path) if path else None
    if path and (found is None or found.kind != "tree"):
        raise RefusalError(404, "404 invalid revision or path Not Found")
    below = f"{path}/" if path else ""
    entries = project.store.entries(found.id if found else commit, recursive=call.flag("recursive"))
    # Folders come first in a folder.
    entries.sort(key=lambda entry: entry.kind != "tree")

    def shape(entry: Entry) -> dict[str, str]:
        whole = f"{below}{entry.path}"
        return {
            "id": entry.id, "name": whole.rpartition("/")[2], "type": entry.kind, "path": whole, "mode": entry.mode,
        }  # fmt: skip

    if call.query.get("pagination") == "keyset":
        return call.keyset(entries, "page_token", lambda entry: entry.id, shape)
    return call.paged(entries, shape)


def _ref(call: Call, project: Project, refusal: str) -> str:
    name = call.query.get("ref", "HEAD")
    return call.commit(project, project.default_branch if name == "HEAD" else name, refusal)


@route("GET", _REPOSITORY + "/blobs/{sha}")
def get_blob(call: Call) -> Answer:
    """A blob (https://docs.gitlab.com/api/repositories/#get-a-blob-from-repository)."""
    data = _blob(call)
    shown = {"size": len(data), "encoding": "base64", "content": base64.b64encode(data).decode()}
    return Answer(200, shown | {"sha": call.params["sha"]})


@route("GET", _REPOSITORY + "/blobs/{sha}/raw")
def get_raw_blob(call: Call) -> Answer:
    """The content of a blob (https://docs.gitlab.com/api/repositories/#raw-blob-content)."""
    return Answer(200, _blob(call), content_type=_BINARY)


def _blob(call: Call) -> bytes:
    store, sha = call.project().store, call.params["sha"]
    if store.kind(sha) != "blob":
        raise RefusalError(404, "404 Blob Not Found")
    return store.read(sha)


@route("GET", _FILE)
def get_file(call: Call) -> Answer:
    """A file (https://docs.gitlab.com/api/repository_files/#get-file-from-repository)."""
    project = call.project()
    commit, entry = _file(call, project)
    data = project.store.read(entry.id)
    return Answer(200, {
        "file_name": entry.path.rpartition("/")[2], "file_path": entry.path, "size": len(data), "encoding": "base64",
        "content": base64.b64encode(data).decode(), "ref": call.query["ref"], "blob_id": entry.id,
        "commit_id": commit, "last_commit_id": _last(project, commit, entry.path),
        "content_sha256": hashlib.sha256(data).hexdigest(),
        "execute_filemode": entry.mode == "100755",
    })  # fmt: skip


@route("GET", _FILE + "/raw")
def get_raw_file(call: Call) -> Answer:
    """The content of a file (https://docs.gitlab.com/api/repository_files/#get-raw-file-from-repository)."""
    project = call.project()
    _, entry = _file(call, project)
    return Answer(200, project.store.read(entry.id), {"X-Gitlab-Blob-Id": entry.id}, _BINARY)


def _file(call: Call, project: Project) -> tuple[str, Entry]:
    commit = _ref(call, project, "404 Commit Not Found")
    entry = project.store.entry(commit, call.params["file_path"])
    if entry is None or entry.kind != "blob":
        raise RefusalError(404, "404 File Not Found")
    return commit, entry


def _last(project: Project, commit: str, path: str) -> str:
    return project.store.word("rev-list", "-1", commit, "--", path)


@route("GET", _REPOSITORY + "/compare")
def compare(call: Call) -> Answer:
    """Compare (https://docs.gitlab.com/api/repositories/#compare-branches-tags-or-commits)."""
    project = call.project()
    other = call.project_numbered(call.query["from_project_id"]) if "from_project_id" in call.query else project
    start = call.commit(other, call.query["from"], "404 Ref Not Found")
    end = call.commit(project, call.query["to"], "404 Ref Not Found")
    store = project.store
    if other is not project:
        store.run("fetch", "--quiet", str(other.store.path), start)
    base = start if call.flag("straight") else store.merge_base(start, end) or start
    facts = [one for commit in store.commits(start, end) if (one := store.commit_facts(commit))]
    commits = [call.shapes.commit(one, project) for one in facts]
    return Answer(200, {
        "commit": commits[-1] if commits else None, "commits": commits,
        "diffs": [call.shapes.diff(project, change, base, end) for change in store.changes(base, end)],
        "compare_timeout": False, "compare_same_ref": start == end,
        "web_url": f"{call.shapes.project_url(project)}/-/compare/{start}...{end}",
    })  # fmt: skip
