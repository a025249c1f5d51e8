"""Plain data as TOML."""

from collections.abc import Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from shiftdown.errors import CannotEditError

LONGEST_LINE = 100
"""Arrays that make a longer line get one line per item."""


def key(parts: Sequence[str | int]) -> str:
    """A dotted key; positions in arrays of tables have no place in one and are left out."""
    return ".".join(tomlkit.key(part).as_string() for part in parts if isinstance(part, str))


def inline(value: Any) -> str:
    """A value on one line. Raises CannotEditError for what TOML cannot say, null above all."""
    if isinstance(value, dict):
        pairs = (f"{key([name])} = {inline(item)}" for name, item in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(inline, value))}]"
    try:
        return str(tomlkit.item(value).as_string())
    except (TOMLKitError, ValueError, TypeError) as error:
        raise CannotEditError(f"{value!r} cannot be written as TOML") from error


def pair(parts: Sequence[str | int], value: Any, margin: str = "") -> list[str]:
    """The lines of a key and its value."""
    line = f"{margin}{key(parts)} = {inline(value)}"
    if len(line) <= LONGEST_LINE or not isinstance(value, list | tuple):
        return [line]
    return [f"{margin}{key(parts)} = [", *(f"{margin}    {inline(item)}," for item in value), f"{margin}]"]


def is_section(value: Any) -> bool:
    """Whether a value is written below a header of its own: a table, or an array of tables."""
    if isinstance(value, list | tuple):
        return bool(value) and all(isinstance(item, dict) and item for item in value)
    return isinstance(value, dict) and bool(value)


def section(path: Sequence[str | int], value: Any, *, array: bool = False) -> list[str]:
    """The lines of a table, its sub-tables below it; those of all its items for an array of tables."""
    if isinstance(value, list | tuple):
        lines = [line for item in value for line in ["", *section(path, item, array=True)]]
        return lines[1:]
    own = [line for name, item in value.items() if not is_section(item) for line in pair([name], item)]
    header = f"[[{key(path)}]]" if array else f"[{key(path)}]"
    lines = [header, *own] if own or array else []
    for name, item in value.items():
        if is_section(item):
            lines += [*([""] if lines else []), *section([*path, name], item)]
    return lines
