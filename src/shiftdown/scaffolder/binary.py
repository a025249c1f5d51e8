"""Whether content is text: what is binary is copied, never rendered."""

_PROBE = 512
"""How many bytes are looked at, as the npm package isbinaryfile does, which Backstage uses."""
_AHEAD = 3
"""How many more are looked at for the end of a character."""
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\x00\x00\xfe\xff", b"\xff\xfe", b"\xfe\xff", b"\x84\x31\x95\x33")
_MAX_VARINT = 10
_PLAIN = bytes([*range(7, 15), *range(32, 128)])


def is_binary(content: bytes) -> bool:
    """Whether content is binary: it has a null byte, or more than a tenth of its start is neither ASCII nor UTF-8.

    The rules are those of isbinaryfile 5, so that the same files are rendered as by Backstage; with two or more bytes
    that are neither, what reads as a protocol buffer is binary, too.
    """
    probe = content[: _PROBE + _AHEAD]
    if probe.startswith(_TEXT_MARKS):
        return False
    size = min(len(probe), _PROBE)
    if probe.startswith(b"%PDF-"):
        return True
    if not probe[:size].translate(None, _PLAIN):
        return False
    suspicious, index = 0, 0
    while index < size:
        byte = probe[index]
        if byte == 0:
            return True
        if byte not in _PLAIN:
            length = _length(byte) if index + _length(byte) <= len(probe) else 1
            if length > 1 and all(0x80 <= b < 0xC0 for b in probe[index + 1 : index + length]):
                index += length
                continue
            index += length > 1
            suspicious += 1
            if index >= 32 and suspicious * 10 > size:
                return True
        index += 1
    return suspicious * 10 > size or (suspicious > 1 and _reads_as_messages(probe[:size]))


def _length(first: int) -> int:
    """How many bytes a UTF-8 character has that begins with `first`."""
    return 2 if 0xC0 <= first < 0xE0 else 3 if 0xE0 <= first < 0xF0 else 4 if 0xF0 <= first < 0xF8 else 1


def _reads_as_messages(probe: bytes) -> bool:
    """Whether fields of a protocol buffer can be read up to the end, at least one of them whole."""
    offset, count = 0, 0
    while True:
        key, offset = _varint(probe, offset)
        kind = key & 7
        if kind == 0 and offset <= len(probe):
            _, offset = _varint(probe, offset)
        elif kind == 2 and offset <= len(probe):
            length, offset = _varint(probe, offset)
            offset += max(length if length < 2**31 else 0, 0)
        elif kind in (1, 5):
            offset += 8 if kind == 1 else 4
        elif offset <= len(probe):
            return False
        if offset > len(probe):
            return count > 0
        count += 1


def _varint(probe: bytes, offset: int) -> tuple[int, int]:
    """A number of variable length, in 32 bits, and where it ends: after the end of `probe` when it is not whole."""
    value = 0
    for index in range(_MAX_VARINT + 1):
        if offset >= len(probe):
            break
        byte = probe[offset]
        offset += 1
        value |= ((byte & 0x7F) << (7 * index % 32)) & 0xFFFFFFFF
        if byte < 0x80:
            return value, offset
    return 7, len(probe) + 1
