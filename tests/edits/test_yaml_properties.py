"""Edits of generated YAML: no foreign byte changes, the second edit is empty, the data is what was meant.

The runs are the same each time; for a wider search, raise `max_examples` and drop `derandomize`.
"""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tests.exploring import examples

from shiftdown.edits import CannotEditError, yaml

EXAMPLES = settings(max_examples=examples(200))

KEYS = st.sampled_from(["a", "on", "runs-on", "with", "x1", "'q'", '"d"', "key with space", "ключ", "8080", "-v"])
QUOTED = ["'it''s'", '"a\\tb"', "[]", "{}"]
PLAIN = st.sampled_from(["1", "true", "null", "~", "", "3.10", "two words", "${{ x.y }}", "a:b?c#d", *QUOTED])
FLOW = st.sampled_from(["[a, b]", "{a: 1, b: [c]}", "[1, 'x', \"y\",]", "{ k: v }", "[[a], {b: c}]"])
COMMENT = st.sampled_from(["", "", "", " # note", "  # a: b"])
FOLDED = [">:a:b", ">-:a::b", "|+:a"]
LITERALS = st.sampled_from(["|:a", "|:a::b", "|-:a", "|+:a:", "|:# none", "|:a:\tb", "|:a:  b", "|:a:", *FOLDED])
"""Header and lines of block scalars, with `:` for the line ends."""
TEXT = st.text(st.sampled_from("ab: #-'\"\\\n\t|>&*!%@`{}[],?~ü🚀\u2028\x7f0179.yesno"), max_size=12)
DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | TEXT
    | st.sampled_from(["x\ny\n", "x, y", "a: b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT.filter(bool), inner, max_size=3),
    max_leaves=8,
)
Node = Any
SCALAR = st.tuples(st.just("scalar"), PLAIN | FLOW, COMMENT)
LITERAL = st.tuples(st.just("literal"), LITERALS, st.integers(0, 2))


def collections(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    gaps = st.lists(st.sampled_from(["", "", "", "blank", "comment", "deep comment"]), min_size=4, max_size=4)
    entries = st.lists(st.tuples(KEYS, inner), min_size=1, max_size=4, unique_by=lambda pair: pair[0].strip("'\""))
    return st.tuples(st.just("mapping"), entries, gaps) | st.tuples(
        st.just("sequence"), st.lists(inner, min_size=1, max_size=4), gaps
    )


NODES = st.recursive(SCALAR | LITERAL, collections, max_leaves=12)
ROOTS = collections(NODES)


def lines_of(node: Node, step: int, offset: int) -> list[str]:
    """The lines of a block collection; children are written by its style."""
    lines: list[str] = []
    for number, child in enumerate(node[1]):
        gap = node[2][number]
        lines += {"": [], "blank": [""], "comment": ["# comment"], "deep comment": ["   # deep"]}[gap]
        key, value = child if node[0] == "mapping" else ("-", child)
        head = f"{key}:" if node[0] == "mapping" else "-"
        if value[0] == "scalar":
            lines.append(f"{head} {value[1]}{value[2]}".rstrip() if value[1] else f"{head}{value[2]}")
        elif value[0] == "literal":
            header, *content = value[1].split(":")
            lines += [f"{head} {header}", *(" " * max(step, 2) + line if line else "" for line in content)]
            lines += [""] * value[2]
        elif node[0] == "mapping":
            width = step if value[0] == "mapping" else offset
            lines += [head, *(" " * width + line if line else "" for line in lines_of(value, step, offset))]
        else:
            inner = lines_of(value, step, offset)
            start = next(n for n, line in enumerate(inner) if line and not line.lstrip().startswith("#"))
            first, *rest = inner[start:]
            lines += [f"- {first}", *("  " + line if line else "" for line in rest)]
    return lines


@st.composite
def documents(draw: st.DrawFn) -> str:
    lines = lines_of(draw(ROOTS), draw(st.sampled_from([2, 3, 4])), draw(st.sampled_from([0, 2, 4])))
    top, end = draw(st.sampled_from([[], ["---"], ["# top", ""]])), draw(st.sampled_from([[], ["# end"], ["", ""]]))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    text = newline.join([*top, *lines, *end])
    return draw(st.sampled_from(["", "\ufeff"])) + text + draw(st.sampled_from(["", newline]))


def read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text.removeprefix("\ufeff"))


def places(data: Any, kind: type, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all dicts, or of all lists."""
    found = [path] if isinstance(data, kind) else []
    children = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, child in children:
        if isinstance(part, str | int):
            found += places(child, kind, (*path, part))
    return found


def at(data: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        data = data[part]
    return data


def subsequence(old: str, new: str) -> bool:
    rest = iter(new)
    return all(character in rest for character in old)


def check(old: str, new: str, path: tuple[str | int, ...], change: Any) -> None:
    """`change` makes the intended data from the old data of the node at `path`."""
    assert new.startswith("\ufeff") == old.startswith("\ufeff")
    if at(yaml.load(old), path) not in ([], {}):
        assert subsequence(old, new), "a foreign byte changed"
    assert not ("\r\n" in old and "\n" in new.replace("\r\n", "")), "a line end changed"
    if not old.endswith("\n") and new.endswith("\n"):
        assert yaml.load(new) != yaml.load(new.removesuffix("\n").removesuffix("\r")), "a final newline was added"
    for reader in (yaml.load, read):
        expected = reader(old if old.endswith("\n") else old + "\n")
        change(at(expected, path))
        assert reader(new if new.endswith("\n") else new + "\n") == expected


def attempt(edit: Callable[[], str]) -> tuple[str, str]:
    """The edited text, or why it was refused."""
    try:
        return edit(), ""
    except CannotEditError as error:
        return "", error.reason


@EXAMPLES
@given(documents(), st.data())
def test_insert(old: str, data: st.DataObject) -> None:
    loaded = yaml.load(old)
    path = data.draw(st.sampled_from(places(loaded, dict) or [()]))
    value = data.draw(DATA)
    node = at(loaded, path)
    if not isinstance(node, dict):
        return
    sibling = data.draw(st.sampled_from([None, *(key for key in node if isinstance(key, str | int))]))
    side = data.draw(st.sampled_from(["before", "after"]))
    place = {} if sibling is None else {side: sibling}
    new, refused = attempt(lambda: yaml.insert(old, path, "added", value, **place))
    if refused:
        assert refused.endswith(("brackets, which only grow at their end", "a pair without brackets of its own"))
        return
    check(old, new, path, lambda target: target.update(added=value))
    assert yaml.insert(new, path, "added", value) is new


@EXAMPLES
@given(documents(), st.data())
def test_append(old: str, data: st.DataObject) -> None:
    loaded = yaml.load(old)
    paths = places(loaded, list)
    if not paths:
        return
    path = data.draw(st.sampled_from(paths))
    value = data.draw(DATA)
    new = yaml.append(old, path, value)
    if new is old:
        assert value in at(loaded, path)
        return
    check(old, new, path, lambda target: target.append(value))
    assert yaml.append(new, path, value) is new


@EXAMPLES
@given(documents(), st.data())
def test_replace(old: str, data: st.DataObject) -> None:
    loaded = yaml.load(old)
    paths = [path for kind in (dict, list, str, int, type(None)) for path in places(loaded, kind) if path]
    if not paths:
        return
    path = data.draw(st.sampled_from(paths))
    value = data.draw(DATA)
    new, refused = attempt(lambda: yaml.replace(old, path, value))
    if refused:
        assert refused.startswith(("a comment stands between", "the edited text would not"))
        return
    assert at(yaml.load(new if new.endswith("\n") else new + "\n"), path) == value
    assert yaml.replace(new, path, value) is new


@EXAMPLES
@given(st.text(st.sampled_from("ab: -#'\"\\\n\r\t|>&*!%@`{}[],?~<.0ü\u2028\x85\ufeff"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        yaml.load(text)
    except CannotEditError:
        return
    try:
        new = yaml.insert(text, [], "added", ["x"])
    except CannotEditError:
        return
    assert subsequence(text, new) or yaml.load(text) in (None, {})
    assert yaml.insert(new, [], "added", ["x"]) is new
