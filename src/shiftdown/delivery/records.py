"""What the registry knows of change requests, in line with what their forge says."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from shiftdown.errors import AlreadyExistsError
from shiftdown.forges.base import Forge, ForgeChangeRequest
from shiftdown.forges.proposal import ProposalOutcome
from shiftdown.model import ChangeRequest, ChangeRequestStatus, Repository

if TYPE_CHECKING:
    from shiftdown.registry import Registry

_SEEN = {"head", "title", "body", "review", "ci", "base", "url"}
"""What a forge may tell anew about a change request that is known."""


def refresh(registry: "Registry", known: ChangeRequest, seen: ForgeChangeRequest) -> ChangeRequest:
    """Record what the forge says about a change request, where it differs from what is known."""
    changes = {f: getattr(seen, f) for f in sorted(_SEEN) if getattr(seen, f) != getattr(known, f)}
    if changes:
        known = registry.change_change_request(known.id, changes)
    ours = known.status is ChangeRequestStatus.SUPERSEDED and seen.status is ChangeRequestStatus.CLOSED
    if seen.status is not known.status and not ours:
        known = registry.set_change_request_status(
            known.id, seen.status, reason=seen.reason, merge_commit=seen.merge_commit
        )
    return known


class Ledger:
    """Records the change requests of one repository that we open, each once."""

    def __init__(
        self,
        registry: "Registry",
        repository: Repository,
        forge: Forge,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._registry = registry
        self._repository = repository
        self._forge = forge
        self._clock = clock
        self._new_id = new_id

    def record(self, type_: str, seen: ForgeChangeRequest) -> tuple[ProposalOutcome, ChangeRequest]:
        """Record the change request that is open on the forge. Another one that was open for its type is looked at."""
        known = self._open(type_, seen)
        if known is None:
            try:
                return ProposalOutcome.OPENED, self._registry.create_change_request(self._fresh(type_, seen))
            except AlreadyExistsError:  # another process recorded it in the meantime
                known = self._open(type_, seen)
                if known is None:
                    raise
        changed = refresh(self._registry, known, seen)
        return (ProposalOutcome.UPDATED if changed.head != known.head else ProposalOutcome.UNCHANGED), changed

    def was_withdrawn(self, seen: ForgeChangeRequest) -> bool:
        """Whether we closed a change request ourselves, since it had become needless."""
        known = self._registry.change_requests(repository_id=self._repository.id)
        return any(c.number == seen.number and c.status is ChangeRequestStatus.SUPERSEDED for c in known)

    def _open(self, type_: str, seen: ForgeChangeRequest) -> ChangeRequest | None:
        """The record of a change request, by its number; what the forge closed meanwhile is brought up to date."""
        of_type = self._registry.open_change_request(self._repository.id, type_)
        if of_type and (of_type.forge, of_type.number) != (self._forge.name, seen.number):
            refresh(self._registry, of_type, self._forge.get(self._repository.location, of_type.number))
            of_type = None
        return of_type or self._numbered(seen)

    def _numbered(self, seen: ForgeChangeRequest) -> ChangeRequest | None:
        """The record of an open change request by its number, whatever it is recorded as."""
        known = self._registry.change_requests(repository_id=self._repository.id)
        return next(
            (c for c in known if (c.forge, c.number) == (self._forge.name, seen.number) and c.status.is_open), None
        )

    def _fresh(self, type_: str, seen: ForgeChangeRequest) -> ChangeRequest:
        now = self._clock()
        return ChangeRequest(
            id=self._new_id(),
            repository_id=self._repository.id,
            repository=self._repository.location,
            type=type_,
            forge=self._forge.name,
            created_at=now,
            updated_at=now,
            **seen.model_dump(include=_SEEN | {"number", "branch", "status"}),
        )
