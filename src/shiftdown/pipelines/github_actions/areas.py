"""Monorepos: the job that finds out what a pull request touches, and the one that sums up all others."""

import re
import shlex
from collections.abc import Sequence
from typing import Any

from shiftdown.pipelines.model import Area
from shiftdown.pipelines.pins import Pins

CHANGES = "changes"
"""The id of the job that finds out what is touched; its outputs are the areas, `'true'` or `'false'`."""
GATE = "ci"
"""The id of the job that sums up all others."""
_CONDITION = re.compile(rf"needs\.{CHANGES}\.outputs\.(?P<area>[\w-]+) == 'true'")
_SCRIPT_HEAD = """\
touched() {
  if [ "$EVENT" = pull_request ] && git diff --quiet --no-renames HEAD^1 HEAD -- "$@"; then
    echo false
  else
    echo true
  fi
}
{
"""
_SCRIPT_END = '} >> "$GITHUB_OUTPUT"\n'
_GATE_SCRIPT = """\
echo "$RESULTS"
case " $RESULTS " in *" failure "* | *" cancelled "*) exit 1 ;; esac
"""


def changes_job(areas: Sequence[Area], shared: tuple[str, ...], table: Pins) -> dict[str, Any]:
    """The job `changes`, with the paths that concern every area.

    GitHub checks a pull request out as a merge: its first parent is the branch it goes to. Should git fail, everything
    counts as touched.
    """
    lines = [_line(area, shared) for area in areas]
    return {
        "name": "Changes",
        "runs-on": "ubuntu-latest",
        "timeout-minutes": 5,
        "outputs": {area.key: output(area) for area in areas},
        "steps": [
            {
                "name": "Check out",
                "uses": table.uses("actions/checkout"),
                "with": {"persist-credentials": False, "fetch-depth": 2},
            },
            {
                "name": "Find the areas that a pull request touches",
                "id": "areas",
                "env": {"EVENT": "${{ github.event_name }}"},
                "run": _SCRIPT_HEAD + "".join(lines) + _SCRIPT_END,
            },
        ],
    }


def with_area(job: Any, area: Area, shared: tuple[str, ...]) -> tuple[int, str] | None:
    """The step of a job `changes` and its script, once it tells of another area too; `None` if it is not of this kind.

    Its lines for other areas stay as they are.
    """
    steps = job.get("steps") if isinstance(job, dict) else None
    for number, step in enumerate(steps if isinstance(steps, list) else ()):
        script = step.get("run") if isinstance(step, dict) and step.get("id") == "areas" else None
        if isinstance(script, str) and script.startswith(_SCRIPT_HEAD) and script.endswith(_SCRIPT_END):
            return number, script.removesuffix(_SCRIPT_END) + _line(area, shared) + _SCRIPT_END
    return None


def condition(area: str) -> str:
    """The condition of a job that is for an area."""
    return f"needs.{CHANGES}.outputs.{area} == 'true'"


def area_of(text: object) -> str | None:
    """The area that a job with this condition is for, where that is all it says."""
    match = _CONDITION.fullmatch(text) if isinstance(text, str) else None
    return match["area"] if match else None


def output(area: Area) -> str:
    """The expression for an area among the outputs of the job `changes`."""
    return f"${{{{ steps.areas.outputs.{area.key} }}}}"


def gate_job(needs: list[str]) -> tuple[str, dict[str, Any]]:
    """The id and data of the job that fails when one of the others failed or was cancelled."""
    return _free(GATE, needs), {
        "name": "CI",
        "if": "always()",
        "needs": needs,
        "runs-on": "ubuntu-latest",
        "timeout-minutes": 5,
        "permissions": {},
        "steps": [
            {
                "name": "Check that no job failed",
                "env": {"RESULTS": "${{ join(needs.*.result, ' ') }}"},
                "run": _GATE_SCRIPT,
            }
        ],
    }


def _line(area: Area, shared: tuple[str, ...]) -> str:
    paths = " ".join(shlex.quote(_pathspec(path)) for path in (*area.paths, *shared))
    return f'  echo "{area.key}=$(touched {paths})"\n'


def _pathspec(path: str) -> str:
    if not any(character in path for character in "*?[") and not path.startswith(":"):
        return path
    pattern = path if "/" in path.rstrip("/") else f"**/{path}"
    return f":(glob){pattern.removeprefix('/')}{'**' if path.endswith('/') else ''}"


def _free(name: str, taken: list[str]) -> str:
    return name if name not in taken else f"{name}-result"
