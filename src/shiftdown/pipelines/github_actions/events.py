"""What starts a workflow, and for which changes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shiftdown.edits import yaml
from shiftdown.model.base import Model
from shiftdown.pipelines.model import Trigger

EVENTS: Mapping[Trigger, str] = {
    Trigger.CHANGE_REQUEST: "pull_request",
    Trigger.DEFAULT_BRANCH: "push",
    Trigger.MERGE_QUEUE: "merge_group",
    Trigger.SCHEDULE: "schedule",
    Trigger.MANUAL: "workflow_dispatch",
}
"""What triggers are called."""

ON_CHANGES = ("pull_request", "push")
"""The events that check a change before it is merged. `pull_request_target` is none: it checks out the target."""
_FILTERS = ("branches", "branches-ignore", "paths", "paths-ignore", "tags", "types")
_OPENING = {"opened", "synchronize", "reopened", "ready_for_review"}


class Event(Model):
    """Something that starts a workflow. A filter that the file does not have is `None`."""

    name: str
    """"pull_request", "push", "schedule", …"""
    line: int
    """1-based line."""
    branches: tuple[str, ...] | None = None
    """Patterns of branches that it is for."""
    branches_ignore: tuple[str, ...] | None = None
    """Patterns of branches that it is not for."""
    paths: tuple[str, ...] | None = None
    """Patterns of which one of the changed files must match one."""
    paths_ignore: tuple[str, ...] | None = None
    """Patterns that not all changed files may match."""
    tags: tuple[str, ...] | None = None
    """Patterns of tags that it is for."""
    types: tuple[str, ...] | None = None
    """Kinds of activity that it is for."""


def read_events(located: yaml.Located) -> tuple[Event, ...]:
    """The events of a workflow: `on` is a name, a list of names, or a mapping."""
    on = located.data.get("on", located.data.get("true"))
    if isinstance(on, str):
        return (Event(name=on, line=located.line_of(["on"])),)
    if isinstance(on, list):
        return tuple(
            Event(name=name, line=located.line_of(["on", number]))
            for number, name in enumerate(on)
            if isinstance(name, str)
        )
    if not isinstance(on, dict):
        return ()
    return tuple(_event(str(name), filters, located.line_of(["on", name])) for name, filters in on.items())


def _event(name: str, filters: Any, line: int) -> Event:
    values = filters if isinstance(filters, dict) else {}
    return Event(name=name, line=line, **{f.replace("-", "_"): _strings(values.get(f)) for f in _FILTERS})


def _strings(value: Any) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return (value,)
    return tuple(str(v) for v in value) if isinstance(value, list) else None


def on_changes(events: Iterable[Event], directory: str = "", default_branch: str | None = None) -> Event | None:
    """The event by which a workflow runs for changes of `directory` before they are merged; `None`: it does not.

    That is a pull request to the default branch, opened or updated; or a push to any branch. Not counted are
    `pull_request_target`, which checks out the target; a merge queue, a schedule, a release, a tag; a push to named
    branches only; and events whose path filters leave the directory out.
    """
    found = {event.name: event for event in events}
    for name in ON_CHANGES:
        event = found.get(name)
        if event and _branches(event, default_branch) and _types(event) and _paths(event, directory):
            return event
    return None


def _types(event: Event) -> bool:
    return event.types is None or bool(_OPENING & set(event.types))


def _branches(event: Event, default_branch: str | None) -> bool:
    if event.name == "push":
        everything = event.branches is None or matches("any/branch", event.branches)
        only_tags = event.branches is None and event.tags is not None
        return everything and not only_tags
    names = [default_branch] if default_branch else ["main", "master", "develop", "trunk"]
    if event.branches is not None:
        return any(matches(name, event.branches) for name in names)
    return event.branches_ignore is None or not all(matches(name, event.branches_ignore) for name in names)


def _paths(event: Event, directory: str) -> bool:
    """Whether a change of a file in `directory` starts it; for the root, of some source file there."""
    probes = [f"{directory}/{p}".lstrip("/") for p in _PROBES]
    if event.paths is not None:
        return any(matches(p, event.paths) for p in probes) or any(_below(p, directory) for p in event.paths)
    return event.paths_ignore is None or not all(matches(p, event.paths_ignore) for p in probes)


_PROBES = (
    *("src/a.ts", "src/a.js", "src/a.py", "src/a/b.py", "a.go", "pkg/a.go", "src/main/java/A.java", "src/a.rs"),
    *("lib/a.rb", "src/A.cs", "src/A.php", "a.py", "index.js", "package.json", "pyproject.toml"),
)


def _below(pattern: str, directory: str) -> bool:
    """Whether a pattern is for something inside the directory, documentation and workflows left out."""
    if pattern.startswith(("!", ".github/", "docs/")) or pattern.endswith((".md", ".rst")):
        return False
    fixed = re.split(r"[*?\[]", pattern.strip("/"))[0].rstrip("/")
    return (not directory or fixed.startswith(f"{directory}/") or fixed == directory) and bool(fixed)


_WILDCARDS = {"**/": "(?:.*/)?", "/**/": "/(?:.*/)?", "**": ".*", "*": "[^/]*"}


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name matches a list of GitHub's filter patterns; the last that matches decides, `!` excludes."""
    held = False
    for pattern in patterns:
        if _pattern(pattern.removeprefix("!")).fullmatch(name):
            held = not pattern.startswith("!")
    return held


def _pattern(pattern: str) -> re.Pattern[str]:
    out: list[str] = []
    for part in re.findall(r"/\*\*/|^\*\*/|\*\*|\*|\?|\+|\[[^\]]+\]|\\.|.", pattern):
        if part in _WILDCARDS:
            out.append(_WILDCARDS[part])
        elif (part in ("?", "+") and out) or (part.startswith("[") and len(part) > 1):
            out.append(part)
        else:
            out.append(re.escape(part.removeprefix("\\")))
    try:
        return re.compile("".join(out))
    except re.error:
        return re.compile(re.escape(pattern))
