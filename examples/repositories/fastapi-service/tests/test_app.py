import pytest
from fastapi.testclient import TestClient

TEA = {"sku": "TEA-1", "name": "Green tea", "reorder_at": 5}


def test_health(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}


def test_an_item_from_delivery_to_order(client: TestClient) -> None:
    assert client.post("/items", json=TEA).json() == {**TEA, "on_hand": 0, "reorder": True}
    answer = client.post("/items/TEA-1/movements", json={"change": 10, "reason": "delivery"})
    assert answer.status_code == 201
    assert client.get("/items/TEA-1").json() == {**TEA, "on_hand": 10, "reorder": False}
    assert client.get("/items/TEA-1/movements").json() == [
        {"change": 10, "reason": "delivery", "at": "2025-03-01T09:00:00Z"}
    ]


def test_what_to_reorder(client: TestClient) -> None:
    client.post("/items", json=TEA)
    client.post("/items", json={"sku": "CUP-9", "name": "Cup"})
    client.post("/items/CUP-9/movements", json={"change": 1, "reason": "delivery"})
    assert [item["sku"] for item in client.get("/items").json()] == ["CUP-9", "TEA-1"]
    assert [item["sku"] for item in client.get("/items?to_reorder=true").json()] == ["TEA-1"]


@pytest.mark.parametrize(
    ("path", "body", "status_code", "detail"),
    [
        ("/items", TEA, 409, "item TEA-1 exists already"),
        ("/items/TEA-1/movements", {"change": -1, "reason": "order"}, 409, "only 0 of TEA-1 left"),
        ("/items/NOPE/movements", {"change": 1, "reason": "order"}, 404, "no item NOPE"),
    ],
)
def test_refusals(
    client: TestClient, path: str, body: dict[str, object], status_code: int, detail: str
) -> None:
    client.post("/items", json=TEA)
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.json()) == (status_code, {"detail": detail})


def test_invalid_input_names_the_field(client: TestClient) -> None:
    answer = client.post("/items", json={"sku": "no spaces", "name": "x"})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "sku"]
