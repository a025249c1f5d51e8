"""What is said about versions, and what follows from it."""

from enum import IntEnum, StrEnum

from shiftdown.model.base import Model
from shiftdown.repository.evidence import Evidence


class Rank(IntEnum):
    """Whose word counts when two statements contradict each other: the lower number's."""

    CI = 0
    """A person chose it for the CI that is there."""
    PIN = 1
    """A file that names the version to work with: `.nvmrc`, `mise.toml`, `global.json`, an exact `engines`."""
    RANGE = 2
    """A manifest that says what it supports: `engines`, `requires-python`, a target of the compiler."""
    NEED = 3
    """What a tool of the project needs to run."""
    LOCKED = 4
    """What a locked dependency says it needs; most package managers only warn."""
    HINT = 5
    """What narrows the choice and demands nothing: the base image of a container."""


class Statement(Model):
    """One thing that is said about the version of a language or package manager."""

    subject: str
    """What it is about: "node", "python", "java", "pnpm", …"""
    wants: str
    """The range of versions that it allows, in its notation."""
    notation: str = "npm"
    """"npm", "python", "composer", "gem" or "maven"."""
    rank: Rank
    """Whose word it is."""
    distance: int = 0
    """How many directories it stands above the component; the nearer one counts more."""
    least: bool = False
    """Whether the oldest version that it allows is meant, as by `maven.compiler.release`."""
    bounds: bool = True
    """Whether it bounds what is supported; a pin only says what people work with."""
    readable: bool = False
    """Whether the set-up action of the language can read the version from its file."""
    label: str | None = None
    """What a set-up action calls the version that is asked for, where that is not the range itself ("lts/*")."""
    evidence: Evidence
    """Where it stands."""


class Why(StrEnum):
    """Why a version was chosen."""

    NAMED = "named"
    """The repository names it."""
    OLDEST = "oldest"
    """It is the oldest that everything can run on; the repository names it as the least."""
    NEWEST = "newest"
    """It is the newest maintained one that everything can run on, out for half a year or for long-term support."""
    GUESS = "guess"
    """As `NEWEST`, and the repository itself says nothing: at most its tools do."""


class Conflict(Model):
    """Two statements that no version satisfies together."""

    kept: Statement
    """The one that counts."""
    dropped: Statement
    """The one that does not."""


class LeftOut(Model):
    """A line of releases that the manifest allows and the matrix does not hold."""

    line: str
    """The line."""
    ended: str | None = None
    """The day its maintenance ended, ISO 8601, when that is why."""
    because: Statement | None = None
    """The statement that it cannot satisfy, when that is why."""


class Choice(Model):
    """The version to set up, the versions to test on, and the reasons."""

    subject: str
    """What it is about."""
    version: str | None = None
    """The version as set-up actions write it; `None` when the table knows nothing of the subject."""
    why: Why = Why.GUESS
    """Why that one."""
    because: Statement | None = None
    """The statement that decided; `None` when there was none."""
    lines: tuple[str, ...] = ()
    """The lines that are maintained, that everything can run on, and that a statement supports, oldest first."""
    left_out: tuple[LeftOut, ...] = ()
    """Lines that are supported by the repository's word and missing in `lines`, oldest first."""
    conflicts: tuple[Conflict, ...] = ()
    """The statements that contradict others."""
    statements: tuple[Statement, ...] = ()
    """All that was said, to choose anew with one more."""
