"""The linters that a stage brings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shiftdown.pipelines import Step
from shiftdown.plugin import FileChange, Snapshot


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


_INHERITED = (".golangci.yml", "ruff.toml")
"""Configuration that its tool looks for in the directories above, too."""


def shared(repo: Snapshot, linters: Sequence[Linters]) -> list[Linters]:
    """The same, with one file at the root where several components would get the same configuration."""
    found = list(linters)
    for name in _INHERITED:
        having = [i for i, extra in enumerate(found) if any(_called(f, name) for f in extra.files)]
        contents = {f.content for i in having for f in found[i].files if _called(f, name)}
        if len(having) < 2 or len(contents) != 1 or repo.exists(name):
            continue
        for i in having:
            kept = tuple(f for f in found[i].files if not _called(f, name))
            moved = tuple(f.model_copy(update={"path": name}) for f in found[i].files if _called(f, name))
            found[i] = replace(found[i], files=(*kept, *(moved if i == having[0] else ())))
    return found


def _called(file: FileChange, name: str) -> bool:
    return file.path.rpartition("/")[2] == name
