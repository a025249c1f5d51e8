"""Runners: programs that lead to other programs, and the files that say to which."""

from collections.abc import Mapping

from shiftdown.pipelines.resolve import Resolver, Runner
from shiftdown.pipelines.runners import files, node, python, wrappers
from shiftdown.repository.snapshot import Snapshot

RUNNERS: Mapping[str, Runner] = {**wrappers.RUNNERS, **node.RUNNERS, **python.RUNNERS, **files.RUNNERS}
"""The runners that are known, by the plain name of the program."""


def resolver(snapshot: Snapshot) -> Resolver:
    """A resolver for the scripts of a repository."""
    return Resolver(snapshot, RUNNERS)
