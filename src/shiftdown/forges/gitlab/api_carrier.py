"""A project's references and objects by the API alone, without git.

GitLab lists a hundred files with each request, and brings fifty of them. Files and folders are checked by their ids;
of commits the API tells only parts, and of these not the id of the root tree, which follows from what is in it. What it
does not tell to the byte is left to git, also repositories with names in their root that are not ASCII.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from shiftdown.errors import RepositoryError
from shiftdown.forges.gitlab import queries
from shiftdown.forges.gitlab.client import Client
from shiftdown.forges.gitlab.lookup import Lookup
from shiftdown.forges.gitlab.projects import Home, Place, encoded
from shiftdown.forges.reported_objects import Listed, ReadingCarrier, commit_of, tree_of, trees_of
from shiftdown.git.carrier import OtherCarrierError
from shiftdown.git.names import HEADS, TAGS
from shiftdown.git.objects import BLOB, GitObject
from shiftdown.git.packets import PEELED, References

_TOGETHER = 50
"""The most files that one request asks for."""


class ApiCarrier(ReadingCarrier):
    """See `Carrier`. What it cannot do is an `OtherCarrierError`."""

    def __init__(self, client: Client, look: Lookup, place: Place) -> None:
        self._client = client
        self._look = look
        self._place = place
        self._home: Home | None = None
        self._folders: dict[str, tuple[str, str]] = {}
        self._files: dict[str, tuple[str, str]] = {}

    def references(self, prefixes: Sequence[str]) -> References:
        """See `Carrier`: one request for each prefix, and one more for the default branch."""
        tips: dict[str, str] = {}
        default = None
        for prefix in prefixes:
            if prefix == "HEAD":
                default, found = self._head()
            elif prefix.startswith(TAGS):
                found = self._tags(prefix)
            else:
                found = self._branches(prefix)
            tips |= found
        return References(tips, default)

    def _known(self) -> Home:
        if self._home is None:
            _, self._home = self._look.home(self._place)
        return self._home

    def _path(self) -> str:
        return f"/projects/{self._known().id}/repository"

    def _head(self) -> tuple[str | None, dict[str, str]]:
        branch = self._look.home(self._place)[1].branch
        path = f"{self._path()}/branches/{encoded(branch)}"
        found = self._client.find(self._place, "read the default branch", path, what="Branch")
        return (HEADS + branch, {"HEAD": found["commit"]["id"]}) if found else (None, {})

    def _branches(self, prefix: str) -> dict[str, str]:
        start = prefix.removeprefix(HEADS)
        query = {"search": f"^{start}"} if start else {}
        found = self._client.pages(self._place, "read the branches", f"{self._path()}/branches", query)
        return {HEADS + item["name"]: item["commit"]["id"] for item in found if item["name"].startswith(start)}

    def _tags(self, prefix: str) -> dict[str, str]:
        start = prefix.removeprefix(TAGS)
        tips: dict[str, str] = {}
        for item in self._client.pages(self._place, "read the tags", f"{self._path()}/tags", {"search": f"^{start}"}):
            if item["name"].startswith(start) and item["commit"]:
                tips |= {TAGS + item["name"]: item["target"], TAGS + item["name"] + PEELED: item["commit"]["id"]}
        return tips

    def _commit(self, oid: str) -> list[GitObject]:
        """The commit, and its root tree, whose id follows from what is in it."""
        path = f"{self._path()}/commits/{oid}"
        found = self._client.find(self._place, "read a commit", path, what="Commit")
        if found is None:
            raise RepositoryError(self._place.location, f"object {oid} is not there, or is not a commit")
        listed = self._listed(oid, "", whole=False)
        if not all(item.path.isascii() for item in listed):
            raise OtherCarrierError  # GitLab shows names in UTF-8 whatever their bytes are, and no id would tell
        root = tree_of(listed)
        self._folders[root.id] = oid, ""
        return [_commit_of(found, root.id), root]

    def _trees(self, oid: str) -> list[GitObject]:
        """All trees below one: they are most often wanted in the end."""
        if oid not in self._folders:
            raise OtherCarrierError
        return trees_of(oid, self._listed(*self._folders[oid], whole=True))

    def _listed(self, commit: str, folder: str, *, whole: bool) -> list[Listed]:
        query = {"ref": commit, "path": folder, "recursive": "true" if whole else "false"}
        listed = []
        below = f"{folder}/" if folder else ""
        for entry in self._client.pages(self._place, "list its files", f"{self._path()}/tree", query):
            known = self._folders if entry["type"] == "tree" else self._files
            known.setdefault(entry["id"], (commit, entry["path"]))
            path = entry["path"].removeprefix(below)
            listed.append(Listed(path, entry["mode"], entry["id"], entry["type"] == "tree"))
        return listed

    def _blobs(self, oids: Sequence[str]) -> Iterator[GitObject]:
        of_commit: dict[str, list[str]] = {}
        for oid in oids:
            if oid in self._files:
                of_commit.setdefault(self._files[oid][0], []).append(oid)
        found: set[str] = set()
        for commit, known in of_commit.items():
            for start in range(0, len(known), _TOGETHER):
                for blob in self._texts(commit, known[start : start + _TOGETHER]):
                    found.add(blob.id)
                    yield blob
        for oid in oids:
            if oid not in found:
                yield self._blob(oid)

    def _texts(self, commit: str, oids: Sequence[str]) -> Iterator[GitObject]:
        """Those that are text, and came as they are."""
        given = {"path": self._known().path, "commit": commit, "files": [self._files[oid][1] for oid in oids]}
        data = self._client.query(self._place, "read files", queries.TEXTS, given)["project"]
        for node in data["repository"]["blobs"]["nodes"]:
            blob = GitObject(BLOB, (node["rawTextBlob"] or "").encode())
            if blob.id in oids:
                yield blob

    def _blob(self, oid: str) -> GitObject:
        blob = GitObject(BLOB, self._client.content(self._place, "read a file", f"{self._path()}/blobs/{oid}/raw"))
        if blob.id != oid:
            raise RepositoryError(self._place.location, f"GitLab sent something else for the object {oid}")
        return blob


def _commit_of(data: Mapping[str, Any], tree: str) -> GitObject:
    return commit_of(
        data["id"],
        tree,
        data["parent_ids"],
        name=data["author_name"],
        email=data["author_email"],
        at=datetime.fromisoformat(data["authored_date"]),
        message=data["message"],
    )
