import doctest
import math
from types import ModuleType
from typing import Any

import pytest

from shiftdown.edits import CannotEditError, json, toml, yaml
from shiftdown.edits.yaml import Block

Path = list[str | int]

INSERT: list[tuple[str, Path, str | int, Any, str]] = [
    # where there is nothing yet
    ("", [], "a", [1], "a:\n  - 1\n"),
    ("# only this", [], "a", 1, "# only this\na: 1"),
    ("---\n", [], "a", 1, "---\na: 1\n"),
    ("a:\nb: 1\n", ["a"], "c", 2, "a:\n  c: 2\nb: 1\n"),
    ("a: ~ # none\nb: 1\n", ["a"], "c", 2, "a: # none\n  c: 2\nb: 1\n"),
    ("a: {}\n", ["a"], "c", 2, "a:\n  c: 2\n"),
    ("a: [{}]\n", ["a", 0], "c", 2, "a: [{c: 2}]\n"),
    ("- {}\n", [0], "c", 2, "- {c: 2}\n"),
    ("{}\n", [], "c", 2, "{c: 2}\n"),
    # brackets
    ("a: {b: 1}\n", ["a"], "c", "x, y", 'a: {b: 1, c: "x, y"}\n'),
    ("a: { b: 1, } # c\n", ["a"], "c", 2, "a: { b: 1, c: 2, } # c\n"),
    ('{"a": {"b": "c"}}', ["a"], "d", "e", '{"a": {"b": "c", "d": "e"}}'),
    ("a: {\n  b: 1 # one\n}\n", ["a"], "c", 2, "a: {\n  b: 1, # one\n  c: 2\n}\n"),
    # values
    ("a: 1\n", [], "b", "x\ny\n", "a: 1\nb: |\n  x\n  y\n"),
    ("a: 1\n", [], "b", "x\n\n  y", "a: 1\nb: |-\n  x\n\n    y\n"),
    ("a: 1\n", [], "b", " x\ny\n", 'a: 1\nb: " x\\ny\\n"\n'),
    ("a: 1\n", [], "b", "x\n\n", 'a: 1\nb: "x\\n\\n"\n'),
    ("a: 1\n", [], "b", "3.10", 'a: 1\nb: "3.10"\n'),
    ("a: 'x'\n", [], "b", "yes", "a: 'x'\nb: 'yes'\n"),
    ("a: 'x'\n", [], "b", "it's: 1", "a: 'x'\nb: 'it''s: 1'\n"),
    ("a: 1\n", [], "b", "2024-01-01", 'a: 1\nb: "2024-01-01"\n'),
    ("a: 1\n", [], "b", "${{ x }} # no", 'a: 1\nb: "${{ x }} # no"\n'),
    ("a: 1\n", [], "b", "\x07\u2028🚀", 'a: 1\nb: "\\u0007\\u2028🚀"\n'),
    ("a: 1\n", [], "b", {"c": None, "d": [], "e": {}, "f": ""}, 'a: 1\nb:\n  c:\n  d: []\n  e: {}\n  f: ""\n'),
    ("a: 1\n", [], "b", [[1, [2]], {"c": [3]}], "a: 1\nb:\n  - - 1\n    - - 2\n  - c:\n      - 3\n"),
    ("a: 1\n", [], "b", math.inf, "a: 1\nb: .inf\n"),
    ("a: 1\n", [], 8080, True, "a: 1\n8080: true\n"),
    ("a: 1\n", [], "on", "push", "a: 1\non: push\n"),
    # style
    ("a:\n- 1\nb: 2\n", [], "c", [1], "a:\n- 1\nb: 2\nc:\n- 1\n"),
    ("a:\n    b: 1\n", ["a"], "c", {"d": 1}, "a:\n    b: 1\n    c:\n        d: 1\n"),
    ("a: 1\n\nb: 2\n", [], "c", 3, "a: 1\n\nb: 2\n\nc: 3\n"),
    ("'a': 1\n'b': 2\n", [], "c", 3, "'a': 1\n'b': 2\n'c': 3\n"),
    ("a: 1\r\nb: 2", [], "c", [3], "a: 1\r\nb: 2\r\nc:\r\n  - 3"),
    # block scalars at the end
    ("a:\n  b: |\n    x\n\n\nc: 1\n", ["a"], "d", 1, "a:\n  b: |\n    x\n  d: 1\n\n\nc: 1\n"),
    ("a:\n  b: |+\n    x\n\n\nc: 1\n", ["a"], "d", 1, "a:\n  b: |+\n    x\n\n\n  d: 1\nc: 1\n"),
    ("a: |+\n  x\n\nb: |+\n  y\n\n", [], "d", 1, "a: |+\n  x\n\nb: |+\n  y\n\nd: 1\n"),
    ("a: |\n  x\n     \n", [], "d", 1, "a: |\n  x\n     \nd: 1\n"),
    ("a: |\n  x", [], "d", "y\nz\n", "a: |\n  x\nd: |\n  y\n  z\n"),
    ("a:\n  b: |\n    x\n    \n\n", [], "d", "y\nz\n", "a:\n  b: |\n    x\n    \nd: |\n  y\n  z\n\n"),
    ("a: |\n  x", [], "d", "y\nz", "a: |\n  x\nd: |-\n  y\n  z"),
    ("a: |\n", [], "d", 1, "a: |\nd: 1\n"),
    ("a: &x !!str |+\n  x\n\n\nb: 1\n\nc: 2\n", [], "d", 1, "a: &x !!str |+\n  x\n\n\nb: 1\n\nc: 2\nd: 1\n"),
    ("- a: &x |+\n    x\n\n", [0], "d", 1, "- a: &x |+\n    x\n\n  d: 1\n"),
    # comments below the last entry
    ("a:\n  b: 1\n  # of a\n# of c\nc: 2\n", ["a"], "d", 3, "a:\n  b: 1\n  # of a\n  d: 3\n# of c\nc: 2\n"),
]

