"""Edits that are refused, as a reason why a transformation does not fit."""

from collections.abc import Iterator
from contextlib import contextmanager

from shiftdown.errors import CannotEditError, FileError
from shiftdown.repository import Evidence
from shiftdown.transformations.transformation import NotApplicable


@contextmanager
def editing(path: str) -> Iterator[None]:
    """Name the file in edits that are refused.

    Inside the block a `CannotEditError` or an unreadable file becomes `NotApplicable`, with the path, the line
    and the reason.
    """
    try:
        yield
    except CannotEditError as error:
        place = path if error.line is None else f"{path}:{error.line}"
        raise NotApplicable(
            f"{place}: {error.reason}", Evidence(fact=error.reason, path=path, line=error.line)
        ) from error
    except FileError as error:
        raise NotApplicable(str(error), Evidence(fact=error.problem, path=error.path)) from error
