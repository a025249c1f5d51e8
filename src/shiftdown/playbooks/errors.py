"""Playbooks that cannot be used."""

from collections.abc import Sequence
from typing import NamedTuple

from shiftdown.errors import InvalidInputError


class Problem(NamedTuple):
    """One thing that is wrong with a playbook, and where."""

    line: int
    """Line of the text, from 1."""
    column: int
    """Column in that line, from 1, in characters."""
    message: str
    """What is wrong."""


class PlaybookError(InvalidInputError):
    """A playbook that is not YAML, or not a playbook."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        """Where the text came from: a path, or the name of a playbook."""
        self.problems = tuple(problems)
        """Everything that is wrong, in the order of the text."""
        super().__init__("\n".join(f"{source}:{p.line}:{p.column}: {p.message}" for p in self.problems))
