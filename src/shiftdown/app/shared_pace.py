"""How fast content may be created on a forge, over all processes that share a registry."""

import sqlite3
import threading
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shiftdown.errors import RegistryError
from shiftdown.forges.base import Pace
from shiftdown.forges.hosted import RateLimit

if TYPE_CHECKING:
    from pyrate_limiter import AbstractBucket

_SOON = 0.05
"""Seconds until it is worth asking again, when another process was just asking."""


class SharedPace:
    """Counts requests beside the registry: on SQLite in a file of its own, on PostgreSQL in tables of their own."""

    def __init__(self, registry: str) -> None:
        self._registry = registry
        self._lock = threading.Lock()
        self._buckets: dict[str, AbstractBucket] = {}
        self._pool: Any = None

    def of(self, limits: Sequence[RateLimit]) -> Pace:
        """The pace of a kind of forge. It raises `RegistryError` when the counts cannot be read or written."""
        return (lambda who: self._ask(who, limits)) if limits else lambda who: 0

    def _ask(self, who: str, limits: Sequence[RateLimit]) -> float:
        from pyrate_limiter import RateItem

        failures: tuple[type[Exception], ...] = (sqlite3.Error, OSError, *_postgres_errors())
        with self._lock:
            try:
                bucket = self._buckets.get(who) or self._bucket(who, limits)
                now = int(bucket.now())  # type: ignore[no-untyped-call]
                bucket.leak(now)
                item = RateItem(who, now)
                if bucket.put(item):
                    return 0
                # These buckets are not asynchronous.
                return max(int(bucket.waiting(item)) / 1000, _SOON)  # type: ignore[arg-type]
            except failures as error:
                # The words of PostgreSQL's errors may hold what the URL holds.
                reason = error if isinstance(error, sqlite3.Error | OSError) else type(error).__name__
                from shiftdown.registry.database import parse_url, shown

                name = shown(parse_url(self._registry))
                raise RegistryError(f"{name}: the requests of all processes cannot be counted: {reason}") from None

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            for bucket in self._buckets.values():
                bucket.close()
            self._buckets.clear()
            self._pool = None

    def _bucket(self, who: str, limits: Sequence[RateLimit]) -> "AbstractBucket":
        from pyrate_limiter import PostgresBucket, Rate, SQLiteBucket

        from shiftdown.registry.database import parse_url

        url = parse_url(self._registry)
        rates = [Rate(count, time) for count, time in limits]
        table = f"pace_{sha256(who.encode()).hexdigest()[:16]}"
        bucket: AbstractBucket
        if url.drivername.startswith("sqlite"):
            path = Path(f"{url.database}.pace")
            path.parent.mkdir(parents=True, exist_ok=True)
            bucket = SQLiteBucket.init_from_file(rates, table, str(path), use_file_lock=True)
        else:
            from psycopg_pool import ConnectionPool

            address = url.set(drivername="postgresql").render_as_string(hide_password=False)
            self._pool = self._pool or ConnectionPool(address, min_size=1, max_size=2, open=True)
            bucket = PostgresBucket(self._pool, table, rates)
        self._buckets[who] = bucket
        return bucket


def _postgres_errors() -> tuple[type[Exception], ...]:
    try:
        from psycopg import Error
        from psycopg_pool import PoolTimeout
    except ImportError:
        return ()
    return (Error, PoolTimeout)
