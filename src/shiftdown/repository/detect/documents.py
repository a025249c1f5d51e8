"""Manifests as data, with the line that each value stands on. Parsing never executes and never expands."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from shiftdown.edits import CannotEditError, ini, json, toml, yaml
from shiftdown.repository.detect.xml import Element, parse_xml
from shiftdown.repository.evidence import Evidence

MAX_MANIFEST = 1024 * 1024
"""The largest manifest, in characters, that is parsed: what people write is smaller, locks are not parsed."""


class MalformedError(ValueError):
    """A manifest that is not what its name says; the message is for the reader, without the path."""


class Located(Protocol):
    """Parsed content that knows where each part of it stands: as the trees of `shiftdown.edits` do."""

    @property
    def data(self) -> Any:
        """Plain data."""
        ...

    def line_of(self, path: tuple[str | int, ...]) -> int:
        """1-based line on which a part begins. Raises `CannotEditError` when there is none."""
        ...


@dataclass(frozen=True)
class Document:
    """A file with its parsed content. Look-ups never fail: what is not there, or of another type, is empty."""

    path: str
    """Its path in the repository."""
    text: str = field(repr=False)
    """Its text, without a byte order mark."""
    content: Located | Element | None = field(default=None, repr=False)
    """What was parsed from it; `None` for a file that is only text."""
    below: tuple[str, ...] = ()
    """The keys of the part of it that this document is about; all keys that are given count from there."""

    @property
    def data(self) -> Any:
        """What was parsed from it: plain data, or the root element of XML."""
        return self.content if self.content is None or isinstance(self.content, Element) else self.content.data

    def part(self, *keys: str) -> "Document":
        """What is below some keys, as a document of its own, on the lines of the whole."""
        return Document(self.path, self.text, self.content, (*self.below, *keys))

    def get(self, *keys: str) -> Any:
        """The value at nested keys; `None` if there is none."""
        value = self.data
        for key in (*self.below, *keys):
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def string(self, *keys: str) -> str | None:
        """The text at nested keys; `None` if it is empty or something else."""
        value = self.get(*keys)
        return value.strip() or None if isinstance(value, str) else None

    def table(self, *keys: str) -> dict[str, Any]:
        """The mapping at nested keys, with its textual keys only."""
        value = self.get(*keys)
        return {k: v for k, v in value.items() if isinstance(k, str)} if isinstance(value, dict) else {}

    def strings(self, *keys: str) -> list[str]:
        """The texts in the list at nested keys."""
        value = self.get(*keys)
        return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []

    def line(self, *keys: str | int) -> int | None:
        """The 1-based line on which the part at nested keys and positions begins; `None` if there is no such part."""
        if self.content is None or isinstance(self.content, Element):
            return None
        try:
            return self.content.line_of((*self.below, *keys))
        except CannotEditError:
            return None

    def evidence(self, fact: str, *keys: str | int) -> Evidence:
        """A fact, on the line of nested keys and positions."""
        return Evidence(fact=fact, path=self.path, line=self.line(*keys) if keys else None)

    def entry(self, fact: str, text: str, *keys: str) -> Evidence:
        """A fact, on the line of the key or the text that reads `text` somewhere below nested keys; else on theirs."""
        found = next(_entries(self.get(*keys), text.strip()), ())
        return self.evidence(fact, *keys, *found)

    def find(self, pattern: str) -> re.Match[str] | None:
        """The first match of a multi-line pattern in the text."""
        return re.search(pattern, self.text, re.M)

    def at(self, fact: str, offset: int) -> Evidence:
        """A fact, on the line of an offset into the text; at white space, on that of what follows it."""
        start = offset + len(self.text[offset:]) - len(self.text[offset:].lstrip())
        return Evidence(fact=fact, path=self.path, line=self.text.count("\n", 0, start) + 1)


def _entries(value: Any, text: str) -> Iterator[tuple[str | int, ...]]:
    """The ways from a value to the keys, texts, and lines of texts below it that read `text`."""
    if isinstance(value, str):
        lines = value.split("\n")
        if len(lines) > 1:
            yield from ((number,) for number, line in enumerate(lines) if line.strip() == text)
        elif value.strip() == text:
            yield ()
        return
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        if key == text:
            yield (key,)
        yield from ((key, *rest) for rest in _entries(item, text))


_PARSERS: Mapping[str, Callable[[str], Located | Element]] = {
    "INI": ini.locate,
    "JSON": json.locate,
    "TOML": toml.locate,
    "YAML": lambda text: yaml.locate(text, repeated_keys=True),
    "XML": parse_xml,
}


def parse(text: str, kind: str) -> Located | Element:
    """Parse INI, JSON, TOML, YAML or XML.

    Raises:
        MalformedError: it is not, or it is too large or nested too deeply.
    """
    if len(text) > MAX_MANIFEST:
        raise MalformedError(f"is {len(text):,} characters; {kind} over {MAX_MANIFEST:,} is not read")
    try:
        return _PARSERS[kind](text)
    except CannotEditError as error:
        raise MalformedError(f"is not valid {kind}: {_reason(error, kind)}") from error
    except ValueError as error:
        raise MalformedError(f"is not valid {kind}: {str(error).strip().splitlines()[0][:200]}") from error


def _reason(error: CannotEditError, kind: str) -> str:
    if "nested deeper" in error.reason or isinstance(error.__cause__, RecursionError):
        return "is nested too deeply"
    return error.reason.removeprefix(f"not valid {kind}: ")[:200] + (f" (line {error.line})" if error.line else "")
