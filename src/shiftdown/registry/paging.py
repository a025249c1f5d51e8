"""Long lists, a page at a time. A page begins behind the last record of the one before, whatever was added since."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, and_, or_, select

from shiftdown.errors import InvalidInputError, NotFoundError

MAX_PAGE = 1000
"""The most records of a page."""


def check_limit(limit: int | None) -> None:
    """See that a page can have so many records. Raises `InvalidInputError`."""
    if limit is not None and not 1 <= limit <= MAX_PAGE:
        raise InvalidInputError(f"limit must be from 1 to {MAX_PAGE:,}, not {limit}")


def page(
    connection: Connection,
    query: Select[Any],
    order: Sequence[Column[Any]],
    *,
    kind: str,
    after: str | None,
    limit: int | None,
) -> Select[Any]:
    """The records of a query in an order, from behind one of them.

    Args:
        connection: reads where that one is.
        query: selects them.
        order: columns of one table that together tell all records apart.
        kind: what a record is, for messages.
        after: id of the record behind which the page begins; `None` for the first page.
        limit: how many at most; `None` for all.

    Raises:
        InvalidInputError: `limit` is too small or too large.
        NotFoundError: there is no record `after`.
    """
    check_limit(limit)
    if after is not None:
        last = connection.execute(select(*order).where(order[0].table.c.id == after)).one_or_none()
        if last is None:
            raise NotFoundError(kind, after, "a page begins after the id of the last one of the page before")
        query = query.where(or_(*(_behind(order, last, place) for place in range(len(order)))))
    return query.order_by(*order).limit(limit)


def _behind(order: Sequence[Column[Any]], last: Sequence[Any], place: int) -> Any:
    equal = [column == value for column, value in zip(order[:place], last, strict=False)]
    return and_(*equal, order[place] > last[place])
