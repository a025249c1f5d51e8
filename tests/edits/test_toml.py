import contextlib
import datetime
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exploring import examples

from shiftdown.edits import CannotEditError, toml

EXAMPLES = settings(max_examples=examples(200))

PROJECT = """# Build
[build-system]
requires = ["hatchling"] # only this

[project]
name = "orders"
urls.home = "https://example.org"
authors = [{ name = "A" }]
# end of project

# Linter
[tool.ruff.lint]
select = [
  "E", # errors
  "F",
  # "I",
]

[[tool.mypy.overrides]]
module = "a"

[[tool.mypy.overrides]]
module = "b"

[tool.poetry.dependencies]
flask = { version = "3" }
"""


def replaced(old: str, new: str) -> str:
    assert PROJECT.count(old) == 1
    return PROJECT.replace(old, new)


LINT = '  # "I",\n]\n'
FIRST = 'module = "a"\n'
TABLES = "\n[tool.n.x]\ny = 1\n\n[[tool.n.z]]\nk = 2\n"
SUB = "\n[tool.mypy.overrides.s]\nk = 1\n"
LAST = 'module = "b"\n'

SET = [
    # a key at the end of its table, comments of that table before it
    (PROJECT, ["project", "version"], "1", replaced("# end of project\n", '# end of project\nversion = "1"\n')),
    (PROJECT, ["tool", "ruff", "lint", "ignore"], ["E5"], replaced(LINT, LINT + 'ignore = ["E5"]\n')),
    # dotted keys stay dotted
    (PROJECT, ["project", "urls", "docs"], "d", replaced('org"\n', 'org"\nurls.docs = "d"\n')),
    # a table that exists only through its sub-table, and one that does not
    (PROJECT, ["tool", "ruff", "line-length"], 100, replaced(LINT, LINT + "\n[tool.ruff]\nline-length = 100\n")),
    (PROJECT, ["tool", "new", "x"], True, PROJECT + "\n[tool.new]\nx = true\n"),
    (PROJECT, ["tool", "n"], {"x": {"y": 1}, "z": [{"k": 2}]}, PROJECT + TABLES),
    # inline tables
    (PROJECT, ["project", "authors", 0, "email"], "e", replaced('{ name = "A" }', '{ name = "A", email = "e" }')),
    (PROJECT, ["tool", "poetry", "dependencies", "x"], {"path": "."}, PROJECT + 'x = { path = "." }\n'),
    # arrays of tables
    (PROJECT, ["tool", "mypy", "overrides", 0, "strict"], True, replaced(FIRST, FIRST + "strict = true\n")),
    (PROJECT, ["tool", "mypy", "overrides", 0, "s"], {"k": 1}, replaced(FIRST, FIRST + SUB)),
    # a header does not take over the keys below dotted ones
    ("[[a]]\nb.c = 1\nd = 1\n", ["a", 0, "b", "e"], {"f": 1}, "[[a]]\nb.c = 1\nd = 1\n\n[a.b.e]\nf = 1\n"),
    # another value
    (PROJECT, ["project", "name"], 'a"b', replaced('"orders"', '"a\\"b"')),
    (PROJECT, ["tool", "ruff", "lint", "select", 1], "W", replaced('"F"', '"W"')),
    # the root
    (PROJECT, ["title"], "t", 'title = "t"\n\n' + PROJECT),
    ("a = 1\n# b\n\n[c]\n", ["d"], 2, "a = 1\n# b\nd = 2\n\n[c]\n"),
    ("", ["a", "b"], 1, "[a]\nb = 1\n"),
    ("# only this", ["a"], 1, "# only this\na = 1"),
    # byte-order mark, CRLF, no final newline, tables without blank lines between
    ("\ufeff[a]\r\nx = 1", ["a", "y"], 2, "\ufeff[a]\r\nx = 1\r\ny = 2"),
    ("[a]\nx = 1\n[b]\n", ["c", "y"], 2, "[a]\nx = 1\n[b]\n[c]\ny = 2\n"),
    # strings that look like something else
    ('a = """\n[b]\nc = 1"""""\n[d]\n', ["d", "e"], 1, 'a = """\n[b]\nc = 1"""""\n[d]\ne = 1\n'),
    ("a = '''\n]#'''\nb = [ # ]\n  '[', \"]\"]\n", ["b", 0], 1, "a = '''\n]#'''\nb = [ # ]\n  1, \"]\"]\n"),
    ('"a.b"."c" = 1\n', ["a.b", "d"], 2, '"a.b"."c" = 1\n"a.b".d = 2\n'),
    # tables out of order
    ("[a.x]\n[b]\n[a]\nk = 1\n", ["a", "l"], 2, "[a.x]\n[b]\n[a]\nk = 1\nl = 2\n"),
    ("[a]\n  k = 1\n", ["a", "l"], 2, "[a]\n  k = 1\n  l = 2\n"),
    ("a = 1979-05-27 07:32:00\n", ["b"], datetime.date(2024, 1, 2), "a = 1979-05-27 07:32:00\nb = 2024-01-02\n"),
    ("a = 1\n", ["b"], ["item number one"] * 7, "a = 1\nb = [\n" + '    "item number one",\n' * 7 + "]\n"),
]  # fmt: skip

