"""A forge with a repository to try it on."""

from typing import Protocol

from shiftdown.forges.base import ChangeRequestText, Forge


class Workbench(Protocol):
    """A forge with one repository, and what others do to that repository."""

    forge: Forge
    location: str

    def commit(self, branch: str, files: dict[str, str], *, start: str = "main") -> str:
        """Commit files to a branch, which begins at `start` if it does not exist; the commit's id."""
        ...

    def delete_branch(self, branch: str) -> None:
        """Remove a branch."""
        ...

    def tip(self, branch: str) -> str | None:
        """The commit at the tip of a branch; `None` when it does not exist."""
        ...

    def files(self, branch: str) -> dict[str, str]:
        """The text files at the tip of a branch."""
        ...

    def comments(self, number: int) -> list[str]:
        """What was said on a change request, oldest first."""
        ...

    def say(self, number: int, text: str) -> None:
        """Let a person say something on a change request."""
        ...

    def as_user(self, login: str) -> Forge:
        """The forge, used by a certain person, who may review and merge."""
        ...

    def people(self, *logins: str) -> None:
        """Let people have accounts, where a forge has accounts."""
        ...

    def team(self, name: str) -> None:
        """Let a team exist."""
        ...

    def milestone(self, title: str) -> None:
        """Let a milestone exist."""
        ...


def text(
    branch: str = "topic", *, title: str = "Lint", body: str = "Why.\n\n- once", base: str = "main"
) -> ChangeRequestText:
    """A text for a change request."""
    return ChangeRequestText(title=title, body=body, branch=branch, base=base)
