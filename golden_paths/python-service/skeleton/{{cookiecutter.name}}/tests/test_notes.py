from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient


def add(client: TestClient, text: str) -> Any:
    answer = client.post("/notes", json={"text": text})
    assert answer.status_code == 201
    return answer.json()


def test_a_note_from_its_making_to_its_end(client: TestClient) -> None:
    made = client.post("/notes", json={"text": "  Buy milk "})
    note = made.json()
    assert made.status_code == 201
    assert note == {"text": "Buy milk", "id": note["id"], "created_at": "2026-03-01T09:00:00Z"}
    assert made.headers["location"] == f"/notes/{note['id']}"

    assert client.get(made.headers["location"]).json() == note
    assert client.delete(f"/notes/{note['id']}").status_code == 204
    assert client.get(f"/notes/{note['id']}").status_code == 404
    assert client.delete(f"/notes/{note['id']}").status_code == 404


def test_the_newest_come_first_as_many_as_wanted(client: TestClient) -> None:
    _, two, three = [add(client, text) for text in ("one", "two", "three")]
    assert client.get("/notes?limit=2").json() == [three, two]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        pytest.param({}, "body/text", id="no text"),
        pytest.param({"text": " "}, "body/text", id="an empty text"),
        pytest.param({"text": "x" * 1001}, "body/text", id="a text that is too long"),
        pytest.param({"text": "x", "colour": "red"}, "body/colour", id="an unknown field"),
    ],
)
def test_what_is_refused(client: TestClient, body: dict[str, str], pointer: str) -> None:
    answer = client.post("/notes", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("limit", ["0", "101", "many"])
def test_limits_that_are_refused(client: TestClient, limit: str) -> None:
    answer = client.get("/notes", params={"limit": limit})
    assert [error["pointer"] for error in answer.json()["errors"]] == ["query/limit"]


def test_an_unknown_note_is_named(client: TestClient) -> None:
    unknown = uuid4()
    assert client.get(f"/notes/{unknown}").json()["detail"] == f"There is no note {unknown}."
