"""Rules: which pipelines a job runs in, and for which changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from shiftdown.pipelines.model import Area, Trigger

MERGE_REQUEST = '$CI_PIPELINE_SOURCE == "merge_request_event"'
DEFAULT_BRANCH = "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"
CONDITIONS: Mapping[Trigger, str] = {
    Trigger.CHANGE_REQUEST: MERGE_REQUEST,
    Trigger.DEFAULT_BRANCH: DEFAULT_BRANCH,
    Trigger.MERGE_QUEUE: '$CI_MERGE_REQUEST_EVENT_TYPE == "merge_train"',
    Trigger.SCHEDULE: '$CI_PIPELINE_SOURCE == "schedule"',
    Trigger.MANUAL: '$CI_PIPELINE_SOURCE == "web"',
}
"""How rules say what started a pipeline."""
AREA = "AREA"
"""The variable by which a job tells its area to those who read the file."""
_OTHERWISE = '$CI_PIPELINE_SOURCE != "merge_request_event"'


def rules_for(only: Trigger | None, area: Area | None, shared: Sequence[str]) -> list[dict[str, Any]]:
    """The rules of a job in a pipeline that says itself when it starts; empty when it always runs."""
    if area is None:
        return [{"if": CONDITIONS[only]}] if only else []
    if only is not None and only is not Trigger.CHANGE_REQUEST:
        return [{"if": CONDITIONS[only]}]
    touched = {"if": MERGE_REQUEST, "changes": [_glob(path) for path in (*area.paths, *shared)]}
    return [touched] if only else [touched, {"if": _OTHERWISE}]


def area_of(rules: Any, variables: Any) -> str | None:
    """The area that a job is for, where that is all its rules say (see `rules_for`)."""
    area = variables.get(AREA) if isinstance(variables, dict) else None
    if not isinstance(area, str) or not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        return None
    shape = [(rule.get("if"), "changes" in rule) for rule in rules]
    return area if shape == [(MERGE_REQUEST, True), (_OTHERWISE, False)] else None


def _glob(path: str) -> str:
    """A path of an area as GitLab's patterns say it."""
    pattern = path.removeprefix("/") if "/" in path.rstrip("/") or not set(path) & set("*?[") else f"**/{path}"
    return f"{pattern}**/*" if pattern.endswith("/") else pattern
