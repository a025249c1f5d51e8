"""What shell scripts run."""

import pytest

from shiftdown.pipelines.shell import UNKNOWN, commands


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("a b 'c d' \"e f\"", [("a", "b", "c d", "e f")]),
        ("a && b || c; d & e | f", [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)]),
        ("A=1 B='2 3' a", [("a",)]),
        ("a \\\n  b", [("a", "b")]),
        ("a > out 2>&1 < in", [("a",)]),
        ('a $X ${Y} ${Z:-z} "$W/x" $(b c)', [("b", "c"), ("a", UNKNOWN, UNKNOWN, "z", f"{UNKNOWN}/x", UNKNOWN)]),
        ("X='a b'\n$X \"$X\"", [("a", "b", "a b")]),
        ("export X=a; $X", [("a",)]),
        ("if a; then b; elif c; then d; else e; fi", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("for x in 1 2; do a $x; done; while b; do c; done", [("a", "1"), ("a", "2"), ("b",), ("c",)]),
        ("for x in $y; do a $x; done", [("a", UNKNOWN)]),
        ("case $x in y) a;; *) b;; esac", [("a",), ("b",)]),
        ('f() { a "$@"; }\nf x', [("a", UNKNOWN)]),
        ("cat <<EOF\na b\nEOF\nc", [("cat",), ("c",)]),
        ("# a\nb # c", [("b",)]),
        ("! a", [("a",)]),
        ("[ -f x ] && a", [("a",)]),
        ("a `b`", [("b",), ("a", UNKNOWN)]),
        ("a\\ b", [("a b",)]),
        ("", []),
        ("a\r\nb\r\n", [("a",), ("b",)]),
    ],
)
def test_words(script: str, expected: list[tuple[str, ...]]) -> None:
    assert [c.words for c in commands(script)] == expected


@pytest.mark.parametrize(
    ("script", "directory"),
    [
        ("x", None),
        ("cd a; x", "a"),
        ("cd a && cd b && x", "a/b"),
        ("(cd a); x", None),
        ("(cd a; x)", "a"),
        ("pushd a; popd; x", None),
        ("pushd a; x", "a"),
        ("cd a; cd ..; x", "a/.."),
        ('cd "$A"; x', UNKNOWN),
        ("cd $A/b; x", UNKNOWN),
        ("cd; x", UNKNOWN),
        ("cd a; cd -; x", UNKNOWN),
        ("cd /tmp; x", "/tmp"),
    ],
)
def test_directory(script: str, directory: str | None) -> None:
    assert [c.directory for c in commands(script) if c.words == ("x",)] == [directory]


@pytest.mark.parametrize(
    ("script", "ignored"),
    [
        ("x || true", True),
        ("x || :", True),
        ("x || echo failed", True),
        ("x || exit 1", False),
        ("x || exit 0", True),
        ("x && true", False),
        ("set +e\nx", True),
        ("set +e\nset -e\nx", False),
        ("y || x", False),
    ],
)
def test_ignored(script: str, ignored: bool) -> None:
    assert [c.ignored for c in commands(script) if c.words == ("x",)] == [ignored]


def test_lines_and_known_variables() -> None:
    found = commands("a\n\n$TOOL x\n", {"TOOL": "b c"})
    assert [(c.words, c.line) for c in found] == [(("a",), 0), (("b", "c", "x"), 2)]


def test_a_function_that_calls_itself_ends() -> None:
    assert {c.words for c in commands("f() { a; f; }\nf")} == {("a",)}


def test_what_is_no_shell_does_no_harm() -> None:
    assert ("b",) in [c.words for c in commands("a 'unclosed\n' ) (( }\nb\n")]
