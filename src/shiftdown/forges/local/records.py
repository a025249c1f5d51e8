"""Where change requests are kept: files `<number>.json` in the commits of one reference.

A commit of that reference is one thing that happened. Its second parent is the head of the change request
that was opened or got new commits, so that git keeps what a reviewer saw, even without the branch.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints, ValidationError, field_validator

from shiftdown.errors import InvalidInputError, RepositoryError
from shiftdown.forges.base import ForgeChangeRequest
from shiftdown.forges.local.repository import Repository
from shiftdown.git import Identity
from shiftdown.git.names import check_branch
from shiftdown.model.base import Model, Moment

REFERENCE = "refs/shiftdown/change-requests"
"""The reference; `git log` of it is the history of all change requests."""

MAX_BODY = 1_000_000
"""The most bytes that the text of a change request may have in UTF-8."""

MAX_COMMENTS = 1_000_000
"""The most bytes that all comments of a change request may have in UTF-8."""

_MAX_RECORD = 8 * (MAX_BODY + MAX_COMMENTS)
"""The most bytes of a record: JSON writes a control character as six."""

_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
ObjectId = Annotated[str, StringConstraints(pattern=f"^(?:{_OBJECT_ID.pattern})$")]


class Comment(Model):
    """What somebody said on a change request."""

    by: str
    """Who, by name."""
    text: str
    """What, Markdown."""
    at: Moment
    """When."""


class Record(Model):
    """One change request as it is stored."""

    request: ForgeChangeRequest
    """What the forge shows; its `url` depends on where the repository is, and is not stored."""
    start: ObjectId
    """Where the change begins: merge base of head and base when that head was first seen."""
    comments: tuple[Comment, ...] = ()
    """What was said, oldest first."""

    @field_validator("request")
    @classmethod
    def _plain(cls, request: ForgeChangeRequest) -> ForgeChangeRequest:
        if not _OBJECT_ID.fullmatch(request.head):
            raise ValueError("head is not an object id")
        check_branch(request.branch)
        check_branch(request.base)
        return request

    def after(self, at: datetime, *, start: str | None = None, **changes: object) -> "Record":
        """The record with fields of its request changed at a moment."""
        request = ForgeChangeRequest.model_validate(self.request.model_dump() | changes | {"updated_at": at})
        return Record(request=request, start=start or self.start, comments=self.comments)


@dataclass(frozen=True, slots=True)
class Ledger:
    """All change requests, as one commit has them."""

    commit: str | None
    """The commit; `None` before the first change request."""
    files: Mapping[int, str]
    """The blob of each change request, by number."""
    records: Mapping[int, Record]
    """Their content."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be written, in one go."""

    message: str
    """What happened, one line."""
    records: Sequence[Record]
    """The records that it changes."""
    seen: Mapping[str, str | None]
    """References that must still be where they were seen; `None` for one that must not exist."""
    moves: Mapping[str, str | None]
    """References among `seen` that move, and where to; `None` removes one."""


def url_of(repository: Repository, number: int) -> str:
    """Where a person finds a change request."""
    return f"{repository.path.as_uri()}#change-request/{number}"


def read(repository: Repository) -> Ledger:
    """The change requests of a repository.

    Raises:
        RepositoryError: a record is damaged; it is named, and none is left out silently.
    """
    found = repository.word("for-each-ref", "--format=%(objectname)", REFERENCE)
    if not found:
        return Ledger(None, {}, {})
    outcome = repository.attempt("ls-tree", "-z", "--long", found)
    if outcome.status != 0:
        raise RepositoryError(str(repository.path), f"{REFERENCE} cannot be read: {outcome.error}")
    listing = outcome.out.decode(errors="replace")
    files: dict[int, str] = {}
    for line in filter(None, listing.split("\0")):
        facts, _, name = line.partition("\t")
        _, kind, blob, size = facts.split()
        stem = name.removesuffix(".json")
        if kind != "blob" or not (stem.isascii() and stem.isdigit()) or f"{int(stem)}.json" != name:
            raise _damaged(repository, name, "is not a record")
        if not size.isdigit():
            raise _damaged(repository, name, "is missing from the object store")
        if int(size) > _MAX_RECORD:
            raise _damaged(repository, name, f"has {size} bytes")
        files[int(stem)] = blob
    return Ledger(found, files, _contents(repository, files))


