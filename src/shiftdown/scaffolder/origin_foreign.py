"""The records that other tools leave in the repositories that they make: cruft's and copier's."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError
from shiftdown.repository import Snapshot
from shiftdown.scaffolder.origin import OriginError

CRUFT = ".cruft.json"
"""Where cruft keeps the template, commit and context of a cookiecutter template."""
COPIER = (".copier-answers.yml", ".copier-answers.yaml")
"""Where copier keeps its answers, unless the template says otherwise."""

_MAX_BYTES = 1_000_000
_SHORT = {"gh": "https://github.com/", "gl": "https://gitlab.com/", "bb": "https://bitbucket.org/"}
_DESCRIBED = re.compile(r"^.+-\d+-g(?P<id>[0-9a-f]{7,40})$")


@dataclass(frozen=True)
class ForeignRecord:
    """What another tool remembers."""

    file: str
    """The file that says it."""
    template: str
    """URL or path of the template's repository."""
    folder: str
    """The template's folder in there; empty for the root."""
    version: str | None
    """A commit, perhaps cut short, a tag, or a branch; `None` when it does not say."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """The values that it was rendered with."""


def foreign_record(snapshot: Snapshot) -> ForeignRecord | None:
    """What cruft or copier remember of a repository; `None` if neither made it.

    Raises:
        OriginError: the file cannot be used; names what is wrong.
    """
    if snapshot.is_file(CRUFT):
        return _cruft(snapshot)
    found = next((name for name in COPIER if snapshot.is_file(name)), None)
    return _copier(snapshot, found) if found else None


def repository_url(template: str) -> str:
    """The address that cookiecutter's and copier's short forms stand for: `gh:acme/template`, `git+https://…`."""
    prefix, colon, rest = template.partition(":")
    if colon and prefix in _SHORT and not rest.startswith("//"):
        return _SHORT[prefix] + rest.strip("/").removesuffix(".git") + ".git"
    return template.removeprefix("git+")


def _cruft(snapshot: Snapshot) -> ForeignRecord:
    content = _read(snapshot, CRUFT)
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise OriginError(snapshot.name, f"{CRUFT} is not valid JSON: {error}") from error
    context = data.get("context") if isinstance(data, dict) else None
    values = context.get("cookiecutter") if isinstance(context, dict) else None
    if not isinstance(values, dict):
        raise OriginError(snapshot.name, f"{CRUFT} has no context.cookiecutter: expected a mapping")
    folder = _text(snapshot, CRUFT, data, "directory", "")
    version = _text(snapshot, CRUFT, data, "commit", "") or _text(snapshot, CRUFT, data, "checkout", "")
    public = {name: value for name, value in values.items() if not name.startswith("_")}
    template = repository_url(_text(snapshot, CRUFT, data, "template"))
    return ForeignRecord(CRUFT, template, folder.strip("/"), version or None, public)


def _copier(snapshot: Snapshot, file: str) -> ForeignRecord:
    try:
        data = yaml.load(_read(snapshot, file).decode())
    except (UnicodeDecodeError, CannotEditError) as error:
        raise OriginError(snapshot.name, f"{file} is not valid YAML: {error}") from error
    if not isinstance(data, dict):
        raise OriginError(snapshot.name, f"{file} holds no mapping of answers")
    version = _text(snapshot, file, data, "_commit", "")
    described = _DESCRIBED.match(version)
    answers = {str(name): value for name, value in data.items() if not str(name).startswith("_")}
    template = repository_url(_text(snapshot, file, data, "_src_path"))
    return ForeignRecord(file, template, "", described["id"] if described else version or None, answers)


def _read(snapshot: Snapshot, file: str) -> bytes:
    content = snapshot.read(file)
    if len(content) > _MAX_BYTES:
        raise OriginError(snapshot.name, f"{file} has {len(content):,} bytes; at most {_MAX_BYTES:,} are read")
    return content


def _text(snapshot: Snapshot, file: str, data: Mapping[str, Any], key: str, default: str | None = None) -> str:
    value = data.get(key)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or not value:
        raise OriginError(snapshot.name, f"{file}: {key}: expected text, found {type(value).__name__}")
    return value
