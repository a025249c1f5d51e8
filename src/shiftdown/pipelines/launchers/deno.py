"""Deno: the tasks of `deno.json`, and the scripts of `package.json`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from shiftdown.edits import json as edits_json
from shiftdown.errors import CannotEditError
from shiftdown.pipelines.launchers.wrappers import rest
from shiftdown.pipelines.resolve import Call, Found, Launcher, Resolver


def _tasks(resolver: Resolver, directory: str | None) -> dict[str, Any]:
    for name in ("deno.json", "deno.jsonc"):
        try:
            data = edits_json.load(resolver.read(directory, name) or "{}")
        except CannotEditError:
            continue
        tasks = data.get("tasks") if isinstance(data, dict) else None
        if isinstance(tasks, dict):
            return tasks
    try:
        scripts = json.loads(resolver.read(directory, "package.json") or "{}").get("scripts")
    except (ValueError, AttributeError):
        return {}
    return scripts if isinstance(scripts, dict) else {}


def _deno(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = rest(call.words[1:])
    if words[:1] != ("task",):
        return None
    name = next(iter(rest(words[1:], "--cwd -c --config")), None)
    return _task(resolver, call, name) if name in resolver.once(_tasks, call.directory) else None


def _task(resolver: Resolver, call: Call, name: str) -> Iterator[Found]:
    step, entry = f"deno task {name}", resolver.once(_tasks, call.directory).get(name)
    if step in call.via or entry is None:
        return
    table = entry if isinstance(entry, dict) else {"command": entry}
    for need in table.get("dependencies", ()):
        yield from _task(resolver, call.inside(step), str(need))
    yield from resolver.named(call, name, str(table.get("command") or ""), step)


LAUNCHERS: Mapping[str, Launcher] = {"deno": _deno}
"""By name."""
