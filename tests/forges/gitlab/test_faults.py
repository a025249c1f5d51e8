"""Whatever goes wrong with any request: run again, and everything is there once."""

import os
import random

import pytest

from shiftdown.errors import ShiftdownError
from shiftdown.model.states import ChangeRequestStatus, ReviewState
from shiftdown_fakes.faults import Fault
from shiftdown_fakes.gitlab import FakeGitLab

from ..contract import text
from ..faults import FAULTS, Plan, again, numbers_of
from .bench import GitLabBench

WANTED = text().model_copy(
    update={"labels": ("devops",), "reviewers": ("ada",), "assignees": ("bob",), "milestone": "Q3"}
)
OTHER = WANTED.model_copy(update={"title": "Lint it", "labels": ("devops", "more")})


def lived(server: FakeGitLab, plan: Plan) -> GitLabBench:
    """A change request's life, in which each call that fails is made again until it is done."""
    server.inject = lambda method, path: None
    bench = GitLabBench(server)
    bench.people("ada", "bob")
    bench.milestone("Q3")
    bench.commit("topic", {"a.txt": "a\n"})
    bench.commit("other", {"b.txt": "b\n"})
    ada = bench.as_user("ada")
    server.inject = plan
    opened = again(plan, lambda: bench.forge.open(bench.location, WANTED))
    again(plan, lambda: bench.forge.open(bench.location, OTHER))
    again(plan, lambda: ada.approve(bench.location, opened.number, by="ada"))
    again(plan, lambda: bench.forge.comment(bench.location, opened.number, "ready"))
    again(plan, lambda: bench.forge.merge(bench.location, opened.number, by="me"))
    again(plan, lambda: bench.forge.remove_branch(bench.location, opened.number))
    second = again(plan, lambda: bench.forge.open(bench.location, text("other").model_copy(update={"draft": True})))
    again(plan, lambda: bench.forge.update(bench.location, second.number, text("other")))
    again(plan, lambda: bench.forge.close(bench.location, second.number, reason="not now"))
    again(plan, lambda: bench.forge.diff(bench.location, second.number))
    server.inject = lambda method, path: None
    return bench


def check(bench: GitLabBench) -> None:
    first, second = bench.forge.list(bench.location)
    assert (first.status, second.status) == (ChangeRequestStatus.MERGED, ChangeRequestStatus.CLOSED)
    assert (first.title, set(first.labels), first.assignees) == ("Lint it", {"devops", "more"}, ("bob",))
    assert (first.milestone, first.review, first.approved_by) == ("Q3", ReviewState.APPROVED, ("ada",))
    assert second.reason == "not now"
    assert bench.comments(first.number) == ["ready"]
    assert len(bench.comments(second.number)) == 1
    assert bench.tip("topic") is None
    assert bench.files("main") == {"README.md": "hello\n", "a.txt": "a\n"}
    assert len(bench.project.store.commits(None, str(bench.tip("main")))) == 3
    bench.close()


_APART = 6
"""How many requests after one that goes wrong the next one does: so each of a life does in one of so many lives."""


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("name", FAULTS)
def test_any_request_of_a_life_may_go_wrong(server: FakeGitLab, name: str) -> None:
    for first in numbers_of(name, _APART):
        plan = Plan(dict.fromkeys(range(first, 150, _APART), FAULTS[name]))
        check(lived(server, plan))
        assert 30 < len(plan.seen) < 150


RUNS = int(os.environ.get("SHIFTDOWN_FAULT_RUNS", "10"))
"""How many random runs; each starts from nothing."""


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("seed", range(RUNS // 10))
def test_anything_may_go_wrong_again_and_again(server: FakeGitLab, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(10):
        numbers = chance.sample(range(90), chance.randint(1, 12))
        check(lived(server, Plan({number: chance.choice(list(FAULTS.values())) for number in numbers})))


def test_a_request_whose_effect_is_unknown_is_not_made_again_blindly(bench: GitLabBench) -> None:
    before = len(bench.gitlab.requests)
    bench.gitlab.fail("POST", "/merge_requests", Fault.lost_after())
    assert bench.forge.open(bench.location, text()).number == 1
    made = [r for r in bench.gitlab.requests[before:] if r.startswith("POST") and r.endswith("/merge_requests")]
    assert len(made) == 1


def test_reading_is_made_again(bench: GitLabBench) -> None:
    bench.gitlab.fail("POST", "/graphql", Fault.answers(502))
    assert bench.forge.find(bench.location, "topic") is None


def test_a_lost_answer_is_told_when_it_stays_lost(bench: GitLabBench) -> None:
    bench.gitlab.fail("POST", "/merge_requests", Fault.lost_before(), times=9)
    with pytest.raises(ShiftdownError, match=r"cannot open a change request.*GitLab cannot be reached.*run again"):
        bench.forge.open(bench.location, text())
    assert bench.forge.list(bench.location) == []
