"""The jobs that a component's own commands make up: code quality, test, build."""

from collections.abc import Container, Iterable, Sequence

from shiftdown.kits.firsts import Firsts, firsts_of
from shiftdown.kits.neighbours import Neighbour, neighbour_of, time_limit, versions_in_ci
from shiftdown.kits.packages import build_of, needs_install, package_of
from shiftdown.kits.reports import reported
from shiftdown.kits.runtimes import doubts_of, runtime_of
from shiftdown.kits.services import services_beside, services_of, variables_of, without_service
from shiftdown.kits.stage import listed
from shiftdown.kits.steps import TITLES, check_steps, command_step
from shiftdown.kits.units import TESTING, Unit
from shiftdown.pipelines import TIMEOUT, Job, Runtime, Stage, Step
from shiftdown.pipelines.setups import SetupFact
from shiftdown.repository import Evidence, Snapshot
from shiftdown.repository.stack import Command, Component, Language, Purpose

QUALITY = (Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK)
_ALL = (*QUALITY, Purpose.TEST, Purpose.BUILD)
AXIS = "version"
"""The matrix axis that holds the versions of the runtime."""


def quality_job(repo: Snapshot, unit: Unit) -> Job | None:
    """Lint, format check and type check, as far as the component has them; they need no matrix."""
    steps = check_steps(repo, unit.component, checks_of(unit.component))
    return component_job(repo, unit, Stage.CODE_QUALITY, "Code quality", steps) if steps else None


def checks_of(component: Component) -> list[Command]:
    """The commands that look at a component's code: one for each purpose, and all of its type checkers."""
    found = [c for p in QUALITY if (c := component.command(p))]
    checkers = {d.value for d in component.type_checkers}
    for command in component.commands:
        known = {c.tool for c in found}
        if command.purpose is Purpose.TYPECHECK and command.tool in checkers and command.tool not in known:
            found.append(command)
    return found


def test_job(repo: Snapshot, unit: Unit) -> Job | None:
    """The tests, as the component runs them, on every version that it supports."""
    component = unit.component
    command = test_command(component)
    if command is None or not unit.has_tests:
        return None
    run = reported(repo, component, command)
    step = Step(name=TITLES[command.purpose], run=run.run)
    job = component_job(repo, unit, Stage.TEST, "Test", [step])
    update: dict[str, object] = {"reports": run.reports}
    if not any(data.get("services") for data in job.native.values()):
        first = [Step(name=TITLES[c.purpose], run=c.run) for c in component.commands if c.purpose is Purpose.PREPARE]
        update |= {"services": services_of(unit), "env": variables_of(unit)}
        update |= {"steps": (*job.steps[:-1], *first, job.steps[-1])}
    if len(component.runtimes) > 1 and not job.native:
        runtime = job.setup[0].model_copy(update={"version": None, "version_file": None, "version_axis": AXIS})
        update |= {"matrix": {AXIS: component.runtimes}, "setup": (runtime, *job.setup[1:])}
    return Job.model_validate(job.model_dump() | update)


def test_command(component: Component) -> Command | None:
    """How its tests are run: plainly, and with coverage only where there is no other way."""
    return next((c for p in TESTING if (c := component.command(p))), None)


def build_job(repo: Snapshot, unit: Unit, needs: Iterable[str], *, keep: bool = False) -> Job | None:
    """The build of a unit that has something to build.

    Args:
        repo: The repository.
        unit: The unit.
        needs: The ids of the jobs that it waits for.
        keep: Whether a package that it is known to leave is kept, with the list of its parts.
    """
    command = build_of(unit)
    if command is None:
        return None
    step = command_step(repo, unit.component, command)
    job = component_job(repo, unit, Stage.BUILD, "Build", [step], installs=needs_install(command))
    package = package_of(repo, unit) if keep else None
    if package is None:
        return job.model_copy(update={"needs": tuple(needs)})
    steps = package.steps(job.steps)
    return job.model_copy(update={"needs": tuple(needs), "steps": steps, "artefacts": package.artefacts})


def jobs_of(repo: Snapshot, unit: Unit) -> tuple[Job, ...]:
    """All jobs of a unit, in the order of their stages."""
    first = [j for j in (quality_job(repo, unit), test_job(repo, unit)) if j]
    build = build_job(repo, unit, [j.id for j in first])
    return (*first, build) if build else tuple(first)


def evidence_of(units: Iterable[Unit], purposes: Iterable[Purpose] = _ALL) -> tuple[Evidence, ...]:
    """Where the jobs' commands and versions come from, for jobs of these purposes."""
    found: dict[str, Evidence] = {}
    wanted = frozenset(purposes)
    for unit in units:
        component = unit.component
        facts = [component.package_manager, component.runtime]
        if Purpose.TEST in wanted:
            facts.append(component.test_runner)
        for evidence in (
            *component.evidence,
            *(f.evidence for f in facts if f),
            *(c.evidence for c in _used(component, wanted)),
            *(s.evidence for s in unit.services if Purpose.TEST in wanted and unit.has_tests),
        ):
            found.setdefault(str(evidence), evidence)
    return tuple(found.values())