PLACES = [
    ("a: 1\nb: 2\n", {"before": "a"}, "new: 0\na: 1\nb: 2\n"),
    ("# top\na: 1\nb: 2\n", {"before": "a"}, "# top\nnew: 0\na: 1\nb: 2\n"),
    ("a: 1\n# of b\nb: 2\n", {"before": "b"}, "a: 1\nnew: 0\n# of b\nb: 2\n"),
    ("a: 1\n# of a\n\nb: 2\n", {"after": "a"}, "a: 1\n# of a\n\nnew: 0\n\nb: 2\n"),
    ("a:\n  - 1\n  # deep\nb: 2\n", {"after": "a"}, "a:\n  - 1\n  # deep\nnew: 0\nb: 2\n"),
    ("a: 1\nb: 2\n", {"after": "b"}, "a: 1\nb: 2\nnew: 0\n"),
    ("8080: 1\nb: 2\n", {"after": 8080}, "8080: 1\nnew: 0\nb: 2\n"),
    ("{a: 1}\n", {"after": "a"}, "{a: 1, new: 0}\n"),
]

APPEND: list[tuple[str, Path, Any, str]] = [
    ("a:\n", ["a"], 1, "a:\n  - 1\n"),
    ("a: []\n", ["a"], 1, "a: [1]\n"),
    ("a: []\n", ["a"], {"b": 1}, "a:\n  - b: 1\n"),
    ("a: [[]]\n", ["a", 0], 1, "a: [[1]]\n"),
    ("", [], 1, "- 1\n"),
    ("- 1\n", [], 2, "- 1\n- 2\n"),
    ("a: [x, 'y']\n", ["a"], "z", "a: [x, 'y', z]\n"),
    ("a: ['x', 'y']\n", ["a"], "z", "a: ['x', 'y', 'z']\n"),
    ('a:\n  - "x"\n', ["a"], "z", 'a:\n  - "x"\n  - "z"\n'),
    ("a:\n-   b: 1\n    c: 2\n", ["a"], {"d": 3, "e": 4}, "a:\n-   b: 1\n    c: 2\n-   d: 3\n    e: 4\n"),
    ("- - 1\n  - 2\n- 3\n", [0], 4, "- - 1\n  - 2\n  - 4\n- 3\n"),
    ("a:\n  -\n    b: 1\n  - c: 1\n", ["a"], 2, "a:\n  -\n    b: 1\n  - c: 1\n  - 2\n"),
    ("a:\n  - 1\n\n  - 2\n", ["a"], 3, "a:\n  - 1\n\n  - 2\n\n  - 3\n"),
    ("a:\n- 1\n# - 2\n\n# of c\nc: 2\n", ["a"], 3, "a:\n- 1\n# - 2\n- 3\n\n# of c\nc: 2\n"),
    ("a:\n- 1\n# of c\nc: 2\n", ["a"], 3, "a:\n- 1\n- 3\n# of c\nc: 2\n"),
    ("a:\n  - 1\n", ["a"], "x\ny\n", "a:\n  - 1\n  - |\n    x\n    y\n"),
    ("a:\n  - 1\n", ["a"], Block("# why\nb: 1 # one\nc: 2"), "a:\n  - 1\n  # why\n  - b: 1 # one\n    c: 2\n"),
]

