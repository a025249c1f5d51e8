"""What happened on forges."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, exists, func, or_, select

from shiftdown.errors import AlreadyExistsError
from shiftdown.model import EventKind, ForgeEvent, ForgeEventKind
from shiftdown.registry import log
from shiftdown.registry.schema import forge_events
from shiftdown.registry.store import Store


class ForgeEvents(Store):
    """Events of forges: each is there once, however often and in whatever order it is told."""

    def record_forge_event(self, event: ForgeEvent) -> bool:
        """Record an event, unless it is there: told by the same delivery, or the same fact by another one.

        Returns:
            Whether it was recorded now. Of several processes that are told the same, one records it.

        Raises:
            InvalidInputError: its repository is not recorded.
        """
        with self._database.writing() as connection:
            if _is_known(connection, event):
                return False
            try:
                with connection.begin_nested():
                    log.append(connection, self._creation(EventKind.FORGE_EVENT_CREATED, event))
            except AlreadyExistsError:
                if _is_known(connection, event):
                    return False
                raise
        return True

    def forge_events(
        self, *, repository_id: str | None = None, kind: ForgeEventKind | None = None, since: datetime | None = None
    ) -> list[ForgeEvent]:
        """The events that fit everything given, in the order in which they happened (`since` included)."""
        query = select(forge_events).order_by(forge_events.c.at, forge_events.c.fact)
        if repository_id is not None:
            query = query.where(forge_events.c.repository_id == repository_id)
        if kind is not None:
            query = query.where(forge_events.c.kind == kind.value)
        if since is not None:
            query = query.where(forge_events.c.at >= since)
        with self._database.reading() as connection:
            return log.load_all(connection, ForgeEvent, query)

    def unfollowed_forge_events(self) -> list[ForgeEvent]:
        """Events from which something follows that was not done yet, those that were recorded first."""
        query = select(forge_events).where(forge_events.c.followed.is_(False))
        query = query.order_by(forge_events.c.created_at, forge_events.c.id)
        with self._database.reading() as connection:
            return log.load_all(connection, ForgeEvent, query)

    def count_unfollowed_forge_events(self) -> int:
        """How many events there are from which something follows that was not done yet."""
        query = select(func.count()).select_from(forge_events).where(forge_events.c.followed.is_(False))
        with self._database.reading() as connection:
            return int(connection.scalar(query) or 0)

    def set_followed(self, events: Iterable[ForgeEvent]) -> None:
        """Note that what follows from the events was done."""
        with self._database.writing():
            for event in events:
                self.append(EventKind.FORGE_EVENT_CHANGED, event.id, {"followed": True})


def _is_known(connection: Connection, event: ForgeEvent) -> bool:
    table = forge_events.c
    told = (table.host == event.host) & (table.delivery == event.delivery)
    return bool(connection.scalar(select(exists().where(or_(table.fact == event.fact, told)))))
