"""The kit for authors of actions tells what is wrong."""

import pytest

from shiftdown.errors import NotFoundError
from shiftdown.scaffolder.action import Example
from shiftdown.scaffolder.actions.catalog import register_location
from shiftdown.scaffolder.actions.files import read_file, write_file
from shiftdown.scaffolder.actions.transform import apply_transformation
from shiftdown.testing import check_example, run_action

WRITE = {"path": "a", "content": "x"}


def test_an_example_that_is_true() -> None:
    check_example(write_file, Example(title="t", input=WRITE, files={"a": "x"}))


@pytest.mark.parametrize("files", [None, {}, {"a": "y"}, {"b": "x"}])
def test_files_that_are_not_as_said(files: dict[str, str] | None) -> None:
    with pytest.raises(AssertionError, match="fs:write: t: files"):
        check_example(write_file, Example(title="t", input=WRITE, files=files))


def test_output_that_is_not_as_said() -> None:
    example = Example(title="t", input={"path": "a"}, workspace={"a": "x"}, output={"content": "y"})
    with pytest.raises(AssertionError, match="fs:read: t: output"):
        check_example(read_file, example)


def test_what_a_dry_run_skips() -> None:
    assert run_action(register_location, {}, dry_run=True).output == {}


def test_nothing_is_planned_unless_told() -> None:
    with pytest.raises(NotFoundError, match="give `plan` to `run_action`"):
        run_action(apply_transformation, {"type": "ADD_LINT_STAGE"})
