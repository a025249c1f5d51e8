"""What the host of a run lends to the actions of templates, each by a protocol."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import SecretStr

    from shiftdown.forges.base import Forge
    from shiftdown.forges.github import GitHubForge
    from shiftdown.forges.gitlab import GitLabForge
    from shiftdown.forges.proposal import Destination, Proposal, Proposed
    from shiftdown.git import GitOptions, Identity
    from shiftdown.git.temporary import File
    from shiftdown.scaffolder.actions.publish_local import Publication
    from shiftdown.scaffolder.cookiecutter import CookiecutterPolicy


class Forges(Protocol):
    """The forges that are configured."""

    def github(self, host: str, token: "SecretStr | None" = None) -> "GitHubForge":
        """The GitHub of a host, with a token of its own if one is given. Raises `InvalidInputError`."""
        ...

    def gitlab(self, host: str, token: "SecretStr | None" = None) -> "GitLabForge":
        """The GitLab of a host, with a token of its own if one is given. Raises `InvalidInputError`."""
        ...

    def forge(self, location: str) -> "Forge":
        """The forge that keeps the change requests of a repository. Raises `InvalidInputError`."""
        ...

    def options(self, location: str) -> "GitOptions":
        """How git reads and writes a repository: with the forge's token, where there is one."""
        ...


class Publisher(Protocol):
    """Makes repositories on this machine."""

    def place(self, path: str) -> str:
        """The absolute path of a repository. Raises `InvalidInputError` when it is not where the operator allows."""
        ...

    def exists(self, place: str) -> bool:
        """Whether there is anything already."""
        ...

    def create(self, publication: "Publication", *, bare: bool, branch: str) -> str:
        """Make a repository with one commit, and give its id; the very same one is no error.

        Raises:
            InvalidInputError: something else is there.
        """
        ...


class Proposer(Protocol):
    """Proposes changes, and records them."""

    def propose(self, to: "Destination", proposal: "Proposal") -> "Proposed":
        """Bring a change to its branch, and open its change request, or update the one that is open.

        Raises:
            NothingToProposeError: the change has nothing that its base does not have.
            ShiftdownError: something is in the way; what was done so far is found again by the next call.
        """
        ...


class ProgramList(Protocol):
    """Adds repositories to programs."""

    def find(self, program: str) -> str:
        """The id of a program, by id, the beginning of one, or name. Raises `NotFoundError`."""
        ...

    def add_repository(self, program: str, repository: str) -> int:
        """Add the records of a repository that are not there yet; their number. Raises `InvalidInputError`."""
        ...


class Recorder(Protocol):
    """Writes down where a repository comes from."""

    def __call__(self, files: "Sequence[File]", folder: str) -> "File":
        """The record that goes with files from a folder of the workspace."""
        ...


@dataclass(frozen=True)
class Services:
    """What a host lends to actions. An action that needs what is not lent says so, and fails."""

    forges: Forges | None = None
    """The forges that are configured."""
    author: "Callable[[], Identity] | None" = None
    """Who commits, unless the step says so. Raises `InvalidInputError` when nobody is configured."""
    clock: "Callable[[], datetime] | None" = None
    """The time, with its zone."""
    publisher: Publisher | None = None
    """Makes repositories on this machine."""
    proposer: Callable[[], Proposer] | None = None
    """Opens the registry, and proposes changes that it then knows."""
    programs: Callable[[], ProgramList] | None = None
    """Opens the registry, and gives its programs."""
    record: Recorder | None = None
    """Writes down where a repository comes from; `None` where what is made is to remember no template."""
    cookiecutter: "CookiecutterPolicy | None" = None
    """What the operator allows templates of cookiecutter; default nothing beyond rendering."""