def write(repository: Repository, ledger: Ledger, entry: Entry, author: Identity, at: datetime) -> bool:
    """Add one commit to the ledger and move references, all or nothing.

    Returns:
        `False` when a reference is no longer where it was seen: read again.

    Raises:
        RepositoryError: it cannot be written.
    """
    commit = _commit(repository, ledger, entry, author, at)
    wanted = dict(entry.seen) | {REFERENCE: ledger.commit}
    moves = dict(entry.moves) | {REFERENCE: commit}
    # git locks one reference after the other as it is told: in one order for all, or two writers wait for each other.
    lines = [
        _step(name, wanted[name], moves[name]) if name in moves else f"verify {name} {wanted[name] or ''}".rstrip()
        for name in sorted(wanted)
    ]
    script = "\n".join(["start", *lines, "prepare", "commit", ""]).encode()
    outcome = repository.attempt("update-ref", "--stdin", stdin=script)
    if outcome.status == 0:
        return True
    if positions(repository, wanted) == wanted:
        raise repository.failed("update-ref", outcome)
    return False


def _step(name: str, old: str | None, new: str | None) -> str:
    """What `git update-ref --stdin` is told to do with a reference that is at `old`."""
    if new is None:
        return f"delete {name} {old}"
    return f"update {name} {new} {old}" if old else f"create {name} {new}"


def positions(repository: Repository, names: Mapping[str, object]) -> dict[str, str | None]:
    """Where references are now; `None` for one that does not exist."""
    shown = repository.run("for-each-ref", "--format=%(objectname) %(refname)", *names).decode().splitlines()
    there = {name: oid for oid, _, name in (line.partition(" ") for line in shown)}
    return {name: there.get(name) for name in names}


def signature(author: Identity, at: datetime) -> dict[str, str]:
    """The environment with which git commits in the author's name."""
    when = f"{int(at.timestamp())} +0000"
    return {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", author.name), ("EMAIL", author.email), ("DATE", when))
    }


def _commit(repository: Repository, ledger: Ledger, entry: Entry, author: Identity, at: datetime) -> str:
    files = dict(ledger.files)
    parents = [ledger.commit or _root(repository, author, at)]
    for record in entry.records:
        number = record.request.number
        text = record.model_dump_json(indent=1, exclude={"request": {"url"}})
        files[number] = repository.word("hash-object", "-w", "--stdin", stdin=text.encode())
        before = ledger.records.get(number)
        if before is None or before.request.head != record.request.head:
            parents.append(record.request.head)
    listing = "".join(f"100644 blob {blob}\t{number}.json\n" for number, blob in files.items())
    tree = repository.word("mktree", stdin=listing.encode())
    return repository.word(
        "commit-tree",
        tree,
        *(part for parent in dict.fromkeys(parents) for part in ("-p", parent)),
        stdin=entry.message.encode(),
        env=signature(author, at),
    )


def _root(repository: Repository, author: Identity, at: datetime) -> str:
    """A commit without files, so that the first parents of all others lead to records only."""
    tree = repository.word("mktree")
    return repository.word("commit-tree", tree, stdin=b"No change requests yet\n", env=signature(author, at))


def _contents(repository: Repository, files: Mapping[int, str]) -> dict[int, Record]:
    """Read all records with one process."""
    answer = repository.run("cat-file", "--batch", stdin="".join(f"{b}\n" for b in files.values()).encode())
    records: dict[int, Record] = {}
    place = 0
    for number in files:
        end = answer.index(b"\n", place)
        _, _, size = answer[place:end].split()
        place = end + 1 + int(size) + 1
        records[number] = _parse(repository, number, answer[end + 1 : place - 1])
    return dict(sorted(records.items()))


def _parse(repository: Repository, number: int, text: bytes) -> Record:
    try:
        stored = json.loads(text)
        stored["request"]["url"] = url_of(repository, number)
        record = Record.model_validate(stored)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise _damaged(repository, f"{number}.json", f"{where}: {first['msg']}") from error
    except (ValueError, TypeError, KeyError, InvalidInputError) as error:
        raise _damaged(repository, f"{number}.json", f"cannot be read: {error}") from error
    if record.request.number != number:
        raise _damaged(repository, f"{number}.json", f"says it is number {record.request.number}")
    return record


def _damaged(repository: Repository, name: str, problem: str) -> RepositoryError:
    return RepositoryError(
        str(repository.path),
        f"the record {REFERENCE}:{name} {problem}; find a good one with `git log --first-parent {REFERENCE}` "
        f"and put it back with `git update-ref {REFERENCE} <commit>`",
    )
