"""The base of every model: frozen, and closed to unknown fields."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints


class Model(BaseModel):
    """A frozen pydantic model that forbids extra fields; field docstrings are their descriptions.

    Infinities and NaN are refused: they have no place in JSON, and no measurement gives them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$")]
"""An opaque identifier: letters, digits, `_`, `.` and `-`, at most 64."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
"""A name for people: not empty, at most 200 characters."""

Moment = AwareDatetime
"""A point in time with its time zone; the registry stores UTC."""
