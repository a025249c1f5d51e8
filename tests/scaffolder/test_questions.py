"""Parameters as questions: which apply, and what an answer in text means."""

from typing import Any

import pytest

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.origin import remembered
from shiftdown.scaffolder.questions import Question, questions, typed
from shiftdown.scaffolder.template import Template

FORM = {
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "kind": {"type": "string", "enum": ["web", "batch"]},
        "password": {"type": "string", "ui:field": "Secret"},
        "server": {"type": "object", "properties": {"key": {"writeOnly": True}, "size": {"type": "integer"}}},
    },
    "dependencies": {
        "server": ["kind"],
        "kind": {
            "oneOf": [
                {"properties": {"kind": {"enum": ["web"]}, "host": {"type": "string"}}, "required": ["host"]},
                {"properties": {"kind": {"enum": ["batch"]}, "cron": {"type": "string"}}, "required": ["cron"]},
            ]
        },
    },
    "if": {"properties": {"name": {"const": "big"}}, "required": ["name"]},
    "then": {"properties": {"why": {"type": "string", "format": "password"}}, "required": ["why"]},
}


def template(form: Any) -> Template:
    return Template.model_validate(
        {
            "apiVersion": "scaffolder.backstage.io/v1beta3",
            "kind": "Template",
            "metadata": {"name": "x"},
            "spec": {"type": "service", "parameters": form, "steps": []},
        }
    )


@pytest.mark.parametrize(
    ("values", "required"),
    [
        ({}, ["name"]),
        ({"kind": "web"}, ["name", "host"]),
        ({"kind": "batch"}, ["name", "cron"]),
        ({"server": {}}, ["name", "kind"]),
        ({"name": "big"}, ["name", "why"]),
    ],
)
def test_what_applies_depends_on_the_values(values: dict[str, Any], required: list[str]) -> None:
    assert [q.name for q in questions(template(FORM), values) if q.required] == required


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "string"}, "1.10", "1.10"),
        ({"type": "string"}, "yes", "yes"),
        ({}, "true", "true"),
        ({"type": "integer"}, "8080", 8080),
        ({"type": "number"}, "1.5", 1.5),
        ({"type": "boolean"}, "Yes", True),
        ({"type": "boolean"}, "false", False),
        ({"enum": [1, True, "x"]}, "1", 1),
        ({"enum": [1, True, "x"]}, "true", True),
        ({"type": "array", "items": {"type": "integer"}}, "1, 2", [1, 2]),
        ({"type": "array", "items": {"type": "string"}}, "[a, 'b, c']", ["a", "b, c"]),
        ({"type": "array"}, "", []),
        ({"type": "object"}, "{a: 1}", {"a": 1}),
        ({"type": ["string", "null"]}, "null", "null"),
    ],
)
def test_what_a_text_means(schema: dict[str, Any], text: str, value: Any) -> None:
    answer = Question("q", schema, required=True).answer(text)
    assert (answer, type(answer)) == (value, type(value))


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "integer"}, "many"),
        ({"type": "boolean"}, "perhaps"),
        ({"enum": ["a"]}, "b"),
        ({"type": "array", "items": {"type": "integer"}}, "1,x"),
        ({"type": "object"}, "{"),
        ({"type": "string", "pattern": "^a$"}, "b"),
    ],
)
def test_a_text_that_means_nothing(schema: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^q: "):
        Question("q", schema, required=True).answer(text)


HOSTILE = "^(a|aa)+$"
"""A pattern that takes for ever on `aaa…!` where nobody stops it."""
NAMED = "^(?<first>[a-z])[a-z]*$"
"""JavaScript's form of a named group."""


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": HOSTILE},
        {"type": "object", "patternProperties": {HOSTILE: {}}},
        {"type": "object", "patternProperties": {HOSTILE: {}}, "additionalProperties": False},
        {"type": "object", "propertyNames": {"pattern": HOSTILE}},
    ],
)
def test_a_pattern_that_takes_for_ever_ends_at_the_limit(schema: dict[str, Any]) -> None:
    text = "a" * 60 + "!"
    with pytest.raises(InvalidInputError, match=r"^q: the schema cannot be used: TimeoutError: the pattern '.*' takes"):
        Question("q", schema, required=True).answer(text if schema["type"] == "string" else f'{{"{text}": 1}}')


def test_a_pattern_that_is_slow_elsewhere_is_answered() -> None:
    with pytest.raises(InvalidInputError, match="does not match"):
        Question("q", {"type": "string", "pattern": "^(a+)+$"}, required=True).answer("a" * 35 + "!")


@pytest.mark.parametrize("part", ["if", "dependencies"])
def test_a_pattern_in_a_condition_ends_at_the_limit(part: str) -> None:
    properties = {"properties": {"name": {"pattern": HOSTILE}}}
    form = {"if": properties} if part == "if" else {"dependencies": {"name": {"oneOf": [properties]}}}
    with pytest.raises(InvalidInputError, match="TimeoutError"):
        questions(template(form), {"name": "a" * 60 + "!"})


def test_patterns_are_those_of_javascript() -> None:
    question = Question("q", {"type": "string", "pattern": NAMED}, required=True)
    assert question.answer("abc") == "abc"
    with pytest.raises(InvalidInputError, match="does not match"):
        question.answer("abc1")
    with pytest.raises(InvalidInputError, match="does not match"):
        question.answer("abc\n")
    members = Question("q", {"type": "object", "patternProperties": {NAMED: {"type": "integer"}}}, required=True)
    assert members.answer("{ab: 1, A: x}") == {"ab": 1, "A": "x"}
    with pytest.raises(InvalidInputError, match="is not of type"):
        members.answer("{ab: x}")


def test_texts_are_read_by_the_parts_that_they_open() -> None:
    form = {
        "properties": {"deep": {"type": "boolean"}},
        "dependencies": {"deep": {"oneOf": [{"properties": {"deep": {"enum": [True]}, "depth": {"type": "integer"}}}]}},
    }
    assert typed(template(form), {}, {"depth": "3", "deep": "yes"}) == {"depth": 3, "deep": True}
    assert typed(template(form), {}, {"depth": "3", "deep": "no"}) == {"depth": "3", "deep": False}


def test_secrets_are_not_remembered_wherever_they_are() -> None:
    values = {"name": "big", "password": "p", "why": "w", "server": {"key": "k", "size": 1}, "other": 1}
    assert remembered(template(FORM), values) == {"name": "big", "server": {"size": 1}, "other": 1}
