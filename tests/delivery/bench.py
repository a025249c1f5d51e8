"""A repository on a forge, a registry, and a delivery between them."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shiftdown.delivery import Delivery, ours
from shiftdown.forges.base import ChangeRequestText, Forge
from shiftdown.forges.github import GitHubForge
from shiftdown.forges.gitlab import GitLabForge
from shiftdown.forges.local import LocalForge
from shiftdown.forges.proposal import Destination, Proposal, Proposed
from shiftdown.git import GitOptions, GitRepository, Identity, is_local, open_repository
from shiftdown.model import ChangeRequest
from shiftdown.registry import Registry
from shiftdown.repository import ChangeSet, write
from tests.forges.github.bench import GitHubBench
from tests.forges.gitlab.bench import GitLabBench
from tests.forges.local_bench import LocalBench

AUTHOR = Identity(name="Shift Down", email="shift@example.com")
TYPE, BRANCH = "ADD_MOTTO", "shiftdown/add-motto"
WAYS = ("local", "github", "github by api", "gitlab", "gitlab by api")
"""The forges, and how commits get there."""
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


@dataclass
class Bench:
    """What is proposed, and what is there afterwards."""

    work: LocalBench | GitHubBench | GitLabBench
    """The repository, as people work on it."""
    registry: Registry
    requests: Callable[[], list[str]] = list
    """What the forge was asked."""
    deny: Callable[[], Forge] = lambda: LocalForge(lambda: NOW, AUTHOR)
    """Another account, which may read the repository and nothing more."""
    tip_in_fork: Callable[[str], str | None] = lambda _: None
    """The tip of a branch in the fork of that account."""
    forge: Forge = field(init=False)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.forge = self.work.forge

    @property
    def delivery(self) -> Delivery:
        return Delivery(
            self.registry,
            lambda _: self.forge,
            self.open,
            lambda: AUTHOR,
            lambda: NOW,
            lambda: f"id{next(self.numbers):04}",
        )

    def open(self, location: str) -> GitRepository:
        """Open a repository as the app does."""
        options = GitOptions()
        if not is_local(location) and isinstance(self.forge, GitHubForge | GitLabForge):
            options = GitOptions(token=self.forge.token(location), username=self.forge.git_user)
        return open_repository(location, options=options, carrier=self.forge.carrier(location))

    def propose(self, words: str = "Onwards", *, final: bool = False, type_: str = TYPE, **text: Any) -> Proposed:
        """Propose a file with some words."""
        with self.open(self.work.location) as git:
            return self.delivery.propose(self.to(git), self.proposal(git, words, final=final, type_=type_, **text))

    def to(self, git: GitRepository) -> Destination:
        """The repository as what changes are proposed to."""
        return self.delivery.destination(git)

    def proposal(
        self, git: GitRepository, words: str = "Onwards", *, final: bool = False, type_: str = TYPE, **text: Any
    ) -> Proposal:
        """The proposal of a file with some words."""
        message = f"Say {words}\n\nShiftdown-Type: {TYPE}\n"
        changes = ChangeSet(files=(write("MOTTO", f"{words}\n"),), summary="")
        commit = git.commit(git.snapshot(), changes, message=message, author=AUTHOR, at=NOW)
        given = {"title": f"Say {words}", "body": "Why.", "branch": BRANCH, "base": "main", **text}
        return Proposal(type_, ChangeRequestText(**given), ours(BRANCH, TYPE, commit), closing_is_final=final)

    @property
    def records(self) -> list[ChangeRequest]:
        """The change requests that the registry has, oldest first."""
        return list(self.registry.change_requests())

    @property
    def numbers_open(self) -> list[int]:
        """The numbers of the change requests that are open on the forge."""
        return [found.number for found in self.work.forge.list(self.work.location) if found.status.is_open]


def open_registry(folder: Path) -> Registry:
    """A registry of a test's own."""
    numbers = itertools.count(1)
    return Registry.open(
        f"sqlite:///{folder}/registry.db", clock=lambda: NOW, new_id=lambda: f"event{next(numbers):04}", actor="ada"
    )
