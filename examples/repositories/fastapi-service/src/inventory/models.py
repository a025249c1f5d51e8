"""What goes in and out over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

Sku = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{3,20}$")]


class Item(BaseModel):
    """A kind of thing that is kept in stock."""

    sku: Sku
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    reorder_at: int = Field(default=0, ge=0, description="Order more when so few are left.")


class Movement(BaseModel):
    """Pieces that came in (positive) or went out (negative)."""

    change: int
    reason: str = Field(min_length=1, max_length=200)


class RecordedMovement(Movement):
    """A movement that happened."""

    at: datetime


class Stock(Item):
    """An item with what is left of it."""

    on_hand: int
    reorder: bool
