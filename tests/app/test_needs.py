"""Types that need others, parameters in programs, and what did not apply and then does."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import Field

from shiftdown import DevOpsProgram, RunOutcome, Shiftdown, TransformationRecord
from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.extensions import Plugins
from shiftdown.plugin import (
    CapabilityCheck,
    ChangeSet,
    CheckResult,
    Evidence,
    Model,
    NotApplicable,
    Snapshot,
    Transformation,
    capability_check,
    hookimpl,
    transformation,
    write,
)

from .conftest import AUTHOR, Clock, git

BOOK = """
name: images
phases:
  - name: Build
    phase_type: CI_CD_AUTOMATION
    duration: 1 week
    transformations: [BUILD_IMAGE]
  - name: Coverage
    phase_type: TESTING_AUTOMATION
    duration: 1 week
    transformations: [{type: ENFORCE_COVERAGE, parameters: {threshold: 60}}]
"""
TOGETHER = """
name: together
phases:
  - name: Images
    phase_type: CI_CD_AUTOMATION
    duration: 1 week
    transformations: [SCAN_IMAGE, WRITE_DOCKERFILE]
"""


def there(id: str, path: str) -> CapabilityCheck:
    """A check that passes when a file is there."""

    @capability_check(id, question=f"Is {path} there?")
    def check(repo: Snapshot) -> CheckResult:
        if repo.is_file(path):
            return CheckResult.passed("It is.", Evidence(fact="there", path=path))
        return CheckResult.failed(f"There is no {path}.")

    return check


@transformation("BUILD_IMAGE", title="Build the image", family="testing", verified_by="image-is-built")
def build_image(repo: Snapshot) -> ChangeSet:
    """It has to be there to be built."""
    if not repo.is_file("Dockerfile"):
        raise NotApplicable("there is no Dockerfile; add one and try again")
    return ChangeSet(files=(write("build.yml", "docker build .\n"),), evidence=(Evidence(fact="x", path="Dockerfile"),))


@transformation("WRITE_DOCKERFILE", title="Write a Dockerfile", family="testing", verified_by="dockerfile-is-there")
def write_dockerfile(repo: Snapshot) -> ChangeSet:
    """It needs nothing."""
    if repo.is_file("LIBRARY"):
        raise NotApplicable("a library has no image")
    return ChangeSet(files=(write("Dockerfile", "FROM scratch\n"),))


@transformation(
    "SCAN_IMAGE",
    title="Scan the image",
    family="testing",
    verified_by="image-is-scanned",
    needs=("WRITE_DOCKERFILE", "ADD_NOBODYS"),
)
def scan_image(repo: Snapshot) -> ChangeSet:
    """It would fail without the file."""
    return ChangeSet(files=(write("scan.yml", repo.text("Dockerfile")),))


class Coverage(Model):
    """Parameters."""

    threshold: int = Field(50, ge=0, le=100)
    """How much must be covered, in per cent."""


@capability_check("coverage-is-enforced", question="Is coverage enforced?")
def coverage_is_enforced(repo: Snapshot, params: Coverage) -> CheckResult:
    """Compare with what the file says."""
    found = int(repo.text("coverage")) if repo.is_file("coverage") else 0
    if found >= params.threshold:
        return CheckResult.passed(f"{found} % is enforced.", Evidence(fact=f"{found} %", path="coverage", line=1))
    return CheckResult.failed(f"{found} % is enforced, {params.threshold} % is wanted.")


@transformation("ENFORCE_COVERAGE", title="Enforce coverage", family="testing", verified_by="coverage-is-enforced")
def enforce_coverage(repo: Snapshot, params: Coverage) -> ChangeSet:
    """Fail below a threshold."""
    if repo.is_file("LIBRARY") and params.threshold > 90:
        raise NotApplicable("a library cannot have so much")
    return ChangeSet(files=(write("coverage", f"{params.threshold}\n"),))


class Plugin:
    @hookimpl
    def shiftdown_transformations(self) -> list[Transformation]:
        return [build_image, write_dockerfile, scan_image, enforce_coverage]

    @hookimpl
    def shiftdown_capability_checks(self) -> list[CapabilityCheck]:
        files = {"image-is-built": "build.yml", "dockerfile-is-there": "Dockerfile", "image-is-scanned": "scan.yml"}
        return [*(there(id, path) for id, path in files.items()), coverage_is_enforced]

    @hookimpl
    def shiftdown_playbooks(self) -> dict[str, str]:
        return {"images": BOOK, "together": TOGETHER}


@pytest.fixture
def images(tmp_path: Path, clock: Clock) -> Iterator[Shiftdown]:
    """Shiftdown with the types of this module."""
    plugins = Plugins()
    plugins.register(Plugin(), name="images", package="images")
    with Shiftdown.open(f"sqlite:///{tmp_path}/r.db", plugins=plugins, author=AUTHOR, clock=clock) as opened:
        yield opened


Make = Callable[..., Path]


def start(sd: Shiftdown, book: str, *repositories: Path, parameters: Mapping[str, object] | None = None) -> str:
    program = sd.programs.start(
        playbook=book,
        name="P",
        organization="acme",
        repositories=[str(r) for r in repositories],
        parameters=parameters,  # type: ignore[arg-type]
    )
    return program.id


def records(program: DevOpsProgram) -> dict[str, TransformationRecord]:
    return {r.transformation_type: r for phase in program.phases for r in phase.transformations}


def commit(repository: Path, name: str, content: str | None) -> None:
    if content is None:
        (repository / name).unlink()
    else:
        (repository / name).write_text(content)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", f"Change {name}")


def run(sd: Shiftdown, id_: str, order: int) -> dict[str, RunOutcome]:
    return {r.type: r.outcome for r in sd.run(sd.programs.phase(sd.programs.get(id_), order))}


def land(sd: Shiftdown, id_: str) -> None:
    for request in sd.change_requests.list(open_only=True):
        sd.change_requests.merge(request.id)
    sd.sync(sd.programs.get(id_))


def test_what_did_not_apply_is_pending_again_when_the_repository_changes(
    images: Shiftdown, new_repository: Make
) -> None:
    repository = new_repository("orders")
    id_ = start(images, "images", repository)
    assert run(images, id_, 1) == {"BUILD_IMAGE": RunOutcome.NOT_APPLICABLE}
    program = images.programs.get(id_)
    assert program.phases[0].status == "COMPLETED"
    assert records(program)["BUILD_IMAGE"].revision == git(repository, "rev-parse", "HEAD")

    events = len(images.registry.events())
    assert {r.before == r.after for r in images.sync(program)} == {True}
    assert len(images.registry.events()) == events

    commit(repository, "README", "changed\n")
    assert {r.before == r.after for r in images.sync(program)} == {True}
    record = records(images.programs.get(id_))["BUILD_IMAGE"]
    assert (record.status, record.revision) == ("NOT_APPLICABLE", git(repository, "rev-parse", "HEAD"))
    assert "there is no Dockerfile" in (record.reason or "")

    commit(repository, "Dockerfile", "FROM scratch\n")
    tip = git(repository, "rev-parse", "HEAD")
    result = next(r for r in images.sync(program) if r.type == "BUILD_IMAGE")
    assert (result.before, result.after) == ("NOT_APPLICABLE", "PENDING")
    assert result.reason == f"applies since {tip[:10]}; before: there is no Dockerfile; add one and try again"
    program = images.programs.get(id_)
    assert [phase.status for phase in program.phases] == ["PENDING", "PENDING"]
    assert images.programs.current_phase(program).order == 1
    assert run(images, id_, 1) == {"BUILD_IMAGE": RunOutcome.OPENED}
    land(images, id_)
    assert records(images.programs.get(id_))["BUILD_IMAGE"].status == "VERIFIED"
    assert images.registry.verify() == ()


def test_a_program_that_was_complete_goes_on(images: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders", {"LIBRARY": ""})
    id_ = start(images, "together", repository)
    assert set(run(images, id_, 1).values()) == {RunOutcome.NOT_APPLICABLE}
    assert images.programs.get(id_).status == "COMPLETED"
    commit(repository, "Dockerfile", "FROM scratch\n")
    images.sync(images.programs.get(id_))
    program = images.programs.get(id_)
    assert (program.status, program.phases[0].status) == ("ACTIVE", "IN_PROGRESS")
    found = {type_: r.status.value for type_, r in records(program).items()}
    assert found == {"SCAN_IMAGE": "PENDING", "WRITE_DOCKERFILE": "ALREADY_SATISFIED"}


def test_a_run_of_another_phase_looks_again(images: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders")
    id_ = start(images, "images", repository)
    run(images, id_, 1)
    assert run(images, id_, 2) == {"ENFORCE_COVERAGE": RunOutcome.OPENED}
    commit(repository, "Dockerfile", "FROM scratch\n")
    assert run(images, id_, 2) == {"BUILD_IMAGE": RunOutcome.OPENED, "ENFORCE_COVERAGE": RunOutcome.UPDATED}
    assert [phase.status for phase in images.programs.get(id_).phases] == ["IN_PROGRESS", "IN_PROGRESS"]


def test_a_skipped_phase_is_not_looked_at_again_by_a_run(images: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders")
    id_ = start(images, "images", repository)
    run(images, id_, 1)
    images.programs.skip_phase(id_, 1, reason="later")
    commit(repository, "Dockerfile", "FROM scratch\n")
    assert run(images, id_, 2) == {"ENFORCE_COVERAGE": RunOutcome.OPENED}


def test_a_repository_that_is_gone_changes_nothing_about_what_did_not_apply(
    images: Shiftdown, new_repository: Make
) -> None:
    repository = new_repository("orders")
    id_ = start(images, "images", repository)
    run(images, id_, 1)
    repository.rename(repository.with_name("elsewhere"))
    assert set(run(images, id_, 2).values()) == {RunOutcome.FAILED}
    assert records(images.programs.get(id_))["BUILD_IMAGE"].status == "NOT_APPLICABLE"


def test_a_type_waits_for_what_it_needs(images: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders")
    id_ = start(images, "together", repository)
    plans = images.plan(images.programs.get(id_).phases[0])
    assert [(p.type, p.status.value) for p in plans] == [
        ("WRITE_DOCKERFILE", "CHANGES"),
        ("SCAN_IMAGE", "NOT_APPLICABLE"),
    ]
    assert plans[1].reason == "needs WRITE_DOCKERFILE first: There is no Dockerfile."
    assert run(images, id_, 1) == {"SCAN_IMAGE": RunOutcome.WAITING, "WRITE_DOCKERFILE": RunOutcome.OPENED}
    record = records(images.programs.get(id_))["SCAN_IMAGE"]
    assert record.status == "PENDING"
    assert record.reason == (
        "waits for WRITE_DOCKERFILE (IN_REVIEW): needs WRITE_DOCKERFILE first: There is no Dockerfile."
    )
    land(images, id_)
    assert run(images, id_, 1)["SCAN_IMAGE"] is RunOutcome.OPENED
    commit(repository, "Dockerfile", None)
    images.sync(images.programs.get(id_))
    assert run(images, id_, 1) == {"SCAN_IMAGE": RunOutcome.WAITING, "WRITE_DOCKERFILE": RunOutcome.OPENED}
    withdrawn = [c for c in images.change_requests.list() if c.type == "SCAN_IMAGE"]
    assert [c.status.value for c in withdrawn] == ["SUPERSEDED"]


def test_a_type_whose_need_does_not_apply_is_left_out(images: Shiftdown, new_repository: Make) -> None:
    id_ = start(images, "together", new_repository("orders", {"LIBRARY": ""}))
    assert run(images, id_, 1) == {
        "SCAN_IMAGE": RunOutcome.NOT_APPLICABLE,
        "WRITE_DOCKERFILE": RunOutcome.NOT_APPLICABLE,
    }
    assert (records(images.programs.get(id_))["SCAN_IMAGE"].reason or "").startswith("needs WRITE_DOCKERFILE first")


def test_outside_of_a_program_nothing_waits(images: Shiftdown, new_repository: Make) -> None:
    (result,) = images.run_type("SCAN_IMAGE", [str(new_repository("orders"))])
    assert (result.outcome, result.reason) == (
        RunOutcome.NOT_APPLICABLE,
        "needs WRITE_DOCKERFILE first: There is no Dockerfile.",
    )


def test_a_playbook_must_not_have_a_type_before_what_it_needs(
    images: Shiftdown, new_repository: Make, tmp_path: Path
) -> None:
    late = tmp_path / "late.yaml"
    phase = "  - {name: %s, phase_type: OBSERVABILITY, duration: 1 week, transformations: [%s]}\n"
    late.write_text("name: late\nphases:\n" + phase % ("A", "SCAN_IMAGE") + phase % ("B", "WRITE_DOCKERFILE"))
    with pytest.raises(InvalidInputError, match="SCAN_IMAGE of phase 1 needs WRITE_DOCKERFILE, which comes in phase 2"):
        start(images, str(late), new_repository("orders"))
    assert images.registry.events() == []


def test_a_program_plans_verifies_and_watches_with_its_parameters(images: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders", {"coverage": "50\n", "Dockerfile": "x", "build.yml": "x"})
    id_ = start(images, "images", repository, parameters={"ENFORCE_COVERAGE": {"threshold": "80"}})
    program = images.programs.get(id_)
    assert records(program)["ENFORCE_COVERAGE"].parameters == {"threshold": 80}
    assert program.parameters == {"ENFORCE_COVERAGE": {"threshold": 80}}
    assert [p.parameters for p in images.plan(program.phases[1])] == [{"threshold": 80}]
    run(images, id_, 1)
    assert run(images, id_, 2) == {"ENFORCE_COVERAGE": RunOutcome.OPENED}
    (request,) = images.change_requests.list()
    assert "## Parameters\n\n- `threshold`: `80`\n" in request.body
    land(images, id_)
    assert records(images.programs.get(id_))["ENFORCE_COVERAGE"].status == "VERIFIED"
    commit(repository, "coverage", "70\n")
    images.sync(program)
    record = records(images.programs.get(id_))["ENFORCE_COVERAGE"]
    assert (record.status, record.reason) == ("REGRESSED", "70 % is enforced, 80 % is wanted.")


def test_the_organisation_is_over_the_playbook(images: Shiftdown, new_repository: Make) -> None:
    house = images.organizations.set_parameters("acme", {"ENFORCE_COVERAGE": {"threshold": "70"}, "BUILD_IMAGE": {}})
    assert house.parameters == {"ENFORCE_COVERAGE": {"threshold": 70}}
    assert images.organizations.get("acme") == house
    assert [o.name for o in images.organizations.list()] == ["acme"]
    with pytest.raises(NotFoundError, match="no organisation 'other': there are: acme"):
        images.organizations.get("other")
    id_ = start(images, "images", new_repository("orders"))
    assert records(images.programs.get(id_))["ENFORCE_COVERAGE"].parameters == {"threshold": 70}
    images.organizations.set_parameters("acme", {})
    images.programs.add_repository(id_, str(new_repository("billing")))
    late = images.programs.get(id_).phases[1].transformations
    assert [r.parameters for r in late] == [{"threshold": 70}] * 2
    with pytest.raises(InvalidInputError, match="less than or equal to 100"):
        images.organizations.set_parameters("zeta", {"ENFORCE_COVERAGE": {"threshold": 101}})
    with pytest.raises(NotFoundError, match="ADD_NOBODYS"):
        images.organizations.set_parameters("zeta", {"ADD_NOBODYS": {"x": 1}})
    assert [o.name for o in images.organizations.list()] == ["acme"]


def test_other_parameters_are_an_event_and_what_did_not_apply_is_pending_again(
    images: Shiftdown, new_repository: Make
) -> None:
    repository = new_repository("orders", {"LIBRARY": "", "Dockerfile": "x", "build.yml": "x"})
    id_ = start(images, "images", repository, parameters={"ENFORCE_COVERAGE": {"threshold": 95}})
    run(images, id_, 1)
    assert run(images, id_, 2) == {"ENFORCE_COVERAGE": RunOutcome.NOT_APPLICABLE}
    events = len(images.registry.events())
    with pytest.raises(InvalidInputError, match="threshold"):
        images.programs.set_parameters(id_, {"ENFORCE_COVERAGE": {"threshold": "much"}})
    with pytest.raises(InvalidInputError, match="WRITE_DOCKERFILE: no phase applies it"):
        images.programs.set_parameters(id_, {"WRITE_DOCKERFILE": {}})
    assert len(images.registry.events()) == events
    program = images.programs.set_parameters(id_, {"ENFORCE_COVERAGE": {"threshold": "90"}})
    record = records(program)["ENFORCE_COVERAGE"]
    assert (record.status, record.parameters) == ("PENDING", {"threshold": 90})
    assert record.reason == "its parameters have changed; before: a library cannot have so much"
    assert run(images, id_, 2) == {"ENFORCE_COVERAGE": RunOutcome.OPENED}
    program = images.programs.set_parameters(id_, {})
    assert records(program)["ENFORCE_COVERAGE"].parameters == {"threshold": 60}
    assert run(images, id_, 2) == {"ENFORCE_COVERAGE": RunOutcome.UPDATED}
    assert images.registry.verify() == ()


def test_a_record_from_before_gets_the_parameters_that_it_is_run_with(images: Shiftdown, new_repository: Make) -> None:
    id_ = start(images, "images", new_repository("orders", {"Dockerfile": "x", "build.yml": "x"}))
    record = records(images.programs.get(id_))["ENFORCE_COVERAGE"]
    images.registry.change_record(record.id, parameters={})
    run(images, id_, 1)
    assert run(images, id_, 2) == {"ENFORCE_COVERAGE": RunOutcome.OPENED}
    assert images.registry.record(record.id).parameters == {"threshold": 50}


def test_a_parameter_that_the_plugin_has_no_more_is_forgotten(images: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders", {"Dockerfile": "x", "build.yml": "x"})
    id_ = start(images, "images", repository)
    record = records(images.programs.get(id_))["ENFORCE_COVERAGE"]
    images.registry.change_record(record.id, parameters={"threshold": 70, "tool": "cobertura"})
    run(images, id_, 1)
    assert [p.parameters for p in images.plan(images.programs.get(id_).phases[1])] == [{"threshold": 70}]
    assert run(images, id_, 2) == {"ENFORCE_COVERAGE": RunOutcome.OPENED}
    assert images.registry.record(record.id).parameters == {"threshold": 70}
    images.registry.change_record(record.id, parameters={"threshold": 70, "tool": "cobertura"})
    land(images, id_)
    assert records(images.programs.get(id_))["ENFORCE_COVERAGE"].status == "VERIFIED"


def test_a_wrong_parameter_stops_the_start_before_anything_is_recorded(images: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders")
    for wrong in ({"ENFORCE_COVERAGE": {"threshold": 101}}, {"ADD_NOBODYS": {"x": 1}}, {"BUILD_IMAGE": {"x": 1}}):
        with pytest.raises(InvalidInputError):
            start(images, "images", repository, parameters=wrong)
    assert images.registry.events() == []
