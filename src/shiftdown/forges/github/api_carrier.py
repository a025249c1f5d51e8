"""A repository's references and objects by the API alone, without git.

One request tells the default branch and its commit, one lists all files, and one brings a hundred of them. Trees and
files are known by what is in them, and are checked; of commits the API tells only parts. What it does not tell to the
byte is left to git: listings that it cuts off (over 100,000 entries), and names that are not UTF-8.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from shiftdown.errors import RepositoryError
from shiftdown.forges.github import queries
from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.github.errors import RefusedError
from shiftdown.forges.reported_objects import Listed, ReadingCarrier, commit_of, trees_of
from shiftdown.git.carrier import OtherCarrierError
from shiftdown.git.names import HEADS
from shiftdown.git.objects import BLOB, GitObject
from shiftdown.git.packets import PEELED, References

_TOGETHER = 100
"""The most files that one request asks for."""
_TEXT = 256 * 1024
"""The most bytes of a file that is asked for with others: GraphQL cuts texts off at twice that."""
_ALL = 2 * 1024 * 1024
"""The most bytes of files that one request asks for."""


class ApiCarrier(ReadingCarrier):
    """See `Carrier`. What it cannot do is an `OtherCarrierError`."""

    def __init__(self, client: Client, place: Place) -> None:
        self._client = client
        self._place = place
        self._commits: dict[str, GitObject] = {}
        self._sizes: dict[str, int] = {}

    def references(self, prefixes: Sequence[str]) -> References:
        """See `Carrier`: one request for each prefix, and for the default branch together with a folder of branches."""
        tips: dict[str, str] = {}
        default = None
        rest = list(prefixes)
        if "HEAD" in rest:
            folder = next((p for p in rest if p.startswith(HEADS) and p.endswith("/") and p != HEADS), HEADS + "HEAD/")
            default, tips, whole = self._head(folder)
            rest = [p for p in rest if p not in ("HEAD", folder if whole else "")]
        for prefix in rest:
            tips |= self._matching(prefix)
        return References(tips, default)

    def _head(self, folder: str) -> tuple[str | None, dict[str, str], bool]:
        """The default branch, the tips of it and of the branches in a folder, and whether these are all there are."""
        data = self._client.query(self._place, "read the default branch", queries.HEAD, {"folder": folder})
        branch, others = data["repository"]["defaultBranchRef"], data["repository"]["refs"]
        tips = {folder + node["name"]: str(node["target"]["oid"]) for node in others["nodes"]}
        whole = not others["pageInfo"]["hasNextPage"]
        if branch is None:
            return None, tips, whole
        self._keep(branch["target"])
        return HEADS + branch["name"], tips | {"HEAD": branch["target"]["oid"]}, whole

    def _matching(self, prefix: str) -> dict[str, str]:
        doing = f"read the references {prefix}"
        try:
            start = prefix.removeprefix("refs/").rstrip("/")
            every = self._client.cached(self._place, doing, f"git/matching-refs/{start}")
        except RefusedError as refused:
            if refused.status == 409 and "empty" in refused.reason.lower():
                return {}
            raise
        found = [item for item in every if item["ref"].startswith(prefix)]
        tips = {item["ref"]: item["object"]["sha"] for item in found}
        for item in found:
            if item["object"]["type"] == "tag":
                tips[item["ref"] + PEELED] = self._peeled(item["object"]["sha"])
        return tips

    def _peeled(self, tag: str) -> str:
        """What a tag object stands for in the end."""
        while True:
            found = self._client.cached(self._place, "read a tag", f"git/tags/{tag}")["object"]
            if found["type"] != "tag":
                return str(found["sha"])
            tag = str(found["sha"])

    def _commit(self, oid: str) -> list[GitObject]:
        if oid not in self._commits:
            data = self._client.query(self._place, "read a commit", queries.COMMIT, {"commit": oid})
            found = data["repository"]["object"]
            if found is None or found["__typename"] != "Commit":
                raise RepositoryError(self._place.location, f"object {oid} is not there, or is not a commit")
            self._keep(found)
        return [self._commits[oid]]

    def _keep(self, node: Mapping[str, Any]) -> None:
        self._commits[node["oid"]] = _commit_of(node)

    def _trees(self, oid: str) -> list[GitObject]:
        """All trees below one: they are asked for once, and are most often wanted in the end."""
        found = self._client.cached(self._place, "list its files", f"git/trees/{oid}?recursive=1")
        if found["truncated"]:
            raise OtherCarrierError
        listing = [Listed(e["path"], e["mode"], e["sha"], e["type"] == "tree") for e in found["tree"]]
        self._sizes |= {e["sha"]: e["size"] for e in found["tree"] if e["type"] == "blob"}
        return trees_of(oid, listing)

    def _blobs(self, oids: Sequence[str]) -> Iterator[GitObject]:
        alone = [oid for oid in oids if self._sizes.get(oid, 0) > _TEXT]
        for several in self._batches([oid for oid in oids if self._sizes.get(oid, 0) <= _TEXT]):
            found = self._texts(several)
            yield from found.values()
            alone += [oid for oid in several if oid not in found]
        for oid in alone:
            yield self._blob(oid)

    def _batches(self, oids: Sequence[str]) -> Iterator[list[str]]:
        batch: list[str] = []
        size = 0
        for oid in oids:
            size += self._sizes.get(oid, 0)
            if batch and (len(batch) == _TOGETHER or size > _ALL):
                yield batch
                batch, size = [], self._sizes.get(oid, 0)
            batch.append(oid)
        if batch:
            yield batch

    def _texts(self, oids: Sequence[str]) -> dict[str, GitObject]:
        """Those that are text, and came as they are."""
        given = {f"o{n}": oid for n, oid in enumerate(oids)}
        data = self._client.query(self._place, "read files", queries.texts(len(oids)), given)
        nodes = [data["repository"][f"b{n}"] for n in range(len(oids))]
        made = [GitObject(BLOB, node["text"].encode()) for node in nodes if node and node.get("text") is not None]
        return {blob.id: blob for blob in made if blob.id in oids}

    def _blob(self, oid: str) -> GitObject:
        found = self._client.cached(self._place, "read a file", f"git/blobs/{oid}")
        blob = GitObject(BLOB, base64.b64decode(found["content"]))
        if blob.id != oid:
            raise RepositoryError(self._place.location, f"GitHub sent something else for the object {oid}")
        return blob


def _commit_of(node: Mapping[str, Any]) -> GitObject:
    author = node["author"] or {}
    return commit_of(
        node["oid"],
        node["tree"]["oid"],
        [parent["oid"] for parent in node["parents"]["nodes"]],
        name=author.get("name") or "",
        email=author.get("email") or "",
        at=datetime.fromisoformat(author.get("date") or "1970-01-01T00:00:00+00:00"),
        message=node["message"],
    )
