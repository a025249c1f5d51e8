"""Git objects as bytes: ids, trees and commits, changed without touching what is not meant."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from shiftdown.git.options import Identity
from shiftdown.repository import Kind

COMMIT, TREE, BLOB, TAG = 1, 2, 3, 4
"""Object types, as packs number them."""

_NAMES = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob", TAG: b"tag"}
_PERSON = re.compile(rb"^(?P<name>.*?) ?<(?P<email>[^<>]*)> (?P<time>-?\d+) (?P<zone>[+-]\d{4})$")


@dataclass(frozen=True, slots=True)
class GitObject:
    """One object: its type and content."""

    type: int
    """`COMMIT`, `TREE`, `BLOB` or `TAG`."""
    data: bytes
    """Content without git's header."""

    @property
    def header(self) -> bytes:
        """What git puts before the content."""
        return b"%s %d\x00" % (_NAMES[self.type], len(self.data))

    @property
    def id(self) -> str:
        """The object id, 40 hexadecimal digits."""
        return hashlib.sha1(self.header + self.data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class ReportedObject(GitObject):
    """An object of which the content is known in parts only, as a forge's API tells it, so that its id is told too."""

    name: str
    """The object id."""

    @property
    def id(self) -> str:
        """The object id, as it was told."""
        return self.name


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a tree, with the mode as it is written there."""

    mode: bytes
    """Octal digits, odd ones kept."""
    name: bytes
    """Name, any bytes but NUL and `/`."""
    oid: str
    """Object id."""

    @property
    def kind(self) -> Kind:
        """What it is."""
        return Kind.of_mode(int(self.mode, 8))

    @property
    def sort_key(self) -> bytes:
        """Git sorts a directory as if its name ended with `/`."""
        return self.name + b"/" if self.kind is Kind.DIRECTORY else self.name


def parse_tree(data: bytes) -> Iterator[TreeEntry]:
    """The entries of a tree object.

    Raises:
        ValueError: the object is damaged.
    """
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        end = data.index(b"\x00", space)
        oid = data[end + 1 : end + 21]
        if len(oid) != 20:
            raise ValueError("tree object is cut off")
        yield TreeEntry(data[at:space], data[space + 1 : end], oid.hex())
        at = end + 21


def edit_tree(data: bytes, changes: Mapping[bytes, TreeEntry | None]) -> bytes:
    """A tree with some names replaced, added, or (`None`) removed; other entries stay byte for byte."""
    entries = [e for e in parse_tree(data) if e.name not in changes]
    added = [e for e in changes.values() if e is not None]
    merged = sorted([*entries, *added], key=lambda e: e.sort_key) if added else entries
    return b"".join(b"%s %s\x00%s" % (e.mode, e.name, bytes.fromhex(e.oid)) for e in merged)


@dataclass(frozen=True, slots=True)
class CommitData:
    """What a commit object says."""

    tree: str
    """Id of the root tree."""
    parents: tuple[str, ...]
    """Ids of the parents."""
    author: Identity | None
    """The author; `None` when it is not a usable name and address."""
    at: datetime
    """When it was authored, in the author's zone."""
    message: str
    """The message; what is not UTF-8 is replaced."""


def parse_commit(data: bytes) -> CommitData:
    """Read a commit object.

    Raises:
        ValueError: the object is damaged.
    """
    head, _, message = data.partition(b"\n\n")
    lines = head.split(b"\n")
    fields = [[*line.split(b" ", 1), b""][:2] for line in lines if not line.startswith(b" ")]
    found = dict(reversed(fields))
    if b"tree" not in found:
        raise ValueError("commit object names no tree")
    author, at = _person(found.get(b"author", b""))
    return CommitData(
        tree=found[b"tree"].decode(),
        parents=tuple(value.decode() for key, value in fields if key == b"parent"),
        author=author,
        at=at,
        message=message.decode(errors="replace"),
    )


def _person(line: bytes) -> tuple[Identity | None, datetime]:
    match = _PERSON.match(line)
    if not match:
        return None, datetime.fromtimestamp(0, tz=UTC)
    hours, minutes = int(match["zone"][1:3]), int(match["zone"][3:])
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if match["zone"].startswith(b"-") else 1)
    zone = timezone(offset) if abs(offset) < timedelta(hours=24) else UTC
    at = datetime.fromtimestamp(int(match["time"]), tz=zone)
    name, email = (match[group].decode(errors="replace").strip() for group in ("name", "email"))
    return (Identity(name=name, email=email) if name and email else None), at


def make_commit(tree: str, parents: Iterable[str], message: str, author: Identity, at: datetime) -> GitObject:
    """A commit object; author and committer are the same, so that equal input makes an equal id.

    Raises:
        ValueError: `at` has no time zone.
    """
    offset = at.utcoffset()
    if offset is None:
        raise ValueError("the time of a commit needs a time zone")
    minutes = int(offset.total_seconds()) // 60
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    person = f"{author} {int(at.timestamp())} {zone}"
    head = [f"tree {tree}", *(f"parent {p}" for p in parents), f"author {person}", f"committer {person}"]
    text = "\n".join(head) + "\n\n" + message.strip("\n") + "\n"
    return GitObject(COMMIT, text.encode())
