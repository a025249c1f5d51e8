"""python-gitlab at the fake: asks for everything that it has, and keeps what it is answered."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from gitlab import Gitlab
from gitlab.v4.objects import Group, Project, ProjectMergeRequest

from shiftdown_fakes.gitlab import FakeGitLab, Route
from shiftdown_fakes.gitlab.routing import find_route


@dataclass(frozen=True)
class Heard:
    """One answer."""

    route: Route
    """What gave it."""
    status: int
    """HTTP status."""
    data: Any
    """Its JSON; `None` when it has none."""
    headers: dict[str, str]
    """Its headers."""


class Driver:
    """A user of a fake GitLab, by python-gitlab."""

    def __init__(self, server: FakeGitLab, username: str, heard: list[Heard]) -> None:
        self.heard = heard
        self.session = requests.Session()
        self.session.hooks["response"].append(self._hear)
        self.api = Gitlab(server.url, private_token=server.world.add_token(username).value, session=self.session)

    def _hear(self, answer: requests.Response, *args: object, **kwargs: object) -> None:
        found = find_route(str(answer.request.method), urlsplit(str(answer.url)).path.removeprefix("/api/v4"))
        assert found is not None, answer.url
        is_json = "json" in answer.headers.get("Content-Type", "")
        data = json.loads(answer.content) if is_json else None
        self.heard.append(Heard(found[0], answer.status_code, data, dict(answer.headers)))


@contextmanager
def driver(server: FakeGitLab, username: str, heard: list[Heard]) -> Iterator[Driver]:
    """A user of a fake GitLab."""
    made = Driver(server, username, heard)
    yield made
    made.session.close()


def everything(server: FakeGitLab) -> list[Heard]:
    """What is answered when everything is asked for."""
    heard: list[Heard] = []
    server.world.add_user("carl")
    with driver(server, "ada", heard) as ada, driver(server, "bob", heard) as bob:
        group = groups(ada)
        project = projects(ada, group)
        files(project)
        people(ada, group, project)
        secrets(project)
        pipelines(project)
        issues(server, project, group)
        request = merge_requests(server, project)
        reviews(bob, request)
        merging(server, project, request)
        forks(bob, project)
        migrations(ada)
        branches(project)
    return heard


def groups(ada: Driver) -> Group:
    api = ada.api
    made = api.groups.create({"name": "Acme", "path": "acme", "visibility": "public"})
    below = api.groups.create({"name": "Platform", "path": "platform", "parent_id": made.id, "visibility": "public"})
    made.share(below.id, 30)
    assert [one["group_id"] for one in api.groups.get(made.id).shared_with_groups] == [below.id]
    made.unshare(below.id)
    assert api.namespaces.get("acme/platform").kind == "group"
    return api.groups.get(below.id)


def projects(ada: Driver, group: Group) -> Project:
    made = ada.api.projects.create({"name": "orders", "namespace_id": group.id, "visibility": "public"})
    made.description = "Orders"
    made.save()
    assert ada.api.projects.get("acme/platform/orders").description == "Orders"
    assert made.languages() == {}
    return made


def files(project: Project) -> None:
    actions = [
        {"action": "create", "file_path": "README.md", "content": "hello\n"},
        {"action": "create", "file_path": "docs/a.txt", "content": "YQo=", "encoding": "base64"},
        {"action": "chmod", "file_path": "docs/a.txt", "execute_filemode": True},
        {"action": "move", "file_path": "docs/b.txt", "previous_path": "docs/a.txt"},
    ]
    made = project.commits.create({"branch": "main", "commit_message": "Begin", "actions": actions})
    edit = {"action": "update", "file_path": "README.md", "content": "hello again\n"}
    remove = {"action": "delete", "file_path": "docs/b.txt"}
    topic = {"branch": "topic", "start_branch": "main", "commit_message": "Edit", "actions": [edit, remove]}
    project.commits.create(topic)
    assert [one.title for one in project.commits.list(ref_name="topic", get_all=True)] == ["Edit", "Begin"]
    assert project.commits.get(made.id).stats == {"additions": 2, "deletions": 0, "total": 2}
    tree = list(project.repository_tree(recursive=True, get_all=True))
    assert [(one["path"], one["mode"]) for one in tree] == [
        ("docs", "040000"),
        ("README.md", "100644"),
        ("docs/b.txt", "100755"),
    ]
    blob = tree[1]["id"]
    found = project.repository_blob(blob)
    assert isinstance(found, dict)
    assert found["size"] == 6
    assert project.repository_raw_blob(blob) == b"hello\n"
    assert project.files.get("docs/b.txt", ref="main").decode() == b"a\n"
    assert project.files.raw("README.md", ref="topic") == b"hello again\n"
    compared = project.repository_compare("main", "topic")
    assert isinstance(compared, dict)
    assert [diff["new_path"] for diff in compared["diffs"]] == ["README.md", "docs/b.txt"]
    project.commits.get(made.id).statuses.create({"state": "success", "name": "lint"})
    assert [one.name for one in project.commits.get(made.id).statuses.list(get_all=True)] == ["lint"]


def people(ada: Driver, group: Group, project: Project) -> None:
    api = ada.api
    api.auth()
    assert api.user is not None
    assert api.user.username == "ada"
    (bob,) = api.users.list(username="bob", get_all=True)
    (carl,) = api.users.list(username="carl", get_all=True)
    assert api.users.get(bob.id).username == "bob"
    group.members.create({"user_id": carl.id, "access_level": 10})
    member = group.members.get(carl.id)
    member.access_level = 20
    member.save()
    member.delete()
    project.members.create({"user_id": bob.id, "access_level": 30})
    coder = project.members.get(bob.id)
    coder.access_level = 40
    coder.save()


def secrets(project: Project) -> None:
    project.variables.create({"key": "A", "value": "one"})
    project.variables.update("A", {"value": "two"})
    assert project.variables.get("A").value == "two"
    token = {"name": "t", "scopes": ["api"], "expires_at": "2030-01-01"}
    made = project.access_tokens.create(token)
    assert [one.name for one in project.access_tokens.list(get_all=True)] == ["t"]
    project.access_tokens.delete(made.id)
    deploy = project.deploytokens.create({"name": "d", "scopes": ["read_repository"]})
    assert [one.name for one in project.deploytokens.list(get_all=True)] == ["d"]
    project.deploytokens.delete(deploy.id)


def pipelines(project: Project) -> None:
    trigger = project.triggers.create({"description": "t"})
    assert [one.description for one in project.triggers.list(get_all=True)] == ["t"]
    started = project.trigger_pipeline("main", trigger.token, {"A": "1"})
    assert started.id in [one.id for one in project.pipelines.list(get_all=True)]
    project.triggers.delete(trigger.id)


def issues(server: FakeGitLab, project: Project, group: Group) -> None:
    made = project.issues.create({"title": "I", "labels": ["a"]})
    made.state_event = "close"
    made.save()
    assert project.issues.get(made.iid).state == "closed"
    assert [one.title for one in project.issues.list(get_all=True)] == ["I"]
    assert group.epics.list(get_all=True) == []
    server.world.add_milestone(server.project("acme/platform/orders"), "M")
    assert [one.title for one in project.milestones.list(title="M", get_all=True)] == ["M"]


def merge_requests(server: FakeGitLab, project: Project) -> ProjectMergeRequest:
    given = {"source_branch": "topic", "target_branch": "main", "title": "T", "labels": "devops,ci"}
    made = project.mergerequests.create({**given, "milestone_id": project.milestones.list(get_all=True)[0].id})
    assert {one.name for one in project.labels.list(get_all=True)} == {"devops", "ci"}
    bob = server.world.users["bob"].id
    made.title, made.reviewer_ids, made.assignee_ids = "Draft: T", [bob], [bob]
    made.save()
    assert [one.title for one in project.mergerequests.list(state="opened", get_all=True)] == ["Draft: T"]
    found = project.mergerequests.get(made.iid)
    assert (found.draft, found.detailed_merge_status, found.changes_count) == (True, "draft_status", "2")
    assert [one.title for one in found.commits()] == ["Edit"]
    api, path = project.manager.gitlab, f"/projects/{project.id}/merge_requests/{made.iid}"
    diffs = api.http_list(f"{path}/diffs", get_all=True)
    assert [one["new_path"] for one in diffs] == ["README.md", "docs/b.txt"]
    text = api.http_get(f"{path}/raw_diffs", raw=True)
    assert isinstance(text, requests.Response)
    assert b"+hello again" in text.content
    found.title = "T"
    found.save()
    return found


def reviews(bob: Driver, request: ProjectMergeRequest) -> None:
    mine = bob.api.projects.get(request.project_id).mergerequests.get(request.iid)
    mine.approve(sha=mine.sha)
    mine.unapprove()
    mine.approve()
    assert mine.approvals.get().approved_by[0]["user"]["username"] == "bob"
    assert [one.rule_type for one in mine.approval_rules.list(get_all=True)] == ["any_approver"]
    assert [one.state for one in mine.reviewer_details.list(get_all=True)] == ["approved"]
    mine.notes.create({"body": "hi"})
    assert mine.notes.list(get_all=True)[0].body == "hi"


def merging(server: FakeGitLab, project: Project, request: ProjectMergeRequest) -> None:
    server.project("acme/platform/orders").needs_pipeline = True
    request.merge(auto_merge=True)
    assert project.mergerequests.get(request.iid).merge_when_pipeline_succeeds is True
    request.cancel_merge_when_pipeline_succeeds()
    assert "rebase_in_progress" in request.rebase()
    server.project("acme/platform/orders").needs_pipeline = False
    request.merge(should_remove_source_branch=True)
    assert project.mergerequests.get(request.iid).state == "merged"


def forks(bob: Driver, project: Project) -> None:
    theirs = bob.api.projects.get(project.id)
    made = theirs.forks.create({})
    assert made.path_with_namespace == "bob/orders"
    assert [one.id for one in theirs.forks.list(owned=True, get_all=True)] == [made.id]
    (user,) = bob.api.users.list(username="bob", get_all=True)
    assert [one.id for one in user.projects.list(pagination="keyset", order_by="id", get_all=True)] == [made.id]


def migrations(ada: Driver) -> None:
    source = {"url": "https://gitlab.example", "access_token": "x"}
    names = ("source_type", "source_full_path", "destination_slug", "destination_namespace")
    entity = dict(zip(names, ("project_entity", "a/b", "b", "acme"), strict=True))
    made = ada.api.bulk_imports.create({"configuration": source, "entities": [entity]})
    assert [one.id for one in ada.api.bulk_imports.list(get_all=True)] == [made.id]
    assert [one.destination_slug for one in made.entities.list(get_all=True)] == ["b"]


def branches(project: Project) -> None:
    project.branches.create({"branch": "release/1", "ref": "main"})
    assert [one.name for one in project.branches.list(get_all=True)] == ["main", "release/1"]
    assert project.branches.get("release/1").protected is False
    project.branches.delete("release/1")
    project.protectedbranches.create({"name": "release/*"})
    assert project.protectedbranches.get("release/*").push_access_levels[0]["access_level"] == 40
    assert project.tags.list(get_all=True) == []
