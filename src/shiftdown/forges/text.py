"""What the texts of change requests must be, on every forge."""

import re

from shiftdown.errors import InvalidInputError
from shiftdown.forges.base import ChangeRequestText
from shiftdown.git.names import check_branch

_NOT_IN_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def check_text(text: ChangeRequestText, max_body: int) -> None:
    """Refuse what no forge should get.

    Raises:
        InvalidInputError: a branch or title cannot be used, or the body has more than `max_body` bytes in UTF-8.
    """
    check_branch(text.branch)
    check_branch(text.base)
    if text.branch == text.base:
        raise InvalidInputError(f"{text.branch} cannot be merged into itself")
    check_line("the title", text.title)
    _check_size(f"the body of {text.title!r}", text.body, max_body)


def check_comment(text: str, max_size: int) -> None:
    """Refuse what no forge should get as a comment.

    Raises:
        InvalidInputError: it is empty, has more than `max_size` bytes in UTF-8, or is not valid Unicode.
    """
    if not text.strip():
        raise InvalidInputError("a comment has to say something")
    _check_size("the comment", text, max_size)


def _check_size(what: str, text: str, max_size: int) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidInputError(f"{what} is not valid Unicode: {error}") from None
    if size > max_size:
        raise InvalidInputError(f"{what} has {size} bytes; {max_size} are allowed")


def check_line(what: str, value: str) -> None:
    """Refuse what is not one line of text.

    Raises:
        InvalidInputError: it is empty, has control characters, or is longer than 1,000 characters.
    """
    if not value.strip() or _NOT_IN_LINE.search(value) or len(value) > 1000:
        raise InvalidInputError(
            f"{what} must be one line, without control characters, of at most 1000 characters: {value[:100]!r}"
        )
