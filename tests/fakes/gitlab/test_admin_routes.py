"""Groups, members, projects and pipelines of the fake: what follows from what, and what is refused to whom."""

import itertools
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from gitlab import Gitlab
from gitlab.exceptions import GitlabError
from gitlab.v4.objects import Project

from shiftdown.testing.tools import find_tool
from shiftdown_fakes.gitlab import FakeGitLab, Group
from shiftdown_fakes.gitlab.model import DEVELOPER, MAINTAINER, OWNER, REPORTER

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def gitlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitLab]:
    with FakeGitLab(tmp_path_factory.mktemp("gitlab")) as server:
        yield server
        assert server.crashes == []


@pytest.fixture
def acme(gitlab: FakeGitLab) -> Group:
    """A group of `ada`, in which `bo` develops."""
    made = gitlab.world.add_group(f"acme{next(_numbers)}", owner="ada")
    gitlab.world.add_member(made, "bo", DEVELOPER)
    return made


def client(gitlab: FakeGitLab, username: str = "ada") -> Gitlab:
    token = gitlab.world.add_token(username).value
    return Gitlab(gitlab.url, private_token=token, retry_transient_errors=False)


def refusal(call: Callable[[], object]) -> tuple[int | None, str]:
    with pytest.raises(GitlabError) as caught:
        call()
    return caught.value.response_code, str(caught.value.error_message)


def made(gitlab: FakeGitLab, acme: Group, username: str = "ada", **settings: object) -> Project:
    given = {"name": f"p{next(_numbers)}", "namespace_id": acme.id, **settings}
    return client(gitlab, username).projects.create(given)


def push(gitlab: FakeGitLab, project: Project, username: str, branch: str, folder: Path) -> str:
    """Push a first commit as a user; what git says when that is refused."""
    token = gitlab.world.add_token(username).value
    address = project.http_url_to_repo.replace("://", f"://oauth2:{token}@")

    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        return subprocess.run(
            [find_tool("git"), *who, *arguments], cwd=folder, capture_output=True, text=True, check=False
        )

    if not (folder / ".git").exists():
        git("init", "--quiet")
        git("commit", "--quiet", "--allow-empty", "--message", "x")
    done = git("push", address, f"HEAD:refs/heads/{branch}")
    return done.stderr if done.returncode else ""


# Groups


def test_a_group_belongs_to_who_made_it(gitlab: FakeGitLab, acme: Group) -> None:
    below = client(gitlab).groups.create({"name": "Below", "path": "below", "parent_id": acme.id})
    assert (below.full_path, below.visibility, below.parent_id) == (f"{acme.path}/below", "private", acme.id)
    assert below.members.get(gitlab.world.users["ada"].id).access_level == OWNER
    assert refusal(lambda: client(gitlab, "eve").groups.get(below.id)) == (404, "404 Group Not Found")


def test_who_makes_which_groups(gitlab: FakeGitLab, acme: Group) -> None:
    below = {"name": "b", "path": f"b{next(_numbers)}", "parent_id": acme.id}
    assert refusal(lambda: client(gitlab, "bo").groups.create(below))[0] == 403
    top = {"name": "t", "path": f"t{next(_numbers)}"}
    rae = client(gitlab, "rae")
    gitlab.world.users["rae"].makes_groups = False
    assert refusal(lambda: rae.groups.create(top))[0] == 403
    assert refusal(lambda: rae.groups.create(below | {"parent_id": 987654})) == (404, "404 Group Not Found")
    assert client(gitlab).groups.create(top).full_path == top["path"]


@pytest.mark.parametrize("path", ["two words", "-a", "a.git", "a/b", ""])
def test_paths_that_cannot_be(gitlab: FakeGitLab, acme: Group, path: str) -> None:
    given = {"name": "b", "path": path, "parent_id": acme.id}
    status, said = refusal(lambda: client(gitlab).groups.create(given))
    assert (status, "can contain only" in said) == (400, True)


