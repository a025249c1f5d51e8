"""What GitLab refuses becomes an error that says what to do, and never shows a token."""

import logging
import traceback

import pytest

from shiftdown.errors import InvalidInputError, NotARepositoryError, NotFoundError, RepositoryError, ShiftdownError
from shiftdown.forges.base import ChangeRequestText, MergeMethod, RateLimitedError
from shiftdown.model.states import ChangeRequestStatus, CIState, ReviewState
from shiftdown_fakes.faults import Fault

from ..contract import text
from .bench import GitLabBench


def with_auto_merge(method: MergeMethod = MergeMethod.SQUASH) -> ChangeRequestText:
    return text().model_copy(update={"auto_merge": method})


def test_a_wrong_token(bench: GitLabBench) -> None:
    forge = bench.new_forge("glpat-wrong")
    with pytest.raises(RepositoryError, match=r"token is refused \(401.*set another"):
        forge.open(bench.location, text())
    forge.disconnect()


def test_a_token_that_may_not_see_the_project(bench: GitLabBench) -> None:
    bench.project.private = True
    forge = bench.new_forge(bench.new_token("mallory"))
    with pytest.raises(NotARepositoryError, match="does not exist, or the token does not see it"):
        forge.find(bench.location, "topic")
    with pytest.raises(NotARepositoryError, match="does not exist, or the token does not see it"):
        forge.open(bench.location, text())
    forge.disconnect()


def test_an_archived_project(bench: GitLabBench) -> None:
    bench.project.archived = True
    with pytest.raises(RepositoryError, match=r"is archived.*unarchive it or leave it out"):
        bench.forge.open(bench.location, text())


def test_a_project_that_will_be_deleted(bench: GitLabBench) -> None:
    bench.project.deletion = "2030-02-03"
    with pytest.raises(RepositoryError, match="will be deleted on 2030-02-03: restore it"):
        bench.forge.open(bench.location, text())


def test_a_project_that_was_renamed_or_transferred(bench: GitLabBench) -> None:
    opened = bench.forge.open(bench.location, text())
    bench.rename("elsewhere/deep/bills")
    assert bench.forge.get(bench.location, opened.number).number == opened.number
    assert bench.forge.find(bench.location, "topic") is not None
    assert len(bench.forge.list(bench.location)) == 1
    edited = bench.forge.open(bench.location, text(title="Other"))
    assert (edited.number, edited.title) == (opened.number, "Other")
    bench.commit("two", {"b.txt": "b\n"})
    assert bench.forge.open(bench.location, text("two")).number == opened.number + 1
    closed = bench.forge.close(bench.location, opened.number, reason="not now")
    assert closed.status is ChangeRequestStatus.CLOSED


