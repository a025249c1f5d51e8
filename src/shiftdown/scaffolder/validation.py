"""What can be told to be wrong with a template before it runs."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from shiftdown.scaffolder.action import Action
from shiftdown.scaffolder.expressions import Expressions, TemplateRenderError
from shiftdown.scaffolder.json_schema import definition_errors
from shiftdown.scaffolder.template import NAME, Step, Template
from shiftdown.scaffolder.work import action_hint

Path = tuple[str | int, ...]
"""Where in the template's document."""


def problems(template: Template, actions: Mapping[str, Action], engine: Expressions) -> Iterator[tuple[Path, str]]:
    """What is wrong with a template that was read: the place, and what was expected.

    Schemas must be JSON Schema draft 7, expressions must parse, actions must be installed, and step inputs must fit
    their actions as far as that can be told without their expressions' values.
    """
    yield from _names(template)
    yield from _schemas(template)
    for index, step in enumerate(template.spec.steps):
        place: Path = ("spec", "steps", index)
        if step.action in actions:
            yield from _input(step, actions[step.action], (*place, "input"))
        else:
            yield (
                (*place, "action"),
                f"there is no action {step.action!r} installed; {action_hint(step.action, actions)}",
            )
        for key, value in (("if", step.condition), ("each", step.each), ("input", step.input)):
            yield from _expressions(value, engine, (*place, key))
    yield from _expressions(template.output, engine, ("spec", "output"))


def _names(template: Template) -> Iterator[tuple[Path, str]]:
    """What runs, but no catalog takes, or no expression can tell apart."""
    if not NAME.fullmatch(template.metadata.name):
        problem = "expected at most 63 letters, digits and `-_.`, the first and last a letter or digit"
        yield ("metadata", "name"), f"{problem}; found {template.metadata.name!r}"
    seen: set[str] = set()
    for index, step in enumerate(template.spec.steps):
        if step.id in seen:
            yield ("spec", "steps", index, "id"), f"step id {step.id!r} is used twice; give each its own"
        seen |= {step.id} if step.id else set()


def _schemas(template: Template) -> Iterator[tuple[Path, str]]:
    parameters = template.spec.parameters
    pages = parameters if isinstance(parameters, list) else [] if parameters is None else [parameters]
    for index, page in enumerate(pages):
        place: Path = ("spec", "parameters", index) if isinstance(parameters, list) else ("spec", "parameters")
        yield from _schema(page, place)
    if template.spec.secrets and template.spec.secrets.definition is not None:
        yield from _schema(template.spec.secrets.definition, ("spec", "secrets", "schema"))


def _schema(schema: Mapping[str, Any], place: Path) -> Iterator[tuple[Path, str]]:
    error = next(definition_errors(_without_flags(schema)), None)
    if error is not None:
        yield (*place, *error.absolute_path), f"is not valid JSON Schema (draft 7): {error.message}"


def _without_flags(schema: Any) -> Any:
    """The schema without `required: true` at a property, which forms take and draft 7 does not."""
    if isinstance(schema, Mapping):
        return {
            key: _without_flags(value)
            for key, value in schema.items()
            if not (key == "required" and isinstance(value, bool))
        }
    return [_without_flags(item) for item in schema] if isinstance(schema, list) else schema


def _input(step: Step, action: Action, place: Path) -> Iterator[tuple[Path, str]]:
    given = dict(step.input or {})
    try:
        action.input.model_validate(given)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            path = tuple(problem["loc"])
            if problem["type"] == "extra_forbidden" or not _is_open(given, path):
                yield (*place, *path), f"{problem['msg']} (input of {action.id})"


def _is_open(value: Any, path: Path) -> bool:
    """Whether what is at a path, or holds it, is known only when its expression has a value."""
    for part in path:
        if isinstance(value, str):
            break
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
    return _has_expression(value)


def _has_expression(value: Any) -> bool:
    if isinstance(value, str):
        return "${{" in value
    if isinstance(value, Mapping):
        return any(_has_expression(v) for v in value.values())
    return isinstance(value, list) and any(map(_has_expression, value))


def _expressions(value: Any, engine: Expressions, place: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        try:
            engine.check(value)
        except TemplateRenderError as error:
            yield place, f"{error.problem} (in {value!r})"
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _expressions(item, engine, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _expressions(item, engine, (*place, index))
