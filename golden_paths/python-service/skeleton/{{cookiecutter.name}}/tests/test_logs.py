import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from {{ cookiecutter.package }}.logs import configure_logging
from {{ cookiecutter.package }}.settings import LogLevel

PACKAGE = "{{ cookiecutter.package }}."


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    """What the service itself has logged."""
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in found if line["logger"].startswith(PACKAGE)]


def test_a_line_for_each_request_by_the_level_of_its_answer(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(LogLevel.INFO)
    client.get("/notes", headers={"Authorization": "Bearer secret"})
    client.get("/nowhere")
    lines = logged(capsys)
    assert [(line["level"], line["path"], line["status"]) for line in lines] == [
        ("INFO", "/notes", 200),
        ("WARNING", "/nowhere", 404),
    ]
    assert {line["service"] for line in lines} == {"{{ cookiecutter.name }}"}
    assert "secret" not in json.dumps(lines)


def test_no_line_for_health_checks(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(LogLevel.INFO)
    client.get("/healthz")
    client.get("/readyz")
    assert logged(capsys) == []


def test_requests_keep_their_id_and_get_one_if_they_have_none(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(LogLevel.INFO)
    kept = client.get("/notes", headers={"X-Request-Id": "abc-1"})
    given = client.get("/notes", headers={"X-Request-Id": "not an id"})
    assert kept.headers["x-request-id"] == "abc-1"
    assert len(given.headers["x-request-id"]) == 36
    ids = [line["request_id"] for line in logged(capsys)]
    assert ids == ["abc-1", given.headers["x-request-id"]]
