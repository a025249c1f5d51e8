"""What people give, checked against the form; and the form's own defaults."""

from typing import Any

import pytest

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.parameters import ParametersError, check_parameters, check_secrets, with_defaults
from shiftdown.scaffolder.template import Template


def _template(parameters: Any, secrets: dict[str, Any] | None = None) -> Template:
    spec: dict[str, Any] = {"type": "service", "steps": [], "parameters": parameters}
    if secrets:
        spec["secrets"] = {"schema": secrets}
    document = {"apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"}}
    return Template.model_validate({**document, "spec": spec})


PAGES = [
    {"required": ["name"], "properties": {"name": {"type": "string", "maxLength": 5}}},
    {"properties": {"port": {"type": "integer"}}},
]


def test_every_page_counts() -> None:
    with pytest.raises(ParametersError) as caught:
        check_parameters(_template(PAGES), {"name": "much too long", "port": "80"})
    assert caught.value.problems == ("name: 'much too long' is too long", "port: '80' is not of type integer")
    assert caught.value.exit_code == 2


def test_what_fits() -> None:
    check_parameters(_template(PAGES), {"name": "shop", "port": 80, "more": True})


def test_one_page_without_a_list() -> None:
    with pytest.raises(ParametersError, match="'name' is required"):
        check_parameters(_template(PAGES[0]), {})


def test_a_template_without_parameters() -> None:
    document = _template([]).model_dump(by_alias=True, exclude_unset=True)
    del document["spec"]["parameters"]
    check_parameters(Template.model_validate(document), {"any": 1})


def test_a_broken_schema_is_the_templates_fault() -> None:
    with pytest.raises(InvalidInputError, match="the schema is broken"):
        check_parameters(_template({"properties": {"a": None}}), {})


SECRETS = {"required": ["token"], "properties": {"token": {"type": "string", "minLength": 20, "pattern": "^ghp_"}}}


def test_secrets_are_checked_and_never_shown() -> None:
    with pytest.raises(ParametersError) as caught:
        check_secrets(_template([], SECRETS), {"token": "hunter2"})
    assert "hunter2" not in str(caught.value)
    assert caught.value.problems == ("token: does not satisfy `minLength`", "token: does not satisfy `pattern`")


def test_a_missing_secret_is_named() -> None:
    with pytest.raises(ParametersError, match="'token' is required"):
        check_secrets(_template([], SECRETS), {})


def test_secrets_that_fit_and_templates_that_ask_for_none() -> None:
    check_secrets(_template([], SECRETS), {"token": "ghp_" + "x" * 30})
    check_secrets(_template([]), {"any": "thing"})


FORM = {
    "properties": {
        "name": {"type": "string"},
        "size": {"type": "string", "default": "small"},
        "database": {"type": "boolean", "default": True},
        "nested": {"type": "object", "properties": {"deep": {"default": 1}}},
    },
    "dependencies": {
        "database": {
            "oneOf": [
                {"properties": {"database": {"enum": [True]}, "engine": {"default": "postgres"}}},
                {"properties": {"database": {"enum": [False]}, "reason": {"default": "none"}}},
            ]
        }
    },
    "allOf": [
        {
            "if": {"properties": {"size": {"const": "large"}}},
            "then": {"properties": {"replicas": {"default": 3}}},
            "else": {"properties": {"replicas": {"default": 1}}},
        }
    ],
}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"size": "small", "database": True, "engine": "postgres", "replicas": 1}),
        ({"size": "large"}, {"size": "large", "database": True, "engine": "postgres", "replicas": 3}),
        ({"database": False}, {"size": "small", "database": False, "reason": "none", "replicas": 1}),
        (
            {"nested": {}, "engine": "mysql"},
            {"nested": {"deep": 1}, "engine": "mysql", "size": "small", "database": True, "replicas": 1},
        ),
    ],
)
def test_defaults(given: dict[str, Any], expected: dict[str, Any]) -> None:
    before = repr(given)
    assert with_defaults(_template([FORM]), given) == expected
    assert repr(given) == before
