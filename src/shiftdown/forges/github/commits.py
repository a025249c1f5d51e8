"""Commits by the API alone, whatever the number of files.

Most are made of one tree with the contents in it, one commit and one move of the branch. GitHub signs those of an app.
For a person it signs what `createCommitOnBranch` makes, which knows neither executable files nor symbolic links, and
whose author is the owner of the token; it takes binary files, too, of which the other way sends each by itself.
"""

import base64
import logging
from collections.abc import Sequence
from typing import Any

from github.Repository import Repository as Remote

from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.forges.changed_files import changed_files
from shiftdown.forges.github import queries
from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.github.errors import RefusedError
from shiftdown.git import Commit
from shiftdown.git.names import HEADS
from shiftdown.git.objects import GitObject, TreeEntry, parse_commit

log = logging.getLogger(__name__)
_ABSENT = "0" * 40
_FEW = 3
"""The most binary files that are sent one by one."""
_STAGE = "shiftdown-signing/"
"""Begins the name of the branch that a signed commit is made on, before it goes where it belongs: rules for `*`,
`shiftdown/*` and their like do not cover it, since protected branches cannot be removed again."""

_File = tuple[str, tuple[TreeEntry, GitObject | None] | None]


class WrongTreeError(RepositoryError):
    """What GitHub made has other files than the commit."""


def wants_signature(refusal: Exception | None) -> bool:
    """Whether something was refused because it is not signed."""
    return "verified signatures" in str(refusal or "")


def write(
    client: Client,
    place: Place,
    commit: Commit,
    branch: str,
    *,
    expected: str | None,
    repository: str,
    base: str,
    signed: bool,
) -> str:
    """Put a commit on a branch that is where it is expected; the id of the commit that GitHub made.

    Args:
        client: sends the requests.
        place: the repository, by its present name.
        commit: what is to be written.
        branch: where it goes; made when nothing is expected there.
        expected: the commit that the branch is at; `None` when it must not exist.
        repository: global id of the repository.
        base: the tree that the commit changes.
        signed: whether it must have GitHub's signature.

    Raises:
        ConflictError: the branch is not where it was expected.
        UnsureError: nobody knows whether the branch has moved: look.
        RepositoryError: rules of the branch are in the way, or GitHub made something else of it.
    """
    files = list(changed_files(commit))
    if signed and not client.is_app:
        return _signed(client, place, commit, branch, files, expected=expected, repository=repository)
    if sum(_is_binary(found) for _, found in files) > _FEW:
        try:
            return _signed(client, place, commit, branch, files, expected=expected, repository=repository)
        except WrongTreeError:
            pass  # executable files among them: each is sent by itself
    try:
        return _plain(client, place, commit, branch, files, expected=expected, repository=repository, base=base)
    except RefusedError as refused:
        if client.is_app or not wants_signature(refused):
            raise
    return _signed(client, place, commit, branch, files, expected=expected, repository=repository)


def _plain(
    client: Client,
    place: Place,
    commit: Commit,
    branch: str,
    files: Sequence[_File],
    *,
    expected: str | None,
    repository: str,
    base: str,
) -> str:
    """Three requests, and one for each new binary file."""
    doing = f"write {branch}"
    entries = [_entry(client, place, doing, path, found) for path, found in files]
    tree = _post(client, place, doing, "trees", {"base_tree": base, "tree": entries})
    if tree != commit.tree:
        raise RepositoryError(place.location, f"cannot {doing}: GitHub made the tree {tree}, not {commit.tree}")
    given = {"message": commit.message, "tree": tree, "parents": [commit.parent]}
    made = _post(client, place, doing, "commits", given | _author(client, commit))
    _move(client, place, branch, repository, [_update(branch, made, before=expected or _ABSENT)])
    return made


def _signed(
    client: Client,
    place: Place,
    commit: Commit,
    branch: str,
    files: Sequence[_File],
    *,
    expected: str | None,
    repository: str,
) -> str:
    """Two requests. The commit is made on a branch of its own, since it must not be seen half done."""
    doing, stage = f"write {branch}", _STAGE + branch
    subject, _, body = commit.message.partition("\n")
    given = {
        "start": {"repositoryId": repository, "refUpdates": [_update(stage, commit.parent)]},
        "commit": {
            "branch": {"repositoryNameWithOwner": place.full_name, "branchName": stage},
            "expectedHeadOid": commit.parent,
            "message": {"headline": subject, "body": body.strip("\n")},
            "fileChanges": {
                "additions": [
                    {"path": path, "contents": _contents(client, place, *found)} for path, found in files if found
                ],
                "deletions": [{"path": path} for path, found in files if not found],
            },
        },
    }
    away = _update(stage, _ABSENT)
    try:
        made = client.execute(place, doing, queries.SIGNED, given)["createCommitOnBranch"]["commit"]
        if made["tree"]["oid"] != commit.tree:
            raise WrongTreeError(
                place.location,
                f"cannot {doing}: GitHub signs no commit with executable files or symbolic links for a person; let a "
                "GitHub App write it",
            )
        moved = _update(branch, made["oid"], before=expected or _ABSENT)
        _move(client, place, branch, repository, [moved, away])
    except (RefusedError, WrongTreeError, ConflictError):
        try:
            _move(client, place, stage, repository, [away])
        except RepositoryError as left:
            log.warning("%s: the branch %s may be left: %s", place.location, stage, left)
        raise
    return str(made["oid"])


def _update(branch: str, after: str, *, before: str | None = None) -> dict[str, Any]:
    update = {"name": HEADS + branch, "afterOid": after, "force": True}
    return update | ({"beforeOid": before} if before else {})


def _move(client: Client, place: Place, branch: str, repository: str, updates: Sequence[dict[str, Any]]) -> None:
    """Move branches, all or none."""
    try:
        given = {"repositoryId": repository, "refUpdates": list(updates)}
        client.mutate(place, f"write {branch}", queries.MOVE, given)
    except RefusedError as refused:
        if "expected" not in refused.reason.lower():
            raise
        raise ConflictError(place.location, f"branch {branch} has moved meanwhile; plan again and retry") from None


def _contents(client: Client, place: Place, entry: TreeEntry, blob: GitObject | None) -> str:
    """What is in a file, in base64; a file that only moves is asked for."""
    if blob is not None:
        return base64.b64encode(blob.data).decode()
    return str(client.cached(place, "read a file", f"git/blobs/{entry.oid}")["content"]).replace("\n", "")


def _is_binary(found: tuple[TreeEntry, GitObject | None] | None) -> bool:
    if not found or not found[1]:
        return False
    try:
        found[1].data.decode()
    except UnicodeDecodeError:
        return True
    return False


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
