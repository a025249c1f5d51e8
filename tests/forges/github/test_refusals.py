"""What GitHub refuses becomes an error that says what to do, and never shows a token."""

import logging
import traceback
from datetime import UTC, datetime, timedelta

import pytest

from shiftdown.errors import InvalidInputError, NotARepositoryError, NotFoundError, RepositoryError, ShiftdownError
from shiftdown.forges.base import ChangeRequestText, MergeMethod, RateLimitedError
from shiftdown.model.states import ChangeRequestStatus, CIState, ReviewState
from shiftdown_fakes.github import Fault, Protection
from shiftdown_fakes.github.model import Review

from ..contract import text
from .bench import GitHubBench


def with_auto_merge(method: MergeMethod = MergeMethod.SQUASH) -> ChangeRequestText:
    return text().model_copy(update={"auto_merge": method})


def test_a_wrong_token(bench: GitHubBench) -> None:
    forge = bench.new_forge("ghp_wrong")
    with pytest.raises(RepositoryError, match=r"token is refused \(401.*set another"):
        forge.open(bench.location, text())
    forge.disconnect()


def test_a_token_that_may_not_see_the_repository(bench: GitHubBench) -> None:
    bench.repository.private = True
    forge = bench.new_forge(bench.github.world.add_token("mallory").value)
    with pytest.raises(NotARepositoryError, match="does not exist, or the token does not see it"):
        forge.find(bench.location, "topic")
    forge.disconnect()


@pytest.mark.parametrize(
    ("permissions", "missing"),
    [
        ({"metadata": "read"}, "contents=write and pull_requests=write"),
        ({"pull_requests": "read"}, "Give the token the permission pull_requests=write"),
    ],
)
def test_a_permission_that_the_token_lacks_is_named(
    bench: GitHubBench, permissions: dict[str, str], missing: str
) -> None:
    forge = bench.new_forge(bench.github.world.add_token(bench.repository.owner, permissions).value)
    with pytest.raises(RepositoryError, match=missing):
        forge.open(bench.location, text())
    forge.disconnect()
    assert bench.repository.pulls == []


def test_an_archived_repository(bench: GitHubBench) -> None:
    bench.repository.archived = True
    with pytest.raises(RepositoryError, match=r"is archived.*unarchive it or leave it out"):
        bench.forge.open(bench.location, text())


def test_a_disabled_repository(bench: GitHubBench) -> None:
    bench.repository.disabled = True
    with pytest.raises(RepositoryError, match="is disabled by GitHub"):
        bench.forge.open(bench.location, text())


def test_a_repository_that_was_renamed_or_transferred(bench: GitHubBench) -> None:
    opened = bench.forge.open(bench.location, text())
    bench.github.world.rename(bench.repository, "elsewhere/bills")
    bench.repository.roles[bench.forge_login] = "admin"
    assert bench.forge.get(bench.location, opened.number).number == opened.number
    edited = bench.forge.open(bench.location, text(title="Other"))
    assert (edited.number, edited.title) == (opened.number, "Other")
    bench.commit("two", {"b.txt": "b\n"})
    assert bench.forge.open(bench.location, text("two")).number == opened.number + 1
    closed = bench.forge.close(bench.location, opened.number, reason="not now")
    assert closed.status is ChangeRequestStatus.CLOSED


@pytest.mark.parametrize(
    ("protection", "words"),
    [
        (Protection(approvals=1), "At least 1 approving review is required"),
        (Protection(checks=("ci",)), 'Required status check "ci" is expected'),
        (Protection(signatures=True), "Commits must have verified signatures"),
    ],
)
def test_what_a_protected_branch_still_needs_is_said(bench: GitHubBench, protection: Protection, words: str) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.github.world.protect(bench.repository, "main", protection)
    before = bench.tip("main")
    with pytest.raises(RepositoryError, match=words):
        bench.forge.merge(bench.location, number, by="ada")
    assert bench.tip("main") == before


def test_a_merge_method_that_is_not_allowed_is_not_used(bench: GitHubBench) -> None:
    bench.repository.merge_methods = ("squash",)
    merged = bench.forge.merge(bench.location, bench.forge.open(bench.location, text()).number, by="ada")
    facts = bench.repository.store.commit_facts(str(merged.merge_commit))
    assert facts is not None
    assert len(facts.parents) == 1


