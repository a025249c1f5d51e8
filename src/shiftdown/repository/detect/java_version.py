"""What is said about the JDK that a build runs on: by files, by what it compiles for, by what its tools need."""

from collections.abc import Iterable, Iterator

from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.detect.version_files import need, pins
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Detected
from shiftdown.repository.versions import Choice, Rank, Statement, solve

_OLDEST = 8
"""The oldest JDK that there are builds of."""


def choose(tree: Tree, directory: str, said: Iterable[Statement]) -> Choice:
    """The JDK that runs a build."""
    return solve("java", [*pins(tree, directory, "java"), *said])


def compiles_for(version: Detected) -> Iterator[Statement]:
    """A build for a release of Java runs on that JDK or a newer one, as long as its compiler knows the release."""
    number = max(int(version.value), _OLDEST)
    yield Statement(subject="java", wants=f">={number}", rank=Rank.RANGE, least=True, evidence=version.evidence)
    yield from need("java", "javac", version.value, version.evidence, "compiling for Java")


def tool(name: str, version: str | None, evidence: Evidence, shown: str | None = None) -> Iterator[Statement]:
    """What a version of a build tool, a plugin or a framework needs."""
    return need("java", name, version, evidence, shown)
