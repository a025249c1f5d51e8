"""Objects on disk: reading them with dulwich, writing them so that a crash leaves nothing broken."""

import contextlib
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from shiftdown.errors import RepositoryError
from shiftdown.git.objects import BLOB, COMMIT, TREE, GitObject
from shiftdown.retrying import again

if TYPE_CHECKING:
    from dulwich.object_store import DiskObjectStore

LOCK_PATIENCE = 2.0
"""Seconds to wait for another process that holds the lock of a reference."""
_PAUSE = 0.01


class DiskObjects:
    """An `ObjectReader` over an object folder, with its packs and alternates."""

    def __init__(self, store: "DiskObjectStore", repository: str) -> None:
        self._store = store
        self._repository = repository

    def commit(self, oid: str) -> bytes:
        """See `ObjectReader`."""
        return self._get(oid, COMMIT)

    def tree(self, oid: str) -> bytes:
        """See `ObjectReader`."""
        return self._get(oid, TREE)

    def whole_tree(self, oid: str) -> None:
        """See `ObjectReader`: nothing to prepare."""

    def blobs(self, oids: Sequence[str]) -> Mapping[str, bytes]:
        """See `ObjectReader`."""
        return {oid: self._get(oid, BLOB) for oid in oids}

    def _get(self, oid: str, kind: int) -> bytes:
        with repository_errors(self._repository):
            try:
                found, data = self._store.get_raw(oid.encode())  # type: ignore[arg-type]
            except KeyError:
                raise RepositoryError(
                    self._repository,
                    f"object {oid} is not there; a partial clone may lack it: give the URL it was cloned from",
                ) from None
        if found != kind:
            raise RepositoryError(self._repository, f"object {oid} is not of the expected type")
        return data


def write_loose(store: "DiskObjectStore", objects: Iterable[GitObject]) -> None:
    """Write objects that are not there yet; each appears whole or not at all.

    Raises:
        OSError: the folder cannot be written to.
    """
    from dulwich.file import adjust_shared_perm

    for item in objects:
        oid = item.id
        path = Path(store.path) / oid[:2] / oid[2:]
        if _fresh(path):
            continue
        path.parent.mkdir(exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix="tmp_obj_", delete=False) as file:
            try:
                file.write(zlib.compress(item.header + item.data, 1))
                os.fchmod(file.fileno(), 0o444)
            except BaseException:
                Path(file.name).unlink()
                raise
        adjust_shared_perm(file.name, store.shared_perm)
        Path(file.name).replace(path)


def _fresh(path: Path) -> bool:
    """Whether the object is there; renews its time, so that a clean-up running now keeps it."""
    try:
        os.utime(path)
    except OSError:
        return False
    return True


def locked_retry(swap: Callable[[], bool]) -> bool:
    """Run `swap` again while another process holds the reference's lock, for `LOCK_PATIENCE` seconds."""
    from dulwich.file import FileLocked

    pauses = repeat(_PAUSE, round(LOCK_PATIENCE / _PAUSE))
    return again(swap, lambda error: isinstance(error, FileLocked), pauses)


@contextlib.contextmanager
def repository_errors(repository: str) -> Iterator[None]:
    """Turn what dulwich and the operating system raise into `RepositoryError`."""
    from dulwich.errors import ChecksumMismatch, FileFormatException, PackedRefsException, RefFormatError
    from dulwich.file import FileLocked
    from dulwich.refs import SymrefLoop

    try:
        yield
    except FileLocked as error:
        lock = os.fsdecode(error.lockfilename)
        raise RepositoryError(
            repository, f"{lock} exists: another git process is at work; if none is, delete that file"
        ) from error
    except PermissionError as error:
        raise RepositoryError(repository, f"permission denied: {error.filename or error}") from error
    except OSError as error:
        raise RepositoryError(repository, f"{error.strerror or error}: {error.filename or ''}") from error
    except (
        ChecksumMismatch, FileFormatException, PackedRefsException, RefFormatError, SymrefLoop, zlib.error, ValueError,
    ) as error:  # fmt: skip
        raise RepositoryError(repository, f"is damaged: {error}; run `git fsck` on it") from error
