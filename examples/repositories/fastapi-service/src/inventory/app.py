"""The HTTP interface."""

from collections.abc import Callable, Sequence

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from inventory.models import Item, Movement, RecordedMovement, Stock
from inventory.store import DuplicateItemError, Inventory, OutOfStockError, UnknownItemError

STATUS_CODES: dict[type[Exception], int] = {
    UnknownItemError: 404,
    DuplicateItemError: 409,
    OutOfStockError: 409,
}


def create_app(inventory: Inventory) -> FastAPI:
    """Build the application around a store."""
    app = FastAPI(title="Inventory")

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/items")
    def list_items(to_reorder: bool = False) -> Sequence[Stock]:
        return inventory.list(to_reorder=to_reorder)

    @app.post("/items", status_code=201)
    def add_item(item: Item) -> Stock:
        return inventory.add(item)

    @app.get("/items/{sku}")
    def show_item(sku: str) -> Stock:
        return inventory.get(sku)

    @app.post("/items/{sku}/movements", status_code=201)
    def move_item(sku: str, movement: Movement) -> Stock:
        return inventory.move(sku, movement)

    @app.get("/items/{sku}/movements")
    def list_movements(sku: str) -> Sequence[RecordedMovement]:
        return inventory.movements(sku)

    for error_type, status_code in STATUS_CODES.items():
        app.add_exception_handler(error_type, _answer_with(status_code))
    return app


def _answer_with(status_code: int) -> Callable[[Request, Exception], JSONResponse]:
    def answer(_request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=status_code)

    return answer
