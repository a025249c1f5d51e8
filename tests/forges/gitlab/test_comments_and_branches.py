"""What others do meanwhile, and what cannot be done any more."""

import pytest

from shiftdown.errors import ConflictError, IllegalTransitionError, InvalidInputError, RepositoryError
from shiftdown_fakes.faults import Fault

from ..contract import text
from .bench import GitLabBench


def test_a_branch_without_a_change(bench: GitLabBench) -> None:
    bench.project.store.move("refs/heads/same", bench.tip("main"), None)
    with pytest.raises(InvalidInputError, match="same has no commit that main does not have"):
        bench.forge.open(bench.location, text("same"))
    assert bench.forge.list(bench.location) == []


def test_what_somebody_opens_meanwhile_is_taken(bench: GitLabBench) -> None:
    def open_first(method: str, path: str) -> None:
        if method == "POST" and path.endswith("/merge_requests") and not bench.project.merge_requests:
            bench.add_merge_request("topic")

    bench.gitlab.inject = open_first
    opened = bench.forge.open(bench.location, text())
    bench.gitlab.inject = lambda method, path: None
    assert (opened.number, opened.title, len(bench.project.merge_requests)) == (1, text().title, 1)


def test_a_conflict_that_comes_about_meanwhile_names_the_files(bench: GitLabBench) -> None:
    def change_base(method: str, path: str) -> None:
        if method == "PUT" and path.endswith("/merge"):
            bench.commit("main", {"a.txt": "another\n"})

    number = bench.forge.open(bench.location, text()).number
    bench.gitlab.inject = change_base
    with pytest.raises(ConflictError, match=r"both change a\.txt"):
        bench.forge.merge(bench.location, number, by="ada")
    bench.gitlab.inject = lambda method, path: None


@pytest.mark.parametrize(
    ("option", "method", "words"), [("never", "squash", "does not squash"), ("always", "merge", "squashes always")]
)
def test_squashing_that_the_project_rules_out(bench: GitLabBench, option: str, method: str, words: str) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.project.squash_option = option
    forge = bench.new_forge(bench.token, merge_method=method)
    with pytest.raises(InvalidInputError, match=words):
        forge.merge(bench.location, number, by="ada")
    forge.disconnect()


def test_a_method_that_keeps_the_commits_keeps_them_where_squashing_is_the_default(bench: GitLabBench) -> None:
    bench.project.squash_option = "default_on"
    number = bench.forge.open(bench.location, text()).number
    assert bench.request(number).squash
    forge = bench.new_forge(bench.token, merge_method="merge")
    merged = forge.merge(bench.location, number, by="ada")
    facts = bench.project.store.commit_facts(str(merged.merge_commit))
    assert facts is not None
    assert facts.parents[1] == merged.head
    forge.disconnect()


def test_another_branch_takes_another_change_request(bench: GitLabBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    with pytest.raises(InvalidInputError, match="is about topic; open another one for other"):
        bench.forge.update(bench.location, number, text("other"))


def test_what_is_closed_is_not_approved(bench: GitLabBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.forge.close(bench.location, number, reason="not now")
    with pytest.raises(IllegalTransitionError):
        bench.as_user("ada").approve(bench.location, number, by="ada")


def test_a_branch_that_somebody_removes_meanwhile_is_gone(bench: GitLabBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.forge.close(bench.location, number, reason="not now")

    def remove_first(method: str, path: str) -> None:
        if method == "DELETE" and bench.tip("topic"):
            bench.delete_branch("topic")

    bench.gitlab.inject = remove_first
    assert bench.forge.remove_branch(bench.location, number)
    bench.gitlab.inject = lambda method, path: None


def test_a_branch_that_may_not_be_removed_is_said(bench: GitLabBench) -> None:
    number = bench.forge.open(bench.location, text()).number
    bench.forge.close(bench.location, number, reason="not now")
    bench.gitlab.fail("DELETE", "/topic", Fault.answers(403, "403 Forbidden"))
    with pytest.raises(RepositoryError, match="cannot remove topic: GitLab answers 403"):
        bench.forge.remove_branch(bench.location, number)
    assert bench.tip("topic") is not None


def test_the_branch_of_a_fork_that_is_gone_is_gone(bench: GitLabBench) -> None:
    login = bench.group.replace("acme", "ada")
    forge = bench.new_forge(bench.new_token(login))
    forge.fork(bench.location)
    fork = bench.world.projects[f"{login}/orders"]
    bench.gitlab.commit(fork, "theirs", {"t.txt": "t\n"})
    number = forge.open(bench.location, text("theirs")).number
    forge.close(bench.location, number, reason="not now")
    del bench.world.projects[fork.path]
    assert bench.forge.remove_branch(bench.location, number)
    forge.disconnect()
