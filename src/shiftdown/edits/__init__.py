"""Format-preserving edits: text in, text out, for YAML, TOML, JSON and plain lines; and where each part stands.

An edit locates its place, splices text in, parses the result again and compares it with what was meant.
What is not part of the edit keeps every byte: comments, order, quotes, indentation, line ends, byte-order
mark, final newline. An edit that is already in place returns the text as it is. An edit that would not be
safe raises `CannotEditError` with the reason and the line; nothing is guessed.

A path is a sequence of mapping keys and 0-based sequence positions: `["jobs", "test", "steps", 0]`.
"""

from shiftdown.edits import ini, json, lines, toml, yaml
from shiftdown.errors import CannotEditError

__all__ = ["CannotEditError", "ini", "json", "lines", "toml", "yaml"]
