"""Evidence: the facts that a conclusion stands on."""

from pydantic import Field

from shiftdown.model.base import Model


class Evidence(Model):
    """A fact, and where in the repository it was read."""

    fact: str
    """What was found, in one sentence."""
    path: str | None = None
    """The file it was found in; `None` for the absence of something."""
    line: int | None = Field(default=None, ge=1)
    """1-based line in that file."""

    def __str__(self) -> str:
        """`path:line: fact`, with what is known."""
        place = ":".join(str(p) for p in (self.path, self.line) if p is not None)
        return f"{place}: {self.fact}" if place else self.fact
