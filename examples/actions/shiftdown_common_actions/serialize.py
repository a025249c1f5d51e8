"""`roadiehq:utils:serialize:json`, `roadiehq:utils:serialize:yaml`: data as text, for later steps."""

import json
from typing import Any

from shiftdown.plugin import ActionContext, ActionModel, Example, action, dump_yaml


class YamlInput(ActionModel):
    """What to serialise."""

    data: Any
    """The data."""


class JsonInput(YamlInput):
    """What to serialise, and how."""

    replacer: tuple[str, ...] = ()
    """The keys that are kept, at every level; all when there are none."""
    space: str | int = 0
    """What each level is indented with, or by how many blanks; nothing puts all on one line."""


class SerializedOutput(ActionModel):
    """The text."""

    serialized: str
    """The data as text."""


@action(
    "roadiehq:utils:serialize:json",
    title="Write data as JSON text",
    examples=(
        Example(title="On one line", input={"data": {"a": [1, "é"]}}, output={"serialized": '{"a":[1,"é"]}'}),
        Example(
            title="Some keys, indented",
            input={"data": {"a": 1, "b": 2}, "replacer": ["b"], "space": 2},
            output={"serialized": '{\n  "b": 2\n}'},
        ),
    ),
)
def serialize_json(given: JsonInput, context: ActionContext) -> SerializedOutput:
    """Write data as JSON text."""
    data = _only(given.data, given.replacer) if given.replacer else given.data
    indent = given.space or None
    text = json.dumps(data, indent=indent, separators=(",", ": " if indent else ":"), ensure_ascii=False)
    return SerializedOutput(serialized=text)


@action(
    "roadiehq:utils:serialize:yaml",
    title="Write data as YAML text",
    examples=(
        Example(title="A list", input={"data": {"a": ["x", True]}}, output={"serialized": "a:\n  - x\n  - true\n"}),
    ),
)
def serialize_yaml(given: YamlInput, context: ActionContext) -> SerializedOutput:
    """Write data as YAML text."""
    return SerializedOutput(serialized=dump_yaml(given.data))


def _only(data: Any, keys: tuple[str, ...]) -> Any:
    if isinstance(data, dict):
        return {key: _only(value, keys) for key, value in data.items() if key in keys}
    return [_only(item, keys) for item in data] if isinstance(data, list) else data
