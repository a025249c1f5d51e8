"""Records to rows and back, and the events table."""

from typing import Any, TypeVar

from sqlalchemy import Date, Row

from shiftdown.errors import InvalidInputError
from shiftdown.model import Event
from shiftdown.model.base import Model
from shiftdown.model.events import Record
from shiftdown.registry.schema import Kind, Moment

_R = TypeVar("_R", bound=Model)
_INTEGER_BITS = 63


def to_row(kind: Kind, record: Record) -> dict[str, Any]:
    """The values of `record` for the columns of its table.

    Raises:
        InvalidInputError: a text holds a NUL, or a number needs more than 64 bits: databases cannot store these.
    """
    names = {column.name for column in kind.table.c}
    row = record.model_dump(mode="json", include=names)
    for column in kind.table.c:
        if isinstance(column.type, Moment | Date):
            row[column.name] = getattr(record, column.name)
        elif isinstance(row[column.name], str) and "\0" in row[column.name]:
            raise InvalidInputError(f"{column.name} of {record.id} holds a NUL character, which no text may")
        elif isinstance(row[column.name], int) and row[column.name].bit_length() > _INTEGER_BITS:
            raise InvalidInputError(f"{column.name} of {record.id} is too large a number: {row[column.name]}")
    return row


def from_row(model: type[_R], row: Row[Any]) -> _R:
    """The record that `row` holds; what is derived has its default."""
    return model.model_validate(dict(row._mapping))


def event_to_row(event: Event) -> dict[str, Any]:
    """The values of `event`; its place in the sequence is given by the database."""
    return event.model_dump(mode="json") | {"at": event.at}


def event_from_row(row: Row[Any]) -> Event:
    """The event that `row` of the events table holds."""
    return Event.model_validate({name: value for name, value in row._mapping.items() if name != "seq"})
