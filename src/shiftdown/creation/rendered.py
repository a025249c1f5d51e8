"""What templates are rendered for, and what they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from shiftdown.git.temporary import File, TemporaryRepository
from shiftdown.repository import Snapshot
from shiftdown.scaffolder.action import Effect


class Mode(Enum):
    """What a template is rendered for."""

    REAL = "a new repository: everything is done"
    DRY_RUN = "a look at one: what it would do outside is only listed"
    AGAIN = "a comparison with an existing one: only files are made, publishing is skipped"


@dataclass(frozen=True)
class Rendered:
    """What a template made."""

    files: Sequence[File]
    """Its files, without a record."""
    output: Mapping[str, Any] = field(default_factory=dict)
    """What it gives besides files."""
    effects: Sequence[Effect] = ()
    """What it did outside, or would do."""
    notes: Sequence[str] = ()
    """What a person should know about it."""

    def below(self, folder: str) -> list[File]:
        """The files in a folder, by their paths from there; all for `""`."""
        prefix = f"{folder}/" if folder else ""
        return [replace(f, path=f.path[len(prefix) :]) for f in self.files if f.path.startswith(prefix)]


def belonging(files: Sequence[File], workshop: TemporaryRepository, present: Snapshot) -> list[File]:
    """The files of a template that belong into a repository: of those that git ignores, the ones that are there.

    Where a template was published on a forge, the others were left out.
    """
    ignored = workshop.ignored(files)
    return [file for file in files if file.path not in ignored or present.is_file(file.path)]
