"""What may become of a request to a forge that has an API."""

from shiftdown.errors import RepositoryError


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
