"""The base of every model: frozen, and closed to unknown fields."""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue, StringConstraints


class Model(BaseModel):
    """A frozen pydantic model that forbids extra fields.

    Infinities and NaN are refused: they have no place in JSON, and no measurement gives them. A model's validator is
    built when it is first used: a command uses few of the many models that it imports.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class DescribedModel(Model):
    """A model whose JSON Schema describes its fields, by their docstrings.

    For what people fill in, such as parameters: reading docstrings from source takes time at every start.
    """

    model_config = ConfigDict(use_attribute_docstrings=True)


Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]
"""An opaque identifier: letters, digits, `_`, `.` and `-`, at most 64."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
"""A name for people: not empty, at most 200 characters."""

Moment = AwareDatetime
"""A point in time with its time zone; the registry stores UTC."""

Parameters: TypeAlias = Mapping[str, JsonValue]
"""Values of parameters of one transformation type, by name."""

ParametersByType: TypeAlias = Mapping[str, Parameters]
"""Values of parameters by transformation type; types that nothing is said about are left out."""
