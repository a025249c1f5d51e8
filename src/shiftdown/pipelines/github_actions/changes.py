"""Monorepos: the job that finds out what a pull request touches, and the one that sums up all others."""

import shlex
from typing import Any

from shiftdown.pipelines.model import Area, Pipeline
from shiftdown.pipelines.pins import Pins

CHANGES = "changes"
"""The id of the job that finds out what is touched; its outputs are the areas, `'true'` or `'false'`."""
GATE = "ci"
"""The id of the job that sums up all others."""
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
_GATE_SCRIPT = """\
echo "$RESULTS"
case " $RESULTS " in *" failure "* | *" cancelled "*) exit 1 ;; esac
"""


def changes_job(pipeline: Pipeline, path: str, table: Pins) -> dict[str, Any]:
    """The job `changes`. GitHub checks a pull request out as a merge: its first parent is the branch it goes to.

    Should git fail, everything counts as touched.
    """
    shared = (*pipeline.shared_paths, path)
    lines = [_line(area, shared) for area in pipeline.areas]
    return {
        "name": "Changes",
        "runs-on": "ubuntu-latest",
        "timeout-minutes": 5,
        "outputs": {area.key: f"${{{{ steps.areas.outputs.{area.key} }}}}" for area in pipeline.areas},
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
                "run": _SCRIPT_HEAD + "".join(lines) + '} >> "$GITHUB_OUTPUT"\n',
            },
        ],
    }


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
