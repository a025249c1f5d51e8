"""`roadiehq:utils:fs:write`, `roadiehq:utils:fs:append`, `roadiehq:utils:merge`: files of the workspace."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from shiftdown.edits import yaml
from shiftdown.plugin import ActionContext, ActionModel, CannotEditError, Example, InvalidInputError, action, dump_yaml


class WriteInput(ActionModel):
    """What to write."""

    path: str
    """Path of the file; it is replaced if it exists."""
    content: str
    """The text."""
    preserve_formatting: bool = False
    """Whether JSON is written anew, indented by 2."""


class AppendInput(ActionModel):
    """What to append."""

    path: str
    """Path of the file; it is created if it does not exist."""
    content: str
    """The text."""


class MergeInput(ActionModel):
    """What to merge."""

    path: str
    """Path of a JSON or YAML file."""
    content: Mapping[str, Any] | str
    """What is merged into it: data, or JSON or YAML text."""
    merge_arrays: bool = False
    """Whether lists are joined; else a list takes the place of the one that is there."""


class PathOutput(ActionModel):
    """Where it is."""

    path: str
    """Path of the file."""


@action(
    "roadiehq:utils:fs:write",
    title="Write a file",
    examples=(
        Example(
            title="A settings file",
            input={"path": "config/settings.ini", "content": "port = 8080\n"},
            files={"config/settings.ini": "port = 8080\n"},
            output={"path": "config/settings.ini"},
        ),
        Example(
            title="JSON, indented",
            input={"path": "a.json", "content": '{"a":[1]}', "preserveFormatting": True},
            files={"a.json": '{\n  "a": [\n    1\n  ]\n}'},
            output={"path": "a.json"},
        ),
    ),
)
def write_file(given: WriteInput, context: ActionContext) -> PathOutput:
    """Write a text file into the workspace."""
    content = given.content
    if given.preserve_formatting:
        with suppress(ValueError):
            content = json.dumps(json.loads(content), indent=2, ensure_ascii=False)
    return _written(given.path, content, context)


@action(
    "roadiehq:utils:fs:append",
    title="Append to a file",
    examples=(
        Example(
            title="A line",
            input={"path": ".gitignore", "content": "dist/\n"},
            workspace={".gitignore": "node_modules/\n"},
            files={".gitignore": "node_modules/\ndist/\n"},
            output={"path": ".gitignore"},
        ),
    ),
)
def append_file(given: AppendInput, context: ActionContext) -> PathOutput:
    """Append text to a file of the workspace; its other bytes stay as they are."""
    path = context.workspace.path(given.path)
    before = context.workspace.read(path) if context.workspace.exists(path) else b""
    context.workspace.write(path, before + given.content.encode())
    return PathOutput(path=path)


@action(
    "roadiehq:utils:merge",
    title="Merge into a JSON or YAML file",
    examples=(
        Example(
            title="A dependency",
            input={"path": "package.json", "content": {"dependencies": {"pino": "^9.0.0"}}},
            workspace={"package.json": '{"name":"shop","dependencies":{"express":"^5.0.0"}}'},
            files={
                "package.json": '{\n  "name": "shop",\n  "dependencies": {\n    "express": "^5.0.0",\n'
                '    "pino": "^9.0.0"\n  }\n}'
            },
            output={"path": "package.json"},
        ),
        Example(
            title="An item of a list, in YAML",
            input={"path": "mkdocs.yml", "content": "nav: [api.md]", "mergeArrays": True},
            workspace={"mkdocs.yml": "nav:\n  - index.md\n"},
            files={"mkdocs.yml": "nav:\n  - index.md\n  - api.md\n"},
            output={"path": "mkdocs.yml"},
        ),
    ),
)
def merge_file(given: MergeInput, context: ActionContext) -> PathOutput:
    """Merge data into a JSON or YAML file of the workspace. Comments are lost: the file is written anew."""
    path = context.workspace.path(given.path)
    is_json = path.endswith(".json")
    if not is_json and not path.endswith((".yml", ".yaml")):
        raise InvalidInputError(f"{path}: expected a JSON or YAML file")
    before = _data(context.workspace.read(path).decode(errors="replace"), path)
    more = _data(given.content, "content") if isinstance(given.content, str) else given.content
    merged = _merged(before, more, join=given.merge_arrays)
    text = json.dumps(merged, indent=2, ensure_ascii=False) if is_json else dump_yaml(merged)
    return _written(path, text, context)


def _written(given: str, content: str, context: ActionContext) -> PathOutput:
    path = context.workspace.path(given)
    context.workspace.write(path, content.encode())
    return PathOutput(path=path)


def _data(text: str, name: str) -> Any:
    try:
        return yaml.load(text)
    except CannotEditError as error:
        raise InvalidInputError(f"{name}: is neither JSON nor YAML: {error}") from error


def _merged(before: Any, more: Any, *, join: bool) -> Any:
    if isinstance(before, dict) and isinstance(more, Mapping):
        changed = {key: _merged(before.get(key), value, join=join) for key, value in more.items()}
        return {**before, **changed}
    if join and isinstance(before, list) and isinstance(more, list):
        return [*before, *more]
    return more
