"""A change becomes a change request: its branch, the change request, its record, and who is to take part.

In this order, and each step looks first at what is there: what was killed anywhere is finished by the next call, with
one branch, one change request and one record.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from shiftdown.delivery.branches import put_where_allowed
from shiftdown.delivery.records import Ledger, refresh
from shiftdown.errors import InvalidInputError, RepositoryError, ShiftdownError
from shiftdown.forges.base import ChangeRequestText, Forge, ForgeChangeRequest
from shiftdown.forges.delivery import Change, Delivered
from shiftdown.forges.proposal import Destination, NothingToProposeError, Proposal, Proposed
from shiftdown.git import Commit, CommitInfo, GitRepository, Identity
from shiftdown.model import ChangeRequestStatus, Repository

if TYPE_CHECKING:
    from shiftdown.registry import Registry

log = logging.getLogger(__name__)


class ClosedError(RepositoryError):
    """The same change was proposed before, and a person closed its change request."""


@dataclass(frozen=True)
class Delivery:
    """Proposes changes to repositories. Safe for threads; a destination belongs to one."""

    registry: "Registry"
    """Where change requests are recorded."""
    forge: Callable[[str], Forge]
    """The forge of a location. Raises `InvalidInputError` when there is none."""
    open_repository: Callable[[str], GitRepository]
    """Opens the repository at a location."""
    author: Callable[[], Identity]
    """Who commits. Raises `InvalidInputError` when nobody is configured."""
    clock: Callable[[], datetime]
    """The present."""
    new_id: Callable[[], str]
    """An identifier that was never given before."""

    def destination(self, git: GitRepository, location: str | None = None) -> Destination:
        """An opened repository as what changes are proposed to.

        Args:
            git: the repository.
            location: where the registry knows it to be; default where it was opened.

        Raises:
            InvalidInputError: there is no forge for it.
        """
        place = location or git.location
        return Destination(place, self.forge(place), git, self.open_repository)

    def propose(self, to: Destination, proposal: Proposal) -> Proposed:
        """Bring a change to its branch, and open its change request, or update the one that is open.

        It is recorded as soon as it is open. What cannot be added to it then, a reviewer say, is told in the answer.

        Raises:
            InvalidInputError: the text cannot be used; nothing was changed.
            BranchHeldError: somebody else's commit is at the tip of the branch.
            NothingToProposeError: the change has nothing that its base does not have.
            ClosedError: a person closed the change request for this very change, and that is final.
            ShiftdownError: something is in the way; what was done so far is found again by the next call.
        """
        _check(to, proposal.text)
        repository = self.registry.ensure_repository(to.location)
        ledger = Ledger(self.registry, repository, to.forge, clock=self.clock, new_id=self.new_id)
        change = _unless_closed(to, proposal, ledger) if proposal.closing_is_final else proposal.change
        there = put_where_allowed(to, proposal.text.branch, change)
        if there.head is None:
            raise NothingToProposeError(to.location, proposal.text.base)
        text = _as_decided(to, proposal.text, there)
        seen = to.forge.open(to.location, text.words)
        outcome, known = ledger.record(proposal.type, _at(seen, there))
        proposed = Proposed(outcome, known)
        return proposed if text.words == text else self._complete(to, proposed, text, there)

    def _complete(self, to: Destination, proposed: Proposed, text: ChangeRequestText, there: Delivered) -> Proposed:
        """Add labels, people, milestone and auto-merge."""
        known = proposed.change_request
        try:
            seen = to.forge.update(to.location, known.number, text)
        except ShiftdownError as problem:
            log.warning("%s: change request #%d is open, but: %s", to.location, known.number, problem)
            return replace(proposed, problem=problem)
        return replace(proposed, change_request=refresh(self.registry, known, _at(seen, there)))

    def withdraw(self, repository: Repository, type_: str, reason: str) -> None:
        """Close the change request of a type that has become needless, if there is one."""
        known = self.registry.open_change_request(repository.id, type_)
        if known is None:
            return
        forge = self.forge(repository.location)
        seen = forge.get(repository.location, known.number)
        if not seen.status.is_open:
            refresh(self.registry, known, seen)
            return
        forge.close(repository.location, known.number, reason=reason)
        self.registry.set_change_request_status(known.id, ChangeRequestStatus.SUPERSEDED, reason=reason)


def _check(to: Destination, text: ChangeRequestText) -> None:
    """Refuse what cannot be proposed, before anything is done."""
    if text.branch == text.base:
        raise InvalidInputError(
            f"{to.location}: {text.branch} cannot be merged into itself: it is the default branch, or checked out "
            "there; check out another one, then try again"
        )
    to.forge.check_text(text)


def _unless_closed(to: Destination, proposal: Proposal, ledger: Ledger) -> Change:
    """The change of a proposal, but not when a person has closed the change request for the same one."""

    def change(git: GitRepository, there: CommitInfo | None) -> Commit | None:
        commit = proposal.change(git, there)
        if there is None or commit is None or there.message.strip() != commit.message.strip():
            return commit
        branch = proposal.text.branch
        existing = to.forge.find(to.location, branch)
        if existing and existing.status is ChangeRequestStatus.CLOSED and not ledger.was_withdrawn(existing):
            raise ClosedError(
                to.location,
                f"change request #{existing.number} for this was closed: {existing.reason}; delete the branch {branch} "
                "to have it proposed again",
            )
        return commit

    return change


def _as_decided(to: Destination, text: ChangeRequestText, there: Delivered) -> ChangeRequestText:
    """The text for where the branch is; not as a draft again when a person has said that this commit is ready."""
    text = text.model_copy(update={"in_fork": there.in_fork})
    if not (text.draft and there.kept):
        return text
    existing = to.forge.find(to.location, text.branch)
    ready = existing is not None and existing.status is ChangeRequestStatus.OPEN
    return text.model_copy(update={"draft": not ready})


def _at(seen: ForgeChangeRequest, there: Delivered) -> ForgeChangeRequest:
    """The change request at the commit that we put there: a forge may tell of it a moment later."""
    return seen.model_copy(update={"head": there.head or seen.head})
