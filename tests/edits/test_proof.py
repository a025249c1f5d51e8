"""A splice that goes wrong never leaves `shiftdown.edits`: the edited text means what was meant, or is refused.

Splices are damaged on purpose, so what refuses them is the proof at the end of every edit and nothing before it.
"""

import contextlib
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shiftdown.edits import CannotEditError, _yaml_document, json, toml, yaml
from shiftdown.edits._text import Splice, same, splice

EXAMPLES = settings(max_examples=400, derandomize=True, deadline=None)

YAML = "a: 1\nb: {c: [x, y]}\n# about d\nd:\n  - e: |\n      f\n  - g\nh: ok\n"
TOML = 'a = 1\n\n[b]\nc = ["x", "y"] # two\nd.e = "f"\n\n[[g]]\nh = { i = true }\n'
JSON = '{\n  "a": 1,\n  "b": {"c": ["x", "y"]},\n  "d": [{"e": "f"}, "g"],\n  "h": "ok"\n}\n'

Edit = Callable[[], str]
EDITS: dict[str, tuple[ModuleType, Any, list[Edit]]] = {
    "YAML": (
        _yaml_document,
        yaml,
        [
            lambda: yaml.insert(YAML, [], "new", {"k": "v"}),
            lambda: yaml.insert(YAML, ["b"], "new", "v"),
            lambda: yaml.append(YAML, ["d"], {"new": ["v", 2]}),
            lambda: yaml.replace(YAML, ["h"], "new"),
        ],
    ),
    "TOML": (
        toml,
        toml,
        [
            lambda: toml.set(TOML, ["new", "k"], "v"),
            lambda: toml.set(TOML, ["b", "new"], "v"),
            lambda: toml.set(TOML, ["a"], 2),
            lambda: toml.append(TOML, ["b", "c"], "new"),
            lambda: toml.append(TOML, ["g"], {"new": 1}),
        ],
    ),
    "JSON": (
        json,
        json,
        [
            lambda: json.set(JSON, ["b", "new"], {"k": "v"}),
            lambda: json.set(JSON, ["h"], "new"),
            lambda: json.append(JSON, ["d"], "new"),
        ],
    ),
}
CASES = [(language, number) for language, (_, _, edits) in EDITS.items() for number in range(len(edits))]


@contextlib.contextmanager
def damaged(module: ModuleType, damage: Callable[[str], str]) -> Iterator[None]:
    """Splices of a module go wrong."""

    def wrong(text: str, splices: list[Splice]) -> str:
        return damage(splice(text, splices))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "splice", wrong)
        yield


def swapped(text: str, one: str, other: str) -> str:
    """A text with the first of some words in place of others."""
    assert one in text
    return text.replace(one, other, 1)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("YAML", "a: 1\n", "a: 2\n"),
        ("YAML", "a: 1\n", "a: '1'\n"),
        ("YAML", "a: 1\n", "a: 1.0\n"),
        ("YAML", "a: 1\n", "a: &x 1\n"),
        ("YAML", "a: 1\n", "a: !ours 1\n"),
        ("YAML", "a: 1\n", ""),
        ("YAML", "a: 1\n", "A: 1\n"),
        ("YAML", "a: 1\n", "a: 1\nmore: 1\n"),
        ("YAML", "[x, y]", "[y, x]"),
        ("YAML", "[x, y]", "[x, y, y]"),
        ("YAML", "e: |\n", "e: >-\n"),
        ("YAML", "  - g\n", "    - g\n"),
        ("YAML", "a: 1\n", "a: [\n"),
        ("TOML", "a = 1\n", "a = 3\n"),
        ("TOML", "a = 1\n", 'a = "1"\n'),
        ("TOML", "a = 1\n", "a = 1.0\n"),
        ("TOML", "a = 1\n", "a = true\n"),
        ("TOML", "a = 1\n", ""),
        ("TOML", "a = 1\n", "A = 1\n"),
        ("TOML", "a = 1\n", "a = 1\nmore = 1\n"),
        ("TOML", "[b]\n", "[b.b]\n"),
        ("TOML", "[[g]]\n", "[[g]]\n[[g]]\n"),
        ("TOML", '"x", "y"', '"y", "x"'),
        ("TOML", "i = true", "i = false"),
        ("TOML", "a = 1\n", "a = [\n"),
        ("JSON", '"a": 1', '"a": 3'),
        ("JSON", '"a": 1', '"a": "1"'),
        ("JSON", '"a": 1', '"a": 1.0'),
        ("JSON", '"a": 1', '"A": 1'),
        ("JSON", '"a": 1,', '"a": 1, "more": 1,'),
        ("JSON", '"x", "y"', '"y", "x"'),
        ("JSON", '{"e": "f"}', '["e", "f"]'),
        ("JSON", '"a": 1,', '"a": [,'),
    ],
)
def test_damage_elsewhere_is_refused(language: str, one: str, other: str) -> None:
    module, _, edits = EDITS[language]
    for edit in edits:
        if one not in edit():  # this edit replaced it
            continue
        with damaged(module, lambda text: swapped(text, one, other)), pytest.raises(CannotEditError):
            edit()


@pytest.mark.parametrize(("language", "number"), CASES)
def test_an_edit_that_does_nothing_or_something_else_is_refused(language: str, number: int) -> None:
    module, _, edits = EDITS[language]
    original = {"YAML": YAML, "TOML": TOML, "JSON": JSON}[language]
    damages: list[Callable[[str], str]] = [
        lambda _: original,
        lambda text: text.replace("new", "nwe").replace("2", "3"),
    ]
    for damage in damages:
        with damaged(module, damage), pytest.raises(CannotEditError, match="would not mean what was intended"):
            edits[number]()


def test_without_damage_every_edit_is_made() -> None:
    for module, _, edits in EDITS.values():
        for edit in edits:
            plain = edit()
            with damaged(module, lambda text: text):
                assert edit() == plain


FAULTS = st.sampled_from(["drop", "double", "indent", "dedent", "swap", "cut", "insert"])
INSERTED = st.sampled_from(["x", " ", "\n", "#", ",", "'", '"', "[", "}", ":", "0", "- ", "\t"])


def broken(text: str, fault: str, place: int, inserted: str) -> str:
    """A text with one fault in a line or at a character."""
    lines = text.split("\n")
    number, index = place % len(lines), place % (len(text) + 1)
    line = lines[number]
    match fault:
        case "drop":
            del lines[number]
        case "double":
            lines.insert(number, line)
        case "indent":
            lines[number] = f"  {line}"
        case "dedent":
            lines[number] = line.removeprefix("  ")
        case "swap":
            lines[number - 1], lines[number] = lines[number], lines[number - 1]
        case "cut":
            return text[:index] + text[index + 1 :]
        case _:
            return text[:index] + inserted + text[index:]
    return "\n".join(lines)


@given(st.sampled_from(CASES), FAULTS, st.integers(0, 400), INSERTED)
@EXAMPLES
def test_a_damaged_text_is_refused_or_means_the_same(
    case: tuple[str, int], fault: str, place: int, inserted: str
) -> None:
    module, language, edits = EDITS[case[0]]
    meant = language.load(edits[case[1]]())
    try:
        with damaged(module, lambda text: broken(text, fault, place, inserted)):
            edited = edits[case[1]]()
    except CannotEditError:
        return
    assert same(language.load(edited), meant)
