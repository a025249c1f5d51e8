"""Actions of Backstage that are not installed: what a dry-run says in their place when they may be skipped.

A template often uses what such an action gives, a repository's URL say, in the files that it writes afterwards. So a
dry-run goes on with the same values as Backstage's own: example values, or for an action that Backstage can dry-run
what that answers. An action leaves this table when it is installed.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.filters import parse_repo_url

SKIPPED = frozenset({"fetch:cookiecutter"})
"""Actions that are installed, but that Backstage's dry-run skips: a dry-run that skips does so, too."""
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
}


def stand_in(action: str) -> Callable[[Mapping[str, Any]], dict[str, Any]] | None:
    """For an action that Backstage can dry-run: the function from its input to its output; `None` for any other.

    The function raises `InvalidInputError` where Backstage would refuse the input.
    """
    taken = _table().get(action, {}).get("input")
    if taken is None:
        return None

    def run(values: Mapping[str, Any]) -> dict[str, Any]:
        _check(action, taken, values)
        return _DRY_RUNS[action](values)

    return run


def example_output(action: str) -> dict[str, Any]:
    """The output that stands for that of an action which was skipped; empty for one that Backstage does not have."""
    return dict(_table().get(action, {}).get("output", {}))


@cache
def _table() -> Mapping[str, Any]:
    loaded: dict[str, Any] = json.loads(files(__package__).joinpath("absent_actions.json").read_text())
    return loaded


def _check(action: str, taken: Mapping[str, str], values: Mapping[str, Any]) -> None:
    known = {name.rstrip("*"): kinds for name, kinds in taken.items()}
    missing = [name[:-1] for name in taken if name.endswith("*") and name[:-1] not in values]
    problems = [f"{name} is required" for name in missing]
    for name, value in values.items():
        if name not in known:
            problems.append(f"{name} is not known")
        elif not any(_is(value, kind) for kind in known[name].split("|")):
            problems.append(f"{name} is not of type {known[name]}")
    if problems:
        raise InvalidInputError(f"invalid input of {action}: {'; '.join(problems)} (known: {', '.join(known)})")


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _pull_request(values: Mapping[str, Any]) -> dict[str, Any]:
    parse_repo_url(values["repoUrl"])
    return {"targetBranchName": values["branchName"], "remoteUrl": values["repoUrl"], "pullRequestNumber": 43}


def _issue(values: Mapping[str, Any]) -> dict[str, Any]:
    repo = parse_repo_url(values["repoUrl"])
    return {"issueUrl": f"https://github.com/{repo['owner']}/{repo['repo']}/issues/42", "issueNumber": 42}


def _webhook(values: Mapping[str, Any]) -> dict[str, Any]:
    parse_repo_url(values["repoUrl"])
    return {}


def _group_access(values: Mapping[str, Any]) -> dict[str, Any]:
    if not values.get("userIds") and not values.get("groupIds"):
        raise InvalidInputError("gitlab:group:access needs userIds or groupIds")
    given = {name: values[name] for name in ("userIds", "groupIds", "path") if values.get(name)}
    return given | ({"accessLevel": values.get("accessLevel", 30)} if values.get("action", "add") == "add" else {})


_DRY_RUNS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "publish:github:pull-request": _pull_request,
    "github:issues:create": _issue,
    "github:webhook": _webhook,
    "gitlab:group:ensureExists": lambda _: {"groupId": 42},
    "gitlab:group:access": _group_access,
}
