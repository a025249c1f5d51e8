"""How long something takes: a range, since an estimate is one."""

import calendar
import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from shiftdown.model.base import Model

_TEXT = re.compile(r"^([1-9][0-9]{0,3})(?:-([1-9][0-9]{0,3}))? (day|week|month)s?$")


class DurationUnit(StrEnum):
    """What a duration is counted in."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    """Calendar months."""


_MOST = {DurationUnit.DAYS: 3650, DurationUnit.WEEKS: 520, DurationUnit.MONTHS: 120}
"""Ten years."""


class DurationRange(Model):
    """At least and at most so many days, weeks or months."""

    min: int = Field(ge=1)
    """At least so many units."""
    max: int = Field(ge=1)
    """At most so many units: ten years at the utmost."""
    unit: DurationUnit
    """What is counted."""

    @model_validator(mode="after")
    def _is_a_range(self) -> "DurationRange":
        if self.max < self.min:
            raise ValueError(f"{self.min}-{self.max} is not a range: the larger number comes last")
        if self.max > _MOST[self.unit]:
            raise ValueError("is longer than ten years")
        return self

    def __str__(self) -> str:
        """As it is written in a playbook."""
        number = str(self.min) if self.min == self.max else f"{self.min}-{self.max}"
        return f"{number} {self.unit.value.removesuffix('s') if self.max == 1 else self.unit.value}"

    def after(self, start: datetime, *, at_most: bool) -> datetime:
        """The moment by which it is over, when it takes its most or (`at_most=False`) its least.

        A month ends on the same day of a later month, or on that month's last day if it has no such day.
        """
        number = self.max if at_most else self.min
        if self.unit is not DurationUnit.MONTHS:
            return start + timedelta(**{self.unit.value: number})
        years, month = divmod(start.month - 1 + number, 12)
        year = start.year + years
        day = min(start.day, calendar.monthrange(year, month + 1)[1])
        return start.replace(year=year, month=month + 1, day=day)


def parse_duration(text: object) -> object:
    """A duration from `"2-3 weeks"` or `"1 month"`; what is not text is left as it is.

    Raises:
        ValueError: the text is of another form.
    """
    if not isinstance(text, str):
        return text
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration: write it as '2-3 weeks', '1 month' or '10 days'")
    least, most, unit = match.groups()
    return DurationRange(min=int(least), max=int(most or least), unit=DurationUnit(f"{unit}s"))


Duration = Annotated[
    DurationRange,
    BeforeValidator(parse_duration),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": _TEXT.pattern, "examples": ["2-3 weeks", "1 month", "10 days"]}),
]
"""A duration as a playbook has it: text such as `2-3 weeks`."""
