"""Branch names and object ids: what is accepted."""

import re

from dulwich.refs import Ref, check_ref_format

from shiftdown.errors import InvalidInputError

_ID = re.compile(r"^[0-9a-f]{40}\Z")
HEADS = "refs/heads/"
"""Where branches are."""
TAGS = "refs/tags/"
"""Where tags are."""


def check_branch(branch: str) -> str:
    """Return the full reference name of a branch.

    Raises:
        InvalidInputError: git does not allow the name, or it could be taken for an option.
    """
    reference = HEADS + branch
    try:
        encoded = reference.encode()
    except UnicodeEncodeError:
        encoded = b""
    if branch.startswith(("-", "refs/")) or branch == "HEAD" or not check_ref_format(Ref(encoded)):
        raise InvalidInputError(f"{branch[:200]!r} is not a name for a branch")
    return reference


def is_id(name: str) -> bool:
    """Whether it is a full commit id."""
    return _ID.match(name) is not None


def check_id(commit: str) -> str:
    """Return a commit id if it is a full one.

    Raises:
        InvalidInputError: it is not 40 hexadecimal digits.
    """
    if not is_id(commit):
        raise InvalidInputError(f"{commit[:80]!r} is not a commit id: 40 lower-case hexadecimal digits are")
    return commit
