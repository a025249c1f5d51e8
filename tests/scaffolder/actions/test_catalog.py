"""`catalog:*`: entities."""

from typing import Any

import pytest

from shiftdown.errors import ShiftdownError
from shiftdown.scaffolder.actions.catalog import fetch_entity, register_location, write_entity
from shiftdown.testing import run_action

TEAM = {"kind": "Group", "metadata": {"name": "Team-A", "namespace": "org"}}


@pytest.mark.parametrize("ref", ["group:org/team-a", "Group:Org/Team-A"])
def test_references_in_any_case(ref: str) -> None:
    assert run_action(fetch_entity, {"entityRef": ref}, entities=[TEAM]).output == {"entity": TEAM}


def test_default_kind_and_namespace() -> None:
    given = {"entityRef": "team-a", "defaultKind": "Group", "defaultNamespace": "org"}
    assert run_action(fetch_entity, given, entities=[TEAM]).output == {"entity": TEAM}


def test_optional() -> None:
    assert run_action(fetch_entity, {"optional": True}).output == {}
    assert run_action(fetch_entity, {"entityRef": "group:x", "optional": True}).output == {"entity": None}
    assert run_action(fetch_entity, {"entityRefs": []}).output == {"entities": []}


@pytest.mark.parametrize("given", [{}, {"entityRef": "group:x"}, {"entityRef": "x"}, {"entityRefs": ["group:x"]}])
def test_missing_entities(given: dict[str, Any]) -> None:
    with pytest.raises(ShiftdownError):
        run_action(fetch_entity, given)


def test_without_a_catalog_the_log_says_what_to_do() -> None:
    ran = run_action(register_location, {"catalogInfoUrl": "https://example.org/c.yaml"})
    assert ran.effects == []
    assert ran.log == ["No catalog is connected; register this file in yours: https://example.org/c.yaml"]


def test_registering_nothing() -> None:
    with pytest.raises(ShiftdownError, match="needs catalogInfoUrl or repoContentsUrl"):
        run_action(register_location, {})


def test_a_dry_run_does_not_register() -> None:
    ran = run_action(register_location, {"catalogInfoUrl": "https://example.org/c.yaml"}, dry_run=True)
    assert (ran.output, ran.log) == ({}, [])


def test_writing_keeps_other_annotations_and_the_order() -> None:
    entity = {"metadata": {"annotations": {"a": "b"}, "name": "x"}, "kind": "API", "spec": {"definition": "a\nb\n"}}
    ran = run_action(write_entity, {"filePath": "deep/c.yaml", "entity": entity})
    assert ran.files["deep/c.yaml"].decode() == (
        "metadata:\n  annotations:\n    a: b\n    backstage.io/source-template: template:default/example\n  name: x\n"
        "kind: API\nspec:\n  definition: |\n    a\n    b\n"
    )


@pytest.mark.parametrize("values", [{"entity": {"kind": "x"}}, {"entity": {"metadata": {}}, "filePath": "../x"}])
def test_entities_that_cannot_be_written(values: dict[str, Any]) -> None:
    with pytest.raises(ShiftdownError):
        run_action(write_entity, values)
