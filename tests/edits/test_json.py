import contextlib
import json as standard
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exploring import examples

from shiftdown.edits import CannotEditError, json

EXAMPLES = settings(max_examples=examples(200))

PACKAGE = """{
  "name": "orders",
  "version": "1.0.0",
  "big": 123456789012345678901234567890.10,
  "scripts": {
    "test": "jest"
  },
  "files": ["a", "b"],
  "config": {}
}
"""

SET = [
    (PACKAGE, ["scripts", "lint"], "eslint .", PACKAGE.replace('"jest"\n', '"jest",\n    "lint": "eslint ."\n')),
    (PACKAGE, ["scripts", "test"], "vitest", PACKAGE.replace('"jest"', '"vitest"')),
    (PACKAGE, ["files", 0], "ä/ö", PACKAGE.replace('"a"', '"ä/ö"')),
    (PACKAGE, ["config", "x"], [1], PACKAGE.replace('{}', '{\n    "x": [\n      1\n    ]\n  }')),
    (PACKAGE, ["engines", "node"], ">=20", PACKAGE.replace('{}\n', '{},\n  "engines": {\n    "node": ">=20"\n  }\n')),
    ('{"a":1,"b":[1,2]}', ["c"], {"d": [3]}, '{"a":1,"b":[1,2],"c":{"d":[3]}}'),
    ('{"a": 1}', ["c", "d"], 2, '{"a": 1, "c": {"d": 2}}'),
    ("{}", ["a"], 1, '{\n  "a": 1\n}'),
    ('\ufeff{\r\n\t"a": 1\r\n}', ["b"], {"c": 2}, '\ufeff{\r\n\t"a": 1,\r\n\t"b": {\r\n\t\t"c": 2\r\n\t}\r\n}'),
    ('{\n    "a": {"x": 1}\n}\n', ["a", "y"], {"z": 1}, '{\n    "a": {"x": 1, "y": {"z": 1}}\n}\n'),
]  # fmt: skip

APPEND = [
    (PACKAGE, ["files"], "c", PACKAGE.replace('"b"]', '"b", "c"]')),
    (PACKAGE, ["keywords"], "c", PACKAGE.replace("{}\n", '{},\n  "keywords": [\n    "c"\n  ]\n')),
    ('{"a":[]}', ["a"], 1, '{"a":[1]}'),
    ('[\n  {\n    "a": 1\n  }\n]\n', [], {"b": 2}, '[\n  {\n    "a": 1\n  },\n  {\n    "b": 2\n  }\n]\n'),
]

NOTHING_TO_DO = [
    (PACKAGE, ["scripts", "test"], "jest"),
    (PACKAGE, ["files"], ["a", "b"]),
    (PACKAGE, [], {**json.load(PACKAGE)}),
]

REFUSED = [
    ('{"a": 1, "a": 2}', ["b"], "the key 'a' is there twice", 1),
    ('{"x": {"a": 1,\n"a": 2}}', ["b"], "the key 'a' is there twice", 2),
    ('{"a": 1,}', ["b"], "not valid JSON: a comma before the closing bracket", 1),
    ('{\n// c\n"a": 1}', ["b"], "not valid JSON: a key in double quotes is missing", 2),
    ('{"a": NaN}', ["b"], "not valid JSON: a value is missing", 1),
    ('{"a": 01}', ["b"], "not valid JSON: ',' or '}' is missing", 1),
    ('{"a": "x\ny"}', ["b"], "not valid JSON: Invalid control character at", 1),
    ("", ["b"], "not valid JSON: a value is missing", 1),
    ('{"a": 1} x', ["b"], "not valid JSON: something follows the value", 1),
    ("[" * 200 + "]" * 200, [], "not valid JSON: nested deeper than 100", 1),
    ('{"a":\n "x"}', ["a", "b"], "a.b does not exist", 2),
    ('{"a": [1]}', ["a", 1], "a[1] does not exist", 1),
    ('{"a": [1]}', ["a", "x"], "a.x does not exist", 1),
]

TSCONFIG = """// for the editor
{
  "compilerOptions": { // strict
    "strict": true, // yes
    /* not
       yet */
  },
  "include": [
    "src" // all
    // "test"
  ]
}
"""


@pytest.mark.parametrize(("before", "path", "value", "after"), SET)
def test_set(before: str, path: list[str | int], value: Any, after: str) -> None:
    assert json.set(before, path, value) == after
    assert json.set(after, path, value) is after


@pytest.mark.parametrize(("before", "path", "item", "after"), APPEND)
def test_append(before: str, path: list[str | int], item: Any, after: str) -> None:
    assert json.append(before, path, item) == after
    assert json.append(after, path, item) is after


@pytest.mark.parametrize(("text", "path", "value"), NOTHING_TO_DO)
def test_nothing_to_do(text: str, path: list[str | int], value: Any) -> None:
    assert json.set(text, path, value) is text


@pytest.mark.parametrize(("text", "path", "reason", "line"), REFUSED)
def test_refused(text: str, path: list[str | int], reason: str, line: int) -> None:
    with pytest.raises(CannotEditError) as caught:
        json.set(text, path, 1)
    assert (caught.value.reason, caught.value.line) == (reason, line)


@pytest.mark.parametrize("value", [{1, 2}, float("nan"), object(), {1: 2}])
def test_what_json_cannot_say_is_refused(value: Any) -> None:
    with pytest.raises(CannotEditError):
        json.set(PACKAGE, ["x"], value)


