from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftdown.git.packets import (
    ServerSaysError,
    Special,
    capabilities_v2,
    packets,
    read_fetch,
    read_ls_refs,
    read_push,
)
from shiftdown.git.packs import BrokenPackError

OID = "1" * 40


def line(content: bytes) -> bytes:
    return b"%04x%s" % (len(content) + 4, content)


def test_packets_are_told_apart() -> None:
    data = line(b"a\n") + b"0001" + line(b"") + b"0002" + b"0000"
    assert list(packets(data)) == [b"a\n", Special.DELIMITER, b"", Special.END, Special.FLUSH]


@pytest.mark.parametrize("data", [b"00", b"-001", b"+00a", b" 00a", b"0x10", b"0009abc", b"zzzz", b"<html>"])
def test_what_is_not_packets(data: bytes) -> None:
    with pytest.raises(ServerSaysError):
        list(packets(data))


def test_errors_of_a_server_are_readable() -> None:
    with pytest.raises(ServerSaysError, match=r"^no such https://host/x$"):
        list(packets(line(b"ERR no such https://ada:s3cret@host/x\x1b\n")))


def test_references() -> None:
    data = line(f"{OID} HEAD symref-target:refs/heads/main\n".encode()) + line(
        f"{OID} refs/heads/\xe9\n".encode("latin1")
    )
    found = read_ls_refs(data + b"0000")
    assert found.default == "refs/heads/main"
    assert found.tips == {"HEAD": OID, "refs/heads/\udce9": OID}


@pytest.mark.parametrize("content", [b"", b"x", b"1234 refs/heads/x", b"unborn HEAD", OID.encode()])
def test_references_that_are_none(content: bytes) -> None:
    with pytest.raises(ServerSaysError):
        read_ls_refs(line(content))


def test_how_a_push_ended() -> None:
    report = line(b"unpack ok\n") + line(b"ng refs/heads/x not today\n") + b"0000"
    data = line(b"\x02hook says no\n") + line(b"\x01" + report) + b"0000"
    assert read_push(data).refused == "not today"
    assert read_push(data).messages == "hook says no"
    assert read_push(line(b"\x01" + line(b"unpack disk full\n"))).refused == "unpack disk full"
    assert read_push(line(b"\x01" + line(b"unpack ok\n") + line(b"ok refs/heads/x\n"))).refused is None
    assert read_push(b"").refused == "the server sent no report"
    with pytest.raises(ServerSaysError, match="out of memory"):
        read_push(line(b"\x03out of memory"))


READERS: list[Callable[[bytes], object]] = [capabilities_v2, read_fetch, read_ls_refs, read_push]
PIECES = st.one_of(
    st.binary(max_size=8),
    st.binary(max_size=30).map(line),
    st.sampled_from([b"0000", b"0001", b"0002", line(b"packfile\n"), line(b"\x01PACK"), line(b"version 2\n")]),
)


@given(st.sampled_from(READERS), st.lists(PIECES, max_size=6).map(b"".join))
def test_no_answer_of_a_server_raises_anything_else(read: Callable[[bytes], object], data: bytes) -> None:
    try:
        read(data)
    except (ServerSaysError, BrokenPackError):
        return
