"""Change requests."""

from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue
from sqlalchemy import exists, select

from shiftdown.model import ChangeRequest, ChangeRequestStatus, EventKind
from shiftdown.registry import log
from shiftdown.registry.find import find_id
from shiftdown.registry.paging import page
from shiftdown.registry.schema import change_requests, transformations
from shiftdown.registry.store import Store

_OPEN = [status.value for status in ChangeRequestStatus if status.is_open]


class ChangeRequests(Store):
    """Change requests: at most one is open per repository and type."""

    def create_change_request(self, change_request: ChangeRequest) -> ChangeRequest:
        """Record a change request.

        Raises:
            AlreadyExistsError: one is open for this repository and type.
            InvalidInputError: its repository is not recorded.
        """
        with self._database.writing() as connection:
            event = self._creation(EventKind.CHANGE_REQUEST_CREATED, change_request)
            return cast(ChangeRequest, log.append(connection, event))

    def set_change_request_status(
        self,
        id: str,
        status: ChangeRequestStatus,
        *,
        reason: str | None = None,
        merge_commit: str | None = None,
        head: str | None = None,
        actor: str | None = None,
    ) -> ChangeRequest:
        """Record where a change request stands now.

        Raises:
            IllegalTransitionError: the status may not follow the present one.
            AlreadyExistsError: it was to be reopened, and another one is open for its repository and type.
        """
        given = {"reason": reason, "merge_commit": merge_commit, "head": head}
        data: dict[str, JsonValue] = {name: value for name, value in given.items() if value is not None}
        data["status"] = status.value
        return cast(ChangeRequest, self.append(EventKind.CHANGE_REQUEST_STATUS, id, data, actor=actor))

    def change_change_request(
        self, id: str, changes: Mapping[str, JsonValue], *, actor: str | None = None
    ) -> ChangeRequest:
        """Record a new head, base, title, body, URL, review or CI state."""
        return cast(ChangeRequest, self.append(EventKind.CHANGE_REQUEST_CHANGED, id, changes, actor=actor))

    def record_comment(self, id: str, text: str, *, actor: str | None = None) -> ChangeRequest:
        """Record that something was said on a change request."""
        kind = EventKind.CHANGE_REQUEST_COMMENTED
        return cast(ChangeRequest, self.append(kind, id, {"comment": text}, actor=actor))

    def record_branch_removal(self, id: str, *, actor: str | None = None) -> None:
        """Record that the branch of a change request is gone; again: no second event."""
        kind = EventKind.CHANGE_REQUEST_BRANCH_REMOVED
        with self.transaction():
            if all(event.kind is not kind for event in self.events(subject_id=id)):
                self.append(kind, id, {}, actor=actor)

    def change_request(self, id: str) -> ChangeRequest:
        """The change request with that id, else NotFoundError."""
        with self._database.reading() as connection:
            return log.load(connection, ChangeRequest, id)

    def find_change_request_id(self, prefix: str) -> str:
        """The id of the one change request whose id begins with `prefix`.

        Raises:
            NotFoundError, AmbiguousIdError: there is none, or more than one.
        """
        with self._database.reading() as connection:
            return find_id(connection, "change request", change_requests, prefix)

    def change_requests(
        self,
        *,
        repository_id: str | None = None,
        type: str | None = None,
        status: ChangeRequestStatus | None = None,
        program_id: str | None = None,
        open_only: bool = False,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[ChangeRequest]:
        """The change requests that fit everything given, oldest first, then by repository and type. All, or a page.

        Args:
            repository_id: their repository.
            type: their type.
            status: their status.
            program_id: the program whose records name them.
            open_only: whether those are left out that can no longer be merged.
            after: id of the change request behind which the page begins.
            limit: how many at most.

        Raises:
            InvalidInputError: `limit` is not from 1 to 1,000.
            NotFoundError: there is no change request `after`.
        """
        table = change_requests
        query = select(table)
        if open_only:
            query = query.where(table.c.status.in_(_OPEN))
        if repository_id is not None:
            query = query.where(table.c.repository_id == repository_id)
        if type is not None:
            query = query.where(table.c.type == type)
        if status is not None:
            query = query.where(table.c.status == status.value)
        if program_id is not None:
            of_program = transformations.c.program_id == program_id
            query = query.where(exists().where(of_program, transformations.c.change_request_id == table.c.id))
        with self._database.reading() as connection:
            order = (table.c.created_at, table.c.repository, table.c.type, table.c.id)
            paged = page(connection, query, order, kind="change request", after=after, limit=limit)
            return log.load_all(connection, ChangeRequest, paged)

    def open_change_request(self, repository_id: str, type: str) -> ChangeRequest | None:
        """The open change request (draft or not) of that type for that repository, if there is one."""
        query = select(change_requests).where(
            change_requests.c.repository_id == repository_id,
            change_requests.c.type == type,
            change_requests.c.status.in_(_OPEN),
        )
        with self._database.reading() as connection:
            found = log.load_all(connection, ChangeRequest, query)
        return found[0] if found else None
