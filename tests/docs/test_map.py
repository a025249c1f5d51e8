"""The map for newcomers names only functions that exist."""

import re
from importlib import import_module
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "two-paths.md"
NAMES = sorted(set(re.findall(r"`([a-z_.]+: \w+(?:\.\w+)?)`", PAGE.read_text("utf-8"))))


@pytest.mark.parametrize("name", NAMES)
def test_the_map_names_what_exists(name: str) -> None:
    module, path = name.split(": ")
    found: object = import_module(f"shiftdown.{module}")
    for part in path.split("."):
        found = getattr(found, part)
    assert callable(found) or isinstance(found, type)


def test_the_map_is_read() -> None:
    assert len(NAMES) > 25
