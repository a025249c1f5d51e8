"""Git's packet lines (gitprotocol-common): requests and answers of the smart protocol, as bytes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from dulwich.protocol import pkt_line

from shiftdown.git.location import redact
from shiftdown.git.packs import BrokenPackError

_LENGTH: Final = re.compile(rb"[0-9a-fA-F]{4}")
_REFERENCE: Final = re.compile(
    r"(?P<oid>[0-9a-f]{40}) (?P<name>[^ \n]+)(?: symref-target:(?P<target>[^ \n]+))?"
    r"(?: peeled:(?P<peeled>[0-9a-f]{40}))?(?: [^ \n]+)*\n?\Z"
)
PEELED: Final = "^{}"
"""What git puts after the name of a tag for the commit that it stands for."""
FLUSH: Final = b"0000"
DELIMITER: Final = b"0001"
AGENT: Final = b"agent=shiftdown"
_OBJECT_FORMAT: Final = b"object-format=sha1"


class Special(Enum):
    """Packets without content."""

    FLUSH = 0
    DELIMITER = 1
    END = 2


class ServerSaysError(Exception):
    """The server answered with an error, or with what is not an answer."""


@dataclass(frozen=True, slots=True)
class References:
    """What a server says about its references."""

    tips: dict[str, str]
    """Object id by full name, `HEAD` among them if it points to a commit; what a tag object stands for by `name^{}`."""
    default: str | None
    """The full name that `HEAD` stands for; `None` when detached or unknown."""


def packets(data: bytes) -> Iterator[bytes | Special]:
    """Split an answer into packets.

    Raises:
        ServerSaysError: it is damaged, or carries an error.
    """
    at = 0
    while at < len(data):
        if not _LENGTH.match(data, at):
            raise ServerSaysError(f"an answer that is not git's: {printable(data[at : at + 60])}")
        size = int(data[at : at + 4], 16)
        if size < 4:
            yield Special(min(size, 2))
            at += 4
            continue
        packet = data[at + 4 : at + size]
        if len(packet) != size - 4:
            raise ServerSaysError("an answer that is cut off")
        if packet.startswith(b"ERR "):
            raise ServerSaysError(printable(packet[4:]))
        yield packet
        at += size


def printable(data: bytes) -> str:
    """Text of a server for people: no control characters, no credentials."""
    text = data.decode(errors="replace")
    return redact("".join(c if c.isprintable() or c == "\n" else " " for c in text)).strip()


def capabilities_v2(data: bytes) -> frozenset[str] | None:
    """What a server of protocol 2 advertises; `None` if it speaks an older one."""
    lines = [p.rstrip(b"\n") for p in packets(data) if isinstance(p, bytes)]
    if lines and lines[0].startswith(b"# service="):
        lines = lines[1:]
    if not lines or lines[0] != b"version 2":
        return None
    return frozenset(line.decode(errors="replace") for line in lines[1:])


def ls_refs_request(prefixes: Iterable[str]) -> bytes:
    """Ask for the references that start with any of `prefixes`."""
    asked = [b"ref-prefix " + prefix.encode() for prefix in prefixes]
    return _command(b"ls-refs", [b"symrefs", b"peel", *asked])


def read_ls_refs(data: bytes) -> References:
    """The answer to `ls_refs_request`."""
    tips: dict[str, str] = {}
    default = None
    for packet in packets(data):
        if isinstance(packet, bytes):
            match = _REFERENCE.match(packet.decode(errors="surrogateescape"))
            if match is None:
                raise ServerSaysError(f"a reference that is not one: {printable(packet[:200])}")
            tips[match["name"]] = match["oid"]
            if match["peeled"]:
                tips[match["name"] + PEELED] = match["peeled"]
            if match["name"] == "HEAD" and match["target"]:
                default = match["target"]
    return References(tips, default)


def fetch_request(wants: Iterable[str], *, object_filter: str = "", depth: int = 0) -> bytes:
    """Ask for objects; with `depth`, for that many commits of history."""
    lines = [b"no-progress", b"ofs-delta"]
    if object_filter:
        lines.append(b"filter " + object_filter.encode())
    if depth:
        lines.append(b"deepen %d" % depth)
    return _command(b"fetch", [*lines, *(b"want " + w.encode() for w in wants), b"done"])


def read_fetch(data: bytes) -> bytes:
    """The pack in the answer to `fetch_request`."""
    pack: list[bytes] = []
    inside = False
    for packet in packets(data):
        if not isinstance(packet, bytes):
            continue
        if inside:
            pack.append(_channel(packet) or b"")
        elif packet.rstrip(b"\n") == b"packfile":
            inside = True
    if not pack:
        raise BrokenPackError("the answer holds no pack")
    return b"".join(pack)


def push_request(reference: str, old: str, new: str, pack: bytes) -> bytes:
    """Ask to move one reference from `old` to `new`."""
    command = b"%s %s %s" % (old.encode(), new.encode(), reference.encode())
    wishes = b" ".join([b"report-status", b"side-band-64k", _OBJECT_FORMAT, AGENT])
    return pkt_line(command + b"\x00 " + wishes) + FLUSH + pack


@dataclass(frozen=True, slots=True)
class PushReport:
    """How a push ended."""

    refused: str | None
    """Why the reference was not moved; `None` when it was."""
    messages: str
    """What the server's hooks printed."""


def read_push(data: bytes) -> PushReport:
    """The answer to `push_request`."""
    report, messages = b"", b""
    for packet in packets(data):
        if isinstance(packet, bytes) and packet[:1] == b"\x02":
            messages += packet[1:]
        elif isinstance(packet, bytes):
            report += _channel(packet) or b""
    refused: str | None = "the server sent no report"
    for packet in packets(report):
        line = packet.rstrip(b"\n") if isinstance(packet, bytes) else b""
        if line.startswith(b"ok "):
            refused = None
        elif line.startswith(b"ng "):
            refused = printable(line.split(b" ", 2)[-1])
        elif line.startswith(b"unpack ") and line != b"unpack ok":
            refused = printable(line)
            break
    return PushReport(refused, printable(messages))


def _channel(packet: bytes) -> bytes | None:
    """Content of channel 1; nothing of channel 2, which is progress."""
    if packet[:1] == b"\x03":
        raise ServerSaysError(printable(packet[1:]))
    return packet[1:] if packet[:1] == b"\x01" else None


def _command(name: bytes, arguments: Iterable[bytes]) -> bytes:
    head = [pkt_line(line + b"\n") for line in (b"command=" + name, AGENT, _OBJECT_FORMAT)]
    return b"".join([*head, DELIMITER, *(pkt_line(line + b"\n") for line in arguments), FLUSH])