def test_appending_to_an_object_is_refused() -> None:
    with pytest.raises(CannotEditError, match="line 5: scripts is not an array"):
        json.append(PACKAGE, ["scripts"], 1)


def test_one_is_not_true() -> None:
    assert json.set('{"a": 1}', ["a"], True) == '{"a": true}'
    assert json.append('{"a": [1]}', ["a"], 1.0) == '{"a": [1, 1.0]}'


def test_comments_and_trailing_commas_stay() -> None:
    added = json.set(TSCONFIG, ["compilerOptions", "target"], "es2022", comments=True)
    assert added == TSCONFIG.replace("yet */\n", 'yet */\n    "target": "es2022",\n')
    added = json.append(TSCONFIG, ["include"], "lib", comments=True)
    assert added == TSCONFIG.replace('"src" //', '"src", //').replace('// "test"\n', '// "test"\n    "lib"\n')
    assert json.load(TSCONFIG, comments=True)["compilerOptions"] == {"strict": True}
    assert json.line_of(TSCONFIG, ["include", 0], comments=True) == 9
    with pytest.raises(CannotEditError, match="line 1: not valid JSON"):
        json.load(TSCONFIG)


@pytest.mark.parametrize("inside", ["", " ", "\n", "\n  // nothing\n", " /* nothing */ "])
def test_an_empty_object_is_filled(inside: str) -> None:
    new = json.set(f"{{{inside}}}", ["a"], 1, comments=True)
    assert json.load(new, comments=True) == {"a": 1}
    assert inside.strip() in new


def test_line_of() -> None:
    assert json.line_of(PACKAGE, ["scripts", "test"]) == 6
    assert json.line_of(PACKAGE, []) == 1
    with pytest.raises(CannotEditError, match=r"scripts\.none does not exist"):
        json.line_of(PACKAGE, ["scripts", "none"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
SPACE = st.sampled_from(["", " ", "\n", "\n  ", "\t", "\r\n"])
COMMENT = st.sampled_from(["", "", " ", "\n", "// c, }\n", "/* [ */", '\n  // "a": 1\n  '])


def written(draw: st.DrawFn, value: Any, space: st.SearchStrategy[str], *, trailing: bool) -> str:
    """A value as text, with any space between the tokens."""
    if not isinstance(value, dict | list):
        return standard.dumps(value, ensure_ascii=draw(st.booleans()))
    pairs = value.items() if isinstance(value, dict) else [(None, item) for item in value]
    parts = []
    for key, item in pairs:
        name = "" if key is None else f"{standard.dumps(key)}{draw(space)}:{draw(space)}"
        parts.append(f"{draw(space)}{name}{written(draw, item, space, trailing=trailing)}{draw(space)}")
    comma = f",{draw(space)}" if trailing and parts and draw(st.booleans()) else ""
    inside = ",".join(parts) + comma or draw(space)
    return f"{{{inside}}}" if isinstance(value, dict) else f"[{inside}]"


@st.composite
def documents(draw: st.DrawFn, *, comments: bool) -> tuple[str, Any]:
    value = draw(st.dictionaries(st.text(max_size=3), JSON, max_size=4))
    space = COMMENT if comments else SPACE
    return draw(space) + written(draw, value, space, trailing=comments) + draw(space), value


def subsequence(old: str, new: str) -> bool:
    rest = iter(new)
    return all(character in rest for character in old)


@EXAMPLES
@given(st.booleans(), JSON, st.data())
def test_any_document(comments: bool, value: Any, data: st.DataObject) -> None:
    old, loaded = data.draw(documents(comments=comments))
    assert json.load(old, comments=comments) == loaded
    containers: list[tuple[tuple[str | int, ...], Any]] = [((), loaded)]
    for path, node in containers:
        children = node.items() if isinstance(node, dict) else enumerate(node)
        containers += [((*path, part), child) for part, child in children if isinstance(child, dict | list)]
    path, node = data.draw(st.sampled_from(containers))
    if isinstance(node, dict):
        new = json.set(old, [*path, "added"], value, comments=comments)
        again = json.set(new, [*path, "added"], value, comments=comments)
        node["added"] = value
    else:
        new = json.append(old, path, value, comments=comments)
        again = json.append(new, path, value, comments=comments)
        if new is old:
            return
        node.append(value)
    assert json.load(new, comments=comments) == loaded
    assert again is new
    assert len(node) == 1 or subsequence(old, new), "a foreign byte changed"


@EXAMPLES
@given(st.text(st.sampled_from('{}[]:,"\\ a1-.e/*\n'), max_size=30), st.booleans())
def test_any_text_is_read_or_refused(text: str, comments: bool) -> None:
    with contextlib.suppress(CannotEditError):
        json.load(text, comments=comments)


def test_located_parts_are_those_that_count() -> None:
    text = '{\n "a": {"b": 1},\n "a": {\n  "b": [2,\n   3],\n  "b": [4,\n   5]}\n}\n'
    located = json.locate(text)
    assert located.data == {"a": {"b": [4, 5]}}
    paths: list[list[str | int]] = [[], ["a"], ["a", "b"], ["a", "b", 1]]
    assert [located.line_of(path) for path in paths] == [1, 3, 6, 7]
    with pytest.raises(CannotEditError, match="is there twice"):
        json.load(text)