def test_a_path_is_taken_once(gitlab: FakeGitLab, acme: Group) -> None:
    gitlab.world.add_project(f"{acme.path}/shop", owner="ada")
    api, below = client(gitlab), {"name": "s", "parent_id": acme.id}
    for given in (below | {"path": "shop"}, below | {"path": "SHOP"}):
        status, said = refusal(partial(api.groups.create, given))
        assert (status, "has already been taken" in said) == (400, True)
    assert refusal(lambda: client(gitlab).groups.create({"name": "x", "path": "ada"}))[0] == 400


def test_projects_of_a_group_are_shown_to_who_sees_them(gitlab: FakeGitLab, acme: Group) -> None:
    gitlab.world.add_project(f"{acme.path}/open", owner="ada")
    gitlab.world.add_project(f"{acme.path}/closed", owner="ada", private=True)
    assert [one["path"] for one in client(gitlab).groups.get(acme.path).attributes["projects"]] == ["open", "closed"]
    assert [one["path"] for one in client(gitlab, "eve").groups.get(acme.path).attributes["projects"]] == ["open"]
    assert "projects" not in client(gitlab).groups.get(acme.path, with_projects=False).attributes


def test_a_group_that_is_shared_lets_its_guests_in(gitlab: FakeGitLab, acme: Group) -> None:
    world = gitlab.world
    guests = world.add_group(f"guests{next(_numbers)}", owner="eve")
    project = world.add_project(f"{acme.path}/closed", owner="ada", private=True)
    eve, group = client(gitlab, "eve"), client(gitlab).groups.get(acme.id)
    assert refusal(lambda: eve.projects.get(project.id))[0] == 404
    group.share(guests.id, REPORTER)
    assert refusal(lambda: group.share(guests.id, REPORTER))[0] == 409
    assert eve.projects.get(project.id).path == "closed"
    assert world.level(project, "eve") == REPORTER
    assert refusal(lambda: group.share(guests.id, 33)) == (400, "group_access does not have a valid value")
    assert refusal(lambda: group.share(987654, REPORTER)) == (404, "404 Group Not Found")
    assert refusal(lambda: client(gitlab, "bo").groups.get(acme.id).share(guests.id, REPORTER))[0] == 403
    group.unshare(guests.id)
    assert refusal(lambda: group.unshare(guests.id)) == (404, "404 Group Link Not Found")
    assert refusal(lambda: eve.projects.get(project.id))[0] == 404


def test_a_namespace_is_for_its_members(gitlab: FakeGitLab, acme: Group) -> None:
    for name in (acme.path, acme.id):
        assert client(gitlab, "bo").namespaces.get(name).full_path == acme.path
    assert client(gitlab, "bo").namespaces.get("bo").kind == "user"
    assert refusal(lambda: client(gitlab, "eve").namespaces.get(acme.path)) == (404, "404 Namespace Not Found")
    assert refusal(lambda: client(gitlab, "eve").namespaces.get("bo"))[0] == 404


# Members and users


def test_who_lets_whom_in(gitlab: FakeGitLab, acme: Group) -> None:
    eve, group = gitlab.world.add_user("eve").id, client(gitlab).groups.get(acme.id)
    member = group.members.create({"user_id": eve, "access_level": REPORTER})
    assert refusal(lambda: group.members.create({"user_id": eve, "access_level": 30})) == (409, "Member already exists")
    assert refusal(lambda: group.members.create({"user_id": 987654, "access_level": 30})) == (404, "404 User Not Found")
    member.access_level = 33
    assert refusal(member.save) == (400, "{'access_level': ['is not included in the list']}")
    by_bo = client(gitlab, "bo").groups.get(acme.id).members
    assert refusal(lambda: by_bo.delete(eve))[0] == 403
    assert refusal(lambda: by_bo.create({"user_id": gitlab.world.add_user("rae").id, "access_level": 10}))[0] == 403
    member.delete()
    assert refusal(member.delete) == (404, "404 Not found")
    assert refusal(lambda: group.members.get(eve)) == (404, "404 Not found")


