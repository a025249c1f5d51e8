"""What gets jobs of its own: the components of a repository, as their builds divide it."""

import re
from dataclasses import dataclass

from shiftdown.pipelines import Area
from shiftdown.plugin import Component, Language, Purpose, Stack

_WORK = (Purpose.TEST, Purpose.COVERAGE, Purpose.LINT, Purpose.TYPECHECK, Purpose.BUILD)
_MODULES = (Language.JAVA, Language.RUST, Language.DOTNET)
"""Stacks whose root build always covers its members."""


@dataclass(frozen=True)
class Unit:
    """A component with jobs of its own."""

    component: Component
    """The component."""
    key: str
    """What its jobs' ids begin with; empty when it is the only one."""
    label: str
    """What its jobs' names end with; empty when it is the only one."""

    @property
    def area(self) -> Area | None:
        """The changes that its jobs run for; the root's jobs run for every change."""
        path = self.component.path
        return Area(key=self.key, paths=(f"{path}/",)) if self.key and path else None

    def id(self, stage: str) -> str:
        """The id of its job for a stage."""
        return f"{self.key}-{stage}" if self.key else stage

    def name(self, title: str) -> str:
        """The name of its job, for people."""
        return f"{title} ({self.label})" if self.label else title


def units_of(stack: Stack) -> tuple[Unit, ...]:
    """The units of a repository: members of a workspace whose root does the work are part of the root."""
    roots = {(c.path, c.language): c for c in stack.components}

    def covered(component: Component) -> bool:
        if component.workspace_root is None or component.workspace_root == component.path:
            return False
        root = roots.get((component.workspace_root, component.language))
        return root is not None and (root.language in _MODULES or any(root.command(p) for p in _WORK))

    chosen = [c for c in stack.components if not covered(c) and any(c.command(p) for p in _WORK)]
    if len(chosen) == 1:
        return (Unit(chosen[0], "", ""),)
    paths = [c.path for c in chosen]
    units: list[Unit] = []
    for component in chosen:
        label = component.path or str(component.language)
        if component.path and paths.count(component.path) > 1:
            label = f"{component.path}, {component.language}"
        units.append(Unit(component, _key(label, {u.key for u in units}), label))
    return tuple(units)


def _key(label: str, taken: set[str]) -> str:
    words = re.sub(r"[^A-Za-z0-9]+", "-", label).strip("-").lower()
    key = words if words[:1].isalpha() else f"c-{words}"
    number = 2
    while key in taken:
        key, number = f"{key.rstrip('0123456789')}{number}", number + 1
    return key[:60]
