"""One run: extract, validate, transform, load. Running it again changes nothing."""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog

from {{ cookiecutter.package }}.contract import Order
from {{ cookiecutter.package }}.extract import rows, sources
from {{ cookiecutter.package }}.store import Store
from {{ cookiecutter.package }}.transform import (
    Rejection,
    transform,
    validate,
)


class TooManyRejectedError(Exception):
    """So many rows break the contract that the source is broken, not the rows."""


@dataclass
class Counts:
    """What became of the rows of a run."""

    read: int = 0
    loaded: int = 0
    """New or newer than what was there."""
    unchanged: int = 0
    """There already."""
    skipped: int = 0
    """Older than the watermark less the lookback."""
    rejected: int = 0
    """Put into quarantine."""

    def add(self, other: "Counts") -> None:
        """Count what the other has counted, too."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


@dataclass(frozen=True)
class Rules:
    """How a run treats rows."""

    lookback: timedelta
    """How much older than the watermark a row may be and is still loaded: what arrives late."""
    max_rejected: float
    """The share of rows that may break the contract, 0 to 1; with more the run fails."""
    full: bool = False
    """Whether the watermark is ignored."""


def run(inbox: Path, store: Store, rules: Rules) -> Counts:
    """Load everything in the inbox that is new.

    Raises:
        SourceError: a file cannot be read.
        TooManyRejectedError: more rows break the contract than the rules allow.
    """
    log = structlog.get_logger()
    counts, days = Counts(), set[date]()
    with store.transaction():
        watermark = store.watermark
        since = watermark - rules.lookback if watermark and not rules.full else None
        log.info("run started", inbox=str(inbox), watermark=watermark, since=since)
        for file in sources(inbox):
            of_file = _load(file, store, since, days)
            counts.add(of_file)
            log.info("file read", source=file.name, **asdict(of_file))
        if counts.rejected > rules.max_rejected * counts.read:
            raise TooManyRejectedError(
                f"{counts.rejected} of {counts.read} rows break the contract, more than the"
                f" {rules.max_rejected:.0%} that are allowed: nothing was changed"
            )
        store.total(sorted(days))
    log.info("run finished", **asdict(counts))
    return counts


def _load(file: Path, store: Store, since: datetime | None, days: set[date]) -> Counts:
    """Load a file; the days whose totals change by it are added to `days`."""
    counts, rejected = Counts(), list[Rejection]()
    for row in rows(file):
        counts.read += 1
        checked = validate(row)
        if isinstance(checked, Rejection):
            rejected.append(checked)
        elif since and checked.updated_at < since:
            counts.skipped += 1
        elif touched := _keep(checked, store):
            counts.loaded += 1
            days |= touched
        else:
            counts.unchanged += 1
    counts.rejected = len(rejected)
    store.quarantine(file.name, rejected)
    return counts


def _keep(order: Order, store: Store) -> set[date]:
    """Keep an order; the days whose totals change by it, none if it is there already."""
    sale = transform(order)
    before = store.day_of(sale.order_id)
    if not store.upsert(sale):
        return set()
    store.advance(sale.updated_at)
    return {sale.day} | ({before} if before else set())