APPEND = [
    (PROJECT, ["tool", "ruff", "lint", "select"], "W", replaced('  # "I",\n', '  # "I",\n  "W",\n')),
    (PROJECT, ["build-system", "requires"], "x", replaced('["hatchling"]', '["hatchling", "x"]')),
    (PROJECT, ["project", "authors"], {"name": "B"}, replaced('{ name = "A" }', '{ name = "A" }, { name = "B" }')),
    (PROJECT, ["tool", "mypy", "overrides"], {"m": 3}, replaced(LAST, LAST + "\n[[tool.mypy.overrides]]\nm = 3\n")),
    (PROJECT, ["project", "keywords"], "k", replaced("# end of project\n", '# end of project\nkeywords = ["k"]\n')),
    ("a = []\n", ["a"], 1, "a = [1]\n"),
    ("a = [\n  # none\n]\n", ["a"], 1, "a = [\n  # none\n  1\n]\n"),
]  # fmt: skip

REFUSED = [
    ("a = 1\na = 2\n", ["b"], 1, "not valid TOML: Cannot overwrite a value", 2),
    ("a = \n", ["b"], 1, "not valid TOML: Invalid value", 1),
    ("a = 1\n[t]\nx.y = 1\n", ["t", "x"], {"z": 1}, "t.x is a table; set its keys one by one", 3),
    ("a = 1\n", ["a", "b"], 1, "a.b does not exist", 1),
    ("a = [1]\n", ["a", 3], 1, "a[3] does not exist", 1),
    ("a = 1\n", ["b"], None, "None cannot be written as TOML", None),
    ("a = 1\n", ["b"], {"c": None}, "None cannot be written as TOML", None),
    ("a = 1\n", ["b"], object, "<class 'object'> cannot be written as TOML", None),
]


@pytest.mark.parametrize(("before", "path", "value", "after"), SET)
def test_set(before: str, path: list[str | int], value: Any, after: str) -> None:
    assert toml.set(before, path, value) == after
    assert toml.set(after, path, value) is after


@pytest.mark.parametrize(("before", "path", "item", "after"), APPEND)
def test_append(before: str, path: list[str | int], item: Any, after: str) -> None:
    assert toml.append(before, path, item) == after
    assert toml.append(after, path, item) is after


NOTHING_TO_DO: list[tuple[list[str | int], Any]] = [
    (["project", "name"], "orders"),
    (["tool", "ruff"], {"lint": {"select": ["E", "F"]}}),
]


@pytest.mark.parametrize(("path", "value"), NOTHING_TO_DO)
def test_nothing_to_do(path: list[str | int], value: Any) -> None:
    assert toml.set(PROJECT, path, value) is PROJECT


@pytest.mark.parametrize(("text", "path", "value", "reason", "line"), REFUSED)
def test_refused(text: str, path: list[str | int], value: Any, reason: str, line: int | None) -> None:
    with pytest.raises(CannotEditError) as caught:
        toml.set(text, path, value)
    assert (caught.value.reason, caught.value.line) == (reason, line)


def test_a_value_among_tables_with_headers_is_refused() -> None:
    with pytest.raises(CannotEditError, match=r"line 19: tool\.mypy\.overrides holds tables with headers"):
        toml.append(PROJECT, ["tool", "mypy", "overrides"], 1)


def test_appending_to_a_table_is_refused() -> None:
    with pytest.raises(CannotEditError, match="line 5: project is not an array"):
        toml.append(PROJECT, ["project"], 1)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (["project"], 5),
        (["project", "urls", "home"], 7),
        (["project", "authors", 0, "name"], 8),
        (["tool"], 12),
        (["tool", "ruff", "lint", "select", 1], 15),
        (["tool", "mypy", "overrides", 1], 22),
        (["tool", "poetry", "dependencies", "flask", "version"], 26),
    ],
)
def test_line_of(path: list[str | int], line: int) -> None:
    assert toml.line_of(PROJECT, path) == line


def test_line_of_what_is_not_there() -> None:
    with pytest.raises(CannotEditError, match=r"project\.none does not exist"):
        toml.line_of(PROJECT, ["project", "none"])


