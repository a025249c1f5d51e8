"""Runs over real files and a real database."""

from datetime import UTC, datetime, timedelta

import pytest

from {{ cookiecutter.package }}.extract import SourceError
from {{ cookiecutter.package }}.pipeline import (
    Counts,
    Rules,
    TooManyRejectedError,
    run,
)
from {{ cookiecutter.package }}.store import Store

from .conftest import Place, order

RULES = Rules(lookback=timedelta(days=3), max_rejected=0.5)


def load(place: Place, rules: Rules = RULES) -> Counts:
    """One run."""
    with Store.open(place.database) as store:
        return run(place.inbox, store, rules)


def test_samples_are_loaded_and_added_up_by_day(filled: Place) -> None:
    assert load(filled) == Counts(read=5, loaded=5)
    assert filled.query("SELECT * FROM daily_sales ORDER BY day, currency") == [
        ("2026-03-01", "EUR", 1, 3998),
        ("2026-03-02", "EUR", 1, 30),
        ("2026-03-02", "USD", 1, 500),
    ]


def test_running_again_changes_nothing(filled: Place) -> None:
    load(filled)
    dump = filled.query("SELECT * FROM sales, daily_sales, watermark")
    assert load(filled) == Counts(read=5, unchanged=5)
    assert filled.query("SELECT * FROM sales, daily_sales, watermark") == dump


def test_the_order_of_the_files_does_not_matter(place: Place) -> None:
    place.put("1.jsonl", order(updated_at="2026-03-02T08:00:00Z", quantity=2))
    place.put("2.jsonl", order(updated_at="2026-03-01T08:00:00Z", quantity=1))
    assert load(place) == Counts(read=2, loaded=1, unchanged=1)
    assert place.query("SELECT cents FROM sales") == [(200,)]


def test_an_order_that_moves_to_another_day_leaves_the_old_one(place: Place) -> None:
    place.put("1.jsonl", order())
    load(place)
    place.put(
        "2.jsonl", order(ordered_at="2026-03-02T08:00:00Z", updated_at="2026-03-02T08:00:00Z")
    )
    load(place)
    assert place.query("SELECT day, orders FROM daily_sales") == [("2026-03-02", 1)]


def test_rows_older_than_the_lookback_are_skipped_unless_all_are_asked_for(place: Place) -> None:
    place.put("1.jsonl", order(updated_at="2026-03-10T08:00:00Z"))
    load(place)
    late = order(order_id="late", updated_at="2026-03-07T08:00:00Z")
    too_late = order(order_id="too-late", updated_at="2026-03-07T07:59:59Z")
    place.put("2.jsonl", late, too_late)
    assert load(place) == Counts(read=3, loaded=1, unchanged=1, skipped=1)
    assert load(place, Rules(RULES.lookback, 0.5, full=True)) == Counts(
        read=3, loaded=1, unchanged=2
    )
    with Store.open(place.database) as store:
        assert store.watermark == datetime(2026, 3, 10, 8, tzinfo=UTC)


def test_bad_rows_are_put_aside_and_the_others_loaded(place: Place) -> None:
    place.put("1.jsonl", order(), "{", "[]", order(order_id="o-2"), order(order_id="o-3"), "")
    (place.inbox / "2.csv").write_text("order_id,quantity\no-4,1,surplus\n", encoding="utf-8")
    assert load(place) == Counts(read=6, loaded=3, rejected=3)
    with Store.open(place.database) as store:
        reasons = {(r.source, r.line): r.reason for r in store.quarantined()}
    assert reasons == {
        ("1.jsonl", 2): "not JSON: Expecting property name enclosed in double quotes:"
        " line 2 column 1 (char 2)",
        ("1.jsonl", 3): "not a JSON object",
        ("2.csv", 2): "more values than the header has columns",
    }


def test_a_repaired_row_leaves_quarantine(place: Place) -> None:
    place.put("1.jsonl", order(), order(order_id="o-2", quantity=0))
    load(place)
    place.put("1.jsonl", order(), order(order_id="o-2", quantity=1))
    assert load(place) == Counts(read=2, loaded=1, unchanged=1)
    assert place.query("SELECT * FROM quarantine") == []


def test_a_broken_source_stops_the_run_before_anything_changes(place: Place) -> None:
    place.put("1.jsonl", order())
    load(place)
    place.put("2.jsonl", order(order_id="o-2"), "{", "{", "{")
    with pytest.raises(TooManyRejectedError, match="3 of 5 rows break the contract"):
        load(place)
    assert place.query("SELECT order_id FROM sales") == [("o-1",)]
    assert place.query("SELECT * FROM quarantine") == []


@pytest.mark.parametrize("name", ["1.jsonl", "1.csv"])
def test_a_file_in_another_encoding_stops_the_run(place: Place, name: str) -> None:
    place.put("0.jsonl", order())
    (place.inbox / name).write_bytes("order_id\nFüßli\n".encode("latin-1"))
    with pytest.raises(SourceError, match=name):
        load(place)
    assert place.query("SELECT * FROM sales") == []


def test_an_empty_inbox_is_no_error(place: Place) -> None:
    (place.inbox / "notes.txt").write_text("not for the pipeline", encoding="utf-8")
    assert load(place) == Counts()
