"""Backstage's actions have its ids, inputs and outputs; the table beside this test says which."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.absent import SKIPPED
from shiftdown.scaffolder.action import Action
from shiftdown.scaffolder.actions import builtin_actions

TABLE: Mapping[str, Any] = json.loads((Path(__file__).parent / "backstage_actions.json").read_text())
ACTIONS = {action.id: action for action in builtin_actions()}


def _types(schema: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _types(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        return "|".join(sorted({_types(part, root) for part in schema["anyOf"]}))
    return str(schema.get("type", "any"))


def _fields(schema: Mapping[str, Any]) -> dict[str, str]:
    required = schema.get("required", ())
    return {
        name + "*" * (name in required): _types(part, schema) for name, part in schema.get("properties", {}).items()
    }


@pytest.mark.parametrize("id_", TABLE)
def test_input(id_: str) -> None:
    expected = {name: "|".join(sorted(kinds.split("|"))) for name, kinds in TABLE[id_]["input"].items()}
    assert _fields(ACTIONS[id_].input.model_json_schema(by_alias=True)) == expected


@pytest.mark.parametrize("id_", TABLE)
def test_output(id_: str) -> None:
    assert _fields(ACTIONS[id_].output.model_json_schema(by_alias=True)) == TABLE[id_]["output"]


@pytest.mark.parametrize("id_", TABLE)
def test_dry_run(id_: str) -> None:
    assert (ACTIONS[id_].dry_run and id_ not in SKIPPED) == TABLE[id_]["dry_run"]


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_every_field_is_described(action: Action) -> None:
    for model in (action.input, action.output):
        for name, field in model.model_fields.items():
            assert field.description, f"{action.id}: {model.__name__}.{name}"


def test_what_is_skipped_in_a_dry_run_gives_example_output() -> None:
    items = [{"name": "<example>", "path": "<example>", "fullPath": "<example>"}]
    assert ACTIONS["fs:readdir"].example_output() == {"files": items, "folders": items}
    assert ACTIONS["catalog:fetch"].example_output() == {"entity": "<unknown>", "entities": []}
    assert ACTIONS["catalog:register"].example_output() == {}


def test_nothing_is_converted() -> None:
    for values in ({"seconds": "5"}, {"seconds": None}, {"seconds": True}, {"second": 5}):
        with pytest.raises(InvalidInputError, match=r"invalid input of debug:wait.*known: minutes, seconds"):
            ACTIONS["debug:wait"].parse(values)


def test_input_that_is_no_plain_data() -> None:
    with pytest.raises(InvalidInputError, match="not plain data"):
        ACTIONS["debug:log"].parse({"message": object()})


def test_wrong_values_are_not_in_the_error() -> None:
    with pytest.raises(InvalidInputError) as caught:
        ACTIONS["fetch:plain"].parse({"url": "./x", "token": ["tok-4711"]})
    assert "tok-4711" not in str(caught.value)
    assert caught.value.__cause__ is None
