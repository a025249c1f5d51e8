"""Git objects as GitHub's GraphQL API shows them."""

from collections.abc import Mapping
from typing import Any

from shiftdown_fakes.github.model import Repository
from shiftdown_fakes.projection import Resolved, page
from shiftdown_fakes.store import Entry

_CUT = 512_000
"""The most bytes of a text that are shown."""


def git_object(own: Repository, given: Mapping[str, Any]) -> Resolved | None:
    """An object by its id, or a file or folder by its path in HEAD."""
    if given.get("expression"):
        found = _at(own, str(given["expression"]).removeprefix("HEAD:"))
        return {"__typename": found.kind.capitalize(), "oid": found.id} if found else None
    oid = str(given["oid"])
    match own.store.kind(oid):
        case "commit":
            return commit(own, oid)
        case "blob":
            return _blob(own, oid)
        case "tree":
            return {"__typename": "Tree", "oid": oid}
    return None


def references(own: Repository, given: Mapping[str, Any]) -> Resolved:
    """The references in a folder; their names are shown without it."""
    folder = str(given["refPrefix"])
    if not folder.startswith("refs/") or not folder.endswith("/"):
        raise ValueError(folder)
    found = sorted(own.store.references(folder).items())
    return page(found, given, lambda pair: {"name": pair[0].removeprefix(folder), "target": {"oid": pair[1]}})


def commit(own: Repository, oid: str) -> Resolved:
    """A commit."""
    facts = own.store.commit_facts(oid)
    if facts is None:
        return {"__typename": "Commit", "oid": oid}
    # A GitTimestamp keeps the zone in which it was written.
    author = {"name": facts.author.name, "email": facts.author.email, "date": facts.author.date.isoformat()}
    return {
        "__typename": "Commit", "oid": oid, "message": facts.message, "tree": {"oid": facts.tree}, "author": author,
        "parents": lambda given: page(facts.parents, given, lambda parent: {"oid": parent}),
    }  # fmt: skip


def _blob(own: Repository, oid: str) -> Resolved:
    data = own.store.read(oid)
    try:
        text = None if b"\0" in data[:8000] else data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="replace")
    return {
        "__typename": "Blob", "oid": oid, "byteSize": len(data), "isBinary": text is None,
        "isTruncated": len(data) > _CUT, "text": text and text[:_CUT],
    }  # fmt: skip


def _at(own: Repository, path: str) -> Entry | None:
    if own.store.tip(own.default_branch) is None:
        return None
    return own.store.entry(f"refs/heads/{own.default_branch}", path)