NAMES = st.sampled_from(["a", "b", "c-d", "'e f'", '"g.h"', "1"])
STRINGS = ['"s # ]"', "'l\"'", '"""m\n[x]\n""\\""""', "'''\n]'''"]
SCALARS = st.sampled_from(["1", "true", "1.5e3", "inf", "0x1F", "2024-01-02", "2024-01-02 03:04:05Z", *STRINGS])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).flatmap(
            lambda items: st.sampled_from(
                [f"[{', '.join(items)}]", "[" + "".join(f"\n  {item}, # c ]" for item in items) + "\n]"]
            )
        )
        | st.dictionaries(NAMES, inner.filter(lambda text: "\n" not in text), max_size=2).map(
            lambda pairs: "{ " + ", ".join(f"{name} = {text}" for name, text in pairs.items()) + " }"
        )
    ),
    max_leaves=4,
)
KEYS = st.lists(NAMES, min_size=1, max_size=2).map(" . ".join) | NAMES
LINES = (
    st.tuples(KEYS, VALUES, st.sampled_from(["", " # c"])).map(lambda parts: f"{parts[0]} = {parts[1]}{parts[2]}")
    | st.lists(NAMES, min_size=1, max_size=3).map(lambda names: f"[{'.'.join(names)}]")
    | st.lists(NAMES, min_size=1, max_size=2).map(lambda names: f"[[ {'.'.join(names)} ]] # t")
    | st.sampled_from(["", "# comment", "  # deeper"])
)
DATA = st.recursive(
    st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Statements one after another, those left out that would make the text invalid."""
    lines: list[str] = []
    for line in draw(st.lists(LINES, max_size=10)):
        with contextlib.suppress(tomllib.TOMLDecodeError):
            tomllib.loads("\n".join([*lines, line]))
            lines.append(line)
    text = "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))
    return draw(st.sampled_from(["", "\ufeff"])) + (text.replace("\n", "\r\n") if draw(st.booleans()) else text)


def subsequence(old: str, new: str) -> bool:
    rest = iter(new)
    return all(character in rest for character in old)


def containers(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    if not isinstance(data, dict | list):
        return []
    children = data.items() if isinstance(data, dict) else enumerate(data)
    return [(path, data), *(found for part, child in children for found in containers(child, (*path, part)))]


@EXAMPLES
@given(documents(), DATA, st.data())
def test_any_document(old: str, value: Any, data: st.DataObject) -> None:
    loaded = toml.load(old)
    path, node = data.draw(st.sampled_from(containers(loaded)))
    edit = toml.append if isinstance(node, list) else toml.set
    target = path if isinstance(node, list) else (*path, "added")
    empty = not node
    if isinstance(node, list) and node and isinstance(node[0], dict) and not isinstance(value, dict):
        with contextlib.suppress(CannotEditError):  # refused when the tables have headers
            edit(old, target, value)
        return
    new = edit(old, target, value)
    if new is old:
        return
    assert edit(new, target, value) is new
    assert empty or subsequence(old, new), "a foreign byte changed"
    assert not ("\r\n" in old and "\n" in new.replace("\r\n", "")), "a line end changed"
    if isinstance(node, list):
        node.append(value)
    else:
        node["added"] = value
    assert tomllib.loads(new.removeprefix("\ufeff")) == loaded


@EXAMPLES
@given(documents(), st.data())
def test_every_part_of_any_document_is_found(text: str, data: st.DataObject) -> None:
    loaded = toml.load(text)
    path, _ = data.draw(st.sampled_from(containers(loaded)))
    assert 1 <= toml.line_of(text, path) <= text.count("\n") + 1


@EXAMPLES
@given(st.text(st.sampled_from("[]{}=.,\"'# ab1\n\r-"), max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(CannotEditError):
        toml.load(text)
        assert subsequence(text, toml.set(text, ["added"], 1))


def test_located_parts_have_the_lines_of_line_of() -> None:
    text = '\ufeffx.y = 1\n[a."b.c"]\nd = [\n  1,\n  { e = 2 },\n]\n[[f]]\n[[f]]\ng = 1\n'
    located = toml.locate(text)
    assert located.data == {"x": {"y": 1}, "a": {"b.c": {"d": [1, {"e": 2}]}}, "f": [{}, {"g": 1}]}
    paths: list[list[str | int]] = [["x", "y"], ["a"], ["a", "b.c", "d", 1, "e"], ["f", 1], ["f", 1, "g"]]
    assert [located.line_of(path) for path in paths] == [1, 2, 5, 8, 9] == [toml.line_of(text, path) for path in paths]
