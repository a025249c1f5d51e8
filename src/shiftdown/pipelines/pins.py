"""The versions that generated pipelines use, and the actions that nobody should use.

The table is a YAML file of the package, `data/pins.yaml`; it can be replaced by one that was bumped.
"""

import re
from collections.abc import Container, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from packaging.version import InvalidVersion, Version
from pydantic import Field, TypeAdapter, ValidationError

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, InvalidInputError, NotFoundError
from shiftdown.model.base import Model
from shiftdown.repository.evidence import Evidence

SHA = r"[0-9a-f]{40}"
_IMAGE = "image:"
"""What the name of a language's image begins with where it stands beside actions and programs."""
_USES = re.compile(r"^(?P<action>[\w.-]+/[\w.-]+)(?P<folder>(?:/[\w.-]+)*)@(?P<ref>\S+)$")


class Pin(Model):
    """A version of an action, as a commit of its own repository."""

    version: str
    """The version that people know, a tag of the action's repository."""
    sha: str = Field(pattern=rf"^{SHA}$")
    """The commit that the tag stands for."""
    date: str | None = None
    """When it was released, ISO 8601."""
    note: str | None = None
    """What to mind when it is used."""


class ToolPin(Model):
    """A version of a program or image."""

    version: str
    """The version, or for an image its name and tag."""
    package: str | None = Field(default=None, pattern=r"^(go|pypi):\S+$")
    """The package that it is had as: `go:` and its module, or `pypi:` and its name."""
    date: str | None = None
    """When it was released, ISO 8601."""
    note: str | None = None
    """What to mind when it is used."""


class LanguageImage(Model):
    """The image that jobs of one language, or one of its package managers, run in."""

    image: str = Field(pattern=r"^[^{}]+\{version\}[^{}]*$")
    """Its name and tag, with `{version}` in place of the language's version."""
    version: str
    """The newest version of the language, to the last number that the tag has."""
    date: str | None = None
    """When it was released, ISO 8601."""
    note: str | None = None
    """What to mind when it is used."""


class Exclusion(Model):
    """An action that was taken over."""

    date: str
    """When, ISO 8601 as far as known."""
    why: str
    """What happened."""
    tags: bool = True
    """Whether its tags were moved, so that a use by tag is suspect."""
    bad: frozenset[str] = frozenset()
    """The commits that are known to be bad."""


class Pins(Model):
    """The table."""

    actions: Mapping[str, Pin]
    """By name: owner/repository."""
    tools: Mapping[str, ToolPin]
    """By name."""
    images: Mapping[str, LanguageImage] = Field(default_factory=dict)
    """By language ("node", "go", …), or by the package manager whose image brings the language ("maven", "bun")."""
    excluded: Mapping[str, Exclusion]
    """By name: owner/repository."""

    def uses(self, action: str) -> str:
        """The reference to an action with its version as a comment: `actions/checkout@<sha> # v7.0.1`.

        A folder of the action's repository may follow: `github/codeql-action/init`.

        Raises:
            NotFoundError: the table has no such action.
        """
        name = "/".join(action.split("/")[:2])
        if name not in self.actions:
            raise NotFoundError("pinned action", name, "add it to the table of pins")
        pin = self.actions[name]
        return f"{action}@{pin.sha} # {pin.version}"

    def tool(self, name: str) -> str:
        """The version of a program, or the name and tag of an image.

        Raises:
            NotFoundError: the table has no such tool.
        """
        if name not in self.tools:
            raise NotFoundError("pinned tool", name, "add it to the table of pins")
        return self.tools[name].version

    def image(self, name: str, version: str | None = None) -> str:
        """The image of a language or package manager, for a version of the language; by default for the newest.

        A version that the table knows more exactly is completed: 24 is 24.19.0.

        Raises:
            NotFoundError: the table has no such image.
        """
        if name not in self.images:
            raise NotFoundError("image", name, "add it to the table of pins")
        known = self.images[name]
        if version is None or f"{known.version}.".startswith(f"{version}."):
            version = known.version
        return known.image.replace("{version}", version)

    def finding(self, uses: str) -> str | None:
        """What is wrong with a reference such as `owner/repository@ref` by the list of excluded actions."""
        match = _USES.match(uses)
        excluded = self._excluded(match["action"]) if match else None
        if match is None or excluded is None:
            return None
        if match["ref"] in excluded.bad:
            return f"{uses} is known to be bad since {excluded.date}: {excluded.why}; remove it and rotate secrets"
        if excluded.tags and not re.fullmatch(SHA, match["ref"]):
            return f"{uses} can be moved, and was in {excluded.date}: {excluded.why}; pin a good commit or remove it"
        return None

    def excluded_in(self, text: str, path: str) -> tuple[Evidence, ...]:
        """A finding for each `uses:` of an excluded action in the text of a workflow or composite action.

        Raises:
            CannotEditError: the text is not valid YAML.
        """
        located = yaml.locate(text)
        found = []
        for place, uses in _references(located.data, ()):
            problem = self.finding(uses)
            if problem:
                found.append(Evidence(fact=problem, path=path, line=located.line_of(place)))
        return tuple(found)

    def _excluded(self, action: str) -> Exclusion | None:
        names = {name.lower(): entry for name, entry in self.excluded.items()}
        return names.get(action.lower())


