"""Includes in a template: `$yaml`, `$json`, `$text` and `$file` stand for the content of another file."""

import json
import posixpath
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, InvalidInputError
from shiftdown.scaffolder.sources import is_absolute

_DEPTH = 10
"""How deep includes may lie in each other."""
_FORMS = frozenset({"$yaml", "$json", "$text", "$file"})


class IncludeError(InvalidInputError):
    """An include that cannot be resolved."""

    def __init__(self, path: tuple[str | int, ...], problem: str) -> None:
        self.path = path
        """Where in the data it is."""
        super().__init__(problem)


def resolve_includes(value: Any, read: Callable[[str], str]) -> Any:
    """`value` with every `{$yaml: path}`, and `$json`, `$text` and `$file` likewise, replaced by what it names.

    As Backstage's catalog does it before a template is used: an include is a mapping with that one key, and a mapping
    with other keys that begin with `$` is left as it is. `$file` takes the form from the file's name: YAML, JSON, or
    else text. Includes in an included file are relative to that file.

    Args:
        value: plain data.
        read: gives the text of a file by its URL, or its path from the template.

    Raises:
        IncludeError: a file cannot be read or parsed, or includes lie too deep in each other.
    """
    return _resolve(value, read, ())


def _resolve(value: Any, read: Callable[[str], str], place: tuple[str | int, ...]) -> Any:
    if isinstance(value, list):
        return [_resolve(item, read, (*place, index)) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if not _is_include(value):
        return {key: _resolve(item, read, (*place, key)) for key, item in value.items()} if _is_open(value) else value
    try:
        return _within(value, read, ())
    except InvalidInputError as error:
        raise IncludeError(place, str(error)) from error


def _is_open(value: dict[Any, Any]) -> bool:
    """Whether includes are looked for in a mapping."""
    return not any(isinstance(key, str) and key.startswith("$") for key in value)


def _is_include(value: dict[Any, Any]) -> bool:
    return len(value) == 1 and next(iter(value)) in _FORMS


def _within(value: Any, read: Callable[[str], str], files: tuple[str, ...]) -> Any:
    """What is in a file that was included, with its own includes."""
    if isinstance(value, list):
        return [_within(item, read, files) for item in value]
    if not isinstance(value, dict):
        return value
    if _is_include(value):
        ((key, path),) = value.items()
        return _included(key, path, read, files)
    return {key: _within(item, read, files) for key, item in value.items()} if _is_open(value) else value


def _included(key: str, path: Any, read: Callable[[str], str], files: tuple[str, ...]) -> Any:
    if not isinstance(path, str):
        raise InvalidInputError(f"{key} names a file; expected its path, found {type(path).__name__}")
    if len(files) >= _DEPTH:
        raise InvalidInputError(f"{key}: {path}: includes lie more than {_DEPTH} deep in each other")
    place = _place(path, files[-1] if files else "")
    text = read(place).removeprefix("\ufeff")
    form = _form(place) if key == "$file" else key
    if form == "$text":
        return text
    try:
        loaded = json.loads(text) if form == "$json" else yaml.load(text)
    except (ValueError, RecursionError, CannotEditError) as error:
        raise InvalidInputError(f"{key}: {path}: {error}") from error
    return _within(loaded, read, (*files, place))


def _place(path: str, including: str) -> str:
    if is_absolute(path):
        return path
    return urljoin(including, path) if is_absolute(including) else posixpath.join(posixpath.dirname(including), path)


def _form(path: str) -> str:
    lower = path.lower()
    return "$yaml" if lower.endswith((".yaml", ".yml")) else "$json" if lower.endswith(".json") else "$text"
