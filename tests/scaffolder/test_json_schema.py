"""JSON Schema draft 7 as templates in the wild rely on it."""

from typing import Any

import pytest

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.json_schema import fits, schema_errors

CONDITIONAL = {
    "properties": {"cloud": {"enum": ["aws", "gcp"]}},
    "allOf": [
        {
            "if": {"properties": {"cloud": {"const": "aws"}}},
            "then": {"required": ["account"], "properties": {"account": {"pattern": "^\\d{12}$"}}},
            "else": {"required": ["project"]},
        }
    ],
}
DEPENDENT = {
    "properties": {"database": {"type": "boolean"}},
    "dependencies": {
        "database": {
            "oneOf": [
                {"properties": {"database": {"const": False}}},
                {"properties": {"database": {"const": True}, "engine": {"type": "string"}}, "required": ["engine"]},
            ]
        }
    },
}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "ui:field": "OwnerPicker", "ui:options": {"a": 1}}, "x"),
        ({"type": "map(any)"}, 5),
        ({"type": ["string", "null"]}, None),
        ({"type": "integer"}, 3.0),
        ({"required": True, "type": "string"}, "x"),
        ({"pattern": "^(?<name>[a-z]+)\\/$"}, "a/"),
        ({"pattern": "\\$"}, "a$b"),
        ({"minimum": 1, "exclusiveMinimum": False}, 1),
        ({"format": "anything"}, "x"),
        ({"format": "email"}, 5),
        (CONDITIONAL, {"cloud": "aws", "account": "123456789012"}),
        (CONDITIONAL, {"cloud": "gcp", "project": "p"}),
        (DEPENDENT, {"database": False}),
        (DEPENDENT, {"database": True, "engine": "x"}),
        (DEPENDENT, {}),
        ({"dependencies": {"a": "b"}}, {"a": 1, "b": 1}),
        ({"definitions": {"n": {"type": "string"}}, "properties": {"a": {"$ref": "#/definitions/n"}}}, {"a": "x"}),
        ({"enum": [[1, {"a": True}]]}, [1, {"a": True}]),
    ],
)
def test_fits(schema: dict[str, Any], value: Any) -> None:
    assert fits(schema, value)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, None),
        ({"type": "number"}, True),
        ({"type": [{"enum": [1]}, "string"]}, 2),
        ({"required": ["a"]}, {}),
        ({"properties": {"a": {"required": True}}}, {}),
        ({"pattern": "^[a-z]+$"}, "abc\n"),
        ({"pattern": "^\\d$"}, "٣"),
        ({"minimum": 1, "exclusiveMinimum": True}, 1),
        ({"maximum": 1, "exclusiveMaximum": True}, 1),
        ({"enum": [0, 1]}, False),
        ({"enum": [{"a": 1}]}, {"a": True}),
        (CONDITIONAL, {"cloud": "aws", "account": "1"}),
        (CONDITIONAL, {"cloud": "gcp"}),
        (DEPENDENT, {"database": True}),
        ({"dependencies": {"a": ["b"]}}, {"a": 1}),
    ],
)
def test_does_not_fit(schema: dict[str, Any], value: Any) -> None:
    assert not fits(schema, value)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("email", "ada.l@example.org", "my-svc"),
        ("date", "2024-02-29", "2024-13-01"),
        ("date-time", "2024-02-29T10:00:00Z", "2024-02-29"),
        ("time", "10:00:00", "25:00:00"),
        ("uri", "https://example.org/a", "my svc"),
        ("hostname", "a.example.org", "a_b"),
        ("ipv4", "10.0.0.1", "10.0.0.256"),
        ("ip-address", "10.0.0.1", "x"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123"),
        ("phone", "+49 30 1234567", "12"),
        ("alpha", "abc", "a1"),
    ],
)
def test_formats(name: str, good: str, bad: str) -> None:
    assert fits({"format": name}, good)
    assert not fits({"format": name}, bad)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": None},
        {"properties": {"a": None}},
        {"enum": "a"},
        {"pattern": "("},
        {"$ref": "#/nowhere"},
        {"$ref": "https://example.org/schema.json"},
        {"allOf": 5},
        {"properties": {"a": "text"}},
        {"properties": 5},
    ],
)
def test_a_broken_schema_is_an_error(schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="the schema"):
        list(schema_errors(schema, {"a": "x"} if "pattern" not in schema else "x"))


def test_a_schema_that_refers_to_itself_without_end() -> None:
    with pytest.raises(InvalidInputError, match="cannot be used"):
        list(schema_errors({"$ref": "#"}, "x"))


def test_a_pattern_that_takes_forever_is_stopped() -> None:
    with pytest.raises(InvalidInputError, match="cannot be used: TimeoutError"):
        list(schema_errors({"pattern": "^(a|aa)+$"}, "a" * 60 + "!"))
