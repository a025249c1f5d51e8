"""A capability check: one question about a repository, answered from its files."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from shiftdown.errors import PluginError
from shiftdown.model.base import Model
from shiftdown.repository import Evidence, Snapshot

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")


class CheckOutcome(StrEnum):
    """The answer to a check's question."""

    PASS = "PASS"  # noqa: S105
    """Yes, and the evidence shows where."""
    FAIL = "FAIL"
    """No."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """The question makes no sense for this repository."""
    UNKNOWN = "UNKNOWN"
    """It could not be told; the message says why."""


class CheckResult(Model):
    """What a check found."""

    outcome: CheckOutcome
    """The answer."""
    message: str
    """The answer in a sentence, for a person to act on."""
    evidence: tuple[Evidence, ...] = ()
    """What it stands on; a PASS has at least one, with its file."""

    @classmethod
    def passed(cls, message: str, *evidence: Evidence) -> "CheckResult":
        """Yes; `evidence` shows where."""
        return cls(outcome=CheckOutcome.PASS, message=message, evidence=evidence)

    @classmethod
    def failed(cls, message: str, *evidence: Evidence) -> "CheckResult":
        """No."""
        return cls(outcome=CheckOutcome.FAIL, message=message, evidence=evidence)

    @classmethod
    def not_applicable(cls, message: str, *evidence: Evidence) -> "CheckResult":
        """The question makes no sense here."""
        return cls(outcome=CheckOutcome.NOT_APPLICABLE, message=message, evidence=evidence)

    @classmethod
    def unknown(cls, message: str, *evidence: Evidence) -> "CheckResult":
        """It cannot be told."""
        return cls(outcome=CheckOutcome.UNKNOWN, message=message, evidence=evidence)


@dataclass(frozen=True)
class CapabilityCheck:
    """A question about a repository. Made by the decorator `capability_check`."""

    id: str
    """Unique id in kebab-case: "ci-runs-on-changes"."""
    question: str
    """The question, in words."""
    function: Callable[[Snapshot], CheckResult]
    """Answers it; pure."""

    def run(self, snapshot: Snapshot) -> CheckResult:
        """The answer for `snapshot`, computed once per snapshot."""
        return snapshot.remember(self.function)


def capability_check(id: str, *, question: str) -> Callable[[Callable[[Snapshot], CheckResult]], CapabilityCheck]:
    """Make a capability check of a pure function from a snapshot to a result.

    Raises:
        PluginError: the id is not kebab-case of two words or more.
    """
    if not _ID.fullmatch(id):
        raise PluginError(
            f"capability check id {id!r} is not kebab-case of two words or more, such as 'ci-runs-on-changes'"
        )

    def make(function: Callable[[Snapshot], CheckResult]) -> CapabilityCheck:
        return CapabilityCheck(id=id, question=question, function=function)

    return make
