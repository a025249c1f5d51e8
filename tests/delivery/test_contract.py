"""What a proposal comes to, on each forge: one branch, one change request, one record."""

from typing import Any

import pytest

from shiftdown.delivery import BranchHeldError, ClosedError
from shiftdown.errors import ConflictError, InvalidInputError
from shiftdown.forges.proposal import NothingToProposeError, Proposal, ProposalOutcome
from shiftdown.git import Commit, CommitInfo, GitRepository
from shiftdown.model import ChangeRequestStatus
from shiftdown.registry import Registry

from .bench import BRANCH, TYPE, WAYS, Bench


def head_of(bench: Bench) -> str:
    """Where our branch is, with what is said of it in all three places."""
    (record,) = bench.records
    seen = bench.work.forge.get(bench.work.location, record.number)
    tip = bench.work.tip(BRANCH)
    assert tip is not None
    assert (record.head, seen.head) == (tip, tip)
    return tip


def test_opened_then_unchanged_then_updated(bench: Bench) -> None:
    first = bench.propose()
    known = first.change_request
    assert (first.outcome, first.problem) == (ProposalOutcome.OPENED, None)
    assert (known.type, known.branch, known.base, known.title) == (TYPE, BRANCH, "main", "Say Onwards")
    assert bench.records == [known]
    assert bench.work.files(BRANCH) == {"README.md": "hello\n", "MOTTO": "Onwards\n"}
    before = head_of(bench)
    assert bench.propose().outcome is ProposalOutcome.UNCHANGED
    assert head_of(bench) == before
    assert bench.propose("Upwards").outcome is ProposalOutcome.UPDATED
    assert bench.work.files(BRANCH)["MOTTO"] == "Upwards\n"
    assert head_of(bench) != before
    assert bench.numbers_open == [1]
    assert bench.records[0].title == "Say Upwards"
    assert bench.registry.verify() == ()


def test_a_person_has_pushed_to_the_branch(bench: Bench) -> None:
    bench.propose()
    theirs = bench.work.commit(BRANCH, {"MOTTO": "Mine\n"})
    with pytest.raises(BranchHeldError, match=r"has a commit that shiftdown did not make \(.*left alone"):
        bench.propose("Upwards")
    assert bench.work.tip(BRANCH) == theirs


def test_a_branch_of_a_person(bench: Bench) -> None:
    theirs = bench.work.commit(BRANCH, {"a.txt": "a\n"})
    with pytest.raises(BranchHeldError):
        bench.propose()
    assert (bench.work.tip(BRANCH), bench.records, bench.numbers_open) == (theirs, [], [])


class KilledError(BaseException):
    """The process ended."""


@pytest.mark.parametrize("where", ["before the branch", "after the branch", "before the record", "after the record"])
@pytest.mark.parametrize("again", [False, True])
def test_killed_in_between(bench: Bench, monkeypatch: pytest.MonkeyPatch, where: str, again: bool) -> None:
    """The next call finishes it, the first time and when there is something older."""
    if again:
        bench.propose("Downwards")

    def die(*_: Any, **__: Any) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        match where:
            case "before the branch":
                patch.setattr("shiftdown.forges.delivery.deliver", die)
            case "after the branch":
                patch.setattr(bench.forge, "open", die)
            case "before the record":
                patch.setattr(Registry, "create_change_request", die)
                patch.setattr(Registry, "change_change_request", die)
            case "after the record":
                patch.setattr(bench.forge, "update", die)
        with pytest.raises(KilledError):
            bench.propose(labels=("devops",))
    finished = bench.propose(labels=("devops",))
    untouched = ProposalOutcome.UPDATED if again and where != "after the record" else ProposalOutcome.OPENED
    assert finished.outcome is (ProposalOutcome.UNCHANGED if where == "after the record" else untouched)
    assert bench.work.files(BRANCH)["MOTTO"] == "Onwards\n"
    head_of(bench)
    assert bench.numbers_open == [1]
    assert bench.work.forge.get(bench.work.location, 1).labels == ("devops",)


