"""What may become of a request to a forge, and why a change request is not merged or closed."""

from collections.abc import Collection

from shiftdown.errors import ConflictError, IllegalTransitionError, RepositoryError
from shiftdown.forges.base import ForgeChangeRequest
from shiftdown.model.states import ChangeRequestStatus

_SHOWN = 20
"""How many files in conflict a message names."""


class UnsureError(RepositoryError):
    """Nobody knows whether a request took effect: look before doing it again."""


class RefusedError(RepositoryError):
    """The forge understood a request and does not do it."""

    def __init__(self, repository: str, problem: str, status: int, reason: str) -> None:
        self.status = status
        """HTTP status."""
        self.reason = reason
        """The forge's words."""
        super().__init__(repository, problem)


def conflicting(location: str, request: ForgeChangeRequest, files: Collection[str]) -> ConflictError:
    """The error about a change request that conflicts with its base, both of which change these files."""
    names = sorted(files)
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return ConflictError(
        location,
        f"change request #{request.number} conflicts with {request.base}; both change {shown or 'the same files'}. "
        f"On {request.branch}, merge {request.base}, resolve, push, and merge again; or run its transformation again",
    )


def illegal(location: str, request: ForgeChangeRequest, wanted: ChangeRequestStatus) -> IllegalTransitionError:
    """The error about a status that a change request cannot get to from its own."""
    subject = f"{location}: change request #{request.number}"
    return IllegalTransitionError(subject, request.status.value, wanted.value)
