"""Edits of real-world shapes of workflows: `workflows/*.yml` are edited, `workflows/refused/*.yml` are not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from shiftdown.edits import CannotEditError, yaml

HERE = Path(__file__).parent / "workflows"
WORKFLOWS = sorted(path.stem for path in HERE.glob("*.yml"))
BRACKETS = {"json_style", "json_one_line"}
JOB = {
    "runs-on": "ubuntu-latest",
    "steps": [
        {"uses": "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"},
        {"name": "Lint", "run": "npm ci\n\nnpm run lint\n"},
    ],
}
JOB_BLOCK = yaml.Block("""
    # Lint on every change
    runs-on: ubuntu-latest
    steps:
      # check out
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
      - name: Lint
        run: |
          npm ci

          npm run lint
""")
STEP = {
    "name": "Coverage",
    "run": "make coverage\nmake report\n",
    "with": {"python-version": "3.10", "paths": ["a", "b"]},
}

REFUSED = {
    "alias_bomb": ("more than 200000 nodes", 6),
    "aliased_jobs": ("jobs is an alias, *jobs", 5),
    "anchored_jobs_in_use": ("jobs is an anchor, &jobs, that is used elsewhere", 3),
    "bad_indentation": ("not valid YAML", 5),
    "control_character": ("not valid YAML: unacceptable character #x0007", None),
    "duplicate_jobs": ("the key 'test' is there twice", 8),
    "duplicate_top_level": ("the key 'on' is there twice", 7),
    "jobs_is_a_list": ("jobs is not a mapping", 3),
    "jobs_is_a_scalar": ("jobs is not a mapping", 2),
    "merge_conflict": ("not valid YAML", 4),
    "merge_keys": ("jobs has a merge key", 6),
    "no_jobs": ("jobs does not exist", 1),
    "root_is_a_list": ("jobs does not exist", 1),
    "several_documents": ("the file holds several YAML documents", 8),
    "tab_indentation": (r"not valid YAML: found character '\t'", 2),
    "too_deep": ("nested deeper than 60", 2),
    "unclosed_bracket": ("not valid YAML", 2),
    "unclosed_quote": ("not valid YAML", 6),
    "unknown_alias": ("the alias *missing has no anchor before it", 3),
    "unquoted_template": ("a mapping key that is not a scalar", 3),
}


def read(name: str) -> str:
    return (HERE / f"{name}.yml").read_bytes().decode()


def meaning(text: str) -> Any:
    """The data as another reader sees it."""
    return YAML(typ="safe", pure=True).load(text.removeprefix("\ufeff"))


def inserted(old: str, new: str) -> str | None:
    """What was inserted in one place, or None if that is not the only difference."""
    size = len(new) - len(old)
    for at in range(len(old) + 1):
        if new[:at] + new[at + size :] == old:
            return new[at : at + size]
    return None


def subsequence(old: str, new: str) -> bool:
    """Whether `new` is `old` with insertions, in several places perhaps."""
    rest = iter(new)
    return all(character in rest for character in old)


def check(old: str, edit: Callable[[str], str]) -> str:
    new = edit(old)
    assert inserted(old, new), "a foreign byte changed"
    assert edit(new) == new, "the second edit changed something"
    return new


def test_there_are_enough_shapes() -> None:
    assert len(WORKFLOWS) >= 40
    assert {path.stem for path in (HERE / "refused").glob("*.yml")} == set(REFUSED)


@pytest.mark.parametrize(
    ("name", "trait"),
    [
        ("bom", lambda text: text.startswith("\ufeff")),
        ("crlf", lambda text: text.count("\n") == text.count("\r\n")),
        ("no_final_newline", lambda text: not text.endswith("\n")),
        ("tabs_in_blocks", lambda text: "\t" in text),
        ("trailing_spaces", lambda text: " \n" in text),
    ],
)
def test_files_still_have_what_they_are_for(name: str, trait: Callable[[str], bool]) -> None:
    assert trait(read(name))


@pytest.mark.parametrize("name", [name for name in WORKFLOWS if name not in {"explicit_keys", "jobs_empty", *BRACKETS}])
def test_a_job_with_comments_is_added(name: str) -> None:
    old = read(name)
    new = check(old, lambda text: yaml.insert(text, ["jobs"], "added", JOB_BLOCK))
    expected = meaning(old)
    expected["jobs"] = {**(expected["jobs"] or {}), "added": JOB}
    if name == "no_final_newline_block_scalar":
        expected["jobs"]["test"]["steps"][-1]["run"] += "\n"
    assert meaning(new) == expected
    assert yaml.load(new)["jobs"]["added"] == JOB
    assert "# v4.2.2" in new
    assert "# Lint on every change" in new


@pytest.mark.parametrize("name", sorted(BRACKETS))
def test_brackets_take_data_and_refuse_blocks(name: str) -> None:
    old = read(name)
    with pytest.raises(CannotEditError, match="does not fit between brackets"):
        yaml.insert(old, ["jobs"], "added", JOB_BLOCK)
    new = yaml.insert(old, ["jobs"], "added", JOB)
    expected = meaning(old)
    expected["jobs"]["added"] = JOB
    assert meaning(new) == expected
    assert yaml.insert(new, ["jobs"], "added", JOB) == new


def test_an_empty_mapping_becomes_a_block() -> None:
    new = yaml.insert(read("jobs_empty"), ["jobs"], "added", {"runs-on": "ubuntu-latest"})
    assert new == "on: []\njobs: # to be filled\n  added:\n    runs-on: ubuntu-latest\n"


@pytest.mark.parametrize(("key", "line"), [("jobs", 4), ("on", 2)])
def test_keys_with_question_marks_are_refused(key: str, line: int) -> None:
    with pytest.raises(CannotEditError, match=f"line {line}: a key does not stand at the start of its line"):
        yaml.insert(read("explicit_keys"), [key], "added", JOB)


JOBS_WITH_STEPS = [
    (name, job)
    for name in WORKFLOWS
    for job, content in (meaning(read(name))["jobs"] or {}).items()
    if "steps" in content
]


@pytest.mark.parametrize(("name", "job"), JOBS_WITH_STEPS)
def test_a_step_is_added(name: str, job: str) -> None:
    old = read(name)
    new = yaml.append(old, ["jobs", job, "steps"], STEP)
    assert yaml.append(new, ["jobs", job, "steps"], STEP) is new
    before = old.replace("steps: []", "steps:") if meaning(old)["jobs"][job]["steps"] == [] else old
    if name == "json_style":
        assert subsequence(before, new), "a foreign byte changed"
    else:
        assert inserted(before, new), "a foreign byte changed"
    expected = meaning(old)
    if name == "no_final_newline_block_scalar":
        expected["jobs"][job]["steps"][-1]["run"] += "\n"
    expected["jobs"][job]["steps"] = [*(expected["jobs"][job]["steps"] or []), STEP]
    assert meaning(new) == expected


@pytest.mark.parametrize("name", [name for name in WORKFLOWS if name != "explicit_keys"])
def test_a_trigger_is_added(name: str) -> None:
    old = read(name)
    on = meaning(old)["on"]
    trigger = {"branches": ["main"]}
    if isinstance(on, list):
        new = yaml.append(old, ["on"], "merge_group")
        expected: Any = [*on, "merge_group"]
        assert yaml.append(new, ["on"], "merge_group") is new
        assert subsequence(old, new), "a foreign byte changed"
    elif isinstance(on, dict):
        expected = {**on, "merge_group": trigger}
        new = check(old, lambda text: yaml.insert(text, ["on"], "merge_group", trigger))
    else:
        expected = {on: None, "merge_group": trigger}
        new = yaml.replace(old, ["on"], expected)
        assert inserted(old.replace("on: push", "on:"), new), "a foreign byte changed"
        assert yaml.replace(new, ["on"], expected) is new
    assert meaning(new) == {**meaning(old), "on": expected}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused(name: str) -> None:
    reason, line = REFUSED[name]
    with pytest.raises(CannotEditError) as caught:
        yaml.insert(read(f"refused/{name}"), ["jobs"], "added", JOB)
    assert caught.value.reason.startswith(reason)
    assert caught.value.line == line
