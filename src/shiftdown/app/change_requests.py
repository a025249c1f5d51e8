"""Change requests, by the id that the registry gave them."""

from collections.abc import Callable, Sequence

from shiftdown.campaigns.publish import refresh
from shiftdown.forges.base import ChangeRequestText, Forge
from shiftdown.model import ChangeRequest
from shiftdown.registry import Registry


class ChangeRequests:
    """The change requests that the registry knows. An id may be cut short as long as it names one only."""

    def __init__(self, registry: Registry, forge: Callable[[str], Forge], *, actor: str) -> None:
        self._registry = registry
        self._forge = forge
        self._actor = actor

    def list(self, *, repository: str | None = None, open_only: bool = False) -> Sequence[ChangeRequest]:
        """All change requests, or those of a repository's location; oldest first, as they were last seen."""
        of = self._registry.find_repository(repository) if repository else None
        if repository and of is None:
            return []
        found = self._registry.change_requests(repository_id=of.id if of else None)
        return [c for c in found if c.status.is_open or not open_only]

    def get(self, id_: str) -> ChangeRequest:
        """One change request, as its forge has it now. Raises `NotFoundError`."""
        known = self._known(id_)
        return refresh(self._registry, known, self._forge(known.repository).get(known.repository, known.number))

    def diff(self, id_: str) -> str:
        """Its change as a unified diff."""
        known = self._known(id_)
        return self._forge(known.repository).diff(known.repository, known.number)

    def approve(self, id_: str) -> ChangeRequest:
        """Approve its present head."""
        known = self._known(id_)
        seen = self._forge(known.repository).approve(known.repository, known.number, by=self._actor)
        return refresh(self._registry, known, seen)

    def ready(self, id_: str) -> ChangeRequest:
        """Mark a draft as ready to be merged; again: no error."""
        known = self._known(id_)
        forge = self._forge(known.repository)
        seen = forge.get(known.repository, known.number)
        text = ChangeRequestText(title=seen.title, body=seen.body, branch=seen.branch, base=seen.base)
        return refresh(self._registry, known, forge.update(known.repository, known.number, text))

    def merge(self, id_: str) -> ChangeRequest:
        """Merge it.

        Raises:
            ConflictError: names the files in conflict; nothing was changed.
            DraftError: it is a draft.
        """
        known = self._known(id_)
        seen = self._forge(known.repository).merge(known.repository, known.number, by=self._actor)
        return refresh(self._registry, known, seen)

    def close(self, id_: str, *, reason: str) -> ChangeRequest:
        """Close it without a merge; its branch is kept, and a program counts it as rejected."""
        known = self._known(id_)
        seen = self._forge(known.repository).close(known.repository, known.number, reason=reason)
        return refresh(self._registry, known, seen)

    def _known(self, id_: str) -> ChangeRequest:
        return self._registry.change_request(self._registry.find_change_request_id(id_))