def test_a_member_is_below_at_least_what_they_are_above(gitlab: FakeGitLab, acme: Group) -> None:
    bo = gitlab.world.users["bo"].id
    below = gitlab.world.add_group(f"{acme.path}/below", owner="ada")
    members = client(gitlab).groups.get(below.id).members
    status, said = refusal(lambda: members.create({"user_id": bo, "access_level": REPORTER}))
    assert (status, "greater than or equal" in said) == (400, True)
    assert members.create({"user_id": bo, "access_level": MAINTAINER}).access_level == MAINTAINER


def test_nobody_gives_more_than_they_have(gitlab: FakeGitLab, acme: Group) -> None:
    project = made(gitlab, acme)
    gitlab.world.add_member(acme, "max", MAINTAINER)
    eve = gitlab.world.add_user("eve").id
    by_max = client(gitlab, "max").projects.get(project.id).members
    assert refusal(lambda: by_max.create({"user_id": eve, "access_level": OWNER}))[0] == 403
    assert by_max.create({"user_id": eve, "access_level": MAINTAINER}).access_level == MAINTAINER
    by_bo = client(gitlab, "bo").projects.get(project.id).members
    assert refusal(lambda: by_bo.update(eve, {"access_level": REPORTER}))[0] == 403


def test_users_are_found_by_name_in_any_case(gitlab: FakeGitLab) -> None:
    gitlab.world.add_user("grace")
    api = client(gitlab)
    assert [user.username for user in api.users.list(username="Grace", get_all=True)] == ["grace"]
    assert api.users.list(username="nobody", get_all=True) == []
    assert refusal(lambda: api.users.get(987654)) == (404, "404 User Not Found")


# Projects


def test_who_makes_which_projects(gitlab: FakeGitLab, acme: Group) -> None:
    gitlab.world.add_member(acme, "rep", REPORTER)
    assert refusal(lambda: made(gitlab, acme, "rep")) == (400, "{'namespace': ['is not valid']}")
    assert refusal(lambda: made(gitlab, acme, namespace_id=987654)) == (400, "{'namespace': ['is not valid']}")
    by_bo = gitlab.project(made(gitlab, acme, "bo").path_with_namespace)
    assert (by_bo.levels, gitlab.world.level(by_bo, "bo")) == ({}, DEVELOPER)
    own = client(gitlab, "bo").projects.create({"name": f"Own {next(_numbers)}"})
    assert own.path_with_namespace.startswith("bo/own-")
    assert gitlab.project(own.path_with_namespace).levels == {"bo": OWNER}


def test_settings_of_a_project(gitlab: FakeGitLab, acme: Group) -> None:
    project = made(gitlab, acme, visibility="internal", merge_method="ff", topics=["a"], ci_config_path="ci.yml")
    shown = client(gitlab).projects.get(project.id)
    assert (shown.visibility, shown.merge_method, shown.topics, shown.ci_config_path) == (
        "internal",
        "ff",
        ["a"],
        "ci.yml",
    )
    assert refusal(lambda: Gitlab(gitlab.url).projects.get(project.id))[0] == 404
    assert client(gitlab, "eve").projects.get(project.id).id == project.id
    shown.squash_option = "often"
    assert refusal(shown.save) == (400, "squash_option does not have a valid value")
    shown.squash_option = "always"
    shown.save()
    assert client(gitlab).projects.get(project.id).squash_option == "always"
    assert refusal(lambda: client(gitlab, "bo").projects.update(project.id, {"name": "b"}))[0] == 403
    acme.private = True
    status, said = refusal(lambda: made(gitlab, acme, visibility="public"))
    assert (status, "public is not allowed in a private group" in said) == (400, True)


def test_names_that_cannot_be(gitlab: FakeGitLab, acme: Group) -> None:
    taken = made(gitlab, acme).path
    assert refusal(lambda: made(gitlab, acme, path=taken.upper())) == (400, "{'path': ['has already been taken']}")
    assert refusal(lambda: made(gitlab, acme, path="two words"))[0] == 400
    assert refusal(lambda: client(gitlab).projects.create({"namespace_id": acme.id}))[0] == 400


