"""The gate for paths that come from outside: arguments, lists, settings, environment variables, templates."""

import os
from pathlib import Path

from shiftdown.errors import InvalidInputError

LONGEST_NAME = 255
"""The most bytes that one name in a path may have, on every file system in use."""
_LONGEST = 4095
"""The most bytes that a path may have."""
_SHOWN = 200
"""The most characters of a path that a message repeats."""


def user_path(given: str | Path, subject: str = "") -> Path:
    """The path that a text means, `~` and `~user` expanded. Nothing has to be there; a relative one stays relative.

    The system is asked once whether it can look there at all. So what is asked of the path afterwards (`exists`,
    `absolute`, `resolve`) fails only if the path changes in between.

    Args:
        given: what somebody wrote.
        subject: what the path is for; errors begin with it.

    Raises:
        InvalidInputError: it is empty, names a user without a home folder, holds a NUL, is too long or has a name
            that is, leads through a loop of links, or through a folder that must not be entered.
    """
    text = str(given)
    shown = "".join(c if c.isprintable() else "?" for c in text[:_SHOWN]) + ("…" if len(text) > _SHOWN else "")
    if not text.strip():
        raise InvalidInputError(f"{subject}: the path is empty" if subject else "the path is empty")
    try:
        path = Path(text).expanduser()
        problem = _problem(path.absolute())
    except RuntimeError:  # `~` without a home folder
        problem = f"there is no home folder for {shown.split('/')[0]}"
    except ValueError:
        problem = "holds a character that no path can have"
    except FileNotFoundError:
        problem = "the working directory is gone; give an absolute path"
    if problem is not None:
        raise InvalidInputError(f"{subject}: {shown}: {problem}" if subject else f"{shown}: {problem}")
    return path


def _problem(path: Path) -> str | None:
    """Why the system cannot look there; that nothing is there is no problem."""
    if len(os.fsencode(path)) > _LONGEST or any(len(os.fsencode(part)) > LONGEST_NAME for part in path.parts):
        return f"is too long for a path: at most {LONGEST_NAME} bytes a name, and {_LONGEST:,} in all"
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return f"cannot be looked at: {error.strerror}"
    return None
