"""Includes in a template: `$yaml`, `$json`, `$text` and `$file` stand for the content of another file."""

import json
from collections.abc import Callable
from typing import Any

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, InvalidInputError

_DEPTH = 10
"""How deep includes may lie in each other."""


def resolve_includes(value: Any, read: Callable[[str], str]) -> Any:
    """`value` with every `{$yaml: path}`, and `$json`, `$text` and `$file` likewise, replaced by what it names.

    As Backstage's catalog does it before a template is used: an include is a mapping with that one key. `$file`
    takes the form from the file's name: YAML, JSON, or else text.

    Args:
        value: plain data.
        read: gives the text of a file by its path.

    Raises:
        InvalidInputError: a file cannot be read or parsed, or includes lie too deep in each other.
    """
    return _resolve(value, read, 0)


def _resolve(value: Any, read: Callable[[str], str], depth: int) -> Any:
    if isinstance(value, list):
        return [_resolve(item, read, depth) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (key, path), *_ = value.items()
        if key in ("$yaml", "$json", "$text", "$file"):
            return _included(key, path, read, depth)
    return {key: _resolve(item, read, depth) for key, item in value.items()}


def _included(key: str, path: Any, read: Callable[[str], str], depth: int) -> Any:
    if not isinstance(path, str):
        raise InvalidInputError(f"{key} names a file; expected its path, found {type(path).__name__}")
    if depth >= _DEPTH:
        raise InvalidInputError(f"{key}: {path}: includes lie more than {_DEPTH} deep in each other")
    text = read(path)
    form = _form(path) if key == "$file" else key
    try:
        if form == "$text":
            return text
        loaded = json.loads(text) if form == "$json" else yaml.load(text)
    except (json.JSONDecodeError, CannotEditError) as error:
        raise InvalidInputError(f"{key}: {path}: {error}") from error
    return _resolve(loaded, read, depth + 1)


def _form(path: str) -> str:
    lower = path.lower()
    return "$yaml" if lower.endswith((".yaml", ".yml")) else "$json" if lower.endswith(".json") else "$text"
