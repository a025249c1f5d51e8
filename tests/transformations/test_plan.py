"""Planning: the check decides, the change must satisfy it, and refusals carry a reason."""

import pytest

from shiftdown.capabilities import CapabilityCheck
from shiftdown.errors import InvalidInputError, PluginError
from shiftdown.plugin import (
    CannotEditError,
    ChangeSet,
    CheckOutcome,
    CheckResult,
    Evidence,
    Model,
    NotApplicable,
    Snapshot,
    Transformation,
    capability_check,
    editing,
    transformation,
    write,
)
from shiftdown.repository import ResolvedChange
from shiftdown.transformations import PlanStatus, cycle_among, in_order, plan
from shiftdown.transformations.text import body


@capability_check("motto-is-there", question="Is there a motto?")
def motto_is_there(repo: Snapshot) -> CheckResult:
    """Look for MOTTO."""
    if repo.is_file("MOTTO"):
        return CheckResult.passed("There is one.", Evidence(fact="a motto", path="MOTTO", line=1))
    if repo.exists("motto-less"):
        return CheckResult.not_applicable("It wants no motto.")
    return CheckResult.failed("There is no MOTTO.")


class MottoParams(Model):
    """Parameters."""

    text: str = "Onwards"
    """The motto."""
    times: int = 1
    """How often."""


@transformation("ADD_MOTTO", title="Add a motto", family="testing", verified_by="motto-is-there")
def add_motto(repo: Snapshot, params: MottoParams) -> ChangeSet:
    """Every repository deserves a motto."""
    if repo.is_file("README"):
        with editing("README"):
            raise CannotEditError("has no room", 3)
    if repo.is_file("shy"):
        raise NotApplicable("shy repositories have no motto")
    if repo.is_file("bug"):
        raise ZeroDivisionError("bug")
    if repo.is_file("idle"):
        return ChangeSet()
    path = "WRONG" if repo.is_file("wrong") else "MOTTO"
    return ChangeSet(files=(write(path, f"{params.text}\n" * params.times),), notes=("a note",))


def of(files: dict[str, str], **params: object) -> object:
    return plan(add_motto, motto_is_there, Snapshot.of(files), params)


def test_types_are_what_the_decorators_make() -> None:
    assert isinstance(add_motto, Transformation)
    assert isinstance(motto_is_there, CapabilityCheck)
    assert add_motto.branch == "shiftdown/add-motto"
    assert add_motto.description == "Every repository deserves a motto."


def test_a_change_is_planned_with_parameters_as_text() -> None:
    planned = plan(add_motto, motto_is_there, Snapshot.of({}), {"text": "Up", "times": "2"})
    assert planned.status is PlanStatus.CHANGES
    assert [(f.path, f.action, f.mode, f.after) for f in planned.files] == [("MOTTO", "create", "100644", b"Up\nUp\n")]
    assert planned.notes == ("a note",)
    assert "+Up" in planned.diff()


def test_a_passing_check_means_already_satisfied_with_its_evidence() -> None:
    planned = plan(add_motto, motto_is_there, Snapshot.of({"MOTTO": "x"}))
    assert planned.status is PlanStatus.ALREADY_SATISFIED
    assert [str(e) for e in planned.evidence] == ["MOTTO:1: a motto"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"motto-less": ""}, "wants no motto"),
        ({"shy": ""}, "shy repositories"),
        ({"README": ""}, "README:3: has no room"),
        ({"idle": ""}, "nothing to change"),
        ({"MOTTO/x": ""}, "MOTTO"),
    ],
)
def test_refusals_say_why(files: dict[str, str], reason: str) -> None:
    planned = plan(add_motto, motto_is_there, Snapshot.of(files))
    assert planned.status is PlanStatus.NOT_APPLICABLE
    assert reason in (planned.reason or "")
    assert planned.files == ()


def test_a_change_that_does_not_satisfy_its_check_is_the_plugins_fault() -> None:
    with pytest.raises(PluginError, match=r"ADD_MOTTO on example: .*motto-is-there.*There is no MOTTO"):
        plan(add_motto, motto_is_there, Snapshot.of({"wrong": ""}))


def test_an_unexpected_exception_names_the_transformation() -> None:
    with pytest.raises(PluginError, match="ADD_MOTTO on example: ZeroDivisionError: bug"):
        plan(add_motto, motto_is_there, Snapshot.of({"bug": ""}))


@pytest.mark.parametrize("given", [{"times": "many"}, {"colour": "red"}])
def test_wrong_parameters_name_the_known_ones(given: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError, match=r"ADD_MOTTO: .*parameters: text, times"):
        plan(add_motto, motto_is_there, Snapshot.of({}), given)


