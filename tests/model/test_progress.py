import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shiftdown.model import ActivityStatus, PhaseStatus, ProgramStatus, Progress, TransformationStatus
from shiftdown.model.progress import program_status

COUNTS = st.dictionaries(
    st.sampled_from([s.value for s in TransformationStatus] + [s.value for s in ActivityStatus]), st.integers(0, 500)
)


@pytest.mark.parametrize(
    ("by_status", "done", "total", "percent"),
    [
        ({}, 0, 0, None),
        ({"PENDING": 3}, 0, 3, 0.0),
        ({"VERIFIED": 1, "ALREADY_SATISFIED": 1, "MERGED": 2}, 2, 4, 50.0),
        ({"VERIFIED": 1, "NOT_APPLICABLE": 5, "EXEMPT": 4}, 1, 1, 100.0),
        ({"NOT_APPLICABLE": 5, "EXEMPT": 4, "SKIPPED": 1}, 0, 0, None),
        ({"DONE": 1, "SKIPPED": 7, "IN_PROGRESS": 1}, 1, 2, 50.0),
        ({"VERIFIED": 2, "PENDING": 1}, 2, 3, 66.6),
        ({"VERIFIED": 999, "REGRESSED": 1}, 999, 1000, 99.9),
        ({"VERIFIED": 99_999, "REJECTED": 1}, 99_999, 100_000, 99.9),
        ({"FAILED": 1, "REJECTED": 1, "IN_REVIEW": 1, "PLANNED": 1}, 0, 4, 0.0),
    ],
)
def test_counts(by_status: dict[str, int], done: int, total: int, percent: float | None) -> None:
    progress = Progress.of(by_status)
    assert (progress.done, progress.total, progress.percent) == (done, total, percent)
    assert progress.by_status == by_status


def test_zeros_are_left_out_and_statuses_sorted() -> None:
    assert list(Progress.of({"VERIFIED": 1, "MERGED": 0, "EXEMPT": 2}).by_status) == ["EXEMPT", "VERIFIED"]


@given(COUNTS, COUNTS)
def test_sum_is_the_progress_of_both(one: dict[str, int], other: dict[str, int]) -> None:
    both = {s: one.get(s, 0) + other.get(s, 0) for s in {*one, *other}}
    assert Progress.of(one) + Progress.of(other) == Progress.of(both)


@given(COUNTS)
def test_hundred_per_cent_means_all(counts: dict[str, int]) -> None:
    progress = Progress.of(counts)
    assert 0 <= progress.done <= progress.total <= sum(counts.values())
    assert (progress.percent == 100) == (progress.total > 0 and progress.done == progress.total)
    assert sum(progress.by_status.values()) == sum(counts.values())


def test_a_percentage_cannot_exceed_a_hundred() -> None:
    with pytest.raises(ValidationError, match="percent"):
        Progress(done=1, total=1, percent=101)


@pytest.mark.parametrize(
    ("by_status", "expected"),
    [
        ({}, "COMPLETED"),
        ({"PENDING": 4}, "PENDING"),
        ({"VERIFIED": 1}, "COMPLETED"),
        ({"ALREADY_SATISFIED": 1, "NOT_APPLICABLE": 1, "EXEMPT": 1}, "COMPLETED"),
        ({"NOT_APPLICABLE": 3}, "COMPLETED"),
        ({"MERGED": 1, "VERIFIED": 9}, "IN_PROGRESS"),
        ({"PENDING": 1, "VERIFIED": 1}, "IN_PROGRESS"),
        ({"PENDING": 1, "NOT_APPLICABLE": 1}, "IN_PROGRESS"),
        ({"REGRESSED": 1, "VERIFIED": 1}, "IN_PROGRESS"),
        ({"PLANNED": 1}, "IN_PROGRESS"),
        ({"FAILED": 1, "PENDING": 1}, "IN_PROGRESS"),
        ({"FAILED": 1}, "BLOCKED"),
        ({"REJECTED": 2, "FAILED": 1, "VERIFIED": 3, "EXEMPT": 1}, "BLOCKED"),
        ({"DONE": 4}, "COMPLETED"),
        ({"DONE": 1, "SKIPPED": 3}, "COMPLETED"),
        ({"DONE": 1, "PENDING": 3}, "IN_PROGRESS"),
        ({"IN_PROGRESS": 1, "PENDING": 3}, "IN_PROGRESS"),
    ],
)
def test_status_of_a_phase(by_status: dict[str, int], expected: str) -> None:
    assert Progress.of(by_status).phase_status(skipped=False) == expected
    assert Progress.of(by_status).phase_status(skipped=True) is PhaseStatus.SKIPPED


@pytest.mark.parametrize(
    ("stored", "phases", "expected"),
    [
        ("ACTIVE", [], "ACTIVE"),
        ("ACTIVE", ["COMPLETED"], "COMPLETED"),
        ("ACTIVE", ["COMPLETED", "SKIPPED"], "COMPLETED"),
        ("ACTIVE", ["COMPLETED", "BLOCKED"], "ACTIVE"),
        ("ACTIVE", ["PENDING"], "ACTIVE"),
        ("DRAFT", ["COMPLETED"], "DRAFT"),
        ("PAUSED", ["COMPLETED"], "PAUSED"),
        ("CANCELLED", ["COMPLETED"], "CANCELLED"),
    ],
)
def test_status_of_a_program(stored: str, phases: list[str], expected: str) -> None:
    assert program_status(ProgramStatus(stored), [PhaseStatus(p) for p in phases]) == expected
