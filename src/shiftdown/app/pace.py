"""How fast content may be created on a forge, over all processes that share a registry."""

import sqlite3
import threading
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shiftdown.errors import RegistryError
from shiftdown.registry.database import parse_url, shown

if TYPE_CHECKING:
    from pyrate_limiter import AbstractBucket

A_MINUTE = 80
"""Requests a minute that create content; GitHub's limit for one account (docs.github.com, "Secondary rate limits")."""
AN_HOUR = 500
"""The same for an hour."""
_SOON = 0.05
"""Seconds until it is worth asking again, when another process was just asking."""


class SharedPace:
    """Counts requests beside the registry: on SQLite in a file of its own, on PostgreSQL in tables of their own."""

    def __init__(self, registry: str) -> None:
        self._registry = registry
        self._lock = threading.Lock()
        self._buckets: dict[str, AbstractBucket] = {}
        self._pool: Any = None

    def __call__(self, who: str) -> float:
        """See `Pace`.

        Raises:
            RegistryError: the counts cannot be read or written.
        """
        from pyrate_limiter import RateItem

        failures: tuple[type[Exception], ...] = (sqlite3.Error, OSError, *_postgres_errors())
        with self._lock:
            try:
                bucket = self._buckets.get(who) or self._bucket(who)
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
                name = shown(parse_url(self._registry))
                raise RegistryError(f"{name}: the requests of all processes cannot be counted: {reason}") from None

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            for bucket in self._buckets.values():
                bucket.close()
            self._buckets.clear()
            self._pool = None

    def _bucket(self, who: str) -> "AbstractBucket":
        from pyrate_limiter import Duration, PostgresBucket, Rate, SQLiteBucket

        url = parse_url(self._registry)
        rates = [Rate(A_MINUTE, Duration.MINUTE), Rate(AN_HOUR, Duration.HOUR)]
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
