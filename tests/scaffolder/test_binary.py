"""What is text, byte by byte as isbinaryfile 5 sees it."""

import pytest

from shiftdown.scaffolder.binary import is_binary


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"plain text\r\n\ttab\x0b\x0c",
        "grün 漢字 😀".encode(),
        b"\xef\xbb\xbfbyte order mark \x00",
        b"\xff\xfea\x00b\x00",
        "ä" * 100 + "x",
        b"{" * 100 + b"\xe9\x01" * 4,
        b"x" * 511 + "漢".encode(),
        b"x" * 600 + b"\x00",
        b"one of many \x01",
    ],
)
def test_text(content: bytes | str) -> None:
    assert not is_binary(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize(
    "content",
    [
        b"\x00",
        b"text and \x00",
        b"%PDF-1.7 text",
        b"\x89PNG\r\n\x1a\n",
        b"\x01\x02\x03",
        b"x" * 60 + b"\xff" * 8 + b"x" * 10,
        "grün".encode("latin-1"),
    ],
)
def test_binary(content: bytes) -> None:
    assert is_binary(content)


def test_a_few_odd_bytes_are_binary_only_where_they_read_as_a_protocol_buffer() -> None:
    field = b"\x0a\x08letters."
    odd = b"\x01" * 2
    assert is_binary(field * 20 + odd)
    assert not is_binary(b"{" + field * 20 + odd)
    assert not is_binary(b"{" * 60 + odd)
