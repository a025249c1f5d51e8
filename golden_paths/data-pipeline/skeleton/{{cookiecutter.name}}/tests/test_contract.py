"""The contract for people and the model that checks the rows say the same."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from {{ cookiecutter.package }}.contract import Order
from {{ cookiecutter.package }}.extract import RawRow
from {{ cookiecutter.package }}.transform import Rejection, validate

from .conftest import order

CONTRACT = Path(__file__).parents[1] / "contracts" / "orders.odcs.yaml"
TYPES = {"string": "string", "date": "string", "integer": "integer", "number": "number"}


def properties() -> list[dict[str, Any]]:
    """The columns as the contract lists them."""
    (table,) = yaml.safe_load(CONTRACT.read_text("utf-8"))["schema"]
    return list(table["properties"])


def rejection_of(**changes: Any) -> str:
    """Why a row is refused."""
    checked = validate(RawRow("a.csv", 1, "", order(**changes)))
    assert isinstance(checked, Rejection)
    return checked.reason


def test_it_has_the_columns_of_the_model() -> None:
    assert [p["name"] for p in properties()] == list(Order.model_fields)


@pytest.mark.parametrize("column", [p["name"] for p in properties()])
def test_it_demands_what_the_model_demands(column: str) -> None:
    listed = next(p for p in properties() if p["name"] == column)
    assert listed["required"] == Order.model_fields[column].is_required()
    schema = Order.model_json_schema()
    mine = schema["properties"][column]
    mine = schema["$defs"][mine["$ref"].rpartition("/")[2]] if "$ref" in mine else mine
    accepted = {m["type"] for m in mine.get("anyOf", [mine])}
    assert TYPES[listed["logicalType"]] in accepted
    options = listed.get("logicalTypeOptions", {})
    for bound in ("minimum", "maximum"):
        given = [m[bound] for m in mine.get("anyOf", [mine]) if bound in m]
        assert given == [options[bound]] if bound in options else not given
    if "enum" in mine:
        assert options["pattern"] == f"^({'|'.join(mine['enum'])})$"
    elif "pattern" in options:
        assert options["pattern"] == mine["pattern"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"order_id": " "}, "order_id: String should have at least 1 character"),
        ({"updated_at": "2026-03-01T08:00:00"}, "updated_at: Input should have timezone info"),
        ({"ordered_at": "0001-01-01T00:00:00+01:00"}, "ordered_at: Value error, there is no such"),
        ({"status": "lost"}, "status: Input should be 'placed', 'shipped' or 'cancelled'"),
        ({"currency": "euro"}, "currency: String should match pattern"),
        ({"quantity": "0"}, "quantity: Input should be greater than or equal to 1"),
        ({"quantity": None}, "quantity: Input should be a valid integer"),
        ({"unit_price": "1.005"}, "unit_price: Decimal input should have no more than 2 decimal"),
        ({"unit_price": "-1"}, "unit_price: Input should be greater than or equal to 0"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
    ],
)
def test_a_row_that_breaks_it_is_told_why(changes: dict[str, Any], reason: str) -> None:
    assert reason in rejection_of(**changes)


def test_every_problem_of_a_row_is_named() -> None:
    assert rejection_of(quantity=0, currency="€").count("; ") == 1
