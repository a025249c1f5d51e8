"""`github:issues:create` and `github:issues:label`: what there is afterwards."""

from typing import Any

import pytest

from shiftdown.errors import InvalidInputError, NotARepositoryError, RepositoryError, ShiftdownError
from shiftdown_fakes.github import Fault, Repository

from ..dying import deaths
from .bench import Bench


def _create(bench: Bench, repository: Repository, given: dict[str, Any] | None = None, **options: Any) -> Any:
    return bench.on("github:issues:create", repository, {"title": "Set up alerts", **(given or {})}, **options)


def _label(bench: Bench, repository: Repository, number: int, *labels: str, **options: Any) -> Any:
    return bench.on("github:issues:label", repository, {"number": number, "labels": list(labels)}, **options)


def test_an_issue(bench: Bench) -> None:
    repository = bench.repository()
    milestone = bench.world.add_milestone(repository, "Q3").number
    given = {
        "body": "Before Friday.",
        "assignees": ["bob", "nobody-there"],
        "labels": ["ops"],
        "milestone": str(milestone),
    }
    ran = _create(bench, repository, given)
    url = f"{bench.github.url}/{repository.full_name}/issues/1"
    assert ran.output == {"issueUrl": url, "issueNumber": 1}
    issue = repository.issues[1]
    assert (issue.title, issue.body, issue.labels) == ("Set up alerts", "Before Friday.", ["ops"])
    assert (issue.assignees, issue.milestone, issue.author) == (["bob"], milestone, "ada")


def test_two_tasks_open_two_issues(bench: Bench) -> None:
    repository = bench.repository()
    assert [_create(bench, repository).output["issueNumber"] for _ in range(2)] == [1, 2]


def test_killed_after_any_request_there_is_one_issue(bench: Bench) -> None:
    repository = bench.repository()
    _create(bench, repository)
    for count, death in enumerate(deaths(), 2):
        ran = death(_create, bench, repository)
        assert ran.output["issueNumber"] == len(repository.issues) == count


@pytest.mark.parametrize("after", [False, True])
def test_an_answer_is_lost(bench: Bench, after: bool) -> None:
    repository = bench.repository()
    bench.github.fail("POST", "/issues", Fault(after=after))
    assert _create(bench, repository).output["issueNumber"] == len(repository.issues) == 1


@pytest.mark.parametrize("milestone", ["soon", "1.5", "", 99])
def test_no_such_milestone(bench: Bench, milestone: str | int) -> None:
    repository = bench.repository()
    with pytest.raises(ShiftdownError, match="milestone"):
        _create(bench, repository, {"milestone": milestone})
    assert repository.issues == {}


def test_labels(bench: Bench) -> None:
    repository = bench.repository()
    _create(bench, repository, {"labels": ["ops"]})
    for death in deaths():
        death(_label, bench, repository, 1, "devops", "two words", "ops")
    assert repository.issues[1].labels == ["ops", "devops", "two words"]
    _label(bench, repository, 1)
    assert repository.issues[1].labels == ["ops", "devops", "two words"]


def test_labels_of_what_is_not_there(bench: Bench) -> None:
    with pytest.raises(RepositoryError, match="cannot label #7"):
        _label(bench, bench.repository(), 7, "devops")
    with pytest.raises(InvalidInputError, match="number"):
        _label(bench, bench.repository(), 0, "devops")


def test_an_archived_repository(bench: Bench) -> None:
    repository = bench.repository()
    repository.archived = True
    with pytest.raises(RepositoryError, match=r"cannot open an issue.*archived.*Unarchive it, or leave it out"):
        _create(bench, repository)


def test_a_repository_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(NotARepositoryError, match=r"acme/none: cannot open an issue.*does not exist"):
        bench.run("github:issues:create", {"repoUrl": bench.url("acme/none"), "title": "t"})
