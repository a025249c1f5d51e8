"""Whatever goes wrong with any request: run again, and everything is there once."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown.errors import ShiftdownError
from shiftdown.model.states import ChangeRequestStatus, ReviewState
from shiftdown_fakes.github import FakeGitHub, Fault

from ..contract import text
from ..faults import FAULTS, Plan, again, numbers_of
from .bench import GitHubBench

WANTED = text().model_copy(
    update={"labels": ("devops",), "reviewers": ("ada",), "assignees": ("bob",), "milestone": "Q3"}
)
OTHER = WANTED.model_copy(update={"title": "Lint it", "labels": ("devops", "more")})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path_factory.mktemp("github")) as github:
        yield github
        assert github.crashes == []


def lived(server: FakeGitHub, plan: Plan) -> GitHubBench:
    """A change request's life, in which each call that fails is made again until it is done."""
    server.inject = lambda method, path: None
    bench = GitHubBench(server)
    bench.people("ada", "bob")
    bench.milestone("Q3")
    bench.commit("topic", {"a.txt": "a\n"})
    bench.commit("other", {"b.txt": "b\n"})
    ada = bench.as_user("ada")
    server.inject = plan
    opened = again(plan, lambda: bench.forge.open(bench.location, WANTED))
    again(plan, lambda: bench.forge.open(bench.location, OTHER))
    again(plan, lambda: ada.approve(bench.location, opened.number, by="ada"))
    again(plan, lambda: bench.forge.merge(bench.location, opened.number, by="me"))
    again(plan, lambda: bench.forge.comment(bench.location, opened.number, "merged"))
    again(plan, lambda: bench.forge.remove_branch(bench.location, opened.number))
    second = again(plan, lambda: bench.forge.open(bench.location, text("other").model_copy(update={"draft": True})))
    again(plan, lambda: bench.forge.update(bench.location, second.number, text("other")))
    again(plan, lambda: bench.forge.close(bench.location, second.number, reason="not now"))
    again(plan, lambda: bench.forge.diff(bench.location, second.number))
    server.inject = lambda method, path: None
    return bench


def check(bench: GitHubBench) -> None:
    first, second = bench.forge.list(bench.location)
    assert (first.status, second.status) == (ChangeRequestStatus.MERGED, ChangeRequestStatus.CLOSED)
    assert (first.title, set(first.labels), first.assignees) == ("Lint it", {"devops", "more"}, ("bob",))
    assert (first.milestone, first.review, first.approved_by) == ("Q3", ReviewState.APPROVED, ("ada",))
    assert second.reason == "not now"
    merged, closed = bench.repository.pulls
    assert [len(merged.reviews), len(merged.comments), len(closed.comments)] == [1, 1, 1]
    assert (bench.tip("topic"), bench.tip("other")) == (None, second.head)
    assert bench.files("main") == {"README.md": "hello\n", "a.txt": "a\n"}
    assert len(bench.repository.store.commits(None, str(bench.tip("main")))) == 3
    bench.close()


def requests_of_a_life(folder: Path) -> int:
    with FakeGitHub(folder) as server:
        plan = Plan({})
        check(lived(server, plan))
        return len(plan.seen)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("name", FAULTS)
def test_any_request_of_a_life_may_go_wrong(server: FakeGitHub, name: str, tmp_path: Path) -> None:
    count = requests_of_a_life(tmp_path)
    assert count > 20
    for number in numbers_of(name, count):
        check(lived(server, Plan({number: FAULTS[name]})))


RUNS = int(os.environ.get("SHIFTDOWN_FAULT_RUNS", "20"))
"""How many random runs; each starts from nothing."""


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("seed", range(RUNS // 20))
def test_anything_may_go_wrong_again_and_again(server: FakeGitHub, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        numbers = chance.sample(range(60), chance.randint(1, 12))
        check(lived(server, Plan({number: chance.choice(list(FAULTS.values())) for number in numbers})))


def test_a_request_whose_effect_is_unknown_is_not_made_again_blindly(bench: GitHubBench) -> None:
    bench.github.fail("POST", "/pulls", Fault.lost_after())
    assert bench.forge.open(bench.location, text()).number == 1
    assert [r.partition(" ")[0] for r in bench.github.requests if r.endswith("/pulls")] == ["POST"]


def test_reading_is_made_again(bench: GitHubBench) -> None:
    bench.github.fail("POST", "/graphql", Fault.answers(502))
    assert bench.forge.find(bench.location, "topic") is None


def test_a_lost_answer_is_told_when_it_stays_lost(bench: GitHubBench) -> None:
    bench.github.fail("POST", "/pulls", Fault.lost_before(), times=9)
    with pytest.raises(ShiftdownError, match=r"cannot open a change request.*GitHub cannot be reached.*run again"):
        bench.forge.open(bench.location, text())
    assert bench.repository.pulls == []