def _references(value: object, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "uses" and isinstance(item, str):
                yield (*place, key), item.strip()
            else:
                yield from _references(item, (*place, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _references(item, (*place, number))


def parse(text: str) -> Pins:
    """The table in a YAML text.

    Raises:
        InvalidInputError: the text is not such a table.
    """
    try:
        return Pins.model_validate(yaml.load(text))
    except (CannotEditError, ValidationError) as error:
        raise InvalidInputError(f"not a table of pins: {error}") from error


@lru_cache(maxsize=1)
def shipped() -> Pins:
    """The table that comes with the package; its file is read at the first call."""
    return parse(shipped_text())


def shipped_text() -> str:
    """The text of the table that comes with the package."""
    return files("shiftdown.pipelines").joinpath("data/pins.yaml").read_text("utf-8")


def parse_available(text: str, source: str) -> "dict[str, Pin | ToolPin]":
    """Versions that there are, from YAML or JSON text: `{action: {version, sha}, tool: {version}}`.

    Raises:
        InvalidInputError: the text is no such mapping; `source` names it.
    """
    try:
        entries = TypeAdapter(dict[str, dict[str, object]]).validate_python(yaml.load(text))
        return {name: (Pin if "/" in name else ToolPin).model_validate(entry) for name, entry in entries.items()}
    except (CannotEditError, ValidationError) as error:
        raise InvalidInputError(f"{source}: is not a mapping of actions to version and sha: {error}") from error


class Outdated(Model):
    """An action, a program or an image that has another version than the table says."""

    action: str
    """Its name; that of a program has no slash, and that of a language's image begins with `image:`."""
    current: Pin | ToolPin
    """What the table says."""
    available: Pin | ToolPin
    """What there is."""

    @property
    def moved(self) -> bool:
        """The version is the same, its commit is not: somebody moved the tag, which deserves a look."""
        return self.current.version == self.available.version


def check(table: Pins, available: Mapping[str, Pin | ToolPin]) -> tuple[Outdated, ...]:
    """What `available` names a newer version for, or another commit for the same; sorted by name, actions first.

    What only one of them has is passed over. A commit that the table excludes never counts.
    """
    found = []
    pinned: list[tuple[str, Pin | ToolPin]] = [*sorted(table.actions.items()), *sorted(table.tools.items())]
    pinned += [(f"{_IMAGE}{n}", ToolPin(version=i.version, date=i.date)) for n, i in sorted(table.images.items())]
    for name, pin in pinned:
        new = available.get(name)
        if new is not None and _differs(pin, new, _bad(table, name)) and not _older(new.version, pin.version):
            found.append(Outdated(action=name, current=pin, available=new))
    return tuple(found)


def _differs(pin: Pin | ToolPin, new: Pin | ToolPin, bad: Container[str]) -> bool:
    if isinstance(pin, Pin) and isinstance(new, Pin):
        return new.sha != pin.sha and new.sha not in bad
    return new.version != pin.version


def bump(text: str, available: Mapping[str, Pin | ToolPin]) -> str:
    """The text of a table with the newer pins written into it; what is not bumped keeps every byte.

    A tag that was moved to another commit is left alone: `check` shows it and a person decides.

    Raises:
        InvalidInputError: the text is not a table of pins.
        CannotEditError: it cannot be edited safely.
    """
    for entry in check(parse(text), available):
        if entry.moved:
            continue
        new = entry.available.model_dump(exclude_none=True)
        current = entry.current.model_dump()
        table = "actions" if "sha" in current else "images" if entry.action.startswith(_IMAGE) else "tools"
        place = [table, entry.action.removeprefix(_IMAGE)]
        for key in ("version", "sha", "date"):
            if current.get(key) is not None:
                text = yaml.replace(text, [*place, key], new.get(key))
            elif key in new:
                text = yaml.insert(text, place, key, new[key])
    return text


def _older(version: str, than: str) -> bool:
    """Whether it is certainly older: versions that are no numbers cannot be compared. Of an image the tag counts."""
    try:
        return _number(version) < _number(than)
    except InvalidVersion:
        return False


def _number(version: str) -> Version:
    """The version in a version, or in the tag of an image, without the variant that follows it."""
    name, colon, tag = version.rpartition(":")
    return Version(tag.partition("-")[0] if name and colon else version)


def _bad(table: Pins, action: str) -> frozenset[str]:
    entry = table.excluded.get(action)
    return entry.bad if entry else frozenset()
