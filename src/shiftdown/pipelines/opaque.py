"""What a pipeline runs and of which it cannot be told what it does."""

from pydantic import Field

from shiftdown.model.base import Model
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Component, Language, Purpose

_SAME = {Purpose.COVERAGE: Purpose.TEST}


class Opaque(Model):
    """Something that a pipeline runs, and that the repository does not tell what it does.

    A called workflow elsewhere, a program of which nothing is known, a script that cannot be followed, a whole CI
    system that cannot be read. What is known to be harmless is none.
    """

    path: str
    """The file that says so."""
    line: int | None = Field(default=None, ge=1)
    """1-based line in that file; `None`: the file as a whole."""
    what: str
    """The end of a sentence that begins with the place: "calls acme/ci/.github/workflows/node.yml@v3, which the
    repository does not hold"."""
    hints: tuple[Purpose, ...] = ()
    """What its words, or those of its job, suggest that it may be for; without any it is for something else."""
    language: Language | None = None
    """The stack that its words name; `None`: any."""
    directory: str | None = None
    """The directory that it works in, from the root; `None`: anywhere."""

    @property
    def evidence(self) -> Evidence:
        """The place, as a fact."""
        return Evidence(fact=self.what, path=self.path, line=self.line)

    def may(self, purpose: Purpose, component: Component | None = None) -> bool:
        """Whether it may be for `purpose`, and for a component where one is given. Measuring coverage is testing."""
        if _SAME.get(purpose, purpose) not in {_SAME.get(hint, hint) for hint in self.hints}:
            return False
        if component is None:
            return True
        if self.language not in (None, component.language):
            return False
        here, there = f"{self.directory or ''}/".lstrip("/"), f"{component.path}/".lstrip("/")
        return there.startswith(here) or here.startswith(there)
