"""Manifests as data, with the line that each value stands on. Parsing never executes and never expands."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from shiftdown.repository.detect.xml import parse_xml
from shiftdown.repository.evidence import Evidence

MAX_MANIFEST = 1024 * 1024
"""The largest manifest, in bytes, that is parsed: what people write is smaller, locks are not parsed."""


MAX_YAML = 64 * 1024
"""The same for YAML, whose parser is slow: workspaces and Compose files are smaller."""

MAX_YAML_DEPTH = 100
"""The deepest nesting of brackets in YAML."""


class MalformedError(ValueError):
    """A manifest that is not what its name says; the message is for the reader, without the path."""


@dataclass(frozen=True)
class Document:
    """A file with its parsed content. Look-ups never fail: what is not there, or of another type, is empty."""

    path: str
    """Its path in the repository."""
    text: str = field(repr=False)
    """Its text, without a byte order mark."""
    data: Any = field(default=None, repr=False)
    """What was parsed from it."""

    def get(self, *keys: str) -> Any:
        """The value at nested keys; `None` if there is none."""
        value = self.data
        for key in keys:
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

    def line(self, *keys: str) -> int | None:
        """The 1-based line of nested keys; the last may be a value below them. `None` if it is not found."""
        if self.path.endswith((".toml", "Pipfile", ".lock")):
            return self._toml_line(keys)
        return line_of(self.text, *(_key_patterns(self.path, key) for key in keys))

    def evidence(self, fact: str, *keys: str) -> Evidence:
        """A fact, on the line of nested keys."""
        return Evidence(fact=fact, path=self.path, line=self.line(*keys) if keys else None)

    def find(self, pattern: str) -> re.Match[str] | None:
        """The first match of a multi-line pattern in the text."""
        return re.search(pattern, self.text, re.M)

    def at(self, fact: str, offset: int) -> Evidence:
        """A fact, on the line of an offset into the text."""
        return Evidence(fact=fact, path=self.path, line=self.text.count("\n", 0, offset) + 1)

    @cached_property
    def _toml_keys(self) -> dict[tuple[str, ...], int]:
        keys: dict[tuple[str, ...], int] = {}
        table: tuple[str, ...] = ()
        for match in _TOML_LINE.finditer(self.text):
            if match["table"] is not None:
                table = tuple(_dotted(match["table"]))
                keys.setdefault(table, match.start())
            else:
                keys.setdefault((*table, *_dotted(match["key"])), match.start("key"))
        return keys

    def _toml_line(self, keys: tuple[str, ...]) -> int | None:
        for size in range(len(keys), -1, -1):
            start = self._toml_keys.get(keys[:size], None if size else 0)
            start = self._implied(keys[:size]) if start is None else start
            if start is None:
                continue
            rest = [(rf"[\"']{re.escape(k)}(?![\w-])", re.escape(k)) for k in keys[size:]]
            before = self.text.count("\n", 0, start)
            offset = line_of(self.text[start:], *rest) if rest else 1
            return before + offset if offset else None
        return None

    def _implied(self, keys: tuple[str, ...]) -> int | None:
        """Where the first key below a table that has no line of its own stands."""
        return next((o for k, o in self._toml_keys.items() if k[: len(keys)] == keys), None)


_TOML_LINE = re.compile(r"^[ \t]*(?:\[\[?(?P<table>[^\]\n#]+)\]\]?|(?P<key>[\w\"'. -]+?)[ \t]*=)", re.M)


def _dotted(text: str) -> list[str]:
    return [part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", text.strip())]


def _key_patterns(path: str, key: str) -> tuple[str, str]:
    """How a key is written, then how a value that contains it is."""
    word = re.escape(key)
    if path.endswith((".json", ".jsonc")):
        return rf"\"{re.escape(json.dumps(key)[1:-1])}\"\s*:", rf"\"{word}"
    return rf"(?m)^[ \t-]*[\"']?{word}[\"']?\s*[:=]", rf"(?<![\w-]){word}(?![\w-])"


def line_of(text: str, *steps: tuple[str, ...]) -> int | None:
    """The line of the last of several steps, each searched for after the one before; a step is patterns to try."""
    start = end = 0
    for patterns in steps:
        found = next((m for p in patterns if (m := re.compile(p).search(text, end))), None)
        if found is None:
            return None
        start, end = found.start(), found.end()
        start += len(found[0]) - len(found[0].lstrip())
    return text.count("\n", 0, start) + 1


def _json(text: str) -> Any:
    return json.loads(text)


def _yaml(text: str) -> Any:
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", text):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_YAML_DEPTH:
            raise RecursionError
    loader = YAML(typ="safe", pure=True)
    loader.allow_duplicate_keys = True
    return loader.load(text)


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    "JSON": _json,
    "TOML": tomllib.loads,
    "YAML": _yaml,
    "XML": parse_xml,
}


def parse(text: str, kind: str) -> Any:
    """Parse JSON, TOML, YAML or XML.

    Raises:
        MalformedError: it is not, or it is nested too deeply.
    """
    limit = MAX_YAML if kind == "YAML" else MAX_MANIFEST
    if len(text) > limit:
        raise MalformedError(f"is {len(text):,} characters; {kind} over {limit:,} is not read")
    try:
        return _PARSERS[kind](text)
    except (ValueError, YAMLError, RecursionError, TypeError, AttributeError, KeyError, IndexError) as error:
        reason = "is nested too deeply" if isinstance(error, RecursionError) else _first_line(error)
        raise MalformedError(f"is not valid {kind}: {reason}") from error


def _first_line(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"{getattr(error, 'problem', '') or 'syntax error'} (line {mark.line + 1})"
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
