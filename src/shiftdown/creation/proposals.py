"""A change that concerns a repository's template, as a change request beside what the template makes."""

import logging
from dataclasses import dataclass, field

from shiftdown.delivery import Delivery, ours
from shiftdown.errors import ConflictError, InvalidInputError, RepositoryError
from shiftdown.forges.base import ChangeRequestText
from shiftdown.forges.proposal import Proposal, Proposed
from shiftdown.git import Commit, CommitInfo, GitOptions, GitRepository, Head
from shiftdown.git.temporary import FilesOnly, TemporaryRepository
from shiftdown.scaffolder.origin import REFERENCE

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often a change is made anew when others change the repository meanwhile."""


@dataclass(frozen=True)
class TemplateChange:
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


@dataclass
class TemplateProposer:
    """Proposes changes to one repository that its template makes."""

    delivery: Delivery
    git: GitRepository
    """The repository."""
    workshop: TemporaryRepository
    """Beside it; has the trees."""
    head: Head
    """The default branch, and the commit that changes stand on."""
    base: str | None = None
    """The commit that `REFERENCE` continues from where it does not exist yet."""
    notes: list[str] = field(default_factory=list)
    """What to tell about what was proposed."""

    def propose(self, change: TemplateChange) -> Proposed:
        """Open the change request of a change, or update the one that is open.

        Raises:
            BranchHeldError: somebody else's commit is at the tip of the branch.
            ClosedError: a person closed the change request for this very change.
            ConflictError: a branch or reference moved meanwhile.
        """
        at = self.delivery.clock()
        commit = self.workshop.commit_on(self.head.commit, change.tree, change.message, self.delivery.author(), at)
        replace = ours(change.branch, change.type, commit)

        def put(git: GitRepository, there: CommitInfo | None) -> Commit | None:
            made = replace(git, there)
            self._keep(change)
            return made

        text = ChangeRequestText(
            title=change.title, body=change.text, branch=change.branch, base=self.head.branch, draft=change.draft
        )
        proposal = Proposal(change.type, text, put, closing_is_final=True)
        return self.delivery.propose(self.delivery.destination(self.git), proposal)

    def _keep(self, change: TemplateChange) -> None:
        """Let `REFERENCE` keep what the template makes, where the repository lets us.

        Raises:
            ConflictError: it moved meanwhile.
        """
        kept = self.workshop.references([REFERENCE]).tips.get(REFERENCE)
        if kept is not None and self.workshop.tree_of(kept) == change.template_tree:
            return
        parents = [commit for commit in (kept or self.base,) if commit]
        message = f"What the template makes\n\n{change.title}\n"
        at = self.delivery.clock()
        made = self.workshop.commit(change.template_tree, parents, message, self.delivery.author(), at)
        try:
            self.workshop.move({REFERENCE: (kept, made)})
        except ConflictError:
            raise
        except RepositoryError as refused:
            log.info("%s: %s is not kept: %s", self.git.location, REFERENCE, refused)
            note = "what the template makes cannot be kept in the repository: the next update renders it again"
            if note not in self.notes:
                self.notes.append(note)


def beside(delivery: Delivery, git: GitRepository, head: Head, options: GitOptions) -> TemporaryRepository:
    """Where trees for a repository are made and merged: beside it, or with the files of its head alone.

    Args:
        delivery: knows its forge.
        git: the repository.
        head: its default branch.
        options: how git reaches it.
    """
    try:
        avoids_git = delivery.forge(git.location).avoids_git
    except InvalidInputError:
        # It has no forge: that is said when there is something to propose.
        avoids_git = False
    return FilesOnly(git, head.commit, options) if avoids_git else TemporaryRepository.at(git.location, options)
