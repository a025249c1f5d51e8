"""Every edge of every state machine, written out: a new one must be added here too."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from shiftdown.errors import IllegalTransitionError
from shiftdown.model import (
    ActivityStatus,
    ChangeRequestStatus,
    ProgramStatus,
    TransformationStatus,
)
from shiftdown.model.states import (
    ACTIVITY_EDGES,
    CHANGE_REQUEST_EDGES,
    PROGRAM_EDGES,
    TRANSFORMATION_EDGES,
    check,
)

EVALUATED = "PENDING PLANNED ALREADY_SATISFIED NOT_APPLICABLE EXEMPT FAILED"

EXPECTED: Mapping[type[StrEnum], Mapping[str, str]] = {
    TransformationStatus: {
        "PENDING": EVALUATED,
        "PLANNED": f"{EVALUATED} IN_REVIEW",
        "IN_REVIEW": f"{EVALUATED} IN_REVIEW MERGED REJECTED",
        "MERGED": f"{EVALUATED} VERIFIED",
        "VERIFIED": "REGRESSED EXEMPT",
        "REGRESSED": f"{EVALUATED} VERIFIED",
        "ALREADY_SATISFIED": "REGRESSED EXEMPT",
        "NOT_APPLICABLE": EVALUATED,
        "EXEMPT": "PENDING EXEMPT",
        "REJECTED": f"{EVALUATED} IN_REVIEW MERGED",
        "FAILED": f"{EVALUATED} IN_REVIEW MERGED REJECTED",
    },
    ChangeRequestStatus: {
        "DRAFT": "OPEN MERGED CLOSED SUPERSEDED",
        "OPEN": "DRAFT MERGED CLOSED SUPERSEDED",
        "MERGED": "",
        "CLOSED": "OPEN DRAFT",
        "SUPERSEDED": "OPEN DRAFT",
    },
    ProgramStatus: {
        "DRAFT": "ACTIVE CANCELLED",
        "ACTIVE": "PAUSED CANCELLED COMPLETED",
        "PAUSED": "ACTIVE CANCELLED",
        "COMPLETED": "ACTIVE",
        "CANCELLED": "",
    },
    ActivityStatus: {
        "PENDING": "IN_PROGRESS DONE SKIPPED",
        "IN_PROGRESS": "DONE SKIPPED",
        "DONE": "IN_PROGRESS",
        "SKIPPED": "PENDING IN_PROGRESS",
    },
}

EDGES: Mapping[type[StrEnum], Any] = {
    TransformationStatus: TRANSFORMATION_EDGES,
    ChangeRequestStatus: CHANGE_REQUEST_EDGES,
    ProgramStatus: PROGRAM_EDGES,
    ActivityStatus: ACTIVITY_EDGES,
}

PAIRS = [(statuses, *pair) for statuses in EXPECTED for pair in product(statuses, statuses)]


@pytest.mark.parametrize(("statuses", "current", "wanted"), PAIRS, ids=str)
def test_edge(statuses: type[StrEnum], current: StrEnum, wanted: StrEnum) -> None:
    allowed = EXPECTED[statuses][current.value].split()
    if wanted.value in allowed:
        assert check(EDGES[statuses], "thing 7", current, wanted) is wanted
        return
    with pytest.raises(IllegalTransitionError) as caught:
        check(EDGES[statuses], "thing 7", current, wanted)
    assert (caught.value.subject, caught.value.current, caught.value.wanted) == ("thing 7", current, wanted)
    assert str(caught.value) == f"thing 7 cannot go from {current.value} to {wanted.value}"


@pytest.mark.parametrize("statuses", EXPECTED, ids=lambda s: s.__name__)
def test_every_status_has_its_edges(statuses: type[StrEnum]) -> None:
    assert set(EDGES[statuses]) == set(statuses)
    assert set(EXPECTED[statuses]) == {s.value for s in statuses}


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ("done", {"VERIFIED", "ALREADY_SATISFIED"}),
        ("left_out", {"NOT_APPLICABLE", "EXEMPT"}),
        ("settled", {"VERIFIED", "ALREADY_SATISFIED", "NOT_APPLICABLE", "EXEMPT"}),
        ("stuck", {"FAILED", "REJECTED"}),
    ],
)
def test_what_a_transformation_status_means(attribute: str, expected: set[str]) -> None:
    assert {s.value for s in TransformationStatus if getattr(s, attribute)} == expected


def test_merged_is_not_done() -> None:
    assert not TransformationStatus.MERGED.done
    assert not TransformationStatus.MERGED.settled


def test_open_change_requests_and_settled_activities() -> None:
    assert {s.value for s in ChangeRequestStatus if s.is_open} == {"DRAFT", "OPEN"}
    assert {s.value for s in ActivityStatus if s.settled} == {"DONE", "SKIPPED"}