def test_what_the_decorators_refuse() -> None:
    with pytest.raises(PluginError, match="UPPER_SNAKE_CASE"):
        transformation("lower", title="x", family="testing", verified_by="a-b")(lambda repo: ChangeSet())
    with pytest.raises(PluginError, match="kebab-case"):
        transformation("ADD_X", title="x", family="Not Kebab", verified_by="a-b")(lambda repo: ChangeSet())
    with pytest.raises(PluginError, match="takes a snapshot"):
        transformation("ADD_X", title="x", family="testing", verified_by="a-b")(lambda: ChangeSet())
    with pytest.raises(PluginError, match="annotate 'params'"):
        transformation("ADD_X", title="x", family="testing", verified_by="a-b")(lambda repo, params: ChangeSet())
    with pytest.raises(PluginError, match="kebab-case"):
        capability_check("Motto", question="?")


def test_what_is_not_default_is_told() -> None:
    planned = plan(add_motto, motto_is_there, Snapshot.of({}), {"text": "Up `now`", "times": "2"})
    assert planned.parameters == {"text": "Up `now`", "times": 2}
    said = body(planned, add_motto, question="?")
    assert "## Parameters\n\n- `text`: `Up 'now'`\n- `times`: `2`\n\n## Files" in said
    plain = plan(add_motto, motto_is_there, Snapshot.of({}), {"times": 1})
    assert plain.parameters == {}
    assert "Parameters" not in body(plain, add_motto, question="?")


def answering(outcome: str, message: str = "because") -> CapabilityCheck:
    return CapabilityCheck("is-there", "?", lambda repo: CheckResult(outcome=CheckOutcome(outcome), message=message))


@pytest.mark.parametrize("files", [{}, {"motto-less": ""}, {"shy": ""}])
def test_a_type_without_what_it_needs_does_not_apply_for_now(files: dict[str, str]) -> None:
    needs = {
        "ADD_PEN": answering("FAIL", "There is no pen."),
        "ADD_INK": answering("PASS"),
        "ADD_DESK": answering("FAIL"),
    }
    planned = plan(add_motto, motto_is_there, Snapshot.of(files), needs=needs)
    assert planned.status is PlanStatus.NOT_APPLICABLE
    assert planned.reason == "needs ADD_PEN and ADD_DESK first: There is no pen."
    assert planned.needs == ("ADD_PEN", "ADD_DESK")


@pytest.mark.parametrize("outcome", ["PASS", "UNKNOWN", "NOT_APPLICABLE"])
def test_a_need_that_is_met_or_cannot_be_told_leaves_the_decision_to_the_type(outcome: str) -> None:
    needs = {"ADD_PEN": answering(outcome)}
    assert plan(add_motto, motto_is_there, Snapshot.of({}), needs=needs).status is PlanStatus.CHANGES
    refused = plan(add_motto, motto_is_there, Snapshot.of({"shy": ""}), needs=needs)
    assert (refused.status, refused.needs) == (PlanStatus.NOT_APPLICABLE, ())


def test_what_is_there_needs_nothing() -> None:
    planned = plan(add_motto, motto_is_there, Snapshot.of({"MOTTO": "x"}), needs={"ADD_PEN": answering("FAIL")})
    assert planned.status is PlanStatus.ALREADY_SATISFIED


def needing(type_: str, *needs: str) -> Transformation:
    made = transformation(type_, title="x", family="testing", verified_by="a-b", needs=needs)
    return made(lambda repo: ChangeSet())


@pytest.mark.parametrize("need", ["ADD_X", "add_y", "Y"])
def test_a_need_is_another_type(need: str) -> None:
    with pytest.raises(PluginError, match=f"ADD_X: needs '{need}', which is not another type"):
        needing("ADD_X", need)


def test_types_come_behind_those_that_they_need() -> None:
    types = {t.type: t for t in (needing("ADD_A", "ADD_C"), needing("ADD_B"), needing("ADD_C", "ADD_D", "ADD_Z"))}
    assert in_order(["ADD_A", "ADD_B", "ADD_C", "ADD_D"], types) == ["ADD_D", "ADD_C", "ADD_A", "ADD_B"]
    assert in_order(["ADD_B", "ADD_A"], types) == ["ADD_B", "ADD_A"]
    assert cycle_among(types) == ()
    circle = {**types, "ADD_D": needing("ADD_D", "ADD_A")}
    assert sorted(cycle_among(circle)[1:]) == ["ADD_A", "ADD_C", "ADD_D"]
    assert sorted(in_order(circle, circle)) == sorted(circle)


def test_a_change_set_is_resolved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[str] = []
    resolve = ChangeSet.resolve

    def counted(self: ChangeSet, base: Snapshot) -> tuple[ResolvedChange, ...]:
        times.append(base.name)
        return resolve(self, base)

    monkeypatch.setattr(ChangeSet, "resolve", counted)
    assert plan(add_motto, motto_is_there, Snapshot.of({})).status is PlanStatus.CHANGES
    assert times == ["example"]
