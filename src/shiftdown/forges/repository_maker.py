"""How a forge makes a repository."""

from enum import StrEnum
from typing import Protocol

from shiftdown.model.base import Model


class Visibility(StrEnum):
    """Who sees a repository on a forge."""

    PRIVATE = "private"
    """Those with a role in it."""
    INTERNAL = "internal"
    """The members of the enterprise (GitHub), or everybody with an account (GitLab)."""
    PUBLIC = "public"
    """Everybody."""


class HostedRepository(Model):
    """A repository that a forge has."""

    url: str
    """Where people and git find it."""
    visibility: Visibility
    """Who sees it."""
    default_branch: str | None
    """Its default branch, which need not exist; `None` for the first one that it gets."""


class RepositoryMaker(Protocol):
    """Makes one repository on a forge. Each call may be repeated. Every call raises `ShiftdownError`s only."""

    url: str
    """Where it is, or is to be."""

    def look(self, visibility: Visibility) -> HostedRepository | None:
        """The repository, if it is there; nothing is changed.

        Raises:
            InvalidInputError: it is not there, and cannot be made: its name or visibility is not allowed, or the
                account may not make it for that owner.
            NotFoundError: there is no such owner.
        """
        ...

    def make(self, visibility: Visibility, description: str | None) -> HostedRepository:
        """Make it, without a commit; or give the one that is there, whatever it holds.

        Args:
            visibility: who is to see it.
            description: few words about it.

        Raises:
            InvalidInputError, NotFoundError: as `look`.
            RepositoryError: the forge does not let this account make it; says what that needs.
        """
        ...

    def set_default_branch(self, branch: str) -> None:
        """Make a branch, which exists, the default one, unless it is."""
        ...


def one_line(text: str | None, length: int) -> str | None:
    """A description as forges take it: one line of so many characters at most; `None` when nothing is left."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text or "").split())
    return (words if len(words) <= length else f"{words[: length - 1]}…") or None