def guesses(units: Iterable[Unit], purposes: Iterable[Purpose] = _ALL) -> tuple[str, ...]:
    """What was not read from the repository, for a person to check, in jobs of these purposes."""
    wanted = frozenset(purposes)
    notes: list[str] = []
    for unit in units:
        component = unit.component
        if component.lock_file is None and component.language is Language.NODE:
            notes.append(f"{component.manifest} has no lock file: installs are neither repeatable nor cached.")
        notes += [f"`{c.run}`: {c.assumed}." for c in _used(component, wanted) if c.assumed]
        if Purpose.TEST in wanted and unit.has_tests:
            notes += _about_services(unit)
    return tuple(dict.fromkeys(notes))


_UNSAID = "check that they find it at localhost"


def _about_services(unit: Unit) -> list[str]:
    """What a person should know of the services beside the tests, and of those that are missing there."""
    notes = []
    for needed, service in services_beside(unit):
        names = sorted(v.name for v in needed.variables)
        way = f"{listed(names)} {'leads' if len(names) == 1 else 'lead'} them to it" if names else _UNSAID
        notes.append(f"The tests get a {service.name} of their own ({service.image}); {way}.")
    return [*notes, *without_service(unit)]


def _used(component: Component, purposes: Container[Purpose]) -> list[Command]:
    commands = [component.command(Purpose.INSTALL)]
    commands += [c for c in checks_of(component) if c.purpose in purposes]
    commands += [component.command(Purpose.BUILD)] if Purpose.BUILD in purposes else []
    commands += [test_command(component)] if Purpose.TEST in purposes else []
    return [c for c in commands if c]


def install_steps(unit: Unit) -> tuple[Step, ...]:
    """What installs the unit's dependencies: for the member of a workspace, in the workspace's root."""
    own = unit.component.command(Purpose.INSTALL)
    above = unit.root.command(Purpose.INSTALL) if unit.root and not own else None
    if own:
        return (Step(name=TITLES[Purpose.INSTALL], run=own.run),)
    if above and unit.root:
        return (Step(name=TITLES[Purpose.INSTALL], run=above.run, working_directory=unit.root.path),)
    return ()


def component_job(
    repo: Snapshot,
    unit: Unit,
    stage: Stage,
    title: str,
    steps: Iterable[Step],
    *,
    key: str | None = None,
    installs: bool = True,
) -> Job:
    """A job for a unit, with its language, in its directory, for the changes that concern it.

    Where a job serves the unit already, the new one is set up as that one is.

    Args:
        repo: The repository.
        unit: The unit.
        stage: The stage that the job belongs to.
        title: What it is called, before the name of the unit.
        steps: What it does.
        key: Its id, before the key of the unit; by default the stage's.
        installs: Whether the unit's dependencies are installed first.
    """
    area = unit.area
    near = neighbour_of(repo, unit, stage)
    said = versions_in_ci(repo, unit)
    installing = install_steps(unit) if installs and not (near and near.installs) else ()
    steps = tuple(steps)
    compiled = unit.component.language is Language.GO and any("gofmt" not in (s.run or "") for s in steps)
    imported = unit.component.language is Language.NODE and installs and stage is not Stage.BUILD
    firsts = firsts_of(repo, unit) if near is None and (compiled or imported) else Firsts()
    return Job(
        id=unit.id(key or stage.value),
        name=unit.name(title),
        stage=stage,
        setup=(_runtime(unit.component, near, said), *firsts.setup),
        steps=(*installing, *firsts.steps, *steps),
        native={near.dialect: near.taken.data} if near else {},
        matrix=near.taken.axes if near else {},
        working_directory=unit.component.path,
        area=area.key if area else None,
        timeout_minutes=time_limit(repo) or TIMEOUT,
        notes=(*(() if near else doubts_of(unit.component, said=bool(said))), *firsts.notes),
    )


def _runtime(component: Component, near: Neighbour | None, said: Sequence[SetupFact]) -> Runtime:
    """The language: as the job that is set up alike has it, else as the repository says, else as other jobs have it."""
    runtime = runtime_of(component)
    if near and near.runtimes:
        axis = next(iter(near.taken.axes), None)
        version = None if axis else near.runtimes[-1].value
        return runtime.model_copy(update={"version": version, "version_file": None, "version_axis": axis})
    if said and component.runtime is None and not component.runtimes:
        return runtime.model_copy(update={"version": said[0].value})
    return runtime
