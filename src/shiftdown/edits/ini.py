"""INI texts, as Python's tools write them, and the lines that they stand on: `setup.cfg`, `tox.ini`, `.coveragerc`.

`configparser` says what a text means. The lines are found beside it, by its rules, and hold only if the same data
is read on the way.
"""

import configparser
import re
from dataclasses import dataclass
from functools import cached_property

from shiftdown.edits._text import BOM, Path, format_path
from shiftdown.errors import CannotEditError

__all__ = ["Located", "locate"]

_SECTION = re.compile(r"\[(.+)\]")
_OPTION = re.compile(r"(.*?)\s*(?:([=:])\s*(.*))?$")
_Lines = dict[tuple[str, ...], list[tuple[int, str | None]]]
"""By section, and by section and key: the line on which it begins, then those of its value, with what they add."""


@dataclass(frozen=True)
class Located:
    """The data of an INI text, with the line of every section, key and line of a value."""

    data: dict[str, dict[str, str]]
    """Sections, their keys as they are written, and texts; a key without a value has an empty one."""
    _text: str

    def line_of(self, path: Path) -> int:
        """1-based line of a section, a key, or, by its position, of a line of the key's value.

        Raises CannotEditError when the data has no such part, or when its line is not certain.
        """
        lines = self._lines.get(tuple(str(part) for part in path[:2]), [])
        position = path[2] if len(path) == 3 else 0
        if not isinstance(position, int) or not 0 <= position < len(lines):
            raise CannotEditError(f"{format_path(path)} does not exist")
        return lines[position][0]

    @cached_property
    def _lines(self) -> _Lines:
        found = _scan(self._text)
        read: dict[str, dict[str, str]] = {section[0]: {} for section in found}
        for path, lines in found.items():
            if len(path) == 2:
                read[path[0]][path[1]] = "\n".join(text or "" for _, text in lines).rstrip()
        return found if read == self.data else {}


def locate(text: str) -> Located:
    """The data of an INI text, without interpolation and without a section of defaults.

    Raises CannotEditError for what is no INI.
    """
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True, default_section="\0")
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    body = text.removeprefix(BOM)
    try:
        parser.read_string(body)
    except (configparser.Error, ValueError, AttributeError) as error:  # the last: a line goes on with a key alone
        line = getattr(error, "lineno", None)
        raise CannotEditError(f"not valid INI: {str(error).splitlines()[0]}", line) from error
    return Located({s: {k: v or "" for k, v in parser.items(s)} for s in parser.sections()}, body)


def _scan(text: str) -> _Lines:
    found: _Lines = {}
    section, values, margin = "", None, 0
    for number, line in enumerate(text.split("\n"), start=1):
        value = line.strip()
        if not value or value[0] in "#;":
            if not value and values:
                values.append((number, ""))
            continue
        indent = len(line) - len(line.lstrip())
        if values is not None and indent > margin:
            values.append((number, value))
            continue
        margin = indent
        header, option = _SECTION.match(value), _OPTION.match(value)
        if header:
            section, values = header[1], None
            found.setdefault((section,), [(number, None)])
        elif option:
            values = [(number, option[3].strip() if option[2] else None)]
            found[section, option[1].rstrip()] = values
    return found
