import pytest

from inventory.models import Item, Movement
from inventory.store import DuplicateItemError, Inventory, OutOfStockError, UnknownItemError

TEA = Item(sku="TEA-1", name="Green tea", reorder_at=5)


def test_count_is_the_sum_of_movements(inventory: Inventory) -> None:
    inventory.add(TEA)
    inventory.move("TEA-1", Movement(change=10, reason="delivery"))
    assert inventory.move("TEA-1", Movement(change=-4, reason="order 7")).on_hand == 6


def test_no_more_goes_out_than_there_is(inventory: Inventory) -> None:
    inventory.add(TEA)
    inventory.move("TEA-1", Movement(change=3, reason="delivery"))
    with pytest.raises(OutOfStockError, match="only 3 of TEA-1 left"):
        inventory.move("TEA-1", Movement(change=-4, reason="order 7"))
    assert inventory.get("TEA-1").on_hand == 3


@pytest.mark.parametrize(("on_hand", "reorder"), [(4, True), (5, True), (6, False)])
def test_reorder(inventory: Inventory, on_hand: int, reorder: bool) -> None:
    inventory.add(TEA)
    assert inventory.move("TEA-1", Movement(change=on_hand, reason="count")).reorder is reorder


def test_an_item_exists_once(inventory: Inventory) -> None:
    inventory.add(TEA)
    with pytest.raises(DuplicateItemError):
        inventory.add(TEA)


def test_unknown_item(inventory: Inventory) -> None:
    with pytest.raises(UnknownItemError, match="no item NOPE"):
        inventory.get("NOPE")
