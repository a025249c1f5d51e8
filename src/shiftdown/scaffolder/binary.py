"""Whether content is text: what is binary is copied, never rendered."""

_PROBE = 512
"""How many bytes are looked at, as the npm package isbinaryfile does, which Backstage uses."""
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\x00\x00\xfe\xff", b"\xff\xfe", b"\xfe\xff", b"\x84\x31\x95\x33")


def is_binary(content: bytes) -> bool:
    """Whether content is binary: it has a null byte, or more than a tenth of its start is neither ASCII nor UTF-8.

    The rules are those of isbinaryfile 5, so that the same files are rendered as by Backstage.
    """
    probe = content[:_PROBE]
    if probe.startswith(_TEXT_MARKS):
        return False
    if probe.startswith(b"%PDF-") or b"\x00" in probe:
        return True
    if probe.isascii() and not probe.translate(None, bytes([*range(7, 15), *range(32, 128)])):
        return False
    suspicious, index = 0, 0
    while index < len(probe):
        byte = probe[index]
        if (byte < 7 or byte > 14) and (byte < 32 or byte > 127):
            length = _sequence(probe, index)
            if length:
                index += length
                continue
            suspicious += 1
            if index >= 32 and suspicious * 100 / len(probe) > 10:
                return True
        index += 1
    return suspicious * 100 > 10 * len(probe)


def _sequence(probe: bytes, index: int) -> int:
    """Length of the UTF-8 sequence that begins at `index`; 0 if none does."""
    first = probe[index]
    length = 2 if 0xC0 <= first < 0xE0 else 3 if 0xE0 <= first < 0xF0 else 4 if 0xF0 <= first < 0xF8 else 0
    rest = probe[index + 1 : index + length]
    return length if length and len(rest) == length - 1 and all(0x80 <= b < 0xC0 for b in rest) else 0
