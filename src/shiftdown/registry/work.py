"""What happens to phases, transformation records and activities."""

from collections.abc import Sequence
from datetime import date
from typing import cast

from pydantic import JsonValue
from sqlalchemy import select

from shiftdown.model import Activity, ActivityStatus, EventKind, TransformationRecord, TransformationStatus
from shiftdown.model.base import Parameters
from shiftdown.registry import log
from shiftdown.registry.schema import transformations
from shiftdown.registry.store import Store


class Work(Store):
    """The work of programs, one record at a time."""

    def skip_phase(self, id: str, reason: str, *, actor: str | None = None) -> None:
        """Leave a phase out, for a reason."""
        self.append(EventKind.PHASE_CHANGED, id, {"skipped": reason}, actor=actor)

    def override_phase(self, id: str, reason: str, *, actor: str | None = None) -> None:
        """Let a phase start before the one it depends on is complete, for a reason."""
        self.append(EventKind.PHASE_CHANGED, id, {"override": reason}, actor=actor)

    def record(self, id: str) -> TransformationRecord:
        """The transformation record with that id, else NotFoundError."""
        with self._database.reading() as connection:
            return log.load(connection, TransformationRecord, id)

    def records_of(self, change_request_id: str) -> list[TransformationRecord]:
        """The transformation records, of any program, that a change request is for."""
        query = select(transformations).where(transformations.c.change_request_id == change_request_id)
        with self._database.reading() as connection:
            return log.load_all(connection, TransformationRecord, query.order_by(transformations.c.id))

    def records_in(self, repository_id: str) -> list[TransformationRecord]:
        """The transformation records, of any program, that are about a repository."""
        query = select(transformations).where(transformations.c.repository_id == repository_id)
        with self._database.reading() as connection:
            return log.load_all(connection, TransformationRecord, query.order_by(transformations.c.id))

    def set_record_status(
        self,
        id: str,
        status: TransformationStatus,
        *,
        reason: str | None = None,
        exempt_until: date | None = None,
        change_request_id: str | None = None,
        evidence: Sequence[str] | None = None,
        revision: str | None = None,
        actor: str | None = None,
    ) -> TransformationRecord:
        """Record where a transformation stands now. What is `None` keeps its value; reason and exemption do not.

        Raises:
            IllegalTransitionError: the status may not follow the present one.
        """
        until = None if exempt_until is None else exempt_until.isoformat()
        data = _given(
            status=status.value,
            reason=reason,
            exempt_until=until,
            change_request_id=change_request_id,
            evidence=None if evidence is None else list(evidence),
            revision=revision,
        )
        return cast(TransformationRecord, self.append(EventKind.TRANSFORMATION_STATUS, id, data, actor=actor))

    def note_record(
        self,
        id: str,
        reason: str | None = None,
        evidence: Sequence[str] | None = None,
        *,
        revision: str | None = None,
        actor: str | None = None,
    ) -> TransformationRecord:
        """Record something to know about a transformation without a change of status."""
        data = _given(reason=reason, evidence=None if evidence is None else list(evidence), revision=revision)
        return cast(TransformationRecord, self.append(EventKind.TRANSFORMATION_NOTED, id, data, actor=actor))

    def change_record(self, id: str, *, parameters: Parameters, actor: str | None = None) -> TransformationRecord:
        """Record that a transformation is planned and verified with these parameters from now on."""
        data = {"parameters": dict(parameters)}
        return cast(TransformationRecord, self.append(EventKind.TRANSFORMATION_CHANGED, id, data, actor=actor))

    def activity(self, id: str) -> Activity:
        """The activity with that id, else NotFoundError."""
        with self._database.reading() as connection:
            return log.load(connection, Activity, id)

    def set_activity_status(
        self,
        id: str,
        status: ActivityStatus,
        *,
        assignee: str | None = None,
        evidence: Sequence[str] | None = None,
        reason: str | None = None,
        actor: str | None = None,
    ) -> Activity:
        """Record where an activity stands now, who does it and what shows it.

        Raises:
            IllegalTransitionError: the status may not follow the present one.
        """
        data = _given(
            status=status.value,
            assignee=assignee,
            evidence=None if evidence is None else list(evidence),
            reason=reason,
        )
        return cast(Activity, self.append(EventKind.ACTIVITY_STATUS, id, data, actor=actor))


def _given(**fields: JsonValue) -> dict[str, JsonValue]:
    return {name: value for name, value in fields.items() if value is not None}
