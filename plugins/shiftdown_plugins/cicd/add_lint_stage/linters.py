"""The linters that a stage brings."""

from dataclasses import dataclass

from shiftdown.pipelines import Step
from shiftdown.plugin import FileChange


@dataclass(frozen=True)
class Linters:
    """The linters that a unit is given beside its own."""

    tools: tuple[str, ...] = ()
    """Their names, for people."""
    steps: tuple[Step, ...] = ()
    """How they are run; a step that only warns says so itself."""
    files: tuple[FileChange, ...] = ()
    """Their configuration."""
    notes: tuple[str, ...] = ()
    """What a person should look at."""
    installs: bool = True
    """Whether the component's dependencies have to be installed first."""
    single_quotes: bool = False
    """Whether its formatter wants strings in single quotes, in every file."""
