"""What gets jobs of its own: the components of a repository, as their builds divide it."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

from shiftdown.pipelines import Area
from shiftdown.repository.stack import Component, Language, Purpose, Service, Stack

TESTING = (Purpose.TEST, Purpose.COVERAGE)
"""What tests are run with, the preferred first: as the repository runs them; limits of coverage are another gate."""
_WORK = (*TESTING, Purpose.LINT, Purpose.TYPECHECK, Purpose.BUILD)
_MODULES = (Language.JAVA, Language.RUST, Language.DOTNET)
"""Stacks whose root build always covers its members."""


@dataclass(frozen=True)
class Unit:
    """A component with jobs of its own."""

    component: Component
    """The component, with those of its commands that the root of its workspace does not run for it."""
    key: str
    """What its jobs' ids begin with; empty when it is the only one."""
    label: str
    """What its jobs' names end with; empty when it is the only one."""
    members: tuple[Component, ...] = ()
    """The members of its workspace."""
    root: Component | None = None
    """The root of its workspace, which installs what it needs; `None` when it stands alone or is the root."""
    needs: tuple[str, ...] = ()
    """The directories of the members of its workspace that it depends on."""

    @property
    def area(self) -> Area | None:
        """The changes that its jobs run for: of it, of what it depends on, of what locks its dependencies.

        The jobs of the repository's root run for every change, and have none.
        """
        path = self.component.path
        if not self.key or not path:
            return None
        folders = tuple(f"{p}/" for p in (path, *self.needs))
        root = (self.root.lock_file, self.root.manifest) if self.root else ()
        files = sorted({p for p in (self.component.lock_file, *root) if p and not p.startswith(folders)})
        return Area(key=self.key, paths=(*folders, *files))

    @property
    def shown(self) -> str:
        """What it is called when it is missed: its label, or the manifest of the only one."""
        return self.label or self.component.manifest

    @property
    def has_tests(self) -> bool:
        """Whether there are tests, and a command that runs them."""
        component = self.component
        command = next((c for p in TESTING if (c := component.command(p))), None)
        if command is None:
            return False
        found = any(c.has_tests for c in (component, *self.members))
        return found or (component.language is Language.NODE and component.test_runner is None)

    @property
    def services(self) -> tuple[Service, ...]:
        """The backing services of the component and its members, each once."""
        found = {s.name: s for c in (*reversed(self.members), self.component) for s in c.services}
        return tuple(found.values())

    def id(self, stage: str) -> str:
        """The id of its job for a stage."""
        return f"{self.key}-{stage}" if self.key else stage

    def name(self, title: str) -> str:
        """The name of its job, for people."""
        return f"{title} ({self.label})" if self.label else title


def units_of(stack: Stack) -> tuple[Unit, ...]:
    """The units of a repository: what the root of a workspace does for its members is left to the root."""
    roots = {(c.path, c.language): c for c in stack.components}
    chosen = []
    for component in stack.components:
        root = _root(component, roots)
        own = _without(component, {p for p in Purpose if _does(root, p)}) if root else component
        if any(own.command(p) for p in _WORK):
            chosen.append(own)
    names = [("", "")] if len(chosen) == 1 else _names(chosen)
    return tuple(
        Unit(c, key, label, _members(c, stack), _root(c, roots), _needs(c, stack))
        for c, (key, label) in zip(chosen, names, strict=True)
    )


def _root(component: Component, roots: Mapping[tuple[str, Language], Component]) -> Component | None:
    if component.workspace_root in (None, component.path):
        return None
    return roots.get((component.workspace_root or "", component.language))


def _does(root: Component, purpose: Purpose) -> bool:
    if root.language in _MODULES:
        return True
    same = TESTING if purpose in TESTING else (purpose,)
    return any(root.command(p) for p in same)


def _without(component: Component, purposes: set[Purpose]) -> Component:
    commands = tuple(c for c in component.commands if c.purpose not in purposes or c.purpose is Purpose.INSTALL)
    return component.model_copy(update={"commands": commands})


def _members(root: Component, stack: Stack) -> tuple[Component, ...]:
    return tuple(
        c
        for c in stack.components
        if c.workspace_root == root.path and c.path != root.path and c.language is root.language
    )


def _needs(component: Component, stack: Stack) -> tuple[str, ...]:
    if component.workspace_root is None:
        return ()
    siblings = {c.name: c for c in stack.components if c.workspace_root == component.workspace_root and c.path}
    found: dict[str, None] = {}
    waiting = list(component.dependencies)
    while waiting:
        sibling = siblings.get(waiting.pop())
        if sibling and sibling.path not in found and sibling.path != component.path:
            found[sibling.path] = None
            waiting += sibling.dependencies
    return tuple(sorted(found))


def _names(chosen: list[Component]) -> list[tuple[str, str]]:
    """A key and a label for each."""
    paths = [c.path for c in chosen]
    names: dict[str, str] = {}
    for component in chosen:
        label = component.path or str(component.language)
        if component.path and paths.count(component.path) > 1:
            label = f"{component.path}, {component.language}"
        names[_key(label, names)] = label
    return list(names.items())


def _key(label: str, taken: Container[str]) -> str:
    words = re.sub(r"[^A-Za-z0-9]+", "-", label).strip("-").lower()
    key = words[:60] if words[:1].isalpha() else f"c-{words}"[:60]
    number = 2
    while key in taken:
        key, number = f"{key.rstrip('0123456789')}{number}", number + 1
    return key