REPLACE: list[tuple[str, Path, Any, str]] = [
    ("a: 1 # c\n", ["a"], 2, "a: 2 # c\n"),
    ("a: 'x' # c\n", ["a"], "y", "a: 'y' # c\n"),
    ("a: # c\nb: 1\n", ["a"], 2, "a: 2 # c\nb: 1\n"),
    ("a: push # c\nb: 1\n", ["a"], {"push": None}, "a: # c\n  push:\nb: 1\n"),
    ("a: [1, x]\n", ["a", 1], "z", "a: [1, z]\n"),
    ("a: {b: , c: 1}\n", ["a", "b"], 2, "a: {b: 2 , c: 1}\n"),
    ("a:\n  b: 1\n  c: 2\nd: 3\n", ["a"], [1], "a:\n  - 1\nd: 3\n"),
    ("a:\n  b: 1\nd: 3\n", ["a"], "x", "a: x\nd: 3\n"),
    ("a: |\n  x\n\nd: 3\n", ["a"], "z", "a: z\n\nd: 3\n"),
    ("- a: 1\n  b: 2\n- c\n", [0], {"d": 3}, "- d: 3\n- c\n"),
    ("- uses: x@v1 # v1\n", [0, "uses"], Block("x@abc # v2"), "- uses: x@abc # v2 # v1\n"),
    ("-   a\n-   b\n", [1], [1], "-   a\n-   - 1\n"),
]

NOTHING_TO_DO = [
    lambda text: yaml.insert(text, ["on"], "push", {"branches": ["main"]}),
    lambda text: yaml.insert(text, ["on"], "push", Block("branches: [main] # trunk")),
    lambda text: yaml.append(text, ["list"], {"b": 1, "a": "x"}),
    lambda text: yaml.append(text, ["list"], "two"),
    lambda text: yaml.replace(text, ["on", "push", "branches", 0], "main"),
]

REFUSED: list[tuple[str, Path, Any, str, int | None]] = [
    ("a: {b: 1}\n", ["a"], Block("x: 1"), "a ready-made block does not fit between brackets", None),
    ("a: 1\n", [], object(), "object is not plain data", None),
    ("a: 1\n", [], {"x": {1, 2}}, "set is not plain data", None),
    ("a: 1\n", [], Block("x: ["), "in the block to add, line 2: not valid YAML", None),
    ("a: 1\n", [], Block("# nothing"), "the block to add is empty", None),
    ("a: 1\n", [], Block("x: &a 1"), "the block to add has anchors or aliases", None),
    ("a: 1\n", [], Block("# why\nvalue"), "a comment above a single value has no place behind a key", None),
    ("a: 1\n", [], "\ud800", "half of a surrogate pair, U+D800", None),
    ("a: 1\nadded: 2\n", [], 3, "added is there already, with another value", 2),
    ("a:\n  b: 1\n", ["a", "b"], 1, "a.b is not a mapping", 2),
    ("a:\n  b: 1\n", ["x", "b"], 1, "x does not exist", 1),
    ("a: [b: 1]\n", ["a", 0], 1, "a pair without brackets of its own", 1),
    ("? a\n: 1\n", [], 1, "a key does not stand at the start of its line", 1),
    ("-\tb: 1\n", [0], 1, "not valid YAML: found character", 1),
]


@pytest.mark.parametrize(("before", "path", "key", "value", "after"), INSERT)
def test_insert(before: str, path: Path, key: str | int, value: Any, after: str) -> None:
    assert yaml.insert(before, path, key, value) == after
    assert yaml.insert(after, path, key, value) is after


@pytest.mark.parametrize(("before", "place", "after"), PLACES)
def test_insert_next_to_a_sibling(before: str, place: dict[str, str | int], after: str) -> None:
    assert yaml.insert(before, [], "new", 0, **place) == after


@pytest.mark.parametrize(("before", "path", "item", "after"), APPEND)
def test_append(before: str, path: Path, item: Any, after: str) -> None:
    assert yaml.append(before, path, item) == after
    assert yaml.append(after, path, item) is after


