"""YAML as the npm package `yaml` writes it; the expected texts were written by its version 2.9.1."""

from typing import Any

import pytest

from shiftdown.edits import yaml
from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.yaml_text import dump_yaml

LONG = "word " * 30
FIFTEEN = ("word " * 15).strip()
CASES: list[tuple[Any, str]] = [
    (
        {"a": {"b": [1, "x", {"c": None, "d": True}], "e": {}, "f": []}},
        "a:\n  b:\n    - 1\n    - x\n    - c: null\n      d: true\n  e: {}\n  f: []\n",
    ),
    ({"k": "yes"}, "k: yes\n"),
    ({"k": "2024-01-01"}, "k: 2024-01-01\n"),
    ({"k": "true"}, 'k: "true"\n'),
    ({"k": "012"}, 'k: "012"\n'),
    ({"k": "1e3"}, 'k: "1e3"\n'),
    ({"k": ""}, 'k: ""\n'),
    ({"k": "a: b"}, 'k: "a: b"\n'),
    ({"k": 'say: "hi"'}, "k: 'say: \"hi\"'\n"),
    ({"k": "it's"}, "k: it's\n"),
    ({"k": "both ' and \": x"}, 'k: "both \' and \\": x"\n'),
    ({"k": "tab\tx"}, "k: tab\tx\n"),
    ({"k": "a\r\nb"}, 'k: "a\\r\\nb"\n'),
    ({"k": "bell\x07"}, 'k: "bell\\a"\n'),
    ({"k": "a\nb\n"}, "k: |\n  a\n  b\n"),
    ({"k": "a\nb"}, "k: |-\n  a\n  b\n"),
    ({"k": "a\n\nb\n\n"}, "k: |+\n  a\n\n  b\n\n"),
    ({"k": "\n"}, "k: |+\n  \n"),
    ({"k": "line\n  indented"}, "k: |-\n  line\n    indented\n"),
    ({"k": "  lead\nx"}, "k: |2-\n    lead\n  x\n"),
    ({"k": 1e21, "l": 1e-7, "m": 0.1, "n": 5.0, "o": -3}, "k: 1e+21\nl: 1e-7\nm: 0.1\nn: 5\no: -3\n"),
    ({"k": float("inf"), "l": float("nan")}, "k: .inf\nl: .nan\n"),
    ({"b": 1, "2": 2, "1": 3}, '"1": 3\n"2": 2\nb: 1\n'),
    ([["a", ["b"]], {"c": ["d"]}], "- - a\n  - - b\n- c:\n    - d\n"),
    ({"a\nb": 1}, '"a\\nb": 1\n'),
    ({"--- a": "--- b"}, '"--- a": --- b\n'),
    (
        {"k": LONG},
        f'k: "{FIFTEEN}\n  {FIFTEEN} "\n',
    ),
    (
        {"k": LONG.strip() + "\nnext"},
        f"k: >-\n  {FIFTEEN}\n  {FIFTEEN}\n\n  next\n",
    ),
    ({"k": "x" * 100}, "k: " + "x" * 100 + "\n"),
    ({"x" * 1030: 1}, "? " + "x" * 1030 + "\n: 1\n"),
    ("plain", "plain\n"),
    (None, "null\n"),
]


@pytest.mark.parametrize(("value", "expected"), CASES)
def test_text(value: Any, expected: str) -> None:
    assert dump_yaml(value) == expected


@pytest.mark.parametrize("value", [c[0] for c in CASES if isinstance(c[0], dict) and c[0].get("l") is None])
def test_it_reads_back(value: dict[str, Any]) -> None:
    assert yaml.load(dump_yaml(value)) == value


def test_what_is_no_plain_data() -> None:
    with pytest.raises(InvalidInputError, match="object cannot be written"):
        dump_yaml({"k": object()})


def test_nesting_has_an_end() -> None:
    deep: Any = "x"
    for _ in range(500):
        deep = [deep]
    with pytest.raises(InvalidInputError, match="too deep"):
        dump_yaml(deep)
