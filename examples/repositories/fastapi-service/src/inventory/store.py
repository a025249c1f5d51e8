"""Items and their movements, in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from inventory.models import Item, Movement, RecordedMovement, Stock


class UnknownItemError(LookupError):
    """There is no item with that number."""


class DuplicateItemError(ValueError):
    """There is an item with that number already."""


class OutOfStockError(ValueError):
    """More would go out than there is."""


@dataclass
class _Entry:
    item: Item
    movements: list[RecordedMovement] = field(default_factory=list)

    @property
    def on_hand(self) -> int:
        return sum(movement.change for movement in self.movements)


class Inventory:
    """All items. The count of an item is the sum of its movements."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._entries: dict[str, _Entry] = {}
        self._lock = Lock()

    def add(self, item: Item) -> Stock:
        with self._lock:
            if item.sku in self._entries:
                raise DuplicateItemError(f"item {item.sku} exists already")
            self._entries[item.sku] = _Entry(item)
            return self.get(item.sku)

    def get(self, sku: str) -> Stock:
        entry = self._entry(sku)
        on_hand = entry.on_hand
        reorder = on_hand <= entry.item.reorder_at
        return Stock(**entry.item.model_dump(), on_hand=on_hand, reorder=reorder)

    def list(self, *, to_reorder: bool = False) -> list[Stock]:
        stocks = [self.get(sku) for sku in sorted(self._entries)]
        return [stock for stock in stocks if stock.reorder or not to_reorder]

    def move(self, sku: str, movement: Movement) -> Stock:
        with self._lock:
            entry = self._entry(sku)
            if entry.on_hand + movement.change < 0:
                raise OutOfStockError(f"only {entry.on_hand} of {sku} left")
            entry.movements.append(RecordedMovement(**movement.model_dump(), at=self._clock()))
            return self.get(sku)

    def movements(self, sku: str) -> tuple[RecordedMovement, ...]:
        return tuple(self._entry(sku).movements)

    def _entry(self, sku: str) -> _Entry:
        try:
            return self._entries[sku]
        except KeyError:
            raise UnknownItemError(f"no item {sku}") from None
