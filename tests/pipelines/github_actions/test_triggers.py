"""What starts a workflow is completed in the form that it has."""

from pathlib import Path

import pytest

from shiftdown.errors import CannotEditError
from shiftdown.pipelines import Trigger
from shiftdown.pipelines.github_actions import ensure_trigger
from shiftdown.testing import check_workflow

from .shapes import steps

PULL, PUSH, HAND = Trigger.CHANGE_REQUEST, Trigger.DEFAULT_BRANCH, Trigger.MANUAL


@pytest.mark.parametrize(
    ("before", "trigger", "after"),
    [
        ("on: push", PULL, "on: [push, pull_request]"),
        ("on: push", PUSH, "on: push"),
        ("on: [push]  # always", PULL, "on: [push, pull_request]  # always"),
        ("on:\n- push # all\n- release", PULL, "on:\n- push # all\n- release\n- pull_request"),
        ("on: [push, pull_request]", PULL, "on: [push, pull_request]"),
        ("on:\n  push:\n    branches: [main]\n", PULL, "on:\n  push:\n    branches: [main]\n  pull_request:\n"),
        ("on:\n  pull_request:\n", PUSH, "on:\n  pull_request:\n  push:\n    branches:\n      - main\n"),
        ("on: {push: {}}", HAND, "on: {push: {}, workflow_dispatch: null}"),
        ("on:\n  push:\n    branches: [dev]\n", PUSH, "on:\n  push:\n    branches: [dev, main]\n"),
        ("on:\n  push:\n    branches: ['**']\n", PUSH, "on:\n  push:\n    branches: ['**']\n"),
        ("on:\n  pull_request:\n    branches: dev\n", PULL, "on:\n  pull_request:\n    branches: [dev, main]\n"),
        ("on:\n  pull_request:\n    paths: [a]\n", PULL, "on:\n  pull_request:\n    paths: [a]\n"),
        ("'on': push", PULL, "'on': [push, pull_request]"),
    ],
)
def test_completes(before: str, trigger: Trigger, after: str) -> None:
    rest = steps("make").partition("\n")[2]
    expected = f"{after}\n{rest}"
    result = ensure_trigger(f"{before}\n{rest}", trigger, "main")
    assert result.replace('"main"', "main") == expected
    assert ensure_trigger(result, trigger, "main") == result


def test_adds_a_branch_to_a_push_of_tags() -> None:
    text = "on:\n  push:\n    tags: ['v*']\n" + steps("make").partition("\n")[2]
    result = ensure_trigger(text, PUSH, "main")
    assert result.startswith("on:\n  push:\n    branches:")
    assert "    tags: ['v*']\n" in result


@pytest.mark.parametrize("on", ["", "{push: {branches-ignore: [main]}}", "{push: {branches-ignore: ['**']}}"])
def test_refuses(on: str) -> None:
    with pytest.raises(CannotEditError):
        ensure_trigger(steps("make", on=on), PUSH, "main")


def test_a_schedule_is_another_matter() -> None:
    with pytest.raises(ValueError, match="schedule"):
        ensure_trigger(steps("make"), Trigger.SCHEDULE, "main")


@pytest.mark.parametrize("on", ["push", "[push]", "{push: {branches: [main]}}", "\n  push:\n    branches: [main]"])
def test_the_linters_accept_the_result(on: str, tmp_path: Path) -> None:
    text = "permissions: {}\n" + steps("make", on=on)
    for trigger in (PULL, PUSH, HAND):
        text = ensure_trigger(text, trigger, "main")
    file = tmp_path / "ci.yml"
    file.write_text(text)
    check_workflow(file)
