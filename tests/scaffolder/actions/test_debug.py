"""`debug:*`."""

import pytest

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.action import CancelledError
from shiftdown.scaffolder.actions.debug import debug_log, debug_wait
from shiftdown.testing import run_action


def test_log() -> None:
    ran = run_action(debug_log, {"message": "Hello", "listWorkspace": True}, workspace={"a/b": "x"})
    assert ran.log[-2:] == ["Hello", "Workspace:\n  - a/b"]


def test_log_with_contents() -> None:
    ran = run_action(debug_log, {"listWorkspace": "with-contents"}, workspace={"a": b"caf\xe9"})
    assert ran.log[-1] == "Workspace:\n - a:\n\n  caf\ufffd"


def test_waiting_ends_when_the_task_is_cancelled() -> None:
    with pytest.raises(CancelledError):
        run_action(debug_wait, {"minutes": 9}, cancelled=True)


@pytest.mark.parametrize("values", [{"minutes": 11}, {"seconds": 601}, {"seconds": -1}])
def test_waits_that_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(InvalidInputError):
        run_action(debug_wait, values)
