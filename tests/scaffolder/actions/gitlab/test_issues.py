"""`gitlab:issues:create` and `gitlab:issue:edit`: what there is afterwards."""

from typing import Any

import pytest

from shiftdown.errors import NotFoundError, RepositoryError

from ..dying import deaths
from .bench import Bench


def _create(bench: Bench, name: str, given: dict[str, Any] | None = None, **options: Any) -> Any:
    asked = {"repoUrl": bench.url(f"acme/{name}"), "title": "Ask for a name"}
    return bench.run("gitlab:issues:create", asked | (given or {}), **options)


def _issues(bench: Bench, name: str) -> list[dict[str, Any]]:
    return bench.records.issues.get(bench.world.projects[f"acme/{name}"].id, [])


def test_an_issue(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    user = bench.world.add_user("bo").id
    given = {
        "description": "shop.example.org, please",
        "labels": "operations,new",
        "assignees": [user],
        "confidential": True,
        "dueDate": "2026-05-01T12:00:00Z",
        "createdAt": "2026-01-01T00:00:00Z",
        "issueType": "incident",
        "weight": 3,
    }
    ran = _create(bench, name, given)
    (made,) = _issues(bench, name)
    assert ran.output == {"issueUrl": made["web_url"], "issueId": made["id"], "issueIid": 1}
    expected = {
        "title": "Ask for a name",
        "description": "shop.example.org, please",
        "labels": ["operations", "new"],
        "assignees": [{"id": user}],
        "confidential": True,
        "due_date": "2026-05-01",
        "created_at": "2026-01-01T00:00:00Z",
        "issue_type": "incident",
        "weight": 3,
        "project_id": project.id,
    }
    assert {key: made[key] for key in expected} == expected


@pytest.mark.parametrize("by", ["number", "text", "path"])
def test_the_project_by(bench: Bench, by: str) -> None:
    project = bench.project(name := bench.new_name())
    reference = {"number": project.id, "text": str(project.id), "path": f"acme/{name}"}[by]
    bench.run("gitlab:issues:create", {"repoUrl": bench.host, "projectId": reference, "title": "t"})
    assert len(_issues(bench, name)) == 1


def test_two_issues_of_one_title(bench: Bench) -> None:
    bench.project(name := bench.new_name())
    assert [_create(bench, name).output["issueIid"] for _ in range(2)] == [1, 2]


def test_killed_anywhere_nothing_is_made_twice(bench: Bench) -> None:
    bench.project(name := bench.new_name())
    _create(bench, name)
    for count, death in enumerate(deaths(), 2):
        ran = death(_create, bench, name)
        assert ran.output["issueIid"] == len(_issues(bench, name)) == count


@pytest.mark.parametrize("after", [False, True])
def test_a_lost_answer(bench: Bench, after: bool) -> None:
    bench.project(name := bench.new_name())
    bench.lose("POST", "/issues", after=after)
    assert _create(bench, name).output["issueIid"] == len(_issues(bench, name)) == 1


def test_epics(bench: Bench) -> None:
    bench.project(name := bench.new_name())
    other = bench.world.add_group("acme/elsewhere", owner="ada")
    ours, theirs = ({"id": bench.world.number(), "group_id": group.id} for group in (bench.group, other))
    bench.records.epics.update({bench.group.id: [ours], other.id: [theirs]})
    _create(bench, name, {"epicId": ours["id"]})
    ran = _create(bench, name, {"epicId": theirs["id"]})
    assert [issue["epic_id"] for issue in _issues(bench, name)] == [ours["id"], None]
    assert f"Epic {theirs['id']} is of no group of the project: the issue goes without it" in ran.log
    with pytest.raises(NotFoundError, match="no epic '987654'"):
        _create(bench, name, {"epicId": 987654})


def test_changing_an_issue(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    user = bench.world.add_user("bo").id
    _create(bench, name, {"labels": "a,b", "assignees": [user], "confidential": True})
    given = {"repoUrl": bench.host, "projectId": project.id, "issueIid": 1}
    change = {"title": "Done", "addLabels": "c", "removeLabels": "a", "stateEvent": "close"}
    ran = bench.run("gitlab:issue:edit", given | change)
    (issue,) = _issues(bench, name)
    assert ran.output == {
        "issueUrl": issue["web_url"],
        "projectId": project.id,
        "issueId": issue["id"],
        "issueIid": 1,
        "state": "closed",
        "title": "Done",
        "updatedAt": issue["updated_at"],
    }
    assert (issue["labels"], issue["assignees"], issue["confidential"]) == (["b", "c"], [{"id": user}], True)
    bench.run("gitlab:issue:edit", given | {"assignees": [], "labels": "", "confidential": False})
    assert (issue["labels"], issue["assignees"], issue["confidential"]) == ([], [], False)
    assert issue["title"] == "Done"


def test_changing_nothing(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    _create(bench, name)
    ran = bench.run("gitlab:issue:edit", {"repoUrl": bench.host, "projectId": project.id, "issueIid": 1})
    assert ran.output["state"] == "opened"


def test_an_issue_that_does_not_exist(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    with pytest.raises(RepositoryError):
        bench.run("gitlab:issue:edit", {"repoUrl": bench.host, "projectId": project.id, "issueIid": 9, "title": "x"})


def test_empty_values_are_as_good_as_none(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    _create(bench, name, {"createdAt": "", "dueDate": "", "labels": "", "epicId": 0, "milestoneId": 0})
    given = {"title": "", "stateEvent": "", "updatedAt": "", "addLabels": "", "dueDate": "2026-05-01"}
    bench.run("gitlab:issue:edit", {"repoUrl": bench.host, "projectId": project.id, "issueIid": 1, **given})
    (issue,) = _issues(bench, name)
    assert (issue["title"], issue["state"], issue["due_date"]) == ("Ask for a name", "opened", "2026-05-01")


def test_an_older_issue_that_says_it_is_newer(bench: Bench) -> None:
    bench.project(name := bench.new_name())
    _create(bench, name)
    _create(bench, name, {"title": "Another", "createdAt": "2020-01-01T00:00:00Z"})
    bench.lose("POST", "/issues", after=False)
    assert _create(bench, name, {"title": "Another"}).output["issueIid"] == 3
