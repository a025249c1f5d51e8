"""A change that concerns a repository's template, as a change request: commit, references, forge, registry.

Every step can be repeated: what was killed anywhere is finished by the next run, with one branch and one change
request.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from shiftdown.campaigns.publish import (
    BranchHeldError,
    RunOutcome,
    Tools,
    record_change_request,
)
from shiftdown.errors import ConflictError, RepositoryError
from shiftdown.forges.base import ChangeRequestText, Forge, ForgeChangeRequest
from shiftdown.git import GitRepository, Head
from shiftdown.git.temporary import TemporaryRepository
from shiftdown.model import ChangeRequest, ChangeRequestStatus, Repository
from shiftdown.scaffolder.origin import REFERENCE
from shiftdown.transformations.text import is_ours

log = logging.getLogger(__name__)
_T = TypeVar("_T")

_HEADS = "refs/heads/"


@dataclass(frozen=True)
class Proposal:
    """What is proposed for a repository."""

    type: str
    """What kind of change it is, for the registry and the trailer of the commit."""
    branch: str
    """Its branch."""
    message: str
    """Message of its commit, with the trailer."""
    text: str
    """Text of its change request, Markdown."""
    tree: str
    """The repository's files with the change."""
    template_tree: str
    """What the template made, with the record: kept by `REFERENCE`."""
    draft: bool
    """Whether it must not be merged as it is."""

    @property
    def title(self) -> str:
        """Title of the change request."""
        return self.message.splitlines()[0]


class ClosedError(RepositoryError):
    """The same change was proposed before, and a person closed its change request."""


class Proposer:
    """Proposes changes to one repository."""

    def __init__(self, tools: Tools, git: GitRepository, workshop: TemporaryRepository, repository: Repository) -> None:
        self._tools = tools
        self._git = git
        self._workshop = workshop
        self._repository = repository
        self._forge: Forge = tools.forge(repository.location)

    def propose(self, head: Head, proposal: Proposal, base: str | None) -> tuple[RunOutcome, ChangeRequest]:
        """Bring the change to its branch and open its change request, or update the one that is open.

        Args:
            head: the default branch, and the commit that the change stands on.
            proposal: the change.
            base: the commit that `REFERENCE` continues from where it does not exist yet.

        Raises:
            BranchHeldError: somebody else's commit is at the tip of the branch.
            ClosedError: a person closed the change request for this very change.
            ConflictError: the branch moved meanwhile.
        """
        tip = self._git.tip(proposal.branch)
        existing = self._forge.find(self._repository.location, proposal.branch)
        kept = self._standing(head, proposal, tip, existing)
        commit = kept or self._commit(proposal.tree, head.commit, proposal.message)
        self._move(proposal, tip, commit, base)
        text = ChangeRequestText(
            title=proposal.title,
            body=proposal.text,
            branch=proposal.branch,
            base=head.branch,
            draft=proposal.draft and not (kept and _is_ready(existing)),
        )
        opened = self._forge.open(self._repository.location, text)
        return record_change_request(
            self._tools,
            self._repository,
            proposal.type,
            self._forge,
            opened.model_copy(update={"head": commit}),
        )

    def _standing(
        self, head: Head, proposal: Proposal, tip: str | None, existing: ForgeChangeRequest | None
    ) -> str | None:
        """The commit that proposes the same already."""
        if tip is None:
            return None
        there = self._git.describe(tip)
        if not is_ours(there.message, proposal.type):
            raise BranchHeldError(
                self._git.location,
                f"branch {proposal.branch} has a commit that shiftdown did not make ({tip[:10]}): it is left alone. "
                "Merge or close its change request, or delete the branch, and run again",
            )
        if existing and existing.status is ChangeRequestStatus.CLOSED and there.message == proposal.message:
            known = self._tools.registry.change_requests(repository_id=self._repository.id)
            if not any(c.number == existing.number and c.status is ChangeRequestStatus.SUPERSEDED for c in known):
                raise ClosedError(
                    self._git.location,
                    f"change request #{existing.number} for this was closed: {existing.reason}; delete the branch "
                    f"{proposal.branch} to have it proposed again",
                )
        same = (there.tree, there.parents, there.message) == (proposal.tree, (head.commit,), proposal.message)
        return tip if same else None

    def _move(self, proposal: Proposal, tip: str | None, commit: str, base: str | None) -> None:
        moves = {} if tip == commit else {_HEADS + proposal.branch: (tip, commit)}
        kept = self._workshop.references([REFERENCE]).tips.get(REFERENCE)
        if kept is None or self._workshop.tree_of(kept) != proposal.template_tree:
            parent = kept or base
            message = f"What the template makes\n\n{proposal.title}\n"
            made = self._commit(proposal.template_tree, parent, message)
            moves[REFERENCE] = (kept, made)
        if moves:
            self._workshop.move(moves)

    def _commit(self, tree: str, parent: str | None, message: str) -> str:
        parents = [parent] if parent else []
        return self._workshop.commit(tree, parents, message, self._tools.author, self._tools.clock())


def repeat(work: Callable[[], _T], *, times: int = 3) -> _T:
    """Do it again when somebody else was faster. Raises what the last time raises."""
    for _ in range(times - 1):
        try:
            return work()
        except ConflictError as error:
            log.info("%s; looking again", error)
    return work()


def _is_ready(existing: ForgeChangeRequest | None) -> bool:
    return existing is not None and existing.status is ChangeRequestStatus.OPEN
