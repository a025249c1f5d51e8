from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.exploring import examples

from shiftdown.edits import CannotEditError, lines

EXAMPLES = settings(max_examples=examples(200))

LINE = [
    ("", "dist/", "dist/\n"),
    ("node_modules\n", "dist/", "node_modules\ndist/\n"),
    ("node_modules", "dist/", "node_modules\ndist/"),
    ("a\r\nb\r\n", "c", "a\r\nb\r\nc\r\n"),
    ("a\r\nb", "c", "a\r\nb\r\nc"),
    ("\ufeffa\n", "b", "\ufeffa\nb\n"),
    ("a\n\n\n", "b", "a\n\n\nb\n"),
    ("dist/old\n", "dist/", "dist/old\ndist/\n"),
]

BLOCK: list[tuple[str, list[str], str | None, str]] = [
    ("", ["a", "b"], "# Node", "# Node\na\nb\n"),
    ("x\n", ["a", "b"], "# Node", "x\n\n# Node\na\nb\n"),
    ("x\n\n", ["a"], "# Node", "x\n\n# Node\na\n"),
    ("x", ["a"], "# Node", "x\n\n# Node\na"),
    ("# Node\na\n\n# Other\nz\n", ["a", "b", "b"], "# Node", "# Node\na\nb\n\n# Other\nz\n"),
    ("# Node\r\na\r\n\r\nz\r\n", ["b"], "# Node", "# Node\r\na\r\nb\r\n\r\nz\r\n"),
    ("z\n# Node\na", ["b"], "# Node", "z\n# Node\na\nb"),
    ("z\n# Node\na\n", ["b"], "# Node", "z\n# Node\na\nb\n"),
    ("a\n", ["b", "a", "c"], None, "a\nb\nc\n"),
]

NOTHING_TO_DO: list[tuple[str, list[str], str | None]] = [
    ("a\nb\n", ["b"], None),
    ("a  \r\nb", ["a", "b"], None),
    ("\ufeffa\n", ["a"], None),
    ("a\n", ["a"], "# Node"),
    ("a\n", [], "# Node"),
]


@pytest.mark.parametrize(("before", "line", "after"), LINE)
def test_ensure_line(before: str, line: str, after: str) -> None:
    assert lines.ensure_line(before, line) == after
    assert lines.ensure_line(after, line) is after


@pytest.mark.parametrize(("before", "block", "marker", "after"), BLOCK)
def test_ensure_block(before: str, block: Sequence[str], marker: str | None, after: str) -> None:
    assert lines.ensure_block(before, block, marker=marker) == after
    assert lines.ensure_block(after, block, marker=marker) is after


@pytest.mark.parametrize(("text", "block", "marker"), NOTHING_TO_DO)
def test_nothing_to_do(text: str, block: Sequence[str], marker: str | None) -> None:
    assert lines.ensure_block(text, block, marker=marker) is text


def test_a_marker_that_is_there_twice_is_refused() -> None:
    with pytest.raises(CannotEditError, match="line 3: the line '# Node' is there more than once"):
        lines.ensure_block("# Node\na\n# Node\n", ["b"], marker="# Node")


@pytest.mark.parametrize("line", ["a\nb", "a\r", "a\n"])
def test_more_than_one_line_is_refused(line: str) -> None:
    with pytest.raises(CannotEditError, match="is more than one line"):
        lines.ensure_line("", line)


@pytest.mark.parametrize(("text", "newline"), [("", "\n"), ("a", "\n"), ("a\r\n", "\r\n"), ("a\r\nb\nc\n", "\n")])
def test_newline_of(text: str, newline: str) -> None:
    assert lines.newline_of(text) == newline


WORDS = st.sampled_from(["a", "b", "# m", "", "c d"])


@EXAMPLES
@given(st.lists(WORDS), st.sampled_from(["\n", "\r\n"]), st.lists(WORDS.filter(bool)), st.sampled_from([None, "# m"]))
def test_any_text(old_lines: list[str], newline: str, block: list[str], marker: str | None) -> None:
    old = newline.join(old_lines)
    if old_lines.count("# m") > 1:
        return
    new = lines.ensure_block(old, block, marker=marker)
    kept = iter(new.splitlines())
    assert all(line in kept for line in old.splitlines())
    assert set(block) <= set(new.splitlines())
    assert not old or old.endswith("\n") == new.endswith("\n")
    assert not ("\r\n" in old and "\n" in new.replace("\r\n", "")), "a line end changed"
    assert lines.ensure_block(new, block, marker=marker) is new