def test_missing_approvals_are_said(bench: GitLabBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.project.approvals = 1
    before = bench.tip("main")
    with pytest.raises(RepositoryError, match="it needs more approvals: ask for them, and merge again"):
        bench.forge.merge(bench.location, number, by="ada")
    assert bench.tip("main") == before
    bench.as_user("ada").approve(bench.location, number, by="ada")
    assert bench.forge.merge(bench.location, number, by="ada").status is ChangeRequestStatus.MERGED


def test_a_missing_pipeline_is_said(bench: GitLabBench) -> None:
    opened = bench.forge.open(bench.location, text())
    bench.project.needs_pipeline = True
    with pytest.raises(RepositoryError, match="its pipeline has to succeed"):
        bench.forge.merge(bench.location, opened.number, by="ada")
    bench.pipeline(opened.head, "success")
    assert bench.forge.merge(bench.location, opened.number, by="ada").status is ChangeRequestStatus.MERGED


def test_a_base_that_we_may_not_merge_into(bench: GitLabBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.protect("main")
    with pytest.raises(RepositoryError, match="its base main may be protected: ask somebody who may merge into it"):
        bench.as_user("dev").merge(bench.location, number, by="dev")
    assert bench.forge.get(bench.location, number).status is ChangeRequestStatus.OPEN


def test_a_linear_history_that_has_to_be_kept(bench: GitLabBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.project.merge_method = "ff"
    bench.commit("main", {"b.txt": "b\n"})
    with pytest.raises(RepositoryError, match="wants a linear history, and its base has moved"):
        bench.forge.merge(bench.location, number, by="ada")


def test_a_merge_without_a_merge_commit(bench: GitLabBench) -> None:
    opened = bench.forge.open(bench.location, text())
    bench.project.merge_method = "ff"
    merged = bench.forge.merge(bench.location, opened.number, by="ada")
    assert merged.merge_commit == bench.tip("main") == opened.head


def test_squashing(bench: GitLabBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    forge = bench.new_forge(bench.token, merge_method="squash")
    merged = forge.merge(bench.location, number, by="ada")
    facts = bench.project.store.commit_facts(str(merged.merge_commit))
    assert facts is not None
    assert "a.txt" in bench.files("main")
    forge.disconnect()


@pytest.mark.parametrize(
    ("project", "method", "words"),
    [
        ("merge", "rebase", "makes a merge commit of each change request"),
        ("ff", "merge", "makes no merge commits"),
    ],
)
def test_a_merge_method_that_the_project_rules_out(bench: GitLabBench, project: str, method: str, words: str) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.project.merge_method = project
    forge = bench.new_forge(bench.token, merge_method=method)
    with pytest.raises(InvalidInputError, match=words):
        forge.merge(bench.location, number, by="ada")
    forge.disconnect()


def test_a_branch_that_moved_during_the_merge(bench: GitLabBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.gitlab.fail("PUT", "/merge", Fault.answers(409, "SHA does not match HEAD of source branch: x"))
    with pytest.raises(RepositoryError, match="has moved: look, and merge again"):
        bench.forge.merge(bench.location, number, by="ada")
    assert bench.forge.get(bench.location, number).status is ChangeRequestStatus.OPEN


def test_nobody_approves_their_own_where_that_is_forbidden(bench: GitLabBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.gitlab.fail("POST", "/approve", Fault.answers(401, "401 Unauthorized"))
    with pytest.raises(InvalidInputError, match="may not approve change request #1: it is their own"):
        bench.forge.approve(bench.location, number, by=bench.forge_login)


def test_an_approval_in_the_name_of_somebody_says_so(bench: GitLabBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.as_user("robot").approve(bench.location, number, by="ada")
    bench.as_user("robot").approve(bench.location, number, by="ada")
    assert bench.comments(number) == ["Approved by ada."]


def test_an_approval_of_earlier_commits_counts_no_more(bench: GitLabBench) -> None:
    bench.project.resets_approvals = False
    number = bench.forge.open(bench.location, text()).number
    bench.as_user("ada").approve(bench.location, number, by="ada")
    bench.commit("topic", {"a.txt": "b\n"})
    assert bench.forge.get(bench.location, number).approved_by == ()
    assert bench.request(number).approved == ["ada"]


def test_changes_that_were_asked_for_are_told(bench: GitLabBench) -> None:
    bench.people("ada")
    number = bench.forge.open(bench.location, text().model_copy(update={"reviewers": ("ada",)})).number
    bench.ask_for_changes(number, "ada")
    seen = bench.forge.get(bench.location, number)
    assert (seen.review, seen.reviewers) == (ReviewState.CHANGES_REQUESTED, ())


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("success", CIState.SUCCESS),
        ("failed", CIState.FAILURE),
        ("canceled", CIState.FAILURE),
        ("running", CIState.PENDING),
        ("manual", CIState.PENDING),
        ("skipped", CIState.UNKNOWN),
    ],
)
def test_the_pipeline_of_the_head_is_told(bench: GitLabBench, status: str, state: CIState) -> None:
    opened = bench.forge.open(bench.location, text())
    assert opened.ci is CIState.UNKNOWN
    bench.pipeline(opened.head, status)
    assert bench.forge.get(bench.location, opened.number).ci is state
    bench.commit("topic", {"a.txt": "b\n"})
    assert bench.forge.get(bench.location, opened.number).ci is CIState.UNKNOWN


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ({"milestone": "Q9"}, "milestone 'Q9'"),
        ({"reviewers": ("ada", "nobody1", "nobody2")}, "user 'nobody1, nobody2'"),
        ({"assignees": ("nobody1",)}, "user 'nobody1'"),
        ({"team_reviewers": ("nobodies",)}, "group 'acme.*/nobodies'"),
        ({"labels": ("a,b",)}, "no comma"),
    ],
)
def test_what_does_not_exist_is_named(bench: GitLabBench, field: dict[str, object], words: str) -> None:
    bench.people("ada")
    with pytest.raises(InvalidInputError, match=words):
        bench.forge.open(bench.location, text().model_copy(update=field))
    assert bench.forge.get(bench.location, 1).reviewers == ()


def test_people_whom_the_free_edition_leaves_out_are_told(bench: GitLabBench) -> None:
    bench.people("ada", "bob")
    bench.project.one_person = True
    wanted = text().model_copy(update={"reviewers": ("ada", "bob")})
    with pytest.raises(RepositoryError, match="took ada as reviewer of change request #1 and left out the others"):
        bench.forge.open(bench.location, wanted)
    assert bench.forge.get(bench.location, 1).reviewers == ("ada",)
    one = text().model_copy(update={"reviewers": ("ada",), "assignees": ("bob",)})
    assert bench.forge.open(bench.location, one).assignees == ("bob",)


@pytest.mark.parametrize("title", ["Draft: x", "[draft] x", "x" * 250])
def test_titles_that_mean_something_else(bench: GitLabBench, title: str) -> None:
    with pytest.raises(InvalidInputError, match="draft"):
        bench.forge.open(bench.location, text(title=title).model_copy(update={"draft": True}))
    assert bench.forge.list(bench.location) == []


def test_no_text_is_a_command(bench: GitLabBench) -> None:
    opened = bench.forge.open(bench.location, text(body="Why.\n/close\n"))
    bench.forge.comment(bench.location, opened.number, "/close")
    assert bench.comments(opened.number) == ["\\/close"]
    assert bench.forge.get(bench.location, opened.number).body == "Why.\n/close\n"
    assert "\\/close" in bench.request(opened.number).description


# Auto-merge


def test_auto_merge_waits_for_what_is_in_the_way(bench: GitLabBench) -> None:
    bench.project.needs_pipeline = True
    opened = bench.forge.open(bench.location, with_auto_merge())
    assert (opened.status, opened.auto_merge) == (ChangeRequestStatus.OPEN, MergeMethod.SQUASH)
    assert bench.forge.open(bench.location, with_auto_merge()) == opened
    bench.pipeline(opened.head, "success")
    assert bench.forge.get(bench.location, opened.number).status is ChangeRequestStatus.MERGED


def test_auto_merge_of_what_may_be_merged_merges_it(bench: GitLabBench) -> None:
    assert bench.forge.open(bench.location, with_auto_merge()).status is ChangeRequestStatus.MERGED


def test_auto_merge_that_gitlab_does_not_do(bench: GitLabBench) -> None:
    bench.project.approvals = 1
    bench.gitlab.fail("PUT", "/merge", Fault.answers(405, "405 Method Not Allowed"))
    with pytest.raises(RepositoryError, match=r"cannot let change request #1 merge by itself.*it needs more approvals"):
        bench.forge.open(bench.location, with_auto_merge())


def test_a_person_reopens_it(bench: GitLabBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.forge.close(bench.location, number, reason="not now")
    bench.reopen(number)
    reopened = bench.forge.get(bench.location, number)
    assert (reopened.status, reopened.reason) == (ChangeRequestStatus.OPEN, None)
    assert bench.forge.close(bench.location, number, reason="never").reason == "never"


def test_many_are_listed_page_by_page(bench: GitLabBench) -> None:
    for number in range(53):
        bench.project.store.move(f"refs/heads/b{number}", bench.tip("topic"), None)
        bench.add_merge_request(f"b{number}")
    before = len(bench.gitlab.requests)
    assert [c.branch for c in bench.forge.list(bench.location)] == [f"b{number}" for number in range(53)]
    assert len(bench.gitlab.requests) - before == 2


def test_many_are_asked_for_in_one_request(bench: GitLabBench) -> None:
    for number in range(30):
        bench.project.store.move(f"refs/heads/b{number}", bench.tip("topic"), None)
        bench.add_merge_request(f"b{number}")
    before = len(bench.gitlab.requests)
    assert len(bench.forge.get_all([(bench.location, number) for number in range(1, 31)])) == 30
    assert len(bench.gitlab.requests) - before == 1


# Limits


def test_a_limit_says_when_it_ends(bench: GitLabBench) -> None:
    bench.gitlab.fail("POST", "/graphql", Fault.answers(429, "Retry later", RateLimit_Reset="2000000000"))
    with pytest.raises(RateLimitedError, match="run again after 2033-05-18 03:33:20 UTC") as caught:
        bench.forge.get(bench.location, 1)
    assert caught.value.until is not None


def test_a_short_limit_is_waited_for(bench: GitLabBench) -> None:
    bench.gitlab.fail("POST", "/merge_requests", Fault.answers(429, "Retry later", Retry_After="1"))
    forge = bench.new_forge(bench.token, patience=60)
    assert forge.open(bench.location, text()).number == 1
    forge.disconnect()


# Secrets


@pytest.mark.usefixtures("hasty")
def test_no_token_is_shown(bench: GitLabBench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    faults = [Fault.lost_before(), Fault.lost_after(), Fault.answers(403, "no"), Fault.answers(500), Fault.cut()]
    for fault in faults:
        bench.gitlab.fail("POST", "/graphql", fault, times=9)
        with pytest.raises(ShiftdownError) as caught:
            bench.forge.get(bench.location, 1)
        bench.gitlab.forget_faults()
        said = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__context__)
        assert bench.token not in said
    with pytest.raises(NotFoundError):
        bench.forge.get(bench.location, 1)
    assert caplog.text
    assert bench.token not in caplog.text