@pytest.mark.parametrize(("before", "path", "value", "after"), REPLACE)
def test_replace(before: str, path: Path, value: Any, after: str) -> None:
    assert yaml.replace(before, path, value) == after
    assert yaml.replace(after, path, value) is after


@pytest.mark.parametrize("number", range(len(NOTHING_TO_DO)))
def test_nothing_to_do(number: int) -> None:
    text = "on:\n  push: {branches: [main]}\nlist:\n  - a: x\n    b: 1\n  - 'two'\n"
    assert NOTHING_TO_DO[number](text) is text


@pytest.mark.parametrize(("text", "path", "value", "reason", "line"), REFUSED)
def test_refused(text: str, path: Path, value: Any, reason: str, line: int | None) -> None:
    with pytest.raises(CannotEditError) as caught:
        yaml.insert(text, path, "added", value)
    assert caught.value.reason.startswith(reason)
    assert caught.value.line == line


def test_replacements_that_are_refused() -> None:
    for text, path, reason in [
        ("a: 1\n", [], "the whole document is not replaced"),
        ("a: !x 1\n", ["a"], "a has a tag, an anchor or an alias"),
        ("a:\n  - &x 1\n", ["a"], "a has a tag, an anchor or an alias"),
        ("a: # why\n  b: 1\n", ["a"], "a comment stands between the key and its value"),
    ]:
        with pytest.raises(CannotEditError, match=reason):
            yaml.replace(text, list(path), 2)


def test_places_that_are_refused() -> None:
    with pytest.raises(CannotEditError, match="c does not exist"):
        yaml.insert("a: 1\n", [], "b", 1, before="c")
    with pytest.raises(CannotEditError, match="by `before` or by `after`, not by both"):
        yaml.insert("a: 1\n", [], "b", 1, before="a", after="a")
    with pytest.raises(CannotEditError, match="in brackets, which only grow at their end"):
        yaml.insert("{a: 1}\n", [], "b", 1, before="a")
    with pytest.raises(CannotEditError, match="the document is not a mapping"):
        yaml.insert("", [], "b", 1, before="a")
    with pytest.raises(CannotEditError, match="a is not a sequence"):
        yaml.append("a: {b: 1}\n", ["a"], 1)


BLOCK = Block("""
      # head
      one:
        two:   # two
          - three: 3
            # in three
            four: |
              text
                more

              end
          # in two
          - [a,
             b]
        five: "x
          y"

      # last
      six: |2
          kept
""")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "root:\n    a:\n    - b: 1\n",
            "    added:\n        # head\n        one:\n            two:   # two\n            - three: 3\n"
            "              # in three\n              four: |\n                  text\n                    more\n\n"
            "                  end\n            # in two\n            - [a,\n               b]\n"
            '            five: "x\n              y"\n\n        # last\n        six: |2\n            kept\n',
        ),
        (
            "root:\n  a:\n    - b: 1\n",
            "  added:\n    # head\n    one:\n      two:   # two\n        - three: 3\n"
            "          # in three\n          four: |\n            text\n              more\n\n"
            "            end\n        # in two\n        - [a,\n           b]\n"
            '      five: "x\n        y"\n\n    # last\n    six: |2\n        kept\n',
        ),
    ],
)
def test_a_block_takes_the_indentation_of_the_document(text: str, expected: str) -> None:
    assert yaml.insert(text, ["root"], "added", BLOCK) == text + expected


def test_blocks_inside_data() -> None:
    value = {"uses": Block("actions/checkout@abc # v4.1.0"), "with": Block("# all\nfetch-depth: 0")}
    expected = "steps:\n  - uses: actions/checkout@abc # v4.1.0\n    with:\n      # all\n      fetch-depth: 0\n"
    assert yaml.append("steps:\n", ["steps"], value) == expected


def test_load_is_yaml_1_2() -> None:
    assert yaml.load("on: yes\nno: off") == {"on": "yes", "no": "off"}
    assert yaml.load("[012, 0o14, 0x1F, 1_000, 1e3, .5]") == [12, 12, 31, "1_000", 1e3, 0.5]
    assert yaml.load("[.inf, -.INF, 2024-01-01, 12:30:45]") == [math.inf, -math.inf, "2024-01-01", "12:30:45"]
    assert yaml.load("[True, FALSE, NULL, ~, !!str 1, 'null']") == [True, False, None, None, "1", "null"]
    assert math.isnan(yaml.load(".nan"))
    assert yaml.load("") is None
    assert yaml.load("!reference [a, b]") == ["a", "b"]


