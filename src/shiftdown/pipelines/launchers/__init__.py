"""Launchers: programs that lead to other programs, such as npm and make, and the files that say to which."""

from collections.abc import Mapping

from shiftdown.pipelines.launchers import files, node, python, wrappers
from shiftdown.pipelines.resolve import Launcher, Resolver
from shiftdown.repository.snapshot import Snapshot

LAUNCHERS: Mapping[str, Launcher] = {**wrappers.LAUNCHERS, **node.LAUNCHERS, **python.LAUNCHERS, **files.LAUNCHERS}
"""The launchers that are known, by the plain name of the program."""


def resolver(snapshot: Snapshot) -> Resolver:
    """A resolver for the scripts of a repository."""
    return Resolver(snapshot, LAUNCHERS)
