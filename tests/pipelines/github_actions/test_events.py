"""Filter patterns of events, as GitHub documents them."""

import pytest

from shiftdown.pipelines.github_actions.events import matches


@pytest.mark.parametrize(
    ("name", "patterns", "expected"),
    [
        ("main", ["main"], True),
        ("feature/a", ["*"], False),
        ("feature/a", ["**"], True),
        ("feature/a/b", ["feature/**"], True),
        ("feature/a/b", ["feature/*"], False),
        ("v1.10.1", ["v[12].[0-9]+.[0-9]+"], True),
        ("docs/a/b.md", ["docs/**"], True),
        ("docs/a.md", ["docs/**/*.md"], True),
        ("a/docs/b", ["**/docs/**"], True),
        ("docs/b", ["**/docs/**"], True),
        ("README.md", ["**.md"], True),
        ("a/README.md", ["*.md"], False),
        ("a.jsx", ["*.jsx?"], True),
        ("a.js", ["*.jsx?"], True),
        ("dist", ["**", "!dist"], False),
        ("dist", ["!dist", "**"], True),
        ("a+b", ["a\\+b"], True),
        ("x", ["[z-a]"], False),
    ],
)
def test_matches(name: str, patterns: list[str], expected: bool) -> None:
    assert matches(name, patterns) is expected
