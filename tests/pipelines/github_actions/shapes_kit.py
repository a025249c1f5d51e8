"""How a workflow and what it runs are written down.

What is run is written `purpose tool directory`; the root is `.`, an unknown directory `?`.
"""

import textwrap
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shape:
    """A workflow, other files of its repository, and what it runs."""

    text: str
    runs: frozenset[str]
    files: dict[str, str] = field(default_factory=dict)
    problem: bool = False
    """Whether it cannot be read."""


SHAPES: dict[str, Shape] = {}


def shape(name: str, text: str, *runs: str, problem: bool = False, **files: str) -> None:
    """Files are given as keywords: `__` stands for `/`, `_dot_` for `.`, `_dash_` for `-`."""
    paths = {
        k.replace("_dot_", ".").replace("_dash_", "-").replace("__", "/"): textwrap.dedent(v) for k, v in files.items()
    }
    assert name not in SHAPES
    SHAPES[name] = Shape(textwrap.dedent(text), frozenset(runs), paths, problem)


def steps(*commands: str, on: str = "pull_request") -> str:
    """A workflow with one job of one-line steps."""
    lines = "".join(f"      - run: {command}\n" for command in commands)
    return f"on: {on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{lines}"
