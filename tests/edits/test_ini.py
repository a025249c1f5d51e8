"""Lines of INI texts: exact, or refused."""

import configparser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shiftdown.edits import CannotEditError, ini

EXAMPLES = settings(max_examples=300, derandomize=True, deadline=None)
TEXT = """\
# first
[metadata]
name = x
description: y = z
    # not part of it
    more

    last
[options]
empty =
alone
name = 1
name = 2
[metadata]
Name = other
"""


def test_data_and_lines() -> None:
    located = ini.locate("\ufeff" + TEXT)
    assert located.data == {
        "metadata": {"name": "x", "description": "y = z\nmore\n\nlast", "Name": "other"},
        "options": {"empty": "", "alone": "", "name": "2"},
    }
    lines = {
        ("metadata",): 2,
        ("metadata", "name"): 3,
        ("metadata", "description"): 4,
        ("metadata", "description", 1): 6,
        ("metadata", "description", 3): 8,
        ("metadata", "Name"): 15,
        ("options",): 9,
        ("options", "empty"): 10,
        ("options", "alone"): 11,
        ("options", "name"): 13,
    }
    assert {path: located.line_of(path) for path in lines} == lines


@pytest.mark.parametrize("path", [("nowhere",), ("metadata", "no"), ("metadata", "name", 1), ("metadata", "name", -1)])
def test_what_is_not_there_has_no_line(path: tuple[str | int, ...]) -> None:
    with pytest.raises(CannotEditError, match="does not exist"):
        ini.locate(TEXT).line_of(path)


@pytest.mark.parametrize("text", ["name = x\n", "[a]\n= x\n", "[a\n", "[a]\nb\n  c\n"])
def test_what_is_no_ini_is_refused(text: str) -> None:
    with pytest.raises(CannotEditError, match="not valid INI"):
        ini.locate(text)


LINES = st.sampled_from(
    [
        "[a]",
        "[b]  ",
        "k = v",
        "k=",
        "k",
        "K : v = w",
        "  more",
        "    more = still",
        "",
        "  ",
        "# no",
        "  ; no",
        "\tx",
        "[a] = 1",
    ]
)


@given(st.lists(LINES, max_size=14), st.sampled_from(["\n", "\r\n"]))
@EXAMPLES
def test_every_line_holds_what_the_data_says(lines: list[str], newline: str) -> None:
    text = newline.join(lines)
    try:
        located = ini.locate(text)
    except CannotEditError:
        return
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True, default_section="\0")
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    assert located.data == {s: {k: v or "" for k, v in parser.items(s)} for s in parser.sections()}
    for section, values in located.data.items():
        assert f"[{section}" in lines[located.line_of([section]) - 1]
        for key, value in values.items():
            assert lines[located.line_of([section, key]) - 1].strip().startswith(key)
            for number, part in enumerate(value.split("\n")):
                assert part in lines[located.line_of([section, key, number]) - 1]
