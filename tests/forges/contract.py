"""What every forge must do, whatever it talks to.

A test class of a forge derives from `ForgeContract` and has a fixture `bench`, a `Workbench` on an empty folder:
a repository whose branch `main` holds the file `README.md` with the text `hello` on one line.
"""

import pytest

from shiftdown.errors import ConflictError, IllegalTransitionError, InvalidInputError, NotFoundError, ShiftdownError
from shiftdown.forges.base import DraftError
from shiftdown.model.states import ChangeRequestStatus, ReviewState

from .workbench import Workbench, text

__all__ = ["ForgeContract", "Workbench", "text"]


class ForgeContract:
    """Derive, add the fixture, and call the class `Test…`."""

    def test_what_is_opened_is_what_was_given(self, bench: Workbench) -> None:
        head = bench.commit("topic", {"a.txt": "a\n"})
        opened = bench.forge.open(bench.location, text())
        assert (opened.title, opened.body, opened.branch, opened.base) == ("Lint", "Why.\n\n- once", "topic", "main")
        assert (opened.head, opened.status, opened.review) == (head, ChangeRequestStatus.OPEN, ReviewState.NONE)
        assert opened.merged_at is None
        assert opened.merge_commit is None
        assert opened.url

    def test_get_find_and_list_show_it(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        opened = bench.forge.open(bench.location, text())
        assert bench.forge.get(bench.location, opened.number) == opened
        assert bench.forge.find(bench.location, "topic") == opened
        assert list(bench.forge.list(bench.location)) == [opened]

    def test_several_are_shown_together(self, bench: Workbench) -> None:
        for branch in ("one", "two"):
            bench.commit(branch, {f"{branch}.txt": "x\n"})
        one, two = (bench.forge.open(bench.location, text(branch)) for branch in ("one", "two"))
        wanted = [(bench.location, number) for number in (two.number, one.number, 99)]
        shown = {(bench.location, request.number): request for request in (one, two)}
        assert bench.forge.get_all(wanted) == shown
        assert bench.forge.get_all([]) == {}

    def test_nothing_is_there_before(self, bench: Workbench) -> None:
        assert list(bench.forge.list(bench.location)) == []
        assert bench.forge.find(bench.location, "topic") is None
        with pytest.raises(NotFoundError):
            bench.forge.get(bench.location, 1)

    def test_opening_again_changes_nothing(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        opened = bench.forge.open(bench.location, text())
        assert bench.forge.open(bench.location, text()) == opened
        assert list(bench.forge.list(bench.location)) == [opened]

    def test_opening_again_updates_text_and_head(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        opened = bench.forge.open(bench.location, text())
        head = bench.commit("topic", {"a.txt": "b\n"})
        again = bench.forge.open(bench.location, text(title="Lint it", body="Because."))
        assert (again.number, again.title, again.body, again.head) == (opened.number, "Lint it", "Because.", head)
        assert [c.number for c in bench.forge.list(bench.location)] == [opened.number]

    def test_branches_have_their_own(self, bench: Workbench) -> None:
        for branch in ("one", "two/three", "two-three"):
            bench.commit(branch, {f"{branch}.txt": "x\n"})
        opened = [bench.forge.open(bench.location, text(b)) for b in ("one", "two/three", "two-three")]
        assert len({c.number for c in opened}) == 3
        assert [c.branch for c in bench.forge.list(bench.location)] == ["one", "two/three", "two-three"]
        assert bench.forge.find(bench.location, "two/three") == opened[1]

    def test_update_replaces_text(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        updated = bench.forge.update(bench.location, number, text(title="Other", body=""))
        assert (updated.title, updated.body) == ("Other", "")
        assert bench.forge.get(bench.location, number).title == "Other"

    def test_head_follows_the_branch(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        head = bench.commit("topic", {"a.txt": "b\n"})
        assert bench.forge.get(bench.location, number).head == head

    def test_an_approval_is_of_the_head(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        approved = bench.as_user("ada").approve(bench.location, number, by="ada")
        assert (approved.review, approved.approved_by) == (ReviewState.APPROVED, ("ada",))
        assert bench.forge.get(bench.location, number).approved_by == ("ada",)
        bench.commit("topic", {"a.txt": "b\n"})
        present = bench.forge.get(bench.location, number)
        assert (present.review, present.approved_by) == (ReviewState.NONE, ())

    def test_merge_brings_the_change_into_the_base(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        bench.commit("main", {"b.txt": "b\n"})
        merged = bench.forge.merge(bench.location, number, by="ada")
        assert merged.status is ChangeRequestStatus.MERGED
        assert merged.merge_commit == bench.tip("main")
        assert merged.merged_at is not None
        assert bench.files("main") == {"README.md": "hello\n", "a.txt": "a\n", "b.txt": "b\n"}
        assert bench.forge.get(bench.location, number).status is ChangeRequestStatus.MERGED

    def test_merging_again_changes_nothing(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        merged = bench.forge.merge(bench.location, number, by="ada")
        assert bench.forge.merge(bench.location, number, by="ada").merge_commit == merged.merge_commit
        assert bench.tip("main") == merged.merge_commit

    def test_a_conflict_is_an_error_that_names_the_files(self, bench: Workbench) -> None:
        bench.commit("topic", {"README.md": "theirs\n", "fine.txt": "x\n"})
        number = bench.forge.open(bench.location, text()).number
        before = bench.commit("main", {"README.md": "ours\n"})
        with pytest.raises(ConflictError, match=r"README\.md") as caught:
            bench.forge.merge(bench.location, number, by="ada")
        assert "fine.txt" not in str(caught.value)
        assert bench.tip("main") == before
        assert bench.forge.get(bench.location, number).status is ChangeRequestStatus.OPEN

    def test_close_keeps_the_branch(self, bench: Workbench) -> None:
        head = bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        closed = bench.forge.close(bench.location, number, reason="not now")
        assert (closed.status, closed.reason) == (ChangeRequestStatus.CLOSED, "not now")
        assert bench.tip("topic") == head
        assert bench.forge.find(bench.location, "topic") == closed

    def test_after_a_close_a_branch_gets_a_new_one(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        first = bench.forge.open(bench.location, text())
        bench.forge.close(bench.location, first.number, reason="not now")
        second = bench.forge.open(bench.location, text())
        assert second.number > first.number
        assert bench.forge.find(bench.location, "topic") == second
        assert [c.status for c in bench.forge.list(bench.location)] == [
            ChangeRequestStatus.CLOSED,
            ChangeRequestStatus.OPEN,
        ]

    def test_what_is_closed_cannot_be_merged(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        before = bench.tip("main")
        number = bench.forge.open(bench.location, text()).number
        bench.forge.close(bench.location, number, reason="not now")
        with pytest.raises(ShiftdownError):
            bench.forge.merge(bench.location, number, by="ada")
        assert bench.tip("main") == before

    def test_what_is_merged_cannot_be_closed_or_edited(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        merged = bench.forge.merge(bench.location, number, by="ada")
        with pytest.raises(ShiftdownError):
            bench.forge.close(bench.location, number, reason="late")
        assert bench.forge.get(bench.location, number).status is merged.status

    def test_a_deleted_branch_closes_it(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        bench.delete_branch("topic")
        assert bench.forge.get(bench.location, number).status is ChangeRequestStatus.CLOSED

    def test_a_branch_deleted_after_the_merge_stays_merged(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        bench.forge.merge(bench.location, number, by="ada")
        bench.delete_branch("topic")
        assert bench.forge.get(bench.location, number).status is ChangeRequestStatus.MERGED

    def test_people_labels_and_milestone_are_added_where_they_are_missing(self, bench: Workbench) -> None:
        bench.people("ada", "bob")
        bench.team("core")
        bench.milestone("Q3")
        bench.commit("topic", {"a.txt": "a\n"})
        wanted = {"labels": ("devops", "ci"), "reviewers": ("ada",), "assignees": ("bob",), "milestone": "Q3"}
        full = text().model_copy(update=wanted | {"team_reviewers": ("core",)})
        opened = bench.forge.open(bench.location, full)
        assert (set(opened.labels), opened.assignees, opened.milestone) == ({"ci", "devops"}, ("bob",), "Q3")
        assert (opened.reviewers, opened.team_reviewers) == (("ada",), ("core",))
        assert opened.review is ReviewState.REQUESTED
        assert bench.forge.open(bench.location, full) == opened
        bench.as_user("ada").approve(bench.location, opened.number, by="ada")
        again = bench.forge.open(bench.location, full.model_copy(update={"labels": ("extra",)}))
        assert set(again.labels) == {"ci", "devops", "extra"}
        assert (again.review, again.reviewers, again.milestone) == (ReviewState.APPROVED, (), "Q3")
        assert bench.forge.open(bench.location, text()).labels == again.labels

    def test_the_diff_is_of_the_change_alone(self, bench: Workbench) -> None:
        bench.commit("topic", {"README.md": "hello there\n", "new.txt": "new\n"})
        number = bench.forge.open(bench.location, text()).number
        bench.commit("main", {"foreign.txt": "foreign\n"})
        for _ in ("open", "merged"):
            diff = bench.forge.diff(bench.location, number)
            assert "-hello\n+hello there\n" in diff
            assert "+new\n" in diff
            assert "foreign" not in diff
            bench.forge.merge(bench.location, number, by="ada")

    def test_a_draft_is_merged_once_it_is_ready(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        draft = text().model_copy(update={"draft": True})
        opened = bench.forge.open(bench.location, draft)
        assert opened.status is ChangeRequestStatus.DRAFT
        before = bench.tip("main")
        with pytest.raises(DraftError, match="ready"):
            bench.forge.merge(bench.location, opened.number, by="ada")
        assert bench.tip("main") == before
        assert bench.forge.open(bench.location, draft).status is ChangeRequestStatus.DRAFT
        assert bench.forge.update(bench.location, opened.number, text()).status is ChangeRequestStatus.OPEN
        assert bench.forge.update(bench.location, opened.number, draft).status is ChangeRequestStatus.DRAFT
        bench.forge.update(bench.location, opened.number, text())
        assert bench.forge.merge(bench.location, opened.number, by="ada").status is ChangeRequestStatus.MERGED

    def test_a_branch_without_a_change_is_refused(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        bench.forge.merge(bench.location, bench.forge.open(bench.location, text()).number, by="ada")
        with pytest.raises(ShiftdownError):
            bench.forge.open(bench.location, text())
        assert len(bench.forge.list(bench.location)) == 1

    def test_a_branch_that_does_not_exist_is_refused(self, bench: Workbench) -> None:
        for missing in (text("nowhere"), text("main", base="nowhere")):
            with pytest.raises(ShiftdownError):
                bench.forge.open(bench.location, missing)
        assert list(bench.forge.list(bench.location)) == []

    def test_a_number_that_does_not_exist_is_refused(self, bench: Workbench) -> None:
        calls = (
            lambda: bench.forge.get(bench.location, 99),
            lambda: bench.forge.approve(bench.location, 99, by="ada"),
            lambda: bench.forge.merge(bench.location, 99, by="ada"),
            lambda: bench.forge.close(bench.location, 99, reason="no"),
            lambda: bench.forge.comment(bench.location, 99, "hello"),
            lambda: bench.forge.remove_branch(bench.location, 99),
            lambda: bench.forge.diff(bench.location, 99),
        )
        for call in calls:
            with pytest.raises(NotFoundError, match="99"):
                call()

    @pytest.mark.parametrize(
        "branch", ["--upload-pack=x", "a..b", "a b", "HEAD", "a~1", "*", "x.lock", "a\nb", "", "\ud800"]
    )
    def test_a_hostile_branch_name_is_refused(self, bench: Workbench, branch: str) -> None:
        with pytest.raises(InvalidInputError):
            bench.forge.open(bench.location, text().model_copy(update={"branch": branch}))
        with pytest.raises(InvalidInputError):
            bench.forge.open(bench.location, text().model_copy(update={"base": branch}))
        with pytest.raises(InvalidInputError):
            bench.forge.find(bench.location, branch)

    def test_a_title_is_one_line(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        for title in ("one\ntwo", "one\rtwo", "\x1b[31mred", " "):
            with pytest.raises(InvalidInputError):
                bench.forge.open(bench.location, text(title=title))
        assert list(bench.forge.list(bench.location)) == []

    def test_words_of_all_languages_survive(self, bench: Workbench) -> None:
        bench.commit("ünï/🌍", {"a.txt": "a\n"})
        given = text("ünï/🌍", title='Prüfung 👩‍💻 "$(id)" `x` -- %s', body="Zeile\r\n\tmit 'allem' \\ und ✓\n")
        opened = bench.forge.open(bench.location, given)
        assert (opened.title, opened.branch) == (given.title, given.branch)
        assert bench.forge.get(bench.location, opened.number) == opened

    # Comments, and branches that are removed

    def test_a_comment_is_said_once(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        words = "It waits for **#7**.\n\n- `make test` ✓ 🌍\n"
        bench.forge.comment(bench.location, number, words)
        bench.forge.comment(bench.location, number, words)
        assert [said.strip() for said in bench.comments(number)] == [words.strip()]
        bench.forge.comment(bench.location, number, "Now it does not.")
        bench.forge.comment(bench.location, number, words)
        assert len(bench.comments(number)) == 3
        assert (bench.forge.get(bench.location, number).status, bench.forge.get(bench.location, number).reason) == (
            ChangeRequestStatus.OPEN,
            None,
        )

    def test_a_comment_after_that_of_a_person_is_said_again(self, bench: Workbench) -> None:
        bench.people("ada")
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        bench.forge.comment(bench.location, number, "ready")
        bench.say(number, "ready")
        bench.forge.comment(bench.location, number, "ready")
        assert bench.comments(number) == ["ready", "ready", "ready"]

    def test_what_is_closed_or_merged_can_be_commented(self, bench: Workbench) -> None:
        for branch in ("one", "two"):
            bench.commit(branch, {f"{branch}.txt": "x\n"})
        one, two = (bench.forge.open(bench.location, text(branch)).number for branch in ("one", "two"))
        bench.forge.close(bench.location, one, reason="not now")
        bench.forge.merge(bench.location, two, by="ada")
        for number in (one, two):
            bench.forge.comment(bench.location, number, "late")
            assert bench.comments(number)[-1] == "late"
        assert bench.forge.get(bench.location, one).reason == "not now"

    @pytest.mark.parametrize("said", ["", " \n", "\ud800", "x" * 1_100_000])
    def test_what_cannot_be_said_is_refused(self, bench: Workbench, said: str) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        with pytest.raises(InvalidInputError):
            bench.forge.comment(bench.location, number, said)
        assert bench.comments(number) == []

    def test_the_branch_of_what_was_merged_is_removed(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        bench.forge.merge(bench.location, number, by="ada")
        before = bench.tip("main")
        assert bench.forge.remove_branch(bench.location, number)
        assert (bench.tip("topic"), bench.tip("main")) == (None, before)
        assert bench.forge.remove_branch(bench.location, number)
        assert bench.forge.get(bench.location, number).status is ChangeRequestStatus.MERGED
        assert "+a\n" in bench.forge.diff(bench.location, number)

    def test_the_branch_of_what_was_closed_is_removed(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        closed = bench.forge.close(bench.location, number, reason="not now")
        assert bench.forge.remove_branch(bench.location, number)
        assert bench.tip("topic") is None
        present = bench.forge.get(bench.location, number)
        assert (present.status, present.reason) == (closed.status, "not now")
        assert "+a\n" in bench.forge.diff(bench.location, number)

    def test_the_branch_of_what_is_open_is_not_removed(self, bench: Workbench) -> None:
        head = bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        with pytest.raises(IllegalTransitionError):
            bench.forge.remove_branch(bench.location, number)
        assert bench.tip("topic") == head
        assert bench.forge.get(bench.location, number).status is ChangeRequestStatus.OPEN

    def test_a_branch_with_later_commits_is_kept(self, bench: Workbench) -> None:
        bench.commit("topic", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text()).number
        bench.forge.merge(bench.location, number, by="ada")
        later = bench.commit("topic", {"b.txt": "b\n"})
        assert not bench.forge.remove_branch(bench.location, number)
        assert bench.tip("topic") == later

    def test_a_branch_that_another_change_request_needs_is_kept(self, bench: Workbench) -> None:
        head = bench.commit("topic", {"a.txt": "a\n"})
        first = bench.forge.open(bench.location, text()).number
        bench.forge.close(bench.location, first, reason="not now")
        again = bench.forge.open(bench.location, text()).number
        assert not bench.forge.remove_branch(bench.location, first)
        bench.forge.close(bench.location, again, reason="not now")
        bench.commit("next", {"n.txt": "n\n"}, start="topic")
        onto = bench.forge.open(bench.location, text("next", base="topic"))
        assert not bench.forge.remove_branch(bench.location, first)
        assert bench.tip("topic") == head
        assert bench.forge.get(bench.location, onto.number).status is ChangeRequestStatus.OPEN
        bench.forge.close(bench.location, onto.number, reason="not now")
        assert bench.forge.remove_branch(bench.location, first)

    def test_the_default_branch_is_kept(self, bench: Workbench) -> None:
        bench.commit("release", {"r.txt": "r\n"})
        head = bench.commit("main", {"a.txt": "a\n"})
        number = bench.forge.open(bench.location, text("main", base="release")).number
        bench.forge.merge(bench.location, number, by="ada")
        assert not bench.forge.remove_branch(bench.location, number)
        assert bench.tip("main") == head
