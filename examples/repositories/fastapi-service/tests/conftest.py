from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from inventory.app import create_app
from inventory.store import Inventory


@pytest.fixture
def inventory() -> Inventory:
    minutes = iter(range(1000))
    start = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
    return Inventory(clock=lambda: start + timedelta(minutes=next(minutes)))


@pytest.fixture
def client(inventory: Inventory) -> Iterator[TestClient]:
    with TestClient(create_app(inventory)) as client:
        yield client
