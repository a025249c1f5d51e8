import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftdown.errors import UnsafePathError
from shiftdown.repository import safe_path
from shiftdown.repository.paths import MAX_PATH, ancestors


@pytest.mark.parametrize(
    "path",
    [
        "a",
        "a/b/c.txt",
        ".github/workflows/ci.yml",
        ".gitignore",
        "git",
        "x.git/y",
        "...",
        "a b",
        "é/日本",
        "-x",
        "ab:c",
        "git~",
        "~",
    ],
)
def test_accepted(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "/etc/passwd",
        "//x",
        "a/../b",
        "../x",
        "a/..",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "C:/x",
        "c:x",
        "a\\b",
        "a\nb",
        "a\x00",
        "a\x7f",
        ".git",
        ".git/config",
        "sub/.git/hooks/pre-commit",
        ".GIT/config",
        ".Git",
        ".git ",
        ".git.",
        ".git . .",
        "git~1",
        "GIT~1/config",
        "git~2",
        ".g\u200cit/config",
        "\ufeff.git",
        ".git::$INDEX_ALLOCATION/config",
        ".git:stream",
        "x" * (MAX_PATH + 1),
    ],
)
def test_refused(path: str) -> None:
    with pytest.raises(UnsafePathError) as caught:
        safe_path(path)
    assert len(str(caught.value)) < 400


PARTS = st.one_of(
    st.sampled_from(["..", ".", "", ".git", ".GIT", "git~1", "a", "b.txt", "\\", "C:", "\u200d.git", ".git:x"]),
    st.text(max_size=6),
)


@given(st.lists(PARTS, max_size=5).map("/".join))
def test_what_is_accepted_stays_inside(path: str) -> None:
    try:
        safe_path(path)
    except UnsafePathError:
        return
    joined = posixpath.normpath(posixpath.join("/root/of/repository", path))
    assert joined == f"/root/of/repository/{path}"
    assert not any(part.casefold().rstrip(". ") == ".git" for part in path.split("/"))


def test_ancestors() -> None:
    assert ancestors("a/b/c") == ["a", "a/b"]
    assert ancestors("a") == []