def test_a_branch_that_moved_during_the_merge(bench: GitHubBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.github.fail("PUT", "/merge", Fault.answers(409, "Head branch was modified. Review and try the merge again."))
    with pytest.raises(RepositoryError, match="merge again"):
        bench.forge.merge(bench.location, number, by="ada")
    assert bench.forge.get(bench.location, number).status is ChangeRequestStatus.OPEN


def test_nobody_approves_their_own(bench: GitHubBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    with pytest.raises(InvalidInputError, match="lets nobody approve their own; use the token of another account"):
        bench.forge.approve(bench.location, number, by="me")


def test_an_approval_in_the_name_of_somebody_says_so(bench: GitHubBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.as_user("robot").approve(bench.location, number, by="ada")
    bench.as_user("robot").approve(bench.location, number, by="ada")
    assert [review.body for review in bench.repository.pulls[0].reviews] == ["Approved by ada."]


def test_changes_that_were_asked_for_hold_until_they_are_taken_back(bench: GitHubBench) -> None:
    opened = bench.forge.open(bench.location, text())
    pull = bench.repository.pulls[0]
    pull.reviews.append(Review(1, "ada", "CHANGES_REQUESTED", "no", opened.head, bench.github.world.now()))
    bench.commit("topic", {"a.txt": "b\n"})
    assert bench.forge.get(bench.location, 1).review is ReviewState.CHANGES_REQUESTED
    bench.as_user("ada").approve(bench.location, 1, by="ada")
    assert bench.forge.get(bench.location, 1).review is ReviewState.APPROVED


@pytest.mark.parametrize(
    ("conclusion", "state"),
    [
        ("success", CIState.SUCCESS),
        ("failure", CIState.FAILURE),
        ("error", CIState.FAILURE),
        ("pending", CIState.PENDING),
    ],
)
def test_the_checks_of_the_head_are_told(bench: GitHubBench, conclusion: str, state: CIState) -> None:
    opened = bench.forge.open(bench.location, text())
    assert opened.ci is CIState.UNKNOWN
    bench.github.add_status(bench.repository, opened.head, conclusion)
    assert bench.forge.get(bench.location, opened.number).ci is state
    bench.commit("topic", {"a.txt": "b\n"})
    assert bench.forge.get(bench.location, opened.number).ci is CIState.UNKNOWN


def test_a_milestone_that_does_not_exist(bench: GitHubBench) -> None:
    with pytest.raises(NotFoundError, match="milestone 'Q9'"):
        bench.forge.open(bench.location, text().model_copy(update={"milestone": "Q9"}))


def test_auto_merge_waits_for_the_rules_of_the_base(bench: GitHubBench) -> None:
    bench.github.world.protect(bench.repository, "main", Protection(checks=("ci",)))
    opened = bench.forge.open(bench.location, with_auto_merge())
    assert (opened.status, opened.auto_merge) == (ChangeRequestStatus.OPEN, MergeMethod.SQUASH)
    assert bench.forge.open(bench.location, with_auto_merge()) == opened
    bench.github.add_status(bench.repository, opened.head, "success", context="ci")
    assert bench.forge.get(bench.location, opened.number).status is ChangeRequestStatus.MERGED


def test_auto_merge_of_what_may_be_merged_merges_it(bench: GitHubBench) -> None:
    bench.github.world.protect(bench.repository, "main", Protection())
    assert bench.forge.open(bench.location, with_auto_merge()).status is ChangeRequestStatus.MERGED


def test_auto_merge_that_is_not_allowed_says_what_to_do(bench: GitHubBench) -> None:
    bench.repository.auto_merge = False
    with pytest.raises(RepositoryError, match="Allow auto-merge in the repository's settings"):
        bench.forge.open(bench.location, with_auto_merge())


def test_a_person_reopens_it(bench: GitHubBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.forge.close(bench.location, number, reason="not now")
    pull = bench.repository.pulls[0]
    pull.state, pull.closed = "open", None
    reopened = bench.forge.get(bench.location, number)
    assert (reopened.status, reopened.reason) == (ChangeRequestStatus.OPEN, None)
    assert bench.forge.close(bench.location, number, reason="never").reason == "never"


def test_many_are_listed_page_by_page(bench: GitHubBench) -> None:
    for number in range(53):
        bench.repository.store.move(f"refs/heads/b{number}", bench.tip("topic"), None)
        bench.forge.open(bench.location, text(f"b{number}"))
    before = len(bench.github.requests)
    assert [c.branch for c in bench.forge.list(bench.location)] == [f"b{number}" for number in range(53)]
    assert len(bench.github.requests) - before == 2


# Limits


def test_the_primary_limit_says_when_it_ends(bench: GitHubBench) -> None:
    bench.github.limit = 0
    with pytest.raises(RateLimitedError, match=r"rate limit is reached.*run again after 2\d{3}-") as caught:
        bench.forge.open(bench.location, text())
    assert caught.value.until is not None
    assert caught.value.until > datetime.now(UTC) + timedelta(minutes=50)


def test_the_secondary_limit_says_when_it_ends(bench: GitHubBench) -> None:
    bench.github.content_per_minute = 0
    with pytest.raises(RateLimitedError, match="run again after") as caught:
        bench.forge.open(bench.location, text())
    assert caught.value.until is not None
    assert bench.repository.pulls == []


def test_a_short_limit_is_waited_for(bench: GitHubBench) -> None:
    bench.github.fail(
        "POST", "/pulls", Fault.answers(403, "You have exceeded a secondary rate limit.", Retry_After="1")
    )
    forge = bench.new_forge(bench.token, patience=60)
    assert forge.open(bench.location, text()).number == 1
    forge.disconnect()


# Secrets


@pytest.mark.usefixtures("hasty")
def test_no_token_is_shown(bench: GitHubBench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    faults = [Fault.lost_before(), Fault.lost_after(), Fault.answers(403, "no"), Fault.answers(500), Fault.cut()]
    for fault in faults:
        bench.github.fail("POST", "/graphql", fault, times=9)
        with pytest.raises(ShiftdownError) as caught:
            bench.forge.get(bench.location, 1)
        said = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__context__)
        assert bench.token not in said
    assert caplog.text
    assert bench.token not in caplog.text
