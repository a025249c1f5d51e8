"""Records by the beginning of their id."""

from sqlalchemy import Connection, Table, func, select

from shiftdown.errors import AmbiguousIdError, NotFoundError

_SHOWN = 10
"""How many matches an `AmbiguousIdError` lists."""


def find_id(connection: Connection, kind: str, table: Table, prefix: str) -> str:
    """The one id in `table` that begins with `prefix`, upper and lower case told apart; a whole id always counts.

    Raises:
        NotFoundError: none does, or `prefix` is empty.
        AmbiguousIdError: several do.
    """
    if not prefix:
        raise NotFoundError(kind, prefix, "give an id, or its beginning")
    begins = func.substr(table.c.id, 1, len(prefix)) == prefix
    query = select(table.c.id).where(begins).order_by(table.c.id).limit(_SHOWN)
    found = list(connection.scalars(query))
    if prefix in found:
        return prefix
    if not found:
        raise NotFoundError(kind, prefix)
    if len(found) > 1:
        raise AmbiguousIdError(kind, prefix, found)
    return str(found[0])