def test_load_applies_merges_and_aliases() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b\n  y: 2\nc:\n  <<: [*a, *b]\n  z: *b\nd: {<<: text}\n"
    assert yaml.load(text)["c"] == {"x": 1, "y": 1, "z": {"y": 2}}
    assert yaml.load(text)["d"] == {"<<": "text"}
    assert yaml.line_of(text, ["c", "z", "y"]) == 3
    assert yaml.line_of(text, ["c", "x"]) == 1


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("a: 1\nb: [\n", "not valid YAML", 3),
        ("a: *b\n", "the alias *b has no anchor before it", 1),
        ("a: &a [*a]\n", "the alias *a has no anchor before it", 1),
        ("a: 1\n--- \nb: 1\n", "the file holds several YAML documents", 2),
        ("1: a\n1.0: b\n", "the key '1.0' is there twice", 2),
        ("[a]: 1\n", "a mapping key that is not a scalar", 1),
        ("[" * 61 + "]" * 61, "nested deeper than 60", 1),
        ("%YAML 9.0\n--- a\n", "not valid YAML", 1),
        ('"\\xzz"', "not valid YAML", 1),
        ("\x00", "not valid YAML", None),
    ],
)
def test_load_refuses(text: str, reason: str, line: int | None) -> None:
    with pytest.raises(CannotEditError) as caught:
        yaml.load(text)
    assert caught.value.reason.startswith(reason)
    assert caught.value.line == line


def test_lines() -> None:
    located = yaml.locate("\ufeff# top\na:\n  b: &x\n    - 1\n    -\n      c: 2\nd: *x\n")
    assert located.data == {"a": {"b": [1, {"c": 2}]}, "d": [1, {"c": 2}]}
    lines = {(): 2, ("a",): 2, ("a", "b"): 3, ("a", "b", 0): 4, ("a", "b", 1, "c"): 6, ("d",): 7, ("d", 1, "c"): 6}
    assert {path: located.line_of(path) for path in lines} == lines
    with pytest.raises(CannotEditError, match=r"line 3: a\.b\[7\] does not exist"):
        located.line_of(["a", "b", 7])


def test_a_large_file_is_edited_in_place() -> None:
    job = "    runs-on: ubuntu-latest\n    steps:\n      - uses: a/b@v1 # v1\n      - run: |\n          make\n"
    text = "on: push\njobs:\n" + "".join(f"  job{number}:\n{job}" for number in range(500))
    assert yaml.insert(text, ["jobs"], "added", {"x": 1}) == text + "  added:\n    x: 1\n"


@pytest.mark.parametrize("module", [yaml, toml, json])
def test_examples_in_the_documentation(module: ModuleType) -> None:
    assert doctest.testmod(module).attempted > 0
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    "value",
    [
        {"on": {"push": {"branches": ["main"]}}, "empty": None, "none": [], "script": "a\nb\n", "word": "yes"},
        [{"a": "x: y"}, ["nested", 1, True], "it's"],
        "plain",
        {"": {"deep": [{}, "", "- dash"]}},
    ],
)
def test_dump_is_read_as_what_it_was_given(value: object) -> None:
    assert yaml.load(yaml.dump(value)) == value


def test_of_keys_that_come_again_the_last_counts_where_that_is_said() -> None:
    text = "a: 1\nb: {c: 1}\na:\n- 2\nb: {c: 2,\n  c: 3}\n"
    located = yaml.locate(text, repeated_keys=True)
    assert located.data == {"a": [2], "b": {"c": 3}}
    paths: list[list[str | int]] = [["a"], ["a", 0], ["b"], ["b", "c"]]
    assert [located.line_of(path) for path in paths] == [3, 4, 5, 6]
    with pytest.raises(CannotEditError, match="is there twice"):
        yaml.locate(text)


def test_several_documents() -> None:
    assert yaml.load_all("\ufeffa: yes\n---\n- 1\n---\n") == [{"a": "yes"}, [1], None]
    assert yaml.load_all("") == []
    with pytest.raises(CannotEditError, match="several YAML documents"):
        yaml.load("a: 1\n--- 2\n")
    with pytest.raises(CannotEditError, match="is there twice") as caught:
        yaml.load_all("a: 1\n---\nb: 1\nb: 2\n")
    assert caught.value.line == 4
