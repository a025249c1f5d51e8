"""Files that stand in for parts of a template."""

import posixpath
from collections.abc import Mapping
from typing import Any

import pytest

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.includes import resolve_includes

FILES = {
    "page.yaml": "title: Page\nproperties: {name: {type: string}}\n",
    "data.json": '{"a": [1, null]}',
    "notes.md": "# Notes\n",
    "deep/outer.yaml": "inner: {$text: ./inner.txt}\nup: {$text: ../notes.md}\n",
    "deep/inner.txt": "inner\n",
    "marked.yaml": "\ufeffa: 1\n",
    "loop.yaml": "again: {$yaml: ./loop.yaml}\n",
    "bad.yaml": "a: [\n",
    "bad.json": "{",
    "https://example.org/a/b.yaml": "c: {$text: c.txt}\n",
    "https://example.org/a/c.txt": "far\n",
}


def _read(path: str) -> str:
    key = path if "://" in path else posixpath.normpath(path)
    if key not in FILES:
        raise InvalidInputError(f"{path}: there is no such file")
    return FILES[key]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"$yaml": "./page.yaml"}, {"title": "Page", "properties": {"name": {"type": "string"}}}),
        ({"a": [{"$json": "data.json"}]}, {"a": [{"a": [1, None]}]}),
        ({"$text": "notes.md"}, "# Notes\n"),
        ({"$file": "page.yaml"}, {"title": "Page", "properties": {"name": {"type": "string"}}}),
        ({"$file": "data.json"}, {"a": [1, None]}),
        ({"$file": "notes.md"}, "# Notes\n"),
        ({"$yaml": "deep/outer.yaml"}, {"inner": "inner\n", "up": "# Notes\n"}),
        ({"$yaml": "https://example.org/a/b.yaml"}, {"c": "far\n"}),
        ({"$yaml": "marked.yaml"}, {"a": 1}),
        ({"$ref": "#/definitions/a"}, {"$ref": "#/definitions/a"}),
        ({"$text": "notes.md", "other": 1}, {"$text": "notes.md", "other": 1}),
        ({"$id": "x", "a": {"$text": "notes.md"}}, {"$id": "x", "a": {"$text": "notes.md"}}),
        ("$text: notes.md", "$text: notes.md"),
    ],
)
def test_includes(value: Any, expected: Any) -> None:
    assert resolve_includes(value, _read) == expected


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"$yaml": "missing.yaml"}, "no such file"),
        ({"$yaml": "bad.yaml"}, "bad.yaml: "),
        ({"$json": "bad.json"}, "bad.json: "),
        ({"$json": "notes.md"}, "notes.md: "),
        ({"$yaml": 5}, "expected its path, found int"),
        ({"$yaml": "loop.yaml"}, "more than 10 deep"),
    ],
)
def test_what_cannot_be_included(value: Mapping[str, Any], problem: str) -> None:
    with pytest.raises(InvalidInputError, match=problem):
        resolve_includes(value, _read)
