"""The table of pins: what it says, what it reports, how it is bumped."""

import re

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.pipelines import pins
from shiftdown.pipelines.pins import Exclusion, Pin, Pins

GOOD, BAD, OTHER = "a" * 40, "b" * 40, "c" * 40
TABLE = f"""\
# head
actions:
  x/y: {{version: v1.2.0, sha: {GOOD}}} # why
  x/z: {{version: v2, sha: {OTHER}, date: "2026-01-01", note: "mind this"}}
tools:
  tool: {{version: "1.0"}}
excluded:
  x/y:
    date: "2026-03"
    why: moved
    bad:
      - {BAD}
"""


def pin(version: str, sha: str = "d" * 40, date: str | None = None) -> Pin:
    return Pin(version=version, sha=sha, date=date)


def test_the_shipped_table_is_whole() -> None:
    table = pins.shipped()
    assert {"actions/checkout", "actions/setup-node", "dorny/paths-filter", "github/codeql-action"} <= set(
        table.actions
    )
    assert table.tool("trivy")
    for name, entry in table.actions.items():
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", name)
        assert re.fullmatch(r"v?\d+(\.\d+)+", entry.version)
        assert table.finding(f"{name}@{entry.sha}") is None
    assert any(entry.bad for entry in table.excluded.values())


def test_uses_names_the_version_behind_the_commit() -> None:
    table = pins.parse(TABLE)
    assert table.uses("x/y") == f"x/y@{GOOD} # v1.2.0"
    assert table.uses("x/y/sub/folder") == f"x/y/sub/folder@{GOOD} # v1.2.0"
    with pytest.raises(NotFoundError, match="x/unknown"):
        table.uses("x/unknown")
    with pytest.raises(NotFoundError, match="nothing"):
        table.tool("nothing")


@pytest.mark.parametrize(
    ("uses", "found"),
    [
        (f"x/y@{BAD}", "known to be bad"),
        (f"X/Y/sub@{BAD}", "known to be bad"),
        ("x/y@v1", "can be moved"),
        (f"x/y@{GOOD}", None),
        ("x/z@v2", None),
        ("./local", None),
        ("docker://x/y:1", None),
    ],
)
def test_finds_excluded_actions(uses: str, found: str | None) -> None:
    finding = pins.parse(TABLE).finding(uses)
    assert (finding is None) if found is None else (finding and found in finding)


def test_tags_that_never_moved_are_no_finding() -> None:
    table = Pins(
        actions={}, tools={}, excluded={"x/y": Exclusion(date="2026", why="fork", tags=False, bad=frozenset([BAD]))}
    )
    assert table.finding("x/y@v4") is None
    assert table.finding(f"x/y@{BAD}")


def test_findings_have_a_line() -> None:
    text = "on: push\njobs:\n  a:\n    steps:\n      - uses: x/z@v1\n"
    text += f"      - uses: x/y@{BAD} # v9\n  b:\n    uses: x/y/.github/workflows/w.yml@v1\n"
    found = pins.parse(TABLE).excluded_in(text, "w.yml")
    assert [(e.path, e.line) for e in found] == [("w.yml", 6), ("w.yml", 8)]


@pytest.mark.parametrize(
    ("available", "outdated"),
    [
        (pin("v1.3.0"), True),
        (pin("v1.2.0", GOOD), False),
        (pin("v1.1.0"), False),
        (pin("v1.10.0"), True),
        (pin("v1.3.0", BAD), False),
        (pin("v1.2.0"), True),
    ],
)
def test_check(available: Pin, outdated: bool) -> None:
    found = pins.check(pins.parse(TABLE), {"x/y": available, "new/one": pin("v1")})
    assert [entry.action for entry in found] == (["x/y"] if outdated else [])


def test_bump_changes_nothing_else() -> None:
    new = pin("v1.3.0", date="2026-09-01")
    text = pins.bump(TABLE, {"x/y": new, "x/z": pin("v3", "e" * 40, "2026-09-02")})
    assert text == TABLE.replace(f"v1.2.0, sha: {GOOD}}}", f'v1.3.0, sha: {new.sha}, date: "2026-09-01"}}').replace(
        f'v2, sha: {OTHER}, date: "2026-01-01"', f'v3, sha: {"e" * 40}, date: "2026-09-02"'
    )
    assert pins.parse(text).actions["x/y"] == new
    assert pins.bump(text, {"x/y": new}) == text


@pytest.mark.parametrize(
    ("current", "available", "outdated"),
    [
        ("1.0", "1.1", True),
        ("1.0", "1.0", False),
        ("1.0", "0.9", False),
        ("postgres:17.6-alpine3.22", "postgres:17.7-alpine3.22", True),
        ("postgres:17.6-alpine3.22", "postgres:9.6-alpine3.22", False),
        ("edge-26.8.3", "edge-26.9.1", True),
    ],
)
def test_tools_and_images_are_checked_by_version(current: str, available: str, outdated: bool) -> None:
    text = TABLE.replace('"1.0"', f'"{current}"')
    there = pins.parse_available(f'{{"tool": {{"version": "{available}"}}}}', "there.json")
    found = pins.check(pins.parse(text), there)
    assert [(entry.action, entry.moved) for entry in found] == ([("tool", False)] if outdated else [])
    wanted = text.replace(f'"{current}"', f'"{available}"') if outdated else text
    assert pins.bump(text, there) == wanted


def test_the_date_of_an_older_version_does_not_stay() -> None:
    assert pins.parse(pins.bump(TABLE, {"x/z": pin("v3", "e" * 40)})).actions["x/z"].date is None


def test_a_moved_tag_is_shown_and_not_taken() -> None:
    moved = {"x/y": pin("v1.2.0")}
    (entry,) = pins.check(pins.parse(TABLE), moved)
    assert entry.moved
    assert pins.bump(TABLE, moved) == TABLE


def test_the_shipped_table_can_be_bumped() -> None:
    text = pins.bump(pins.shipped_text(), {"actions/cache": pin("v99.0.0", date="2030-01-01")})
    assert pins.parse(text).uses("actions/cache").endswith("# v99.0.0")
    before, after = pins.shipped_text().splitlines(), text.splitlines()
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "actions: {a/b: {version: v1, sha: short}}\ntools: {}\nexcluded: {}", "a: ["]
)
def test_refuses_what_is_no_table(text: str) -> None:
    with pytest.raises(InvalidInputError, match="pins"):
        pins.parse(text)


def test_images_of_languages_are_had_by_version_and_kept_fresh() -> None:
    text = TABLE + 'images:\n  go: {image: "golang:{version}-bookworm", version: "1.27.0"}\n'
    table = pins.parse(text)
    images = [table.image("go", version) for version in (None, "1.27", "1", "1.2", "1.26")]
    assert images == [f"golang:{v}-bookworm" for v in ("1.27.0", "1.27.0", "1.27.0", "1.2", "1.26")]
    with pytest.raises(NotFoundError, match="rust"):
        table.image("rust")
    there = pins.parse_available("{'image:go': {version: 1.28.1}}", "there.yaml")
    assert [entry.action for entry in pins.check(table, there)] == ["image:go"]
    assert pins.bump(text, there) == text.replace("1.27.0", "1.28.1")
