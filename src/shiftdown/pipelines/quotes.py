"""Quotes in YAML files, for repositories whose formatter insists on them."""

import re

from shiftdown.edits import yaml

_VALUE = re.compile(r"^(?P<key>\s*(?:- )?[\w-]+: )(?P<value>\"[^\"'\\]*\"|\[[^\]'\\]*\])(?=\s*$)")


def requoted(before: str, after: str) -> str:
    """A YAML text with the values that were added to it in single quotes."""
    old = set(before.splitlines())
    lines = [
        line if line.rstrip("\r\n") in old else _VALUE.sub(_requote, line) for line in after.splitlines(keepends=True)
    ]
    text = "".join(lines)
    return text if yaml.load(text) == yaml.load(after) else after


def _requote(match: re.Match[str]) -> str:
    return match["key"] + match["value"].replace('"', "'")
