"""Load: the SQLite database with sales, totals by day, rejected rows, and the watermark."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self

from {{ cookiecutter.package }}.transform import Rejection, Sale

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS sales (
        order_id TEXT PRIMARY KEY,
        customer_id TEXT NOT NULL,
        day TEXT NOT NULL,
        currency TEXT NOT NULL,
        cents INTEGER NOT NULL,
        status TEXT NOT NULL,
        updated_at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS sales_day ON sales (day)",
    """CREATE TABLE IF NOT EXISTS daily_sales (
        day TEXT NOT NULL,
        currency TEXT NOT NULL,
        orders INTEGER NOT NULL,
        cents INTEGER NOT NULL,
        PRIMARY KEY (day, currency)
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS quarantine (
        source TEXT NOT NULL,
        line INTEGER NOT NULL,
        text TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (source, line)
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS watermark (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        updated_at TEXT NOT NULL
    ) STRICT""",
)


class Store:
    """The database. What happens inside of `transaction` is kept as a whole or not at all."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Open the database, made if it is new, and close it in the end."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            for statement in _SCHEMA:
                connection.execute(statement)
            yield cls(connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction; a second run waits until the first has ended."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @property
    def watermark(self) -> datetime | None:
        """When the newest version that was ever loaded was made; `None` before the first run."""
        row = self._connection.execute("SELECT updated_at FROM watermark").fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def advance(self, updated_at: datetime) -> None:
        """Move the watermark forward; it never goes back."""
        self._connection.execute(
            "INSERT INTO watermark (id, updated_at) VALUES (1, ?) ON CONFLICT (id) DO UPDATE"
            " SET updated_at = max(updated_at, excluded.updated_at)",
            (_instant(updated_at),),
        )

    def upsert(self, sale: Sale) -> bool:
        """Keep a sale unless a version as new is there already; whether something changed."""
        cursor = self._connection.execute(
            "INSERT INTO sales VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id) DO UPDATE SET"
            " customer_id = excluded.customer_id, day = excluded.day, currency = excluded.currency,"
            " cents = excluded.cents, status = excluded.status, updated_at = excluded.updated_at"
            " WHERE excluded.updated_at > sales.updated_at",
            (
                sale.order_id,
                sale.customer_id,
                sale.day.isoformat(),
                sale.currency,
                sale.cents,
                sale.status.value,
                _instant(sale.updated_at),
            ),
        )
        return cursor.rowcount > 0

    def day_of(self, order_id: str) -> date | None:
        """The day that an order counts for at the moment."""
        row = self._connection.execute(
            "SELECT day FROM sales WHERE order_id = ?", (order_id,)
        ).fetchone()
        return date.fromisoformat(row[0]) if row else None

    def total(self, days: Iterable[date]) -> None:
        """Compute the totals of these days anew. Cancelled orders are not counted."""
        for day in days:
            self._connection.execute("DELETE FROM daily_sales WHERE day = ?", (day.isoformat(),))
            self._connection.execute(
                "INSERT INTO daily_sales SELECT day, currency, count(*), sum(cents) FROM sales"
                " WHERE day = ? AND status <> 'cancelled' GROUP BY day, currency",
                (day.isoformat(),),
            )

    def quarantine(self, source: str, rejected: Iterable[Rejection]) -> None:
        """Put these rows of a file aside, in place of those that were put aside before."""
        self._connection.execute("DELETE FROM quarantine WHERE source = ?", (source,))
        self._connection.executemany(
            "INSERT INTO quarantine VALUES (?, ?, ?, ?)",
            ((r.source, r.line, r.text, r.reason) for r in rejected),
        )

    def quarantined(self) -> Iterator[Rejection]:
        """The rows that are put aside."""
        found = self._connection.execute("SELECT * FROM quarantine ORDER BY source, line")
        return (Rejection(*row) for row in found)


def _instant(when: datetime) -> str:
    """A point in time as text of which the order is that of time."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")
