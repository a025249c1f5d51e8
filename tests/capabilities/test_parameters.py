"""Checks that take parameters: they are given the transformation's, by name, or their own defaults."""

from enum import StrEnum

import pytest
from pydantic import Field, Secret, SecretStr

from shiftdown.assessment import assess
from shiftdown.capabilities import CapabilityCheck, NoParameters, parameter_values
from shiftdown.errors import PluginError
from shiftdown.plugin import (
    ChangeSet,
    CheckOutcome,
    CheckResult,
    Evidence,
    Model,
    Snapshot,
    capability_check,
    transformation,
    write,
)
from shiftdown.transformations import PlanStatus, Transformation, plan


class Coverage(Model):
    """Parameters."""

    threshold: int = Field(50, ge=0, le=100)
    """How much must be covered, in per cent."""
    tool: str = "any"
    """What measures it."""


class Threshold(Model):
    """What the check reads of them."""

    threshold: int = Field(50, ge=0, le=100)
    """How much must be covered, in per cent."""


def enforced(repo: Snapshot, params: Threshold) -> CheckResult:
    found = int(repo.text("coverage")) if repo.is_file("coverage") else 0
    if found >= params.threshold:
        return CheckResult.passed(f"{found} % is enforced.", Evidence(fact=f"{found} %", path="coverage", line=1))
    return CheckResult.failed(f"{found} % is enforced, {params.threshold} % is wanted.")


def enforce(repo: Snapshot, params: Coverage) -> ChangeSet:
    """Fail below a threshold."""
    return ChangeSet(files=(write("coverage", f"{params.threshold}\n"),))


CHECK = capability_check("coverage-is-enforced", question="Is coverage enforced?")(enforced)
TYPE = transformation(
    "ENFORCE_COVERAGE", title="Enforce coverage", family="testing", verified_by="coverage-is-enforced"
)(enforce)
HALF = {"coverage": "50\n"}


def asked(function: object) -> CapabilityCheck:
    return capability_check("coverage-is-enforced", question="?")(function)  # type: ignore[arg-type]


def test_a_threshold_above_what_is_enforced_is_a_change() -> None:
    planned = plan(TYPE, CHECK, Snapshot.of(HALF), {"threshold": 80})
    assert planned.status is PlanStatus.CHANGES
    assert [f.after for f in planned.files] == [b"80\n"]
    assert plan(TYPE, CHECK, Snapshot.of(HALF), {"threshold": 50}).status is PlanStatus.ALREADY_SATISFIED
    assert plan(TYPE, CHECK, Snapshot.of({"coverage": "80"}), {"threshold": 80}).status is PlanStatus.ALREADY_SATISFIED


def test_one_snapshot_remembers_each_answer_by_its_parameters() -> None:
    times: list[int] = []

    def counted(repo: Snapshot, params: Threshold) -> CheckResult:
        times.append(params.threshold)
        return enforced(repo, params)

    check, snapshot = asked(counted), Snapshot.of(HALF)
    outcomes = [check.run(snapshot, Coverage(threshold=n)).outcome for n in (80, 50, 80, 50)]
    assert outcomes == [CheckOutcome.FAIL, CheckOutcome.PASS] * 2
    assert check.run(snapshot, Coverage(threshold=80, tool="istanbul")).outcome is CheckOutcome.FAIL
    assert times == [80, 50]


def test_an_assessment_asks_by_the_defaults() -> None:
    assert CHECK.run(Snapshot.of(HALF)).outcome is CheckOutcome.PASS
    (finding,) = assess(Snapshot.of({"coverage": "49"}), [CHECK], {}).findings
    assert (finding.outcome, finding.message) == (CheckOutcome.FAIL, "49 % is enforced, 50 % is wanted.")


def test_without_a_default_an_assessment_cannot_tell() -> None:
    class Wanted(Model):
        threshold: int

    def wanting(repo: Snapshot, params: Wanted) -> CheckResult:
        raise AssertionError("not to be asked")

    wanting.__annotations__["params"] = Wanted
    found = asked(wanting).run(Snapshot.of(HALF))
    assert found.outcome is CheckOutcome.UNKNOWN
    assert "depends on threshold" in found.message


def test_parameters_are_json_that_is_taken_again() -> None:
    assert parameter_values(Coverage(threshold=80)) == {"threshold": 80, "tool": "any"}
    assert parameter_values(Coverage(threshold=80), defaults=False) == {"threshold": 80}
    assert TYPE.parse(parameter_values(Coverage(threshold=80))) == Coverage(threshold=80)
    assert parameter_values(NoParameters()) == {}


class Strict(Model):
    threshold: int = Field(50, ge=0, le=90)


class Higher(Model):
    threshold: int = Field(60, ge=0, le=100)


class Elsewhere(Model):
    limit: int = 50


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (Threshold, None),
        (Coverage, None),
        (NoParameters, None),
        (Strict, "'threshold' is of another type"),
        (Higher, "'threshold' has another default"),
        (Elsewhere, "no parameter 'limit'"),
    ],
)
def test_a_check_verifies_only_what_has_its_parameters(model: type[Model], problem: str | None) -> None:
    found = CapabilityCheck("a-b", "?", lambda repo, params: CheckResult.failed("no"), model).misfit(Coverage)
    assert found == problem if problem is None else problem in (found or "")


class Deep(Model):
    inner: "Token | None" = None


class Token(Model):
    value: tuple[SecretStr, ...] = ()


class Pin(Model):
    pin: Secret[int]


class Aliased(Model):
    threshold: int = Field(50, alias="limit")


class Kind(StrEnum):
    A = "a"


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (Token, "ADD_X: the parameter 'value' is a secret"),
        (Deep, "ADD_X: the parameter 'inner' is a secret"),
        (Pin, "ADD_X: the parameter 'pin' is a secret"),
        (Aliased, "ADD_X: the parameter 'threshold' has an alias"),
        (Kind, "ADD_X: annotate 'params' with a pydantic model"),
    ],
)
def test_parameters_that_cannot_be_kept_are_refused(model: type, problem: str) -> None:
    def function(repo: Snapshot, params: object) -> ChangeSet:
        return ChangeSet()

    function.__annotations__["params"] = model
    with pytest.raises(PluginError, match=problem):
        transformation("ADD_X", title="x", family="testing", verified_by="a-b")(function)


def test_checks_are_refused_for_the_same_reasons() -> None:
    def function(repo: Snapshot, params: Token) -> CheckResult:
        return CheckResult.failed("no")

    with pytest.raises(PluginError, match="capability check coverage-is-enforced: the parameter 'value' is a secret"):
        asked(function)
    with pytest.raises(PluginError, match="takes a snapshot"):
        asked(lambda: CheckResult.failed("no"))


def test_the_decorators_read_the_models() -> None:
    assert isinstance(TYPE, Transformation)
    assert (TYPE.parameters, CHECK.parameters) == (Coverage, Threshold)
