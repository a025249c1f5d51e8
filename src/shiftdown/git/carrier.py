"""What carries references and objects between us and a server."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Protocol

from shiftdown.git.objects import GitObject
from shiftdown.git.packets import PushReport, References


class FetchScope(Enum):
    """How much is wanted besides the objects that are named."""

    FIRST_LOOK = "a commit, its root tree, the small files in it and the trees of its directories"
    TREE = "one tree"
    ALL_TREES = "every tree below"
    EXACT = "what is named"


class OtherCarrierError(Exception):
    """This carrier cannot do it for this repository: another one has to."""


class Carrier(Protocol):
    """A connection to one repository. Errors are `RepositoryError`s."""

    def references(self, prefixes: Sequence[str]) -> References:
        """The references that start with any of `prefixes`."""
        ...

    def fetch(self, wants: Sequence[str], scope: FetchScope) -> Iterable[GitObject]:
        """Objects; more than asked for may come, and less than `scope` describes."""
        ...

    def push(self, reference: str, old: str, new: str, objects: Sequence[GitObject]) -> PushReport:
        """Move one reference if it is at `old`; 40 zeros stand for "not there"."""
        ...

    def close(self) -> None:
        """Give back what is held."""
        ...
