"""Stack detection: what can be told about a repository from its files.

One module for each stack; adding one means writing `components` and a line in the table below.
"""

import re
from collections.abc import Callable

from shiftdown.repository.detect import dotnet, go, gradle, maven, node, php, python, ruby, rust
from shiftdown.repository.detect.contained import contained
from shiftdown.repository.detect.facts import COMPOSE
from shiftdown.repository.detect.surroundings import ci_systems, forge, infrastructure
from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.snapshot import Snapshot
from shiftdown.repository.stack import Component, Stack

DETECTORS: tuple[Callable[[Tree], list[Component]], ...] = (
    node.components,
    python.components,
    go.components,
    maven.components,
    gradle.components,
    rust.components,
    dotnet.components,
    ruby.components,
    php.components,
)
"""What finds the components of each stack."""

_WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
"""Files that say nothing of what the code is made of, only that there is CI."""


def detect(snapshot: Snapshot) -> Stack:
    """Tell what a repository is made of: its components and how each is installed, checked, tested and run.

    Never fails on what is in the repository: files that cannot be read are in `Stack.problems`.
    """
    if snapshot.base and all(_WORKFLOW.fullmatch(path) for path in snapshot.changed):
        below = snapshot.base.remember(detect)
        return below.model_copy(update={"ci": tuple(ci_systems(snapshot)), "forge": forge(snapshot)})
    tree = Tree(snapshot)
    components = contained(tree, [c for detector in DETECTORS for c in detector(tree)])
    components.sort(key=lambda c: c.path)
    return Stack(
        components=tuple(components),
        container_files=tuple(tree.container_files),
        compose_files=tuple(tree.called(COMPOSE)),
        infrastructure=tuple(infrastructure(tree)),
        ci=tuple(ci_systems(snapshot)),
        forge=forge(snapshot),
        problems=tuple(tree.problems[p] for p in sorted(tree.problems)),
    )


def stack_of(repo: Snapshot) -> Stack:
    """What can be told about a repository, detected once per snapshot."""
    return repo.remember(detect)
