"""Types that need each other, in a program."""

from typing import TYPE_CHECKING

from shiftdown.model import TransformationRecord
from shiftdown.transformations import Plan

if TYPE_CHECKING:
    from shiftdown.registry import Registry


def waits_for(registry: "Registry", record: TransformationRecord | None, planned: Plan) -> str | None:
    """Why a record waits instead of being left out: a type that it needs is still open in its program.

    `None` when it does not: it needs nothing that is missing, or its program does not bring that to the repository.
    """
    if record is None or not planned.needs:
        return None
    same = [r for r in registry.records_in(record.repository_id) if r.program_id == record.program_id]
    still = [r for r in same if r.transformation_type in planned.needs and not r.status.settled]
    if not still:
        return None
    return f"waits for {', '.join(f'{r.transformation_type} ({r.status})' for r in still)}: {planned.reason}"
