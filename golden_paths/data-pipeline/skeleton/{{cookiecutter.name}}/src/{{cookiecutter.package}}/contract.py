"""What a row of the source must be: `contracts/orders.odcs.yaml`, which the tests compare."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
)


def _utc(when: datetime) -> datetime:
    try:
        return when.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("there is no such time in UTC") from error


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A point in time; whatever its offset, it becomes UTC."""
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Status(StrEnum):
    """What became of an order."""

    PLACED = "placed"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class Order(BaseModel):
    """One version of an order."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    order_id: Id
    customer_id: Id
    ordered_at: Instant
    updated_at: Instant
    status: Status
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]
    unit_price: Annotated[Decimal, Field(ge=0, decimal_places=2, max_digits=12)]
