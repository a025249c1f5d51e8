"""The jobs that a component's own commands make up: code quality, test, build."""

from collections.abc import Container, Iterable

from shiftdown.kits.packages import package_of
from shiftdown.kits.reports import reported
from shiftdown.kits.services import services_of
from shiftdown.kits.steps import go_step
from shiftdown.kits.units import TESTING, Unit
from shiftdown.pipelines import Job, Runtime, Stage, Step, pins
from shiftdown.repository import Evidence, Snapshot
from shiftdown.repository.stack import Command, Component, Language, Purpose

_TITLES = {
    Purpose.INSTALL: "Install dependencies",
    Purpose.LINT: "Lint",
    Purpose.FORMAT: "Check the format",
    Purpose.TYPECHECK: "Check the types",
    Purpose.TEST: "Test",
    Purpose.COVERAGE: "Test with coverage",
    Purpose.BUILD: "Build",
}
_QUALITY = (Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK)
_ALL = (*_QUALITY, Purpose.TEST, Purpose.BUILD)
_PNPM = "10"
"""The pnpm for repositories that name none: it reads the lock files of pnpm 9 and 10."""
AXIS = "version"
"""The matrix axis that holds the versions of the runtime."""


def quality_job(repo: Snapshot, unit: Unit) -> Job | None:
    """Lint, format check and type check, as far as the component has them; they need no matrix."""
    commands = [c for p in _QUALITY if (c := unit.component.command(p))]
    if not commands:
        return None
    job = _job(unit, Stage.CODE_QUALITY, "Code quality", commands)
    ready = {c.run: go_step(repo, unit.component, c) for c in commands if c.tool == "golangci-lint"}
    return job.model_copy(update={"steps": tuple(ready.get(step.run or "", step) for step in job.steps)})


def test_job(repo: Snapshot, unit: Unit) -> Job | None:
    """The tests, with coverage where the component measures it, on every version that it supports."""
    component = unit.component
    command = test_command(component)
    if command is None or not unit.has_tests:
        return None
    run = reported(repo, component, command)
    job = _job(unit, Stage.TEST, "Test", [command.model_copy(update={"run": run.run})])
    update: dict[str, object] = {"services": services_of(unit), "reports": run.reports}
    if len(component.runtimes) > 1:
        runtime = job.setup[0].model_copy(update={"version": None, "version_file": None, "version_axis": AXIS})
        update |= {"matrix": {AXIS: component.runtimes}, "setup": (runtime,)}
    return Job.model_validate(job.model_dump() | update)


def test_command(component: Component) -> Command | None:
    """How its tests are run: with coverage where that is measured."""
    return next((c for p in TESTING if (c := component.command(p))), None)


def build_job(repo: Snapshot, unit: Unit, needs: Iterable[str]) -> Job | None:
    """The build, after the jobs whose ids are given; a package that it makes is kept, with its list of parts."""
    command = unit.component.command(Purpose.BUILD)
    if command is None:
        return None
    job = _job(unit, Stage.BUILD, "Build", [command])
    package = package_of(repo, unit)
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
        if component.runtime is None and not component.runtimes and (version := _default_version(component.language)):
            notes.append(
                f"{component.manifest} does not say which version of {component.language} to use: "
                f"{'the newest' if component.language in _NEWEST else version} is a guess."
            )
        if _manager_version(component) == _PNPM and not component.package_manager_version:
            notes.append(
                f"{component.manifest} does not say which pnpm to use (packageManager): version {_PNPM} is a guess."
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
    commands += [component.command(p) for p in (*_QUALITY, Purpose.BUILD) if p in purposes]
    commands += [test_command(component)] if Purpose.TEST in purposes else []
    return [c for c in commands if c]


def install_steps(unit: Unit) -> tuple[Step, ...]:
    """What installs the unit's dependencies: for the member of a workspace, in the workspace's root."""
    own = unit.component.command(Purpose.INSTALL)
    above = unit.root.command(Purpose.INSTALL) if unit.root and not own else None
    if own:
        return (Step(name=_TITLES[Purpose.INSTALL], run=own.run),)
    if above and unit.root:
        return (Step(name=_TITLES[Purpose.INSTALL], run=above.run, working_directory=unit.root.path),)
    return ()


def _job(unit: Unit, stage: Stage, title: str, commands: list[Command]) -> Job:
    component = unit.component
    steps = [*install_steps(unit), *(Step(name=_TITLES[c.purpose], run=c.run) for c in commands)]
    area = unit.area
    return Job(
        id=unit.id(stage.value),
        name=unit.name(title),
        stage=stage,
        setup=(runtime_of(component),),
        steps=tuple(steps),
        working_directory=component.path,
        area=area.key if area else None,
    )


def runtime_of(component: Component) -> Runtime:
    """The language set-up of a component; an unsaid version is the newest stable one (see `guesses`)."""
    manager = component.package_manager
    version = component.runtime.value if component.runtime else None
    newest = component.runtimes[-1] if component.runtimes else None
    return Runtime(
        language=component.language,
        version=None if component.runtime_file else version or newest or _default_version(component.language),
        version_file=component.runtime_file,
        package_manager=manager.value if manager else None,
        package_manager_version=_manager_version(component),
        cache_files=_cache_files(component),
    )


def _manager_version(component: Component) -> str | None:
    """The version of the package manager; pnpm's set-up action has no default of its own (see `guesses`)."""
    if component.package_manager_version:
        return component.package_manager_version.value
    return _PNPM if component.package_manager and component.package_manager.value == "pnpm" else None


def _cache_files(component: Component) -> tuple[str, ...]:
    """What the cache of downloads is keyed by: the lock file, else the manifest where that names exact needs."""
    manager = component.package_manager.value if component.package_manager else None
    if component.lock_file:
        return (component.lock_file,)
    return (component.manifest,) if manager in ("pip", "maven", "gradle") else ()


_NEWEST = {Language.RUBY: "ruby", Language.PHP: "latest"}
"""How set-up actions call the newest stable version, where they have a word for it."""


def _default_version(language: Language) -> str | None:
    """The newest stable version of a language, as set-up actions write it."""
    if language in _NEWEST:
        return _NEWEST[language]
    tool, parts = {
        Language.NODE: ("node-lts", 1),
        Language.PYTHON: ("python", 2),
        Language.GO: ("go", 2),
        Language.JAVA: ("java-lts", 1),
    }.get(language, (None, 0))
    return ".".join(pins.shipped().tools[tool].version.split(".")[:parts]) if tool else None