def test_the_first_branch_becomes_the_default_one_and_is_protected(
    gitlab: FakeGitLab, acme: Group, tmp_path: Path
) -> None:
    project = made(gitlab, acme)
    assert refusal(lambda: project.protectedbranches.get("trunk"))[0] == 404
    assert "not allowed to push code to protected branches" in push(gitlab, project, "bo", "trunk", tmp_path)
    assert push(gitlab, project, "ada", "trunk", tmp_path) == ""
    assert push(gitlab, project, "bo", "other", tmp_path) == ""
    shown = client(gitlab).projects.get(project.id)
    assert shown.default_branch == "trunk"
    assert shown.protectedbranches.get("trunk").push_access_levels[0]["access_level"] == MAINTAINER
    shown.default_branch = "none"
    assert refusal(shown.save) == (400, "{'base': [\"Could not change HEAD: branch 'none' does not exist\"]}")
    shown.default_branch = "other"
    shown.save()
    assert client(gitlab).projects.get(project.id).default_branch == "other"


def test_branches_are_protected_once(gitlab: FakeGitLab, acme: Group) -> None:
    project = made(gitlab, acme)
    project.protectedbranches.create({"name": "release-*", "push_access_level": 0})
    assert refusal(lambda: project.protectedbranches.create({"name": "release-*"}))[0] == 409
    assert refusal(lambda: project.protectedbranches.create({"name": "x", "push_access_level": 33}))[0] == 400
    assert project.protectedbranches.get("release-*").push_access_levels[0]["access_level"] == 0
    by_bo = client(gitlab, "bo").projects.get(project.id)
    assert refusal(lambda: by_bo.protectedbranches.create({"name": "x"}))[0] == 403


# Pipelines and tokens


def test_pipelines_that_are_triggered(gitlab: FakeGitLab, acme: Group) -> None:
    project = made(gitlab, acme)
    gitlab.commit(gitlab.project(project.path_with_namespace), "main", {"a": "a"})
    trigger = project.triggers.create({"description": "t"})
    assert refusal(lambda: project.trigger_pipeline("none", trigger.token)) == (
        400,
        "{'base': ['Reference not found']}",
    )
    assert refusal(lambda: project.trigger_pipeline("main", "glptt-wrong"))[0] == 404
    nobody = Gitlab(gitlab.url)
    gitlab.project(project.path_with_namespace).private = False
    path = f"/projects/{project.id}/trigger/pipeline"
    first = nobody.http_post(path, post_data={"token": trigger.token, "ref": "main"})
    assert isinstance(first, dict)
    assert (first["source"], first["user"]["username"]) == ("trigger", "ada")
    second = project.trigger_pipeline("main", trigger.token, {"A": "b"})
    listed = project.pipelines.list(ref="main", source="trigger", username="ada", get_all=True)
    assert [one.id for one in listed] == [second.id, first["id"]]
    assert project.pipelines.list(source="push", get_all=True) == []
    assert [one.id for one in project.pipelines.list(sort="asc", get_all=True)] == [first["id"], second.id]


def test_an_access_token_works_until_it_is_taken_back(gitlab: FakeGitLab, acme: Group) -> None:
    project = made(gitlab, acme)
    given = {"name": "t", "scopes": ["api"], "expires_at": "2099-01-01", "access_level": REPORTER}
    token = project.access_tokens.create(given)
    bot = Gitlab(gitlab.url, private_token=token.token)
    assert bot.projects.get(project.id).id == project.id
    assert refusal(lambda: bot.projects.update(project.id, {"name": "b"}))[0] == 403
    token.delete()
    assert refusal(lambda: bot.projects.get(project.id))[0] == 401
    gitlab.world.add_member(acme, "max", MAINTAINER)
    by_max = client(gitlab, "max").projects.get(project.id)
    assert refusal(lambda: by_max.access_tokens.create(given | {"access_level": OWNER}))[0] == 400
