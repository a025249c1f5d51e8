"""Change requests, by the id that the registry gave them."""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from shiftdown.delivery import refresh
from shiftdown.errors import ShiftdownError
from shiftdown.forges.base import ChangeRequestForge, ChangeRequestText
from shiftdown.model import ChangeRequest

if TYPE_CHECKING:
    from shiftdown.registry import Registry

log = logging.getLogger(__name__)


class ChangeRequests:
    """The change requests that the registry knows. An id may be cut short as long as it names one only."""

    def __init__(self, registry: "Registry", forge: Callable[[str], ChangeRequestForge], *, actor: str) -> None:
        self._registry = registry
        self._forge = forge
        self._actor = actor

    def list(
        self,
        *,
        repository: str | None = None,
        open_only: bool = False,
        after: str | None = None,
        limit: int | None = None,
    ) -> Sequence[ChangeRequest]:
        """Change requests, or those of a repository's location; oldest first, as they were last seen. All, or a page.

        `after` and `limit` as of `Registry.change_requests`, which also says what is raised.
        """
        of = self._registry.find_repository(repository) if repository else None
        if repository and of is None:
            return []
        return self._registry.change_requests(
            repository_id=of.id if of else None, open_only=open_only, after=after, limit=limit
        )

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

    def comment(self, id_: str, text: str) -> ChangeRequest:
        """Say something on it, in Markdown; what we have said last is not said once more.

        Raises:
            InvalidInputError: the text is empty or too long.
        """
        known = self._known(id_)
        self._forge(known.repository).comment(known.repository, known.number, text)
        return self._registry.record_comment(known.id, text)

    def merge(self, id_: str, *, remove_branch: bool = True) -> ChangeRequest:
        """Merge it, and remove its branch unless that is still needed; that it is kept is logged.

        Raises:
            ConflictError: names the files in conflict; nothing was changed.
            DraftError: it is a draft.
        """
        known = self._known(id_)
        seen = self._forge(known.repository).merge(known.repository, known.number, by=self._actor)
        return self._ended(refresh(self._registry, known, seen), remove_branch)

    def close(self, id_: str, *, reason: str, remove_branch: bool = False) -> ChangeRequest:
        """Close it without a merge; a program counts it as rejected. Its branch is kept unless told otherwise."""
        known = self._known(id_)
        seen = self._forge(known.repository).close(known.repository, known.number, reason=reason)
        return self._ended(refresh(self._registry, known, seen), remove_branch)

    def _ended(self, change: ChangeRequest, remove_branch: bool) -> ChangeRequest:
        """Remove the branch if that is wanted. What is in the way does not undo what was done."""
        if remove_branch:
            try:
                gone = self._forge(change.repository).remove_branch(change.repository, change.number)
            except ShiftdownError as error:
                log.warning("%s, but the branch %s is still there: %s", change.status, change.branch, error)
                return change
            if gone:
                self._registry.record_branch_removal(change.id)
            else:
                log.warning(
                    "%s: the branch %s is kept: it has other commits by now, another change request needs it, or it is "
                    "protected, the default one or checked out",
                    change.repository,
                    change.branch,
                )
        return change

    def _known(self, id_: str) -> ChangeRequest:
        return self._registry.change_request(self._registry.find_change_request_id(id_))
