"""What every forge must do beside the change itself: comments, and the removal of branches."""

import pytest

from shiftdown.errors import IllegalTransitionError, InvalidInputError
from shiftdown.model.states import ChangeRequestStatus

from .workbench import Workbench, text


class AfterwardsContract:
    """A part of `ForgeContract`."""

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
