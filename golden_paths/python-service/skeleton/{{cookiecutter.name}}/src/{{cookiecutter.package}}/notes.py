"""Notes: an example of a resource, with its data, its store and its routes."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Protocol
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from .problems import Problem

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class NewNote(BaseModel):
    """What is given to make a note."""

    model_config = ConfigDict(extra="forbid")

    text: Text


class Note(NewNote):
    """A note."""

    id: UUID
    created_at: datetime


class NoteStore(Protocol):
    """Where notes are kept."""

    async def add(self, note: NewNote) -> Note:
        """Keep a new note."""

    async def get(self, note_id: UUID) -> Note | None:
        """A note, if there is one with this id."""

    async def newest(self, limit: int) -> list[Note]:
        """The newest notes, at most `limit`, the newest first."""

    async def remove(self, note_id: UUID) -> bool:
        """Delete a note, and say whether there was one."""


class MemoryNoteStore:
    """Keeps notes until the process ends: enough to try the service, and for its tests."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._notes: dict[UUID, Note] = {}

    async def add(self, note: NewNote) -> Note:
        """See `NoteStore`."""
        added = Note(id=uuid4(), created_at=self._clock(), text=note.text)
        self._notes[added.id] = added
        return added

    async def get(self, note_id: UUID) -> Note | None:
        """See `NoteStore`."""
        return self._notes.get(note_id)

    async def newest(self, limit: int) -> list[Note]:
        """See `NoteStore`."""
        return list(islice(reversed(self._notes.values()), limit))

    async def remove(self, note_id: UUID) -> bool:
        """See `NoteStore`."""
        return self._notes.pop(note_id, None) is not None


def note_routes(notes: NoteStore) -> APIRouter:
    """`/notes`: make, list, show and delete notes."""
    router = APIRouter(prefix="/notes", tags=["notes"])

    @router.get("")
    async def list_notes(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[Note]:
        return await notes.newest(limit)

    @router.post("", status_code=HTTPStatus.CREATED)
    async def add_note(note: NewNote, request: Request, response: Response) -> Note:
        added = await notes.add(note)
        response.headers["Location"] = request.url_for("get_note", note_id=added.id).path
        return added

    @router.get("/{note_id}")
    async def get_note(note_id: UUID) -> Note:
        note = await notes.get(note_id)
        if note is None:
            raise _no_such_note(note_id)
        return note

    @router.delete("/{note_id}", status_code=HTTPStatus.NO_CONTENT)
    async def remove_note(note_id: UUID) -> None:
        if not await notes.remove(note_id):
            raise _no_such_note(note_id)

    return router


def _no_such_note(note_id: UUID) -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, f"There is no note {note_id}.")
