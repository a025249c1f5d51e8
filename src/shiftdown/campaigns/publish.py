"""One transformation on one repository: plan, propose, and record where that has come to.

Every step can be repeated: a run that was killed anywhere is finished by the next one, with one branch, one
change request and one record.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import BaseModel

from shiftdown.campaigns.needs import waits_for
from shiftdown.delivery import BranchHeldError, Delivery, ours, refresh
from shiftdown.extensions import Plugins
from shiftdown.forges.base import ChangeRequestText, Forge, RequestOptions
from shiftdown.forges.proposal import Proposal, Proposed
from shiftdown.git import GitRepository
from shiftdown.model import ChangeRequest, ChangeRequestStatus, Repository, TransformationRecord, TransformationStatus
from shiftdown.model.base import Model
from shiftdown.repository import Snapshot
from shiftdown.transformations import Plan, PlanStatus, Transformation
from shiftdown.transformations.text import body, commit_message

if TYPE_CHECKING:
    from shiftdown.registry import Registry


class RunOutcome(StrEnum):
    """What a run did about one transformation of one repository."""

    OPENED = "OPENED"
    """A change request was opened."""
    UPDATED = "UPDATED"
    """The open change request was brought up to date."""
    UNCHANGED = "UNCHANGED"
    """The open change request is up to date."""
    ALREADY_SATISFIED = "ALREADY_SATISFIED"
    """There is nothing to do."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """It does not fit; the reason says why."""
    LEFT_ALONE = "LEFT_ALONE"
    """A person decided or changed something; the reason says what."""
    WAITING = "WAITING"
    """An open change request of an earlier type changes the same file, or a type that it needs is still open: this one
    comes after it."""
    NO_PLUGIN = "NO_PLUGIN"
    """No installed plugin provides the type."""
    FAILED = "FAILED"
    """An error; the reason is its message."""


class RunResult(Model):
    """What a run did about one transformation of one repository."""

    repository: str
    """Location of the repository."""
    type: str
    """The transformation type."""
    outcome: RunOutcome
    """What was done."""
    reason: str | None = None
    """Why, where the outcome alone does not say."""
    change_request: ChangeRequest | None = None
    """The change request, where there is one."""


@dataclass(frozen=True)
class Tools:
    """What a run works with; built by the app."""

    plugins: Plugins
    delivery: Delivery
    following: Callable[[str], Sequence[str]] = field(default=lambda _: ())
    """The titles of what comes after a type in the playbook."""
    request: RequestOptions = field(default_factory=RequestOptions)
    """How change requests are opened, and with whom."""

    @property
    def registry(self) -> "Registry":
        """Where everything is recorded."""
        return self.delivery.registry


class Work:
    """Transformations on one repository, one after the other."""

    def __init__(self, tools: Tools, git: GitRepository, repository: Repository) -> None:
        self._tools = tools
        self._git = git
        self._repository = repository
        self._claims: dict[str, ChangeRequest] = {}
        """The change requests that are open by now, by the paths that they change."""

    @cached_property
    def snapshot(self) -> Snapshot:
        """The repository at the tip of its default branch, when it was first looked at."""
        return self._git.snapshot()

    def publish(
        self, transformation: Transformation, parameters: BaseModel, record: TransformationRecord | None
    ) -> RunResult:
        """Bring the repository to the point where the change is proposed, or is known not to be needed.

        A change to a path that a change request of this work changes waits: it would conflict with the other as soon
        as one is merged.

        Raises:
            ShiftdownError: something is in the way; what was done so far is kept and found again by the next run.
        """
        planned = self._tools.plugins.plan(transformation, self.snapshot, parameters)
        if planned.status is not PlanStatus.CHANGES:
            return self._settle(planned, record)
        paths = {p for f in planned.files for p in (f.path, f.source) if p}
        if waiting := self._waiting(planned, paths, record):
            return waiting
        to = self._tools.delivery.destination(self._git, self._repository.location)
        if record and (rejected := self._rejected(to.forge, planned, record)):
            return rejected
        self._set(record, TransformationStatus.PLANNED, evidence=planned)
        try:
            proposed = self._tools.delivery.propose(to, self._proposal(transformation, planned))
        except BranchHeldError as held:
            return self._held(planned, record, held)
        self._set(record, TransformationStatus.IN_REVIEW, change_request=proposed.change_request, evidence=planned)
        self._claims.update(dict.fromkeys(paths, proposed.change_request))
        return self._opened(planned, proposed)

    def _proposal(self, transformation: Transformation, planned: Plan) -> Proposal:
        question = self._tools.plugins.check(transformation.verified_by).question
        delivery, snapshot = self._tools.delivery, self.snapshot
        commit = self._git.commit_resolved(
            snapshot, planned.files, message=commit_message(planned), author=delivery.author(), at=delivery.clock()
        )
        following = self._tools.following(transformation.type)
        text = ChangeRequestText(
            title=planned.title,
            body=body(planned, transformation, question=question, following=following),
            branch=transformation.branch,
            base=snapshot.default_branch,
            **self._tools.request.model_dump(),
        )
        return Proposal(transformation.type, text, ours(transformation.branch, transformation.type, commit))

    def _waiting(self, planned: Plan, paths: set[str], record: TransformationRecord | None) -> RunResult | None:
        """The result when another open change request changes the same file, and this type has none yet."""
        waits_for = next((self._claims[p] for p in sorted(paths) if p in self._claims), None)
        if waits_for is None or self._known(planned.type):
            return None
        reason = f"waits for the merge of {waits_for.type} ({waits_for.id}), which changes the same file"
        self._set(record, TransformationStatus.PLANNED, reason=reason, evidence=planned)
        return self._result(planned, RunOutcome.WAITING, reason)

    def _rejected(self, forge: Forge, planned: Plan, record: TransformationRecord) -> RunResult | None:
        """The result when a person has closed the record's change request since the last look: that is a rejection."""
        registry, known = self._tools.registry, self._known(planned.type)
        if known is None or known.id != registry.record(record.id).change_request_id:
            return None
        seen = forge.get(self._repository.location, known.number)
        if seen.status is not ChangeRequestStatus.CLOSED:
            return None
        known = refresh(registry, known, seen)
        reason = known.reason or "closed without a reason"
        self._set(record, TransformationStatus.REJECTED, reason=reason, change_request=known)
        return self._result(planned, RunOutcome.LEFT_ALONE, f"its change request was closed: {reason}", known)

    def _held(self, planned: Plan, record: TransformationRecord | None, held: BranchHeldError) -> RunResult:
        existing = self._known(planned.type)
        if existing:
            self._set(record, TransformationStatus.IN_REVIEW, change_request=existing)
        return self._result(planned, RunOutcome.LEFT_ALONE, str(held), existing)

    def _settle(self, planned: Plan, record: TransformationRecord | None) -> RunResult:
        """Nothing to propose: record why, and withdraw a change request that became needless.

        What does not apply because a type that it needs is still open in the program waits for that one.
        """
        if waited := waits_for(self._tools.registry, record, planned):
            self._tools.delivery.withdraw(self._repository, planned.type, waited)
            self._set(record, TransformationStatus.PENDING, reason=waited, evidence=planned)
            return self._result(planned, RunOutcome.WAITING, waited)
        satisfied = planned.status is PlanStatus.ALREADY_SATISFIED
        status = TransformationStatus.ALREADY_SATISFIED if satisfied else TransformationStatus.NOT_APPLICABLE
        reason = planned.reason or "The default branch satisfies it already."
        self._tools.delivery.withdraw(self._repository, planned.type, reason)
        self._set(record, status, reason=planned.reason, evidence=planned)
        outcome = RunOutcome.ALREADY_SATISFIED if satisfied else RunOutcome.NOT_APPLICABLE
        return self._result(planned, outcome, planned.reason)

    def _opened(self, planned: Plan, proposed: Proposed) -> RunResult:
        reason = None if proposed.problem is None else f"open, but not all that was asked for: {proposed.problem}"
        return self._result(planned, RunOutcome(proposed.outcome), reason, proposed.change_request)

    def _known(self, type_: str) -> ChangeRequest | None:
        return self._tools.registry.open_change_request(self._repository.id, type_)

    def _set(
        self,
        record: TransformationRecord | None,
        status: TransformationStatus,
        *,
        reason: str | None = None,
        change_request: ChangeRequest | None = None,
        evidence: Plan | None = None,
    ) -> None:
        if record is None:
            return
        registry = self._tools.registry
        current = registry.record(record.id)
        if current.status is TransformationStatus.IN_REVIEW and status is TransformationStatus.PLANNED:
            return
        linked = change_request.id if change_request else current.change_request_id
        revision = evidence.revision if evidence else None
        if (current.status, current.reason, current.change_request_id) == (status, reason, linked):
            if status is TransformationStatus.NOT_APPLICABLE and current.revision != revision:
                registry.note_record(record.id, reason, revision=revision)
            return
        registry.set_record_status(
            record.id,
            status,
            reason=reason,
            evidence=tuple(str(e) for e in evidence.evidence) if evidence else None,
            change_request_id=linked,
            revision=revision,
        )

    def _result(
        self, planned: Plan, outcome: RunOutcome, reason: str | None, change_request: ChangeRequest | None = None
    ) -> RunResult:
        return RunResult(
            repository=self._repository.location,
            type=planned.type,
            outcome=outcome,
            reason=reason,
            change_request=change_request,
        )
