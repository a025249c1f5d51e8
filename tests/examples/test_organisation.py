"""The example script selects repositories of a forge, and is told of a merge."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "examples" / "organisation.py"


def test_the_script_closes_the_loop_for_one_repository() -> None:
    command = [sys.executable, "-W", "error", str(SCRIPT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    *opened, link, verified, waiting = done.stdout.splitlines()
    assert {line for line in opened if line.endswith("OPENED")} == {
        "orders: ADD_GITHUB_ACTIONS: OPENED",
        "billing: ADD_GITHUB_ACTIONS: OPENED",
    }
    assert not [line for line in opened if line.startswith("attic")]
    assert link.endswith(": /acme/orders/pull/1")
    assert (verified, waiting) == ("orders: ADD_GITHUB_ACTIONS: VERIFIED", "billing: ADD_GITHUB_ACTIONS: IN_REVIEW")
