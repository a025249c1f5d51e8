"""Commits by the API alone: one tree with the contents in it, one commit, one move of the branch."""

import base64
from typing import Any

from github.Repository import Repository as Remote

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.forges.changes import changed_files
from shiftdown.forges.github import queries
from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.github.errors import RefusedError
from shiftdown.git import Commit
from shiftdown.git.objects import GitObject, TreeEntry, parse_commit

_ABSENT = "0" * 40


def write(
    client: Client, place: Place, commit: Commit, branch: str, *, expected: str | None, repository: str, base: str
) -> str:
    """Put a commit on a branch that is where it is expected; the id of the commit that GitHub made.

    Four requests, whatever the number of files, and one more for each new file that is not UTF-8 text.

    Args:
        client: sends the requests.
        place: the repository, by its present name.
        commit: what is to be written.
        branch: where it goes; made when nothing is expected there.
        expected: the commit that the branch is at; `None` when it must not exist.
        repository: global id of the repository.
        base: the tree that the commit changes.

    Raises:
        ConflictError: the branch is not where it was expected.
        UnsureError: nobody knows whether the branch has moved: look.
        RepositoryError: rules of the branch are in the way, or GitHub made something else of it.
    """
    doing = f"write {branch}"
    entries = [_entry(client, place, doing, path, found) for path, found in changed_files(commit)]
    tree = _post(client, place, doing, "trees", {"base_tree": base, "tree": entries})
    if tree != commit.tree:
        raise RepositoryError(place.location, f"cannot {doing}: GitHub made the tree {tree}, not {commit.tree}")
    given = {"message": commit.message, "tree": tree, "parents": [commit.parent]}
    made = _post(client, place, doing, "commits", given | _author(client, commit))
    update = {"name": f"refs/heads/{branch}", "beforeOid": expected or _ABSENT, "afterOid": made, "force": True}
    try:
        client.mutate(place, doing, queries.MOVE, {"repositoryId": repository, "refUpdates": [update]})
    except RefusedError as refused:
        if "expected" not in refused.reason.lower():
            raise
        raise ConflictError(place.location, f"branch {branch} has moved meanwhile; plan again and retry") from None
    return made


def _post(client: Client, place: Place, doing: str, what: str, given: dict[str, Any]) -> str:
    """Make a git object. Made twice, it is the same, or nobody refers to it."""

    def send(repository: Remote) -> str:
        _, made = repository.requester.requestJsonAndCheck("POST", f"{repository.url}/git/{what}", input=given)
        return str(made["sha"])

    return client.write(place, doing, send)


def _author(client: Client, commit: Commit) -> dict[str, Any]:
    """Who wrote it. GitHub signs what an app commits in its own name, so that an app names nobody."""
    if client.is_app:
        return {}
    data = parse_commit(commit.objects[-1].data)
    if data.author is None:
        return {}
    return {"author": {"name": data.author.name, "email": data.author.email, "date": data.at.isoformat()}}


def _entry(
    client: Client, place: Place, doing: str, path: str, found: tuple[TreeEntry, GitObject | None] | None
) -> dict[str, Any]:
    """A line of the request for a tree: by content, else by the id of a blob."""
    if found is None:
        return {"path": path, "mode": "100644", "type": "blob", "sha": None}
    entry, blob = found
    line = {"path": path, "mode": entry.mode.decode().zfill(6), "type": "blob"}
    if blob is None:
        return line | {"sha": entry.oid}
    try:
        return line | {"content": blob.data.decode()}
    except UnicodeDecodeError:
        given = {"content": base64.b64encode(blob.data).decode(), "encoding": "base64"}
        return line | {"sha": _post(client, place, doing, "blobs", given)}
