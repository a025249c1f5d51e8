import pytest
from fastapi.testclient import TestClient

from {{ cookiecutter.package }}.notes import MemoryNoteStore


def test_nothing_at_a_path(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Not Found",
    }


def test_the_wrong_method_names_the_right_one(client: TestClient) -> None:
    answer = client.put("/healthz")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_a_body_that_is_no_json(client: TestClient) -> None:
    headers = {"content-type": "application/json"}
    answer = client.post("/notes", content='{"text": ', headers=headers)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.status_code == 422


def test_what_fails_inside_stays_inside(
    client: TestClient, notes: MemoryNoteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def newest(_limit: int) -> None:
        raise RuntimeError("the password is wrong")

    monkeypatch.setattr(notes, "newest", newest)
    answer = client.get("/notes")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "password" not in answer.text


def test_the_document_says_how_problems_look(client: TestClient) -> None:
    responses = client.get("/openapi.json").json()["paths"]["/notes"]["post"]["responses"]
    assert set(responses) == {"201", "4XX"}
    assert list(responses["4XX"]["content"]) == ["application/problem+json"]