def test_recorded_although_not_all_could_be_added(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = InvalidInputError("nobody is called so")

    def refuse(*_: Any, **__: Any) -> None:
        raise refusal

    with monkeypatch.context() as patch:
        patch.setattr(bench.forge, "update", refuse)
        done = bench.propose(reviewers=("nobody",))
    assert (done.outcome, done.problem) == (ProposalOutcome.OPENED, refusal)
    assert bench.records == [done.change_request]
    assert bench.numbers_open == [1]


def test_a_text_that_cannot_be_used_changes_nothing(bench: Bench) -> None:
    with pytest.raises(InvalidInputError, match="bytes"):
        bench.propose(body="x" * 5_000_000)
    with pytest.raises(InvalidInputError, match="cannot be merged into itself"):
        bench.propose(base=BRANCH)
    assert (bench.work.tip(BRANCH), bench.records, bench.numbers_open) == (None, [], [])


@pytest.mark.parametrize("way", WAYS[1:], indirect=True)
def test_from_a_fork_where_we_may_not_push(bench: Bench) -> None:
    bench.forge = bench.deny()
    assert bench.propose().outcome is ProposalOutcome.OPENED
    assert bench.propose().outcome is ProposalOutcome.UNCHANGED
    assert bench.propose("Upwards").outcome is ProposalOutcome.UPDATED
    assert bench.work.tip(BRANCH) is None
    assert bench.records[0].head == bench.tip_in_fork(BRANCH)
    assert [found.repository for found in bench.records] == [bench.work.location]
    assert bench.numbers_open == [1]


def test_by_the_api_nothing_goes_by_git(bench: Bench, way: str) -> None:
    bench.propose()
    bench.propose("Upwards")
    by_git = [one for one in bench.requests() if "info/refs" in one or "git-" in one]
    assert bool(by_git) == (not way.endswith("api") and way != "local")


def test_what_a_person_closed_is_final_where_that_is_wanted(bench: Bench) -> None:
    bench.propose(final=True)
    bench.work.forge.close(bench.work.location, 1, reason="not this")
    with pytest.raises(ClosedError, match="change request #1 for this was closed: not this"):
        bench.propose(final=True)
    assert bench.numbers_open == []
    assert bench.propose("Upwards", final=True).outcome is ProposalOutcome.OPENED
    assert bench.numbers_open == [2]
    assert [found.status for found in bench.records] == [ChangeRequestStatus.CLOSED, ChangeRequestStatus.OPEN]


def test_what_a_person_closed_is_opened_again_else(bench: Bench) -> None:
    bench.propose()
    bench.work.forge.close(bench.work.location, 1, reason="not now")
    assert bench.propose().outcome is ProposalOutcome.OPENED
    assert [found.status for found in bench.records] == [ChangeRequestStatus.CLOSED, ChangeRequestStatus.OPEN]


def test_what_we_withdrew_ourselves_is_proposed_again(bench: Bench) -> None:
    repository = bench.registry.ensure_repository(bench.work.location)
    bench.delivery.withdraw(repository, TYPE, "There was nothing to withdraw.")
    bench.propose(final=True)
    bench.delivery.withdraw(repository, TYPE, "It is there already.")
    bench.delivery.withdraw(repository, TYPE, "It is there already.")
    assert [found.status for found in bench.records] == [ChangeRequestStatus.SUPERSEDED]
    assert bench.propose(final=True).outcome is ProposalOutcome.OPENED
    assert [found.status for found in bench.records] == [ChangeRequestStatus.SUPERSEDED, ChangeRequestStatus.OPEN]


def test_a_draft_that_a_person_found_ready_stays_so(bench: Bench) -> None:
    bench.propose(draft=True)
    assert bench.propose(draft=True).change_request.status is ChangeRequestStatus.DRAFT
    with bench.open(bench.work.location) as git:
        ready = bench.proposal(git).text
    bench.work.forge.update(bench.work.location, 1, ready)
    assert bench.propose(draft=True).change_request.status is ChangeRequestStatus.OPEN
    assert bench.propose("Upwards", draft=True).change_request.status is ChangeRequestStatus.DRAFT


def test_the_branch_moves_meanwhile(bench: Bench) -> None:
    """It is looked at again, once."""
    with bench.open(bench.work.location) as git:
        proposal, seen = bench.proposal(git), []

        def change(there_in: GitRepository, there: CommitInfo | None) -> Commit | None:
            seen.append(there)
            if len(seen) == 1:
                bench.propose("Downwards")
            return proposal.change(there_in, there)

        done = bench.delivery.propose(bench.to(git), Proposal(TYPE, proposal.text, change))
    assert (len(seen), done.outcome) == (2, ProposalOutcome.UPDATED)
    assert bench.work.files(BRANCH)["MOTTO"] == "Onwards\n"
    head_of(bench)


def test_the_branch_never_stays(bench: Bench) -> None:
    with bench.open(bench.work.location) as git:
        proposal, words = bench.proposal(git), iter(("Downwards", "Sideways", "Backwards"))

        def change(there_in: GitRepository, there: CommitInfo | None) -> Commit | None:
            bench.propose(next(words))
            return proposal.change(there_in, there)

        with pytest.raises(ConflictError):
            bench.delivery.propose(bench.to(git), Proposal(TYPE, proposal.text, change))
    assert bench.work.files(BRANCH)["MOTTO"] == "Sideways\n"


def test_nothing_to_propose(bench: Bench) -> None:
    with bench.open(bench.work.location) as git:
        text = bench.proposal(git).text
        with pytest.raises(NothingToProposeError, match="main has these files already"):
            bench.delivery.propose(bench.to(git), Proposal(TYPE, text, lambda _, __: None))
    assert (bench.work.tip(BRANCH), bench.records) == (None, [])


def test_a_branch_that_is_left_as_it_is(bench: Bench) -> None:
    theirs = bench.work.commit(BRANCH, {"a.txt": "a\n"})
    with bench.open(bench.work.location) as git:
        text = bench.proposal(git).text
        done = bench.delivery.propose(bench.to(git), Proposal(TYPE, text, lambda _, __: None))
    assert (done.outcome, head_of(bench)) == (ProposalOutcome.OPENED, theirs)


def test_one_change_request_is_recorded_once_whatever_proposes_it(bench: Bench) -> None:
    first = bench.propose()
    again = bench.propose("Upwards", type_="template:default/words#" + BRANCH)
    assert (again.outcome, again.change_request.id) == (ProposalOutcome.UPDATED, first.change_request.id)
    assert len(bench.records) == 1
