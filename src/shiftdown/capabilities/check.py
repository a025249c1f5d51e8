"""A capability check: one question about a repository, answered from its files."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel

from shiftdown.capabilities.parameters import NoParameters, parameters_of, parse_parameters
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
    function: Callable[..., CheckResult]
    """Answers it, from a snapshot and, if it has parameters, their model; pure."""
    parameters: type[BaseModel] = NoParameters
    """Model of what the answer depends on beside the repository."""

    def run(self, snapshot: Snapshot, parameters: BaseModel | None = None) -> CheckResult:
        """The answer for `snapshot`, computed once per snapshot and parameters.

        Args:
            snapshot: the repository.
            parameters: those of the transformation that is in question, of which the check takes its own by name;
                `None` when none is: then its defaults hold, and a parameter without one makes the answer UNKNOWN.
        """
        if self.parameters is NoParameters:
            return snapshot.remember(self.function)
        if parameters is None:
            missing = [name for name, field in self.parameters.model_fields.items() if field.is_required()]
            if missing:
                return CheckResult.unknown(f"It depends on {', '.join(missing)}: plan a type that it verifies.")
        own = self._own(parameters)
        return snapshot.remember(_Asked(self.function, own, key=own.model_dump_json()))

    def misfit(self, parameters: type[BaseModel]) -> str | None:
        """Why the check cannot verify a transformation with these parameters; `None` if it can.

        Each parameter of the check has to be one of the transformation's: of the same name, type and constraints, and
        of the same default where both have one, so that an assessment and a plan by defaults agree.
        """
        for name, own in self.parameters.model_fields.items():
            other = parameters.model_fields.get(name)
            if other is None:
                return f"there is no parameter {name!r}"
            if (own.annotation, own.metadata) != (other.annotation, other.metadata):
                return f"the parameter {name!r} is of another type"
            both = not own.is_required() and not other.is_required()
            if both and own.get_default(call_default_factory=True) != other.get_default(call_default_factory=True):
                return f"the parameter {name!r} has another default"
        return None

    def _own(self, parameters: BaseModel | None) -> BaseModel:
        if isinstance(parameters, self.parameters):
            return parameters
        names = () if parameters is None else self.parameters.model_fields
        given = {name: getattr(parameters, name) for name in names}
        return parse_parameters(f"capability check {self.id}", self.parameters, given)


@dataclass(frozen=True)
class _Asked:
    """A question with its parameters: what a snapshot remembers the answer by."""

    function: Callable[..., CheckResult]
    parameters: BaseModel = field(compare=False)
    key: str

    def __call__(self, snapshot: Snapshot) -> CheckResult:
        return self.function(snapshot, self.parameters)


def capability_check(id: str, *, question: str) -> Callable[[Callable[..., CheckResult]], CapabilityCheck]:
    """Make a capability check of a pure function `(repo: Snapshot, params: P) -> CheckResult`.

    `P` is a pydantic model, read from the annotation, with parameters of the transformations that the check verifies;
    a function without a second argument depends on none.

    Raises:
        PluginError: the id is not kebab-case of two words or more, or the function has another form.
    """
    if not _ID.fullmatch(id):
        raise PluginError(
            f"capability check id {id!r} is not kebab-case of two words or more, such as 'ci-runs-on-changes'"
        )

    def make(function: Callable[..., CheckResult]) -> CapabilityCheck:
        model = parameters_of(f"capability check {id}", function)
        return CapabilityCheck(id=id, question=question, function=function, parameters=model)

    return make
