"""The base of responses."""

from typing import Any, Self

from pydantic import ConfigDict

from shiftdown.model.base import Model


class Response(Model):
    """A document, or a part of one: made from what has attributes of the same names."""

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def _from(cls, source: object, **rest: Any) -> Self:
        """`rest`, and for the other fields the attributes of `source`."""
        names = cls.model_fields.keys() - rest.keys()
        return cls.model_validate({name: getattr(source, name) for name in names} | rest)
