"""Validate and transform: rows become orders or rejections, orders become sales."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pydantic import ValidationError

from {{ cookiecutter.package }}.contract import Order, Status
from {{ cookiecutter.package }}.extract import RawRow


@dataclass(frozen=True)
class Rejection:
    """A row that breaks the contract."""

    source: str
    line: int
    text: str
    reason: str
    """What is wrong with it, every problem."""


@dataclass(frozen=True)
class Sale:
    """What is kept of an order."""

    order_id: str
    customer_id: str
    day: date
    """The day it was ordered, in UTC."""
    currency: str
    cents: int
    """What it is worth, in hundredths of the currency; 0 when it was cancelled."""
    status: Status
    updated_at: datetime
    """When this version was made, in UTC."""


def validate(row: RawRow) -> Order | Rejection:
    """The order that a row is, or why it is none."""
    if row.data is None:
        return Rejection(row.source, row.line, row.text, row.problem)
    try:
        return Order.model_validate(row.data)
    except ValidationError as error:
        problems = (
            f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in error.errors(include_url=False)
        )
        return Rejection(row.source, row.line, row.text, "; ".join(problems))


def transform(order: Order) -> Sale:
    """The sale that an order stands for."""
    worth = Decimal(0) if order.status is Status.CANCELLED else order.quantity * order.unit_price
    return Sale(
        order_id=order.order_id,
        customer_id=order.customer_id,
        day=order.ordered_at.date(),
        currency=order.currency,
        cents=int(worth * 100),
        status=order.status,
        updated_at=order.updated_at,
    )
