"""mise: tasks of `mise.toml`, tasks that are files, and `mise exec`."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from shiftdown.pipelines.launchers.wrappers import option, rest
from shiftdown.pipelines.resolve import Call, Found, Launcher, Resolver

_FILES = ("mise.toml", ".mise.toml", "mise/config.toml", ".mise/config.toml", ".config/mise.toml")
_FOLDERS = ("mise-tasks", ".mise-tasks", "mise/tasks", ".mise/tasks", ".config/mise/tasks")


def _mise(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = rest(call.words[1:], "-C --cd -E --env -j --jobs")
    if place := option(call.words[1:], "-C --cd"):
        call = replace(call, directory=resolver.join(call.directory, place))
    if words[:1] in (("exec",), ("x",)):
        inner = words[words.index("--") + 1 :] if "--" in words else ()
        return resolver.resolve(call.become(inner)) if inner else None
    named = words[:1] in (("run",), ("r",))
    wanted = rest(words[1:], "-C --cd -j --jobs -o --output -t --tool") if named else words
    known = [name for name in " ".join(wanted).split(" ::: ") if name]
    names = [name.split(" ")[0] for name in known]
    if not names or any(_task_of(resolver, call, name) is None for name in names):
        return None
    return (found for name in names for found in _task(resolver, call, name))


def _tables(resolver: Resolver, directory: str | None) -> dict[str, Any]:
    """The tasks that are tables, by name."""
    tasks: dict[str, Any] = {}
    for file in _FILES:
        try:
            found = tomllib.loads(resolver.read(directory, file) or "").get("tasks")
        except tomllib.TOMLDecodeError:
            continue
        tasks |= found if isinstance(found, dict) else {}
    return tasks


def _home(resolver: Resolver, call: Call) -> str | None:
    """The nearest directory above that configures mise; where the command runs when none does."""
    here = (resolver.above(call.directory, file) for file in _FILES)
    return next((directory for directory in here if directory is not None), call.directory)


def _task_of(resolver: Resolver, call: Call, name: str) -> Any:
    """What a task says: a table, a command, or the text of its file; `None`: there is no such task."""
    home = _home(resolver, call)
    if (task := resolver.once(_tables, home).get(name)) is not None:
        return task
    path = name.replace(":", "/")
    places = (f"{folder}/{file}" for folder in _FOLDERS for file in (path, f"{path}.sh", f"{path}/_default"))
    return next((text for place in places if (text := resolver.read(home, place)) is not None), None)


def _task(resolver: Resolver, call: Call, name: str) -> Iterator[Found]:
    step, task, home = f"mise run {name}", _task_of(resolver, call, name), _home(resolver, call)
    if step in call.via or task is None:
        return
    table: Mapping[str, Any] = task if isinstance(task, dict) else {"run": task}
    needs = table.get("depends", ())
    for need in [needs] if isinstance(needs, str) else needs if isinstance(needs, list) else ():
        yield from _task(resolver, call.inside(step), str(need).split(" ")[0])
    place = table.get("dir")
    inside = replace(call, directory=resolver.join(home, place) if isinstance(place, str) else home)
    runs = table.get("run", ())
    lines = [runs] if isinstance(runs, str) else [r for r in runs if isinstance(r, str)]
    yield from resolver.named(inside, name, "\n".join(lines), step)


LAUNCHERS: Mapping[str, Launcher] = {"mise": _mise}
"""By name."""
