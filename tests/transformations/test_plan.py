"""Planning: the check decides, the change must satisfy it, and refusals carry a reason."""

import pytest

from shiftdown.capabilities import CapabilityCheck
from shiftdown.errors import InvalidInputError, PluginError
from shiftdown.plugin import (
    CannotEditError,
    ChangeSet,
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
from shiftdown.transformations import PlanStatus, plan


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
