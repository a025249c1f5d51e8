"""Stack detection: what can be told about a repository from its files.

One module for each stack; adding one means writing `components` and a line in the table below.
"""

from collections.abc import Callable

from shiftdown.repository.detect import go, gradle, maven, node, python
from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.snapshot import Snapshot
from shiftdown.repository.stack import Component, Stack

DETECTORS: tuple[Callable[[Tree], list[Component]], ...] = (
    node.components,
    python.components,
    go.components,
    maven.components,
    gradle.components,
)
"""What finds the components of each stack."""


def detect(snapshot: Snapshot) -> Stack:
    """Tell what a repository is made of: its components and how each is installed, checked, tested and run.

    Never fails on what is in the repository: files that cannot be read are in `Stack.problems`.
    """
    tree = Tree(snapshot)
    components = [c for detector in DETECTORS for c in detector(tree)]
    components.sort(key=lambda c: c.path)
    return Stack(components=tuple(components), problems=tuple(tree.problems.values()))
