"""Writing changes into a directory: all of them, or none."""

import os
import shutil
import stat
import uuid
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from shiftdown.errors import RepositoryError, UnsafePathError
from shiftdown.repository import Action, Kind, ResolvedChange
from shiftdown.repository.paths import ancestors


def apply_resolved(root: Path, changes: Sequence[ResolvedChange]) -> None:
    """Write changes that were resolved against the directory `root`.

    Raises:
        UnsafePathError: on disk, something is in the way; nothing was written.
        RepositoryError: writing failed; what was written has been put back.
    """
    for change in changes:
        for path in filter(None, (change.path, change.source)):
            _check(root, path, new=path == change.path and change.action in (Action.CREATE, Action.RENAME))
    finish = ExitStack()
    try:
        with ExitStack() as undo:
            for change in changes:
                _write(root, change, undo, finish)
            undo.pop_all()
    except OSError as error:
        place = error.filename2 or error.filename or ""
        raise RepositoryError(
            str(root), f"{os.fsdecode(place)}: {error.strerror or error}; nothing was changed"
        ) from error
    finish.close()


def _check(root: Path, path: str, *, new: bool) -> None:
    folder = root
    for above in ancestors(path):
        place = root / above
        if place.is_symlink():
            raise UnsafePathError(path, f"lies under {above}, which is a symlink")
        if place.exists() and not place.is_dir():
            raise UnsafePathError(path, f"lies under {above}, which is a file")
        folder = place if place.exists() else folder
    if not os.access(folder, os.W_OK | os.X_OK):
        raise RepositoryError(str(root), f"{path}: {folder} is read-only; nothing was changed")
    if new and os.path.lexists(root / path):
        raise UnsafePathError(path, "is on disk, but ignored by git; move it away or stop ignoring it")


def _write(root: Path, change: ResolvedChange, undo: ExitStack, finish: ExitStack) -> None:
    target = root / change.path
    if change.after is None or change.kind is None:
        _set_aside(root, target, undo, finish)
        return
    _make_folders(root, change.path, undo)
    origin = root / (change.source or change.path)
    old = None if change.action is Action.CREATE else origin.lstat()
    fresh = _temporary(target)
    descriptor = os.open(
        fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o777 if change.kind is Kind.EXECUTABLE else 0o666
    )
    undo.callback(_remove, fresh)
    with os.fdopen(descriptor, "wb") as file:
        file.write(change.after)
        if old is not None:
            _like(file.fileno(), old, change)
    if change.action is Action.MODIFY:
        backup = _temporary(target)
        _copy(target, backup)
        undo.callback(backup.replace, target)
        finish.callback(_remove, backup)
    else:
        undo.callback(_remove, target)
    fresh.replace(target)
    if change.source:
        _set_aside(root, origin, undo, finish)


def _copy(target: Path, backup: Path) -> None:
    """A second name for a file; a copy where the file system has no second names."""
    try:
        os.link(target, backup, follow_symlinks=False)
    except OSError:
        shutil.copy2(target, backup)


def _like(descriptor: int, old: os.stat_result, change: ResolvedChange) -> None:
    """Give a new file the mode and owner of the old one, executable or not as intended."""
    mode = stat.S_IMODE(old.st_mode)
    if change.kind is not change.old_kind:
        readable = (mode & 0o444) >> 2
        mode = mode | readable if change.kind is Kind.EXECUTABLE else mode & ~0o111
    with suppress(PermissionError):
        os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, mode)


def _set_aside(root: Path, target: Path, undo: ExitStack, finish: ExitStack) -> None:
    """Move a file out of sight, to be removed in the end, with the folders that become empty."""
    backup = _temporary(target)
    target.rename(backup)
    undo.callback(backup.rename, target)
    finish.callback(_prune, root, backup)


def _make_folders(root: Path, path: str, undo: ExitStack) -> None:
    for above in ancestors(path):
        folder = root / above
        if not folder.is_dir():
            folder.mkdir()
            undo.callback(folder.rmdir)


def _prune(root: Path, backup: Path) -> None:
    _remove(backup)
    folder = backup.parent
    with suppress(OSError):
        while folder != root:
            folder.rmdir()
            folder = folder.parent


def _temporary(target: Path) -> Path:
    return target.with_name(f".shiftdown-{uuid.uuid4().hex}")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
