"""Make a workflow start for what a new job needs."""

from typing import Any

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError
from shiftdown.pipelines.github_actions._text import in_line
from shiftdown.pipelines.github_actions.events import EVENTS, matches
from shiftdown.pipelines.model import Trigger


def ensure_trigger(text: str, trigger: Trigger, default_branch: str) -> str:
    """Make a workflow start for pull requests, for commits on the default branch, or by hand.

    `on` may be a name, a list or a mapping. An event that is there is kept as it is; when a filter of its branches
    leaves the default branch out, that branch is added to it.

    Raises:
        CannotEditError: `on` is none of these, the filter excludes the branch, or the text cannot be edited safely.
        ValueError: the trigger is a schedule, which needs a time.
    """
    if trigger is Trigger.SCHEDULE:
        raise ValueError(f"{trigger} cannot be added without more")
    event = EVENTS[trigger]
    located = yaml.locate(text)
    on = located.data.get("on") if isinstance(located.data, dict) else None
    filters = {"branches": [default_branch]} if trigger is Trigger.DEFAULT_BRANCH else None
    if isinstance(on, str):
        return text if on == event else _from_names(text, [on], event, filters)
    if isinstance(on, list):
        if event in on:
            return text
        return _from_names(text, on, event, filters) if filters else yaml.append(text, ["on"], event)
    if not isinstance(on, dict):
        raise CannotEditError("the workflow does not say what starts it", located.line_of([]) if located.data else None)
    if event not in on:
        return yaml.insert(text, ["on"], event, filters)
    return _widen(text, located, event, on[event], default_branch)


def _from_names(text: str, names: list[Any], event: str, filters: dict[str, Any] | None) -> str:
    if filters is None:
        return yaml.replace(text, ["on"], in_line([*names, event]))
    return yaml.replace(text, ["on"], {**dict.fromkeys(names), event: filters})


def _widen(text: str, located: yaml.Located, event: str, filters: Any, branch: str) -> str:
    values = filters if isinstance(filters, dict) else {}
    branches, ignored = values.get("branches"), values.get("branches-ignore")
    if event == "push" and branches is None and ignored is None and "tags" in values:
        return yaml.insert(text, ["on", event], "branches", [branch], before="tags")
    if isinstance(ignored, list) and matches(branch, [str(pattern) for pattern in ignored]):
        raise CannotEditError(f"{event} leaves {branch} out", located.line_of(["on", event, "branches-ignore"]))
    if isinstance(branches, str):
        return (
            text
            if matches(branch, [branches])
            else yaml.replace(text, ["on", event, "branches"], in_line([branches, branch]))
        )
    if isinstance(branches, list) and not matches(branch, [str(pattern) for pattern in branches]):
        return yaml.append(text, ["on", event, "branches"], branch)
    return text
