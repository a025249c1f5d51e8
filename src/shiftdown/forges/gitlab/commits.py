"""Commits by the API alone: one request for any number of files, and a look whether it made the tree that was meant."""

import base64
from collections.abc import Mapping
from typing import Any

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.forges.changed_files import changed_files
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.gitlab import queries
from shiftdown.forges.gitlab.client import Client
from shiftdown.forges.gitlab.projects import Home, Place, encoded
from shiftdown.git import Commit
from shiftdown.git.objects import parse_commit, parse_tree
from shiftdown.repository import Kind

_TOGETHER = 100
"""About how many files one request asks."""


def write(client: Client, place: Place, home: Home, commit: Commit, branch: str, *, expected: str | None) -> str | None:
    """Put a commit on a branch that is where it is expected; the id of the commit that GitLab made.

    GitLab moves no branch on condition: what somebody pushes to an existing branch between the look and the request,
    some milliseconds, would be lost if the commit does not stand on it. Pushing has no such gap.

    Returns:
        `None` when it is to be pushed: it makes links or submodules, which GitLab's API cannot.

    Raises:
        ConflictError: the branch is not where it was expected.
        UnsureError: nobody knows whether the branch has moved: call again, which looks.
        RepositoryError: rules of the branch are in the way, or GitLab made something else of it.
    """
    doing = f"write {branch}"
    tip = _tip(client, place, home, doing, branch)
    if tip != expected:
        if tip is not None and _is_made(client, place, home, doing, commit, tip):
            return tip
        raise ConflictError(place.location, f"branch {branch} has moved meanwhile; plan again and retry")
    actions = _actions(client, place, home, doing, commit)
    if actions is None:
        return None
    given: dict[str, Any] = {"branch": branch, "commit_message": commit.message, "actions": actions, **_author(commit)}
    if commit.parent != expected:
        given |= {"start_sha": commit.parent, "force": expected is not None}
    try:
        made = client.write(place, doing, "post", f"/projects/{home.id}/repository/commits", given)
    except RefusedError as refused:
        if "already exists" in refused.reason and expected is None:
            raise ConflictError(place.location, f"branch {branch} has moved meanwhile; plan again and retry") from None
        raise
    if not _is_made(client, place, home, doing, commit, made["id"]):
        raise _undone(client, place, home, branch, made["id"], existed=expected is not None)
    return str(made["id"])


def _tip(client: Client, place: Place, home: Home, doing: str, branch: str) -> str | None:
    found = client.find(place, doing, f"/projects/{home.id}/repository/branches/{encoded(branch)}", what="Branch")
    return found["commit"]["id"] if found else None


def _is_made(client: Client, place: Place, home: Home, doing: str, commit: Commit, made: str) -> bool:
    """Whether a commit has the parent, message and tree of what was to be written."""
    path = f"/projects/{home.id}/repository"
    found = client.read(place, doing, f"{path}/commits/{made}")
    if found["parent_ids"] != [commit.parent] or found["message"].strip() != commit.message.strip():
        return False
    # Ids of what is below the root say all about it. GitLab does not tell that of the root.
    entries = client.pages(place, doing, f"{path}/tree", {"ref": made})
    there = {(int(entry["mode"], 8), entry["name"], entry["id"]) for entry in entries}
    root = next(item for item in commit.objects if item.id == commit.tree)
    return there == {(int(e.mode, 8), e.name.decode(errors="replace"), e.oid) for e in parse_tree(root.data)}


def _undone(client: Client, place: Place, home: Home, branch: str, made: str, *, existed: bool) -> RepositoryError:
    """The error about a commit that is not what was meant; a branch that was made for it is removed."""
    what = f"{branch} is at {made} now: look at it"
    if not existed:
        client.write(place, f"remove {branch}", "delete", f"/projects/{home.id}/repository/branches/{encoded(branch)}")
        what = f"{branch} is removed again"
    return RepositoryError(
        place.location, f"GitLab made something else of the commit for {branch}; {what}, and push instead"
    )


def _author(commit: Commit) -> dict[str, str]:
    author = parse_commit(commit.objects[-1].data).author
    return {} if author is None else {"author_name": author.name, "author_email": author.email}


def _actions(client: Client, place: Place, home: Home, doing: str, commit: Commit) -> list[dict[str, Any]] | None:
    """What GitLab is to do with each file, removals first; `None` when it cannot do all."""
    present = _present(client, place, home, doing, commit)
    removals: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for path, found in changed_files(commit):
        old = present.get(path)
        if found is None:
            removals.append({"action": "delete", "file_path": path})
            continue
        entry, blob = found
        if not _is_file(entry.mode) or (old is not None and not _is_file(old["mode"].encode())):
            return None
        if old is None or old["oid"] != entry.oid:
            data = blob.data if blob else _stored(client, place, home, doing, entry.oid)
            content = {"content": base64.b64encode(data).decode(), "encoding": "base64"}
            others.append({"action": "update" if old else "create", "file_path": path, **content})
        runs = _runs(entry.mode)
        if runs != (old is not None and _runs(old["mode"].encode())):
            others.append({"action": "chmod", "file_path": path, "execute_filemode": runs})
    return removals + others


def _is_file(mode: bytes) -> bool:
    return Kind.of_mode(int(mode, 8)) in (Kind.FILE, Kind.EXECUTABLE)


def _runs(mode: bytes) -> bool:
    return Kind.of_mode(int(mode, 8)) is Kind.EXECUTABLE


def _stored(client: Client, place: Place, home: Home, doing: str, oid: str) -> bytes:
    """The content of a file that the project has already, at another path."""
    return client.content(place, doing, f"/projects/{home.id}/repository/blobs/{oid}/raw")


def _present(client: Client, place: Place, home: Home, doing: str, commit: Commit) -> dict[str, Mapping[str, str]]:
    """The files of the parent at the paths that change."""
    found: dict[str, Mapping[str, str]] = {}
    for start in range(0, len(commit.files), _TOGETHER):
        given = {"path": home.path, "commit": commit.parent, "files": commit.files[start : start + _TOGETHER]}
        data = client.query(place, doing, queries.FILES, given)["project"]
        found |= {node["path"]: node for node in data["repository"]["blobs"]["nodes"]}
    return found
