"""Packs in memory: what travels between repositories."""

import io
import zlib
from collections.abc import Iterable

from dulwich.errors import ApplyDeltaError, ChecksumMismatch
from dulwich.object_format import SHA1
from dulwich.objects import ShaFile
from dulwich.pack import PackData, UnpackedObjectIterator, write_pack_objects

from shiftdown.git.objects import GitObject


class BrokenPackError(ValueError):
    """A pack that cannot be read."""


def read_pack(data: bytes) -> list[GitObject]:
    """The objects of a pack that is complete in itself.

    Raises:
        BrokenPackError: it is not one.
    """
    try:
        with PackData.from_file(io.BytesIO(data), object_format=SHA1, size=len(data)) as pack:
            pack.check()
            return [
                GitObject(item.obj_type_num, b"".join(item.obj_chunks or ()))
                for item in UnpackedObjectIterator.for_pack_data(pack)
                if item.obj_type_num is not None
            ]
    except (AssertionError, ValueError, KeyError, zlib.error, ApplyDeltaError, ChecksumMismatch) as error:
        raise BrokenPackError(str(error)) from error


def write_pack(objects: Iterable[GitObject]) -> bytes:
    """A pack that holds `objects`, without deltas."""
    parts: list[bytes] = []
    items = [(ShaFile.from_raw_string(item.type, item.data), None) for item in objects]
    write_pack_objects(parts.append, items, object_format=SHA1, deltify=False, compression_level=1)
    return b"".join(parts)
