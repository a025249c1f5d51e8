"""The parameters of checks and transformations: a pydantic model, read from the annotation of a function."""

import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pydantic import BaseModel, JsonValue, Secret, SecretBytes, SecretStr, ValidationError

from shiftdown.errors import InvalidInputError, PluginError
from shiftdown.model.base import Model


class NoParameters(Model):
    """The parameters of a function that has none."""


def parameters_of(owner: str, function: Callable[..., object]) -> type[BaseModel]:
    """The model of the parameters of `function(repo)` or `function(repo, params)`; `owner` names it in errors.

    Raises:
        PluginError: the function has another form; a parameter is a secret, though parameters are recorded and shown;
            or it has an alias, though people give and see it by one name.
    """
    names = list(inspect.signature(function).parameters)
    if not 1 <= len(names) <= 2:
        raise PluginError(f"{owner}: the function takes a snapshot and, if it has parameters, their model")
    if len(names) == 1:
        return NoParameters
    model = typing.get_type_hints(function).get(names[1])
    if not (inspect.isclass(model) and issubclass(model, BaseModel)):
        raise PluginError(f"{owner}: annotate {names[1]!r} with a pydantic model")
    model.model_rebuild()  # what is defined further down in its module is known by now
    secret = next((name for name, field in model.model_fields.items() if _is_secret(field.annotation)), None)
    if secret:
        raise PluginError(
            f"{owner}: the parameter {secret!r} is a secret, and parameters are recorded and shown: "
            "name what a person must create in ChangeSet.secrets instead"
        )
    alias = next((name for name, field in model.model_fields.items() if field.alias or field.validation_alias), None)
    if alias:
        raise PluginError(f"{owner}: the parameter {alias!r} has an alias: give it one name")
    return model


def _is_secret(annotation: object, above: frozenset[type] = frozenset()) -> bool:
    """Whether values of this type are, or hold, something that must not be shown."""
    kind = typing.get_origin(annotation) or annotation
    if inspect.isclass(kind) and issubclass(kind, SecretStr | SecretBytes | Secret):
        return True
    if inspect.isclass(kind) and issubclass(kind, BaseModel) and kind not in above:
        inside = [field.annotation for field in kind.model_fields.values()]
        if any(_is_secret(part, above | {kind}) for part in inside):
            return True
    return any(_is_secret(part, above) for part in typing.get_args(annotation))


def parse_parameters(owner: str, model: type[BaseModel], values: Mapping[str, Any]) -> BaseModel:
    """The parameters that `values` give; text is converted to the type that a field has.

    Raises:
        InvalidInputError: names each parameter that is wrong, and what was expected.
    """
    _refuse_unknown(owner, model, values)
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        raise _wrong(owner, model, error) from error


def parse_some_parameters(owner: str, model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, JsonValue]:
    """Some of the parameters, as JSON, when others without a default are still to be given.

    Raises:
        InvalidInputError: names each parameter that is wrong, and what was expected.
    """
    _refuse_unknown(owner, model, values)
    try:
        parsed = parameter_values(model.model_validate(dict(values)))
    except ValidationError as error:
        if any(e["type"] != "missing" or len(e["loc"]) > 1 for e in error.errors()):
            raise _wrong(owner, model, error) from error
        return dict(values)
    return {name: parsed[name] for name in values}


def parameter_values(parameters: BaseModel, *, defaults: bool = True) -> dict[str, JsonValue]:
    """Parameters as JSON that `parse_parameters` takes again; without `defaults` only what differs from them."""
    return parameters.model_dump(mode="json", by_alias=True, round_trip=True, exclude_defaults=not defaults)


def _refuse_unknown(owner: str, model: type[BaseModel], values: Iterable[str]) -> None:
    if unknown := [name for name in values if name not in model.model_fields]:
        raise InvalidInputError(f"{owner}: {', '.join(unknown)}: there is no such parameter {_known(model)}")


def _wrong(owner: str, model: type[BaseModel], error: ValidationError) -> InvalidInputError:
    problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'parameters'}: {e['msg']}" for e in error.errors())
    return InvalidInputError(f"{owner}: {problems} {_known(model)}")


def _known(model: type[BaseModel]) -> str:
    return f"(parameters: {', '.join(model.model_fields) or 'none'})"
