"""The report on a program, Markdown: for the people who decide about it."""

from collections.abc import Iterable, Mapping

from shiftdown.cli.output import bar
from shiftdown.model import ChangeRequest, DevOpsPhase, DevOpsProgram, DORAMetrics, Progress, TransformationRecord


def markdown(program: DevOpsProgram, progress: Progress, changes: Mapping[str, ChangeRequest]) -> str:
    """A program's report: figures first, then each phase with its evidence, and what needs a person."""
    records = [r for p in program.phases for r in p.transformations]
    stuck = [r for r in records if r.status.stuck]
    parts = [
        f"# {program.name}",
        f"{program.organization}, playbook {program.playbook}, {program.status}. "
        f"Started {program.start_date:%Y-%m-%d}, to be complete by {program.target_end_date:%Y-%m-%d}.",
        f"Progress: {bar(progress)}",
        f"DORA metrics at the start: {_dora(program.baseline_dora)}",
        *(_phase(phase, changes) for phase in program.phases),
    ]
    if stuck:
        parts.append("## Needs a person\n\n" + _lines(f"{_subject(r)}: {r.status}: {r.reason}" for r in stuck))
    return "\n\n".join(parts) + "\n"


def _phase(phase: DevOpsPhase, changes: Mapping[str, ChangeRequest]) -> str:
    lines = [_record(r, changes.get(r.change_request_id or "")) for r in phase.transformations]
    for activity in phase.activities:
        who = f" ({activity.assignee})" if activity.assignee else ""
        shown = "".join(f"; {e}" for e in activity.evidence)
        lines.append(f"{activity.name}{who}: {activity.status}{shown}")
    head = f"## {phase.order}. {phase.name}: {phase.status}"
    deliverable = f"\n\nDeliverable: {phase.deliverable}" if phase.deliverable else ""
    override = f"\n\nStarted early: {phase.override}" if phase.override else ""
    return f"{head}{deliverable}{override}\n\n{_lines(lines)}".rstrip()


def _record(record: TransformationRecord, change: ChangeRequest | None) -> str:
    reason = f" ({record.reason})" if record.reason else ""
    link = f" [{change.title}]({change.url})" if change else ""
    shown = f"\n  - {record.evidence[0]}" if record.evidence and record.status.done else ""
    return f"{_subject(record)}: {record.status}{reason}{link}{shown}"


def _subject(record: TransformationRecord) -> str:
    return f"{record.name} in {record.repository}"


def _dora(metrics: DORAMetrics | None) -> str:
    given = metrics.model_dump(mode="json", exclude_none=True) if metrics else {}
    return ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in given.items()) or "not measured"


def _lines(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
