from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from {{ cookiecutter.package }}.api import build_api
from {{ cookiecutter.package }}.health import Readiness
from {{ cookiecutter.package }}.notes import MemoryNoteStore

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def readiness() -> Readiness:
    return Readiness()


@pytest.fixture
def notes() -> MemoryNoteStore:
    return MemoryNoteStore(clock=lambda: NOW)


@pytest.fixture
def client(notes: MemoryNoteStore, readiness: Readiness) -> Iterator[TestClient]:
    api = build_api(notes, readiness)
    with TestClient(api, raise_server_exceptions=False) as client:
        yield client
