"""Parameters and secrets: values that people give, and the JSON Schemas that they must satisfy."""

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import ValidationError

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.json_schema import fits, schema_errors
from shiftdown.scaffolder.template import Template


class ParametersError(InvalidInputError):
    """Values that a template does not accept."""

    def __init__(self, what: str, problems: tuple[str, ...]) -> None:
        self.problems = problems
        """One text for each wrong value: its path and what was expected."""
        super().__init__(f"the {what} do not fit the template: " + "; ".join(problems))


def check_parameters(template: Template, values: Mapping[str, Any]) -> None:
    """Validate values against every page of a template's form, by JSON Schema draft 7.

    Raises:
        ParametersError: names each value that is wrong.
    """
    problems = [p for page in template.pages for p in _problems(page, values)]
    if problems:
        raise ParametersError("parameters", tuple(dict.fromkeys(problems)))


def check_secrets(template: Template, secrets: Mapping[str, str]) -> None:
    """Validate secrets against the template's `secrets.schema`. Values never appear in the error.

    Raises:
        ParametersError: names each secret that is missing or wrong.
    """
    schema = template.spec.secrets.definition if template.spec.secrets else None
    if schema is None:
        return
    problems = tuple(_secret_problem(error) for error in schema_errors(schema, dict(secrets)))
    if problems:
        raise ParametersError("secrets", problems)


def with_defaults(template: Template, values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with the defaults of the form for what is not given, as the form itself would fill it in.

    Those of `dependencies` and `oneOf` branches count when the branch applies to the values.
    """
    result = dict(values)
    for page in template.pages:
        _fill(page, result)
    return result


def _fill(schema: Mapping[str, Any], values: dict[str, Any]) -> None:
    for name, part in _mapping(schema.get("properties")).items():
        if not isinstance(part, Mapping):
            continue
        if name not in values and "default" in part:
            values[name] = part["default"]
        if isinstance(values.get(name), Mapping):
            values[name] = dict(values[name])
            _fill(part, values[name])
    for name, dependent in _mapping(schema.get("dependencies")).items():
        if name in values and isinstance(dependent, Mapping):
            _fill(dependent, values)
            _fill_branch(dependent.get("oneOf"), values)
    for part in _list(schema.get("allOf")):
        _fill_condition(part, values)
    _fill_condition(schema, values)


def _fill_branch(branches: Any, values: dict[str, Any]) -> None:
    for branch in _list(branches):
        given = {n: p for n, p in _mapping(branch.get("properties")).items() if n in values}
        if given and fits({"properties": given}, values):
            _fill(branch, values)


def _fill_condition(schema: Any, values: dict[str, Any]) -> None:
    if isinstance(schema, Mapping) and isinstance(schema.get("if"), Mapping):
        branch = schema.get("then" if fits(schema["if"], values) else "else")
        if isinstance(branch, Mapping):
            _fill(branch, values)


def _problems(schema: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[str]:
    for error in schema_errors(schema, dict(values)):
        path = ".".join(map(str, error.absolute_path))
        yield f"{path}: {error.message}" if path else error.message


def _secret_problem(error: ValidationError) -> str:
    if error.validator == "required":
        return error.message
    return f"{'.'.join(map(str, error.absolute_path)) or 'secrets'}: does not satisfy `{error.validator}`"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, Mapping)] if isinstance(value, list) else []
