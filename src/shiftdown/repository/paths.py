"""Path safety: what may name a file in a repository."""

import posixpath
import re

from shiftdown.errors import UnsafePathError

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_GIT_NAMES = re.compile(r"(?i)^(\.git|git~[0-9]+)[ .]*$")
_HFS_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
MAX_PATH = 4096
"""The longest path, in characters, that is accepted."""


def safe_path(path: str) -> str:
    """Return `path` if it is a POSIX path, relative, normal, and outside `.git` under every disguise.

    The disguises are those that git itself refuses (`core.protectNTFS`, `core.protectHFS`): other case,
    trailing dots and spaces, the short name `git~1`, ignorable code points, alternate data streams.

    Raises:
        UnsafePathError: it is not.
    """
    problem = _problem(path)
    if problem:
        raise UnsafePathError(path[:200], problem)
    return path


def _problem(path: str) -> str | None:
    if not path or len(path) > MAX_PATH:
        return "is empty" if not path else f"is longer than {MAX_PATH} characters"
    if _CONTROL.search(path):
        return "contains a control character"
    if path.startswith("/") or re.match(r"^[A-Za-z]:", path):
        return "is absolute; paths are relative to the root of the repository"
    if "\\" in path:
        return "contains a backslash; paths are POSIX"
    if path != posixpath.normpath(path) or ".." in path.split("/") or path == ".":
        return "is not normal: no `.`, `..`, doubled or trailing `/`"
    for part in path.split("/"):
        if _GIT_NAMES.match(_HFS_IGNORED.sub("", part).split(":")[0]):
            return "is inside `.git`"
    return None


def ancestors(path: str) -> list[str]:
    """The directories above `path`, outermost first, without the root."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: i + 1]) for i in range(len(parts))]
