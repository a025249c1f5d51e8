"""The jobs that a component's own commands make up: code quality, test, build."""

from collections.abc import Container, Iterable

from shiftdown.kits.packages import build_of, needs_install, package_of
from shiftdown.kits.reports import reported
from shiftdown.kits.runtimes import NEWEST, PNPM, default_version, manager_version, runtime_of
from shiftdown.kits.services import services_of
from shiftdown.kits.steps import TITLES, command_step
from shiftdown.kits.units import TESTING, Unit
from shiftdown.pipelines import Job, Stage, Step
from shiftdown.repository import Evidence, Snapshot
from shiftdown.repository.stack import Command, Component, Language, Purpose

QUALITY = (Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK)
_ALL = (*QUALITY, Purpose.TEST, Purpose.BUILD)
AXIS = "version"
"""The matrix axis that holds the versions of the runtime."""


def quality_job(repo: Snapshot, unit: Unit) -> Job | None:
    """Lint, format check and type check, as far as the component has them; they need no matrix."""
    commands = [c for p in QUALITY if (c := unit.component.command(p))]
    steps = [command_step(repo, unit.component, command) for command in commands]
    return component_job(unit, Stage.CODE_QUALITY, "Code quality", steps) if steps else None


def test_job(repo: Snapshot, unit: Unit) -> Job | None:
    """The tests, with coverage where the component measures it, on every version that it supports."""
    component = unit.component
    command = test_command(component)
    if command is None or not unit.has_tests:
        return None
    run = reported(repo, component, command)
    step = Step(name=TITLES[command.purpose], run=run.run)
    job = component_job(unit, Stage.TEST, "Test", [step])
    update: dict[str, object] = {"services": services_of(unit), "reports": run.reports}
    if len(component.runtimes) > 1:
        runtime = job.setup[0].model_copy(update={"version": None, "version_file": None, "version_axis": AXIS})
        update |= {"matrix": {AXIS: component.runtimes}, "setup": (runtime,)}
    return Job.model_validate(job.model_dump() | update)


def test_command(component: Component) -> Command | None:
    """How its tests are run: with coverage where that is measured."""
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
    job = component_job(unit, Stage.BUILD, "Build", [step], installs=needs_install(command))
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
    notes = []
    for unit in units:
        component = unit.component
        if component.runtime is None and not component.runtimes and (version := default_version(component.language)):
            notes.append(
                f"{component.manifest} does not say which version of {component.language} to use: "
                f"{'the newest' if component.language in NEWEST else version} is a guess."
            )
        if manager_version(component) == PNPM and not component.package_manager_version:
            notes.append(
                f"{component.manifest} does not say which pnpm to use (packageManager): version {PNPM} is a guess."
            )
        if component.lock_file is None and component.language is Language.NODE:
            notes.append(f"{component.manifest} has no lock file: installs are neither repeatable nor cached.")
        notes += [f"`{c.run}`: {c.assumed}." for c in _used(component, wanted) if c.assumed]
        notes += [
            f"The tests get a {s.name} of their own ({s.image}); check that they find it at localhost."
            for s in services_of(unit)
            if Purpose.TEST in wanted and unit.has_tests
        ]
    return tuple(dict.fromkeys(notes))


def _used(component: Component, purposes: Container[Purpose]) -> list[Command]:
    commands = [component.command(Purpose.INSTALL)]
    commands += [component.command(p) for p in (*QUALITY, Purpose.BUILD) if p in purposes]
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
    unit: Unit, stage: Stage, title: str, steps: Iterable[Step], *, key: str | None = None, installs: bool = True
) -> Job:
    """A job for a unit, with its language, in its directory, for the changes that concern it.

    Args:
        unit: The unit.
        stage: The stage that the job belongs to.
        title: What it is called, before the name of the unit.
        steps: What it does.
        key: Its id, before the key of the unit; by default the stage's.
        installs: Whether the unit's dependencies are installed first.
    """
    area = unit.area
    return Job(
        id=unit.id(key or stage.value),
        name=unit.name(title),
        stage=stage,
        setup=(runtime_of(unit.component),),
        steps=(*(install_steps(unit) if installs else ()), *steps),
        working_directory=unit.component.path,
        area=area.key if area else None,
    )
