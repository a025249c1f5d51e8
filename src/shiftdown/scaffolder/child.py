"""Template libraries of others run in a process of their own, in a private temporary folder, with limits."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from shiftdown.errors import InvalidInputError, UnsafePathError
from shiftdown.repository import Entry, Kind, Snapshot

_TIMEOUT = 300
"""Seconds that a template may take, its hooks included."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """A temporary folder that nobody else can look into."""
    with TemporaryDirectory(prefix="shiftdown-") as folder:
        yield Path(folder).resolve()


def write_tree(tree: Snapshot, root: Path, go_on: Callable[[], None]) -> None:
    """Put a tree on disk; symbolic links last, and only those that stay inside."""
    root.mkdir(parents=True)
    links: list[Entry] = []
    for path, entry in tree.entries().items():
        go_on()
        place = root / path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if entry.kind is Kind.SYMLINK:
                links.append(entry)
            elif entry.kind.is_file:
                place.write_bytes(tree.read(path))
                place.chmod(0o755 if entry.kind is Kind.EXECUTABLE else 0o644)
        except OSError as error:
            raise InvalidInputError(f"{path}: cannot be put on disk: {error.strerror}") from error
    for entry in links:
        (root / entry.path).symlink_to(os.fsdecode(tree.read(entry.path)))
    for entry in links:
        if not Path(os.path.realpath(root / entry.path)).is_relative_to(root):
            raise UnsafePathError(entry.path, "is a symbolic link that leads out of the template")


def run_child(library: str, folder: Path, go_on: Callable[[], None]) -> None:
    """Run the module of a library on a folder, and stop it with all that it started when it takes too long.

    Raises:
        InvalidInputError: it took too long.
        CancelledError: `go_on` raised it.
    """
    home = folder / "home"
    home.mkdir()
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC"}
    command = [sys.executable, "-I", "-m", f"{__package__}.{library}_child", str(folder)]
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(  # noqa: S603 - our own module, in the interpreter that runs us
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait(child, library, go_on)
        finally:
            _end(child)


def _wait(child: "subprocess.Popen[bytes]", library: str, go_on: Callable[[], None]) -> None:
    end = time.monotonic() + _TIMEOUT
    while True:
        try:
            child.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            go_on()
            if time.monotonic() > end:
                raise InvalidInputError(f"{library} took longer than {_TIMEOUT} seconds; it was stopped") from None
        else:
            return


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Stop the process and those that its hooks started."""
    try:
        os.killpg(child.pid, 9)
    except ProcessLookupError:
        return
    finally:
        child.wait()


def read_tree(root: Path, go_on: Callable[[], None]) -> Iterator[tuple[str, bytes, Kind]]:
    """The files of a folder, in order: path, content and kind; symbolic links and `.git` are left out."""
    for place, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f != ".git" and not Path(place, f).is_symlink())
        for name in sorted(names):
            go_on()
            path = Path(place, name)
            if path.is_symlink() or not path.is_file():
                continue
            kind = Kind.EXECUTABLE if path.stat().st_mode & 0o100 else Kind.FILE
            yield path.relative_to(root).as_posix(), path.read_bytes(), kind
