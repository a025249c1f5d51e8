"""What the capability checks add up to for one repository."""

from collections.abc import Iterable, Mapping, Sequence

from shiftdown.assessment.inspection import Inspection, inspect
from shiftdown.capabilities import CapabilityCheck, CheckOutcome
from shiftdown.model import DORAMetrics
from shiftdown.model.base import Model
from shiftdown.repository import Evidence, Snapshot


class Finding(Model):
    """The answer to one capability check, and what fixes it."""

    check: str
    """Id of the check."""
    question: str
    """Its question."""
    outcome: CheckOutcome
    """The answer."""
    message: str
    """The answer in a sentence."""
    evidence: tuple[Evidence, ...]
    """What it stands on."""
    fixed_by: tuple[str, ...]
    """The transformation types that fix it when it fails."""


class Assessment(Model):
    """What was found out about one repository."""

    repository: str
    """Name of the repository."""
    revision: str | None
    """The commit that was looked at."""
    findings: tuple[Finding, ...]
    """One for each capability check, sorted by id."""
    dora: DORAMetrics | None = None
    """DORA metrics; `None`: they were not measured."""


def assess(snapshot: Snapshot, checks: Iterable[CapabilityCheck], fixes: Mapping[str, Sequence[str]]) -> Assessment:
    """Ask every check about a snapshot. `fixes` gives the types that fix each check, by its id."""
    findings = []
    for check in sorted(checks, key=lambda c: c.id):
        result = check.run(snapshot)
        findings.append(
            Finding(
                check=check.id,
                question=check.question,
                outcome=result.outcome,
                message=result.message,
                evidence=result.evidence,
                fixed_by=tuple(fixes.get(check.id, ())),
            )
        )
    return Assessment(repository=snapshot.name, revision=snapshot.revision, findings=tuple(findings))


__all__ = ["Assessment", "Finding", "Inspection", "assess", "inspect"]
