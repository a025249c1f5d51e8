"""`publish:gitlab:merge-request`: what there is afterwards."""

from pathlib import Path
from typing import Any

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError, RepositoryError
from shiftdown.model.states import ChangeRequestStatus
from shiftdown.repository import Kind
from shiftdown.scaffolder.action import CancelledError
from shiftdown.scaffolder.workspace import Workspace
from shiftdown_fakes.gitlab import Protection, shapes
from shiftdown_fakes.gitlab.model import NOBODY

from ..dying import deaths
from .bench import Bench, files_of, tip_of


def _propose(bench: Bench, name: str, given: dict[str, Any] | None = None, **options: Any) -> Any:
    asked = {"repoUrl": bench.url(f"acme/{name}"), "title": "Say how to run it", "branchName": "running"}
    files = {"RUNNING.md": "make run\n"}
    return bench.run("publish:gitlab:merge-request", asked | (given or {}), **{"workspace": files, **options})


def test_a_merge_request(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    bench.member("bo", 30)
    bench.member("grace", 30)
    given = {
        "description": "Because *nobody* knows",
        "targetPath": "docs",
        "sourcePath": ".",
        "labels": "documentation, new",
        "assignee": "grace",
        "reviewers": ["bo", "nobody"],
        "removeSourceBranch": True,
    }
    ran = _propose(bench, name, given)
    (request,) = bench.requests(project)
    assert ran.output == {
        "targetBranchName": "main",
        "projectid": f"acme/{name}",
        "projectPath": f"acme/{name}",
        "mergeRequestUrl": f"{bench.gitlab.url}/acme/{name}/-/merge_requests/1",
    }
    assert (request.title, request.body) == ("Say how to run it", "Because *nobody* knows")
    assert (request.branch, request.base) == ("running", "main")
    assert set(request.labels) == {"documentation", "new"}
    assert (request.assignees, request.reviewers) == (("grace",), ("bo",))
    assert bench.removes_branch(project, 1)
    assert files_of(project, "running") == {
        "README.md": ("100644", b"hello\n"),
        "docs/RUNNING.md": ("100644", b"make run\n"),
    }
    facts = tip_of(project, "running")
    assert (facts.parents, facts.message) == ((project.store.tip("main"),), "Say how to run it\n")
    assert "There is no user nobody: the merge request goes without" in ran.log


def test_what_a_folder_holds_is_the_default_source(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    files = {"docs/a.md": "a", "docs/.gitignore": "*.log\n", "docs/made.log": "left out", "b.md": "b"}
    _propose(bench, name, {"targetPath": "docs"}, workspace=files)
    assert files_of(project, "running").keys() == {"README.md", "docs/.gitignore", "docs/a.md"}


def test_again_updates_it(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    first = _propose(bench, name)
    start = project.store.tip("running")
    again = _propose(bench, name, {"title": "Say it better"}, workspace={"RUNNING.md": "make\n"})
    assert again.output == first.output
    assert [request.title for request in bench.requests(project)] == ["Say it better"]
    assert tip_of(project, "running").parents == (start,)
    assert files_of(project, "running")["RUNNING.md"] == ("100644", b"make\n")


def test_the_same_again_changes_nothing(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    first = _propose(bench, name)
    tip = project.store.tip("running")
    assert _propose(bench, name).output == first.output
    assert project.store.tip("running") == tip


def test_modes_and_links(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    workspace = Workspace()
    workspace.write("run", b"#!/bin/sh\n", Kind.EXECUTABLE)
    workspace.write("link", b"run", Kind.SYMLINK)
    _propose(bench, name, workspace=workspace)
    made = files_of(project, "running")
    assert (made["run"][0], made["link"]) == ("100755", ("120000", b"run"))


@pytest.mark.parametrize(
    ("commit_action", "workspace", "expected"),
    [
        ("create", {"new.md": "n"}, {"README.md", "old.md", "new.md"}),
        ("update", {"old.md": "other"}, {"README.md", "old.md"}),
        ("delete", {"old.md": "whatever"}, {"README.md"}),
        ("auto", {"old.md": "other", "new.md": "n"}, {"README.md", "old.md", "new.md"}),
    ],
)
def test_commit_actions(bench: Bench, commit_action: str, workspace: dict[str, str], expected: set[str]) -> None:
    project = bench.project(name := bench.new_name(), {"README.md": "hello\n", "old.md": "old"})
    _propose(bench, name, {"commitAction": commit_action}, workspace=workspace)
    assert files_of(project, "running").keys() == expected


@pytest.mark.parametrize(
    ("commit_action", "path", "problem"),
    [
        ("create", "README.md", "files to create exist already: README.md"),
        ("update", "new.md", "files to update do not exist: new.md"),
        ("delete", "new.md", "files to delete do not exist: new.md"),
        ("auto", "README.md/below", "lies under README.md"),
    ],
)
def test_commit_actions_that_do_not_fit(bench: Bench, commit_action: str, path: str, problem: str) -> None:
    project = bench.project(name := bench.new_name())
    with pytest.raises(InvalidInputError, match=problem):
        _propose(bench, name, {"commitAction": commit_action}, workspace={path: "x"})
    assert project.store.tip("running") is None
    assert bench.requests(project) == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"title": "two\nlines"}, "the title must be one line"),
        ({"title": "Draft: "}, "beside what makes it a draft, must be one line"),
        ({"title": "Draft:" + "x" * 249}, "the title of a draft has at most"),
        ({"description": "x" * 1_000_001}, "1000000 are allowed"),
        ({"targetBranchName": "none"}, "no branch or tag 'none'"),
        ({"branchName": "a..b"}, "'a..b' is not a name for a branch"),
    ],
)
def test_what_gitlab_would_not_take(bench: Bench, given: dict[str, Any], problem: str) -> None:
    project = bench.project(name := bench.new_name())
    with pytest.raises(InvalidInputError, match=problem):
        _propose(bench, name, given)
    assert project.store.references().keys() == {"refs/heads/main"}


def test_a_draft_by_its_title(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    for title in ("Draft: Say how", "[draft] Say how"):
        _propose(bench, name, {"title": title, "labels": ["a,b", " c"]})
        (request,) = bench.requests(project)
        assert (request.title, request.status, set(request.labels)) == (
            "Say how",
            ChangeRequestStatus.DRAFT,
            {"a", "b", "c"},
        )
    _propose(bench, name, {"title": "Say how"})
    assert bench.requests(project)[0].status is ChangeRequestStatus.OPEN


def test_what_is_on_a_branch_already(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    tip = bench.gitlab.commit(project, "running", {"a.md": "a"})
    _propose(bench, name, {"commitAction": "skip"})
    assert project.store.tip("running") == tip
    assert [request.branch for request in bench.requests(project)] == ["running"]


def test_no_such_branch_to_propose(bench: Bench) -> None:
    bench.project(name := bench.new_name())
    with pytest.raises(NotFoundError, match="no branch or tag 'running'"):
        _propose(bench, name, {"commitAction": "skip"})


def test_a_branch_of_somebody_else(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    tip = bench.gitlab.commit(project, "running", {"a.md": "a"})
    with pytest.raises(InvalidInputError, match="branch running exists already, without an open merge request"):
        _propose(bench, name)
    assert project.store.tip("running") == tip


def test_a_branch_that_is_out_of_the_way_when_the_task_goes_on(bench: Bench) -> None:
    project, done = bench.project(name := bench.new_name()), dict[str, Any]()
    tip = bench.gitlab.commit(project, "running", {"a.md": "a"})
    with pytest.raises(InvalidInputError, match="exists already"):
        _propose(bench, name, checkpoints=done)
    project.store.move("refs/heads/running", None, tip)
    _propose(bench, name, checkpoints=done)
    assert tip_of(project, "running").parents == (project.store.tip("main"),)


def test_a_task_that_is_cancelled(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    with pytest.raises(CancelledError):
        _propose(bench, name, cancelled=True)
    assert project.store.references().keys() == {"refs/heads/main"}


def test_by_the_api_alone(bench: Bench, tmp_path: Path) -> None:
    forges = bench.by_api(tmp_path)
    for death in deaths():
        project = bench.project(name := bench.new_name())
        asked = len(bench.gitlab.requests)
        death(_propose, bench, name, services={"forges": forges})
        (request,) = bench.requests(project)
        assert (request.branch, tip_of(project, "running").parents) == ("running", (project.store.tip("main"),))
        assert files_of(project, "running").keys() == {"README.md", "RUNNING.md"}
        assert not [one for one in bench.gitlab.requests[asked:] if "git-" in one]
    forges.close()


def test_nothing_to_propose(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    with pytest.raises(InvalidInputError, match="main has these files already; nothing to propose"):
        _propose(bench, name, workspace={"README.md": "hello\n"})
    assert project.store.tip("running") is None


def test_by_number(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    assert _propose(bench, name, {"projectid": str(project.id)}).output["projectPath"] == f"acme/{name}"
    with pytest.raises(NotFoundError, match="no project '987654'"):
        _propose(bench, name, {"projectid": "987654"})


def test_those_who_can_approve(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    bench.member("bo", 30)
    bench.approvers(project, "bo", "ada")
    _propose(bench, name, {"assignReviewersFromApprovalRules": True})
    assert bench.requests(project)[0].reviewers == ("bo",)


def test_auto_merge(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    bench.wait_for_checks(project)
    for _ in range(2):
        _propose(bench, name, {"autoMerge": True})
        assert bench.requests(project)[0].auto_merge is not None


@pytest.mark.parametrize(
    ("merge_method", "squash_option"), [("merge", "default_off"), ("ff", "default_off"), ("merge", "always")]
)
def test_auto_merge_as_the_project_merges(bench: Bench, merge_method: str, squash_option: str) -> None:
    project = bench.project(name := bench.new_name())
    project.merge_method, project.squash_option = merge_method, squash_option
    _propose(bench, name, {"autoMerge": True})
    assert bench.requests(project)[0].status is ChangeRequestStatus.MERGED
    assert "RUNNING.md" in files_of(project, "main")


def test_auto_merge_that_is_not_possible(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    bench.world.protect(project, "main", Protection(merge=NOBODY))
    with pytest.raises(RepositoryError, match=r"cannot let it merge by itself: .* ask somebody who may merge"):
        _propose(bench, name, {"autoMerge": True})
    assert bench.requests(project)[0].status is ChangeRequestStatus.OPEN


def test_gitlab_takes_its_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    project = bench.project(name := bench.new_name())
    bench.member("bo", 30)
    bench.approvers(project, "bo")
    states = iter(["preparing", "checking", "unchecked"])
    monkeypatch.setattr("shiftdown.forges.gitlab.merges._PAUSES", (0.0,) * 9)
    _propose(bench, name)
    looked = len(bench.gitlab.requests)
    monkeypatch.setattr(shapes, "merge_status", lambda *_: next(states, "mergeable"))
    _propose(bench, name, {"assignReviewersFromApprovalRules": True})
    asked = [request.partition("merge_requests/1")[2] for request in bench.gitlab.requests[looked:]]
    assert asked[asked.index("/approval_rules?per_page=100&page=1") - 1] == ""
    assert list(states) == []


@pytest.mark.parametrize("removes", [False, True])
def test_a_branch_is_removed_as_asked_for(bench: Bench, removes: bool) -> None:
    project = bench.project(name := bench.new_name())
    project.removes_branches = not removes
    _propose(bench, name, {"removeSourceBranch": removes, "autoMerge": True})
    assert bench.requests(project)[0].status is ChangeRequestStatus.MERGED
    assert (project.store.tip("running") is None) is removes


def test_killed_anywhere_nothing_is_made_twice(bench: Bench) -> None:
    bench.member("bo", 30)
    bench.member("grace", 30)
    given = {
        "removeSourceBranch": True,
        "assignee": "grace",
        "reviewers": ["grace"],
        "labels": "new",
        "assignReviewersFromApprovalRules": True,
        "autoMerge": True,
    }
    count = 0
    for death in deaths():
        count += 1
        project = bench.project(name := bench.new_name())
        bench.approvers(project, "bo")
        project.squash_option = "always"
        ran = death(_propose, bench, name, given)
        (request,) = bench.requests(project)
        assert ran.output["mergeRequestUrl"] == request.url
        assert (request.status, request.assignees, request.labels) == (ChangeRequestStatus.MERGED, ("grace",), ("new",))
        assert set(request.reviewers) == {"grace", "bo"}
        (made,) = project.merge_requests.values()
        start = project.store.commits(None, made.base)[0]
        (commit,) = project.store.commits(start, made.head)
        facts = project.store.commit_facts(commit)
        assert facts is not None
        assert facts.parents == (start,)
        assert set(project.store.references()) == {"refs/heads/main"}
    assert count == 6


@pytest.mark.parametrize("after", [False, True])
def test_a_lost_answer(bench: Bench, after: bool) -> None:
    project = bench.project(name := bench.new_name())
    bench.lose("POST", "/merge_requests", after=after)
    _propose(bench, name)
    assert len(bench.requests(project)) == 1
