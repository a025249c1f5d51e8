"""The table of releases and needs that comes with the package."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from pydantic import Field, ValidationError

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, InvalidInputError
from shiftdown.model.base import Model
from shiftdown.repository.versions.ranges import read

_DAY = r"^\d{4}-\d{2}-\d{2}$"


class Line(Model):
    """A line of releases."""

    line: str
    """What set-up actions call it."""
    newest: str | None = None
    """Its newest release, where that is known."""
    settled: str = Field(pattern=_DAY)
    """From when it is taken where nothing names it: long-term support, or half a year after its release; ISO 8601."""
    until: str = Field(pattern=_DAY)
    """When its maintenance ends, ISO 8601."""
    name: str | None = None
    """Its code name."""


class Releases(Model):
    """The lines of one language or package manager."""

    source: str
    """Where the table was taken from, and when."""
    lines: tuple[Line, ...]
    """Oldest first."""


class Rule(Model):
    """What some versions of a tool need."""

    versions: str
    """The versions, as a range of npm."""
    needs: str
    """The range that they run on."""


class Needs(Model):
    """What the versions of a tool need."""

    source: str
    """Where that was taken from, and when."""
    rules: tuple[Rule, ...]
    """Each for some versions."""


class Table(Model):
    """Releases and needs."""

    date: str = Field(pattern=_DAY)
    """The day that "maintained" is judged by, ISO 8601."""
    languages: Mapping[str, Releases]
    """By language or package manager."""
    needs: Mapping[str, Mapping[str, Needs]]
    """By the language that is needed, then by tool."""

    def lines(self, subject: str) -> tuple[Line, ...]:
        """The lines of a language, oldest first; none when it is not in the table."""
        return self.languages[subject].lines if subject in self.languages else ()

    def need(self, subject: str, tool: str, version: str) -> str | None:
        """The range of a language that a version of a tool runs on; `None` when the table does not say."""
        rules = self.needs.get(subject, {}).get(tool)
        for rule in rules.rules if rules else ():
            versions = read(rule.versions, "npm")
            if versions and versions.allows(version):
                return rule.needs
        return None

    def named(self, subject: str, name: str) -> str | None:
        """The line that has a code name."""
        return next((line.line for line in self.lines(subject) if line.name == name), None)


def parse(text: str) -> Table:
    """The table in a YAML text.

    Raises:
        InvalidInputError: the text is not such a table.
    """
    try:
        return Table.model_validate(yaml.load(text))
    except (CannotEditError, ValidationError) as error:
        raise InvalidInputError(f"not a table of releases: {error}") from error


@lru_cache(maxsize=1)
def shipped() -> Table:
    """The table that comes with the package; its file is read at the first call."""
    return parse(shipped_text())


def shipped_text() -> str:
    """The text of the table that comes with the package."""
    return files("shiftdown.repository.versions").joinpath("data/releases.yaml").read_text("utf-8")
