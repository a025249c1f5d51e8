"""Inboxes, databases and rows for the tests."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

DATA = Path(__file__).with_name("data")


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """The command line configures the log for its process: undo that after each test."""
    yield
    structlog.reset_defaults()


@dataclass(frozen=True)
class Place:
    """An inbox and a database of a test's own."""

    inbox: Path
    database: Path

    def put(self, name: str, *rows: dict[str, Any] | str) -> None:
        """Write a file of JSON Lines into the inbox."""
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (self.inbox / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database answers."""
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty inbox; the command line uses it, too."""
    made = Place(tmp_path / "inbox", tmp_path / "pipeline.sqlite")
    made.inbox.mkdir()
    monkeypatch.setenv("PIPELINE_INBOX", str(made.inbox))
    monkeypatch.setenv("PIPELINE_DATABASE", str(made.database))
    return made


@pytest.fixture
def filled(place: Place) -> Place:
    """The inbox with the sample files."""
    for file in DATA.iterdir():
        shutil.copy(file, place.inbox)
    return place


def order(**changes: Any) -> dict[str, Any]:
    """A valid row, with these values in place of its own."""
    row = {
        "order_id": "o-1",
        "customer_id": "c-1",
        "ordered_at": "2026-03-01T08:00:00Z",
        "updated_at": "2026-03-01T08:00:00Z",
        "status": "placed",
        "currency": "EUR",
        "quantity": 1,
        "unit_price": "1.00",
    }
    return row | changes
