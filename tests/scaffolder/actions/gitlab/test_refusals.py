"""What GitLab refuses becomes an error that says what happened, where, and what to do; nothing is made."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shiftdown.errors import ShiftdownError

from .bench import Bench

_ON_PROJECT: dict[str, dict[str, Any]] = {
    "gitlab:issues:create": {"title": "t"},
    "gitlab:projectAccessToken:create": {},
    "gitlab:projectDeployToken:create": {"name": "n", "scopes": ["read_registry"]},
    "gitlab:projectVariable:create": {"key": "A", "value": "b", "variableType": "env_var"},
    "gitlab:repo:push": {"branchName": "new", "commitMessage": "m"},
    "publish:gitlab:merge-request": {"branchName": "new", "title": "t"},
}
_BY_NUMBER: dict[str, dict[str, Any]] = {
    "gitlab:issue:edit": {"issueIid": 1, "title": "t"},
    "gitlab:pipeline:trigger": {"tokenDescription": "t", "branch": "main"},
}
_FOR_MAINTAINERS = ["gitlab:projectAccessToken:create", "gitlab:projectDeployToken:create"]
_FOR_MAINTAINERS += ["gitlab:projectVariable:create", "gitlab:pipeline:trigger"]


def _refused(bench: Bench, id_: str, path: str, *, token: str = "", **given: Any) -> str:
    """The error of an action about a project."""
    found = bench.world.projects.get(path)
    number = found.id if found else 987654
    where = {"projectId": number if id_ in _BY_NUMBER else path} if id_ in {*_BY_NUMBER, *_FOR_MAINTAINERS} else {}
    asked = {"repoUrl": bench.url(path), **where, **_ON_PROJECT.get(id_, {}), **_BY_NUMBER.get(id_, {}), **given}
    return _error(bench, id_, asked | ({"token": token} if token else {}))


def _error(bench: Bench, id_: str, given: dict[str, Any]) -> str:
    with pytest.raises(ShiftdownError) as caught:
        bench.run(id_, given, workspace={"a.txt": "a"})
    assert "glpat-" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("id_", [*_ON_PROJECT, *_BY_NUMBER])
@pytest.mark.parametrize("there", [False, True])
def test_a_project_that_is_not_seen(bench: Bench, id_: str, there: bool) -> None:
    name = bench.new_name()
    if there:
        bench.world.add_project(f"hidden/{name}", owner="root", private=True)
    said = _refused(bench, id_, f"hidden/{name}")
    assert "not exist" in said
    assert "the token does not see it" in said or "is not visible" in said
    assert f"hidden/{name}" in said or "/projects/" in said


@pytest.mark.parametrize("id_", [*_ON_PROJECT, *_BY_NUMBER])
def test_a_project_that_is_archived(bench: Bench, id_: str) -> None:
    project = bench.project(bench.new_name())
    bench.records.issues[project.id] = [{"iid": 1, "author": {"id": 0}}]
    project.archived = True
    assert "archived" in _refused(bench, id_, project.path)
    assert project.store.references().keys() == {"refs/heads/main"}


@pytest.mark.parametrize("id_", [*_ON_PROJECT, *_BY_NUMBER])
def test_a_token_without_the_scope(bench: Bench, id_: str) -> None:
    project = bench.project(bench.new_name())
    bench.records.issues[project.id] = [{"iid": 1, "author": {"id": 0}}]
    said = _refused(bench, id_, project.path, token=bench.world.add_token("ada", ("read_api",)).value)
    assert "Give the token the scope api" in said or "access denied" in said


@pytest.mark.parametrize("id_", [*_ON_PROJECT, *_BY_NUMBER])
def test_a_token_that_has_expired(bench: Bench, id_: str) -> None:
    project = bench.project(bench.new_name())
    expired = bench.world.add_token("ada", expires=datetime(2020, 1, 1, tzinfo=UTC)).value
    assert "expired" in _refused(bench, id_, project.path, token=expired)


@pytest.mark.parametrize("id_", _FOR_MAINTAINERS)
def test_a_role_that_is_too_low(bench: Bench, id_: str) -> None:
    project = bench.project(bench.new_name())
    said = _refused(bench, id_, project.path, token=bench.member("dev", 30))
    assert "The token may not do that: it needs the scope api, and its owner the role Maintainer or more" in said


def test_who_may_not_push(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    said = _refused(bench, "gitlab:repo:push", project.path, token=bench.member("rep", 20))
    assert "You are not allowed to push code to this project" in said
    assert project.merge_requests == {}


def test_who_may_neither_push_nor_fork(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    said = _refused(bench, "publish:gitlab:merge-request", project.path, token=bench.bot(project, 20))
    assert "may not push to it, and tokens of projects and groups have no place for forks" in said
    assert project.merge_requests == {}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nowhere/new", "no group 'nowhere': make it first (gitlab:group:ensureExists), or use the token of a member"),
        ("others/new", "no group 'others': make it first"),
        ("acme/below", "acme/below: the name is taken; choose another one"),
        ("acme/two words", "path can contain only letters"),
    ],
)
def test_where_no_project_can_be_made(bench: Bench, path: str, words: str) -> None:
    bench.world.add_group("others")
    bench.world.add_group("acme/below")
    count = len(bench.world.projects)
    assert words in _error(bench, "publish:gitlab", {"repoUrl": bench.url(path)})
    assert len(bench.world.projects) == count


def test_projects_of_reporters(bench: Bench) -> None:
    given = {"repoUrl": bench.url(f"acme/{bench.new_name()}"), "token": bench.member("rep", 20)}
    said = _error(bench, "publish:gitlab", given)
    assert "The owner of the token may not make projects in acme: that takes the role Developer there" in said


def test_projects_of_developers(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    given = {"repoUrl": bench.url(path), "token": bench.member("dev", 30)}
    said = _error(bench, "publish:gitlab", given)
    assert "GitLab lets only maintainers push its first branch: use the token of one, or say setUserAsOwner" in said
    assert bench.world.projects[path].empty
    del bench.world.projects[path]
    bench.world.root.joinpath(f"{path}.git").rename(bench.world.root / f"{path}-old.git")
    bench.run("publish:gitlab", given | {"setUserAsOwner": True}, workspace={"a.txt": "a"})
    assert not bench.world.projects[path].empty


def test_a_public_project_in_a_private_group(bench: Bench) -> None:
    bench.world.add_group("acme/closed", private=True)
    given = {"repoUrl": bench.url(f"acme/closed/{bench.new_name()}"), "settings": {"visibility": "public"}}
    assert "public is not allowed in a private group" in _error(bench, "publish:gitlab", given)


def test_a_branch_that_begins_nowhere(bench: Bench) -> None:
    branches = [{"name": "next", "create": True, "ref": "none"}]
    given = {"repoUrl": bench.url(f"acme/{bench.new_name()}"), "branches": branches}
    said = _error(bench, "publish:gitlab", given)
    assert "no branch 'none'" in said
    assert "branch next is to begin there" in said


def test_a_value_that_cannot_be_masked(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    said = _refused(bench, "gitlab:projectVariable:create", project.path, masked=True)
    assert "GitLab cannot mask the value of variable A: it takes 8 characters or more on one line" in said
    assert not bench.records.variables.get(project.id)


@pytest.mark.parametrize("value", ["short", "two or three words", ""])
def test_a_value_that_cannot_be_masked_in_a_new_project(bench: Bench, value: str) -> None:
    path = f"acme/{bench.new_name()}"
    given = {"repoUrl": bench.url(path), "projectVariables": [{"key": "A", "value": value, "masked_and_hidden": True}]}
    assert "GitLab cannot mask the value of variable A" in _error(bench, "publish:gitlab", given)
    assert path not in bench.world.projects


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("others/new", "127.0.0.1:{port}: cannot make group others/new: .* its owner the role Maintainer or more"),
        ("acme/taken", "its path or name is taken, by a project, a user, or a group that the token does not see"),
        ("secret", "its path or name is taken, by a project, a user, or a group that the token does not see"),
        ("two words", "path=>.*can contain only letters"),
    ],
)
def test_groups_that_cannot_be_made(bench: Bench, path: str, words: str) -> None:
    bench.world.add_group("others")
    bench.world.add_group("secret", private=True)
    if "acme/taken" not in bench.world.projects:
        bench.project("taken")
    count = len(bench.world.groups)
    with pytest.raises(ShiftdownError, match=words.format(port=bench.host.rpartition(":")[2])):
        bench.run("gitlab:group:ensureExists", {"repoUrl": bench.host, "path": [path]})
    assert len(bench.world.groups) == count


def test_who_may_make_no_group_at_the_top(bench: Bench) -> None:
    token = bench.world.add_token("rae").value
    bench.world.users["rae"].makes_groups = False
    given = {"repoUrl": bench.host, "path": ["top"], "token": token}
    said = _error(bench, "gitlab:group:ensureExists", given)
    assert "GitLab lets the owner of the token make no group that is in no other (gitlab.com lets nobody" in said


@pytest.mark.parametrize(
    ("path", "given", "words"),
    [
        ("nowhere", {"userIds": [1]}, "/nowhere: cannot add a member: .* 404 Group Not Found"),
        ("nowhere", {"groupIds": [1]}, "/nowhere: cannot look at the group: it does not exist, or the token"),
        ("acme", {"userIds": [987654]}, "404 User Not Found. It does not exist, or the token does not see it"),
        ("acme", {"groupIds": [987654]}, "404 Group Not Found. It does not exist, or the token does not see it"),
        ("acme", {"accessLevel": 33}, "access_level is not included in the list"),
        ("others", {}, "The token may not do that: it needs the scope api, and its owner the role Owner or more"),
        ("acme/lower", {"accessLevel": 10}, "greater than or equal to the inherited membership from group acme"),
    ],
)
def test_who_cannot_be_let_in(bench: Bench, path: str, given: dict[str, Any], words: str) -> None:
    bench.world.add_group("others")
    bench.world.add_group("acme/lower", owner="ada")
    bench.member("dev", 30)
    users = {} if "groupIds" in given else {"userIds": [bench.world.users["dev"].id]}
    with pytest.raises(ShiftdownError, match=words):
        bench.run("gitlab:group:access", {"repoUrl": bench.host, "path": path, **users, **given})


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nowhere/new", "Destination 'nowhere' is invalid, or you don't have permission; name a group that exists"),
        ("acme/taken", "'acme/taken' already exists. Change the destination and try again; name a group"),
    ],
)
def test_where_nothing_can_be_brought(bench: Bench, path: str, words: str) -> None:
    if "acme/taken" not in bench.world.projects:
        bench.project("taken")
    given = {"sourceUrl": "https://old.example.org", "sourceFullPath": "a/b", "sourceAccessToken": "glpat-old"}
    where = {"destinationUrl": bench.url(path), "destinationAccessToken": bench.token}
    assert words in _error(bench, "gitlab:group:migrate", given | where)
    assert bench.records.migrations == []
