"""What has to be built before a component's code can be compiled, checked or tested."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from shiftdown.kits.runtimes import runtime_of
from shiftdown.kits.units import Unit
from shiftdown.pipelines import Runtime, Step
from shiftdown.repository import Snapshot
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Component, Language, Purpose

_RUN: Mapping[str, str] = {
    "npm": "npm run build --workspace {name}",
    "pnpm": "pnpm --filter {name} run build",
    "yarn": "yarn workspace {name} run build",
    "bun": "bun run --filter {name} build",
}
"""How the build of a package of a workspace is run in the workspace's root."""


@dataclass(frozen=True)
class Firsts:
    """What comes before a component's own commands."""

    setup: tuple[Runtime, ...] = ()
    """Further languages."""
    steps: tuple[Step, ...] = ()
    """Steps after the installation."""
    notes: tuple[str, ...] = ()
    """What is missing and cannot be made, one sentence each."""


def firsts_of(repo: Snapshot, unit: Unit) -> Firsts:
    """What has to be made first: files that a Go program embeds, packages of the workspace that others import."""
    if unit.component.language is Language.GO:
        return _embedded(repo, unit)
    if unit.component.language is Language.NODE:
        return _packages(repo, unit)
    return Firsts()


def _embedded(repo: Snapshot, unit: Unit) -> Firsts:
    setup: dict[str, Runtime] = {}
    steps: dict[str, Step] = {}
    notes: list[str] = []
    components = sorted(stack_of(repo).components, key=lambda c: -len(c.path))
    for found in unit.component.generated:
        maker = next((c for c in components if c.path and found.value.startswith(f"{c.path}/") and _makes(c)), None)
        if maker is None:
            notes.append(f"{found.evidence}: what makes it is not known, and the code does not compile before.")
            continue
        setup[maker.path] = runtime_of(maker)
        for purpose, title in ((Purpose.INSTALL, "Install what makes"), (Purpose.BUILD, "Make")):
            command = maker.command(purpose)
            if command:
                name = f"{title} {maker.path}"
                steps[name] = Step(name=name, run=command.run, working_directory=maker.path)
    return Firsts(tuple(setup.values()), tuple(steps.values()), tuple(notes))


def _makes(component: Component) -> bool:
    """Whether it can be installed and built by itself."""
    return component.language is Language.NODE and all(component.command(p) for p in (Purpose.INSTALL, Purpose.BUILD))


def _packages(repo: Snapshot, unit: Unit) -> Firsts:
    component = unit.component
    manager = component.package_manager.value if component.package_manager else ""
    root = component.path if component.workspace_root is None else component.workspace_root
    siblings = [c for c in stack_of(repo).components if c.workspace_root == root and c.language is Language.NODE]
    by_name = {c.name: c for c in siblings}
    users = unit.members or (component,)
    wanted = [by_name[n] for user in users for n in user.dependencies if n in by_name]
    ordered: dict[str, Component] = {}

    def add(package: Component, above: tuple[str, ...]) -> None:
        if package.path in ordered or package.path in above:
            return
        for name in package.dependencies:
            if name in by_name:
                add(by_name[name], (*above, package.path))
        ordered[package.path] = package

    for package in wanted:
        add(package, (component.path,))
    made = [c for c in ordered.values() if c.generated and c.path != component.path]
    if not made or manager not in _RUN:
        return Firsts()
    run = " && ".join(_RUN[manager].format(name=shlex.quote(c.name)) for c in made)
    whole = unit.members and component.command(Purpose.BUILD)
    place = root if root != component.path else None
    step = Step(name="Build the packages that it imports", run=whole.run if whole else run, working_directory=place)
    return Firsts(steps=(step,))
