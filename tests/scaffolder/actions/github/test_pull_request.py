"""`publish:github:pull-request`: what there is afterwards."""

from typing import Any

import pytest

from shiftdown.app.forges import Forges
from shiftdown.errors import InvalidInputError, NotFoundError, ShiftdownError
from shiftdown.repository import Kind
from shiftdown.scaffolder.workspace import Workspace
from shiftdown_fakes.github import Fault, Protection, Repository

from ..dying import deaths
from .bench import Bench, files_of, names_of, tip_of

WANTED = {"branchName": "docs", "title": "Add docs", "description": "How it is run."}
FILES = {"run.md": "# Run it\n"}


def _open(bench: Bench, repository: Repository, given: dict[str, Any] | None = None, **options: Any) -> Any:
    full = {**WANTED, **(given or {})}
    return bench.on("publish:github:pull-request", repository, full, **{"workspace": FILES, **options})


def test_a_change_request_of_the_workspace(bench: Bench) -> None:
    repository = bench.repository(files={"README.md": "hello\n", "old.txt": "x", "docs/old.txt": "x"})
    workspace = Workspace()
    workspace.write("out/run.sh", b"#!/bin/sh\n", Kind.EXECUTABLE)
    workspace.write("out/link", b"run.sh", Kind.SYMLINK)
    workspace.write("out/data.bin", bytes(range(256)))
    workspace.write("out/.gitignore", b"*.log\n")
    workspace.write("out/a.log", b"x")
    given = {
        "sourcePath": "out",
        "targetPath": "docs",
        "filesToDelete": ["old.txt", "none.txt"],
        "commitMessage": "Write it down",
        "gitAuthorName": "Bo",
        "gitAuthorEmail": "bo@example.org",
        "draft": True,
    }
    ran = _open(bench, repository, given, workspace=workspace)
    (pull,) = repository.pulls
    assert ran.output == {
        "targetBranchName": "main",
        "remoteUrl": f"{bench.github.url}/{repository.full_name}/pull/1",
        "pullRequestNumber": 1,
    }
    assert (pull.title, pull.body, pull.branch, pull.draft) == ("Add docs", "How it is run.", "docs", True)
    assert files_of(repository, "docs") == {
        "README.md": ("100644", b"hello\n"),
        "old.txt": ("100644", b"x"),
        "docs/.gitignore": ("100644", b"*.log\n"),
        "docs/data.bin": ("100644", bytes(range(256))),
        "docs/link": ("120000", b"run.sh"),
        "docs/run.sh": ("100755", b"#!/bin/sh\n"),
    }
    facts = tip_of(repository, "docs")
    assert (facts.message, facts.author.name, facts.author.email) == ("Write it down\n", "Bo", "bo@example.org")
    details = ran.effects[0].details
    assert details["removed"] == ["docs/none.txt", "docs/old.txt"]
    assert details["files"] == ["docs/.gitignore", "docs/data.bin", "docs/link", "docs/run.sh"]


def test_for_another_branch(bench: Bench) -> None:
    repository = bench.repository()
    bench.github.commit(repository, "release", {"b.txt": "b\n"})
    ran = _open(bench, repository, {"targetBranchName": "release"})
    assert (ran.output["targetBranchName"], repository.pulls[0].base) == ("release", "release")
    assert names_of(repository, "docs") == {"README.md", "b.txt", "run.md"}


def test_people_are_asked_and_those_who_are_not_there_are_told(bench: Bench) -> None:
    repository = bench.repository()
    repository.roles |= {"bob": "write", "eve": "write"}
    people = {"reviewers": ["bob"], "teamReviewers": ["core"], "assignees": ["eve"]}
    _open(bench, repository, people)
    (pull,) = repository.pulls
    assert (pull.reviewers, pull.team_reviewers, pull.assignees) == (["bob"], ["core"], ["eve"])
    other = bench.repository()
    ran = _open(bench, other, {"reviewers": ["nobody-there"], "assignees": ["eve"]})
    assert (other.pulls[0].reviewers, other.pulls[0].assignees) == ([], ["eve"])
    assert any(line.startswith("Not asked: nobody-there: ") for line in ran.log)


def test_a_branch_that_exists_is_an_error_unless_it_is_to_be_updated(bench: Bench) -> None:
    repository = bench.repository()
    _open(bench, repository)
    first = repository.store.tip("docs")
    done: dict[str, Any] = {}
    with pytest.raises(InvalidInputError, match="the branch docs exists already; name another one, or set update"):
        _open(bench, repository, workspace={"more.md": "more\n"}, checkpoints=done)
    assert (repository.store.tip("docs"), not any(key.startswith("tip") for key in done)) == (first, True)
    ran = _open(bench, repository, {"update": True, "title": "Add more docs"}, workspace={"more.md": "more\n"})
    (pull,) = repository.pulls
    assert (ran.output["pullRequestNumber"], pull.title) == (1, "Add more docs")
    assert tip_of(repository, "docs").parents == (first,)
    assert names_of(repository, "docs") == {"README.md", "run.md", "more.md"}


def test_what_changes_nothing(bench: Bench) -> None:
    repository = bench.repository(files=FILES)
    ran = _open(bench, repository, {"createWhenEmpty": False})
    assert (ran.output, repository.pulls, repository.store.tip("docs")) == ({}, [], None)
    assert ran.log[-1] == "There is nothing to change: no change request was opened"
    assert _open(bench, repository).output["pullRequestNumber"] == 1
    assert names_of(repository, "docs") == set(FILES)
    again = {"update": True, "createWhenEmpty": False}
    assert _open(bench, repository, again).output == {}
    assert _open(bench, repository, {"update": True}).output["pullRequestNumber"] == 1
    assert len(repository.store.commits(None, tip_of(repository, "docs").id)) == 2


def test_from_a_fork_without_the_right_to_push(bench: Bench) -> None:
    repository = bench.repository(role="read")
    ran = _open(bench, repository)
    fork = bench.github.repository(f"ada/{repository.name}")
    assert (repository.store.tip("docs"), names_of(fork, "docs")) == (None, {"README.md", "run.md"})
    assert repository.pulls[0].head_repository is fork
    assert ran.output["remoteUrl"] == f"{bench.github.url}/{repository.full_name}/pull/1"


def test_from_a_fork_where_that_is_wanted(bench: Bench) -> None:
    repository = bench.repository()
    _open(bench, repository, {"forceFork": True})
    assert repository.pulls[0].head_repository is bench.github.repository(f"ada/{repository.name}")


@pytest.mark.parametrize("trouble", ["archived", "protected", "down"])
def test_other_trouble_makes_no_fork(bench: Bench, trouble: str) -> None:
    repository = bench.repository(role="read" if trouble == "archived" else "write")
    repository.archived = trouble == "archived"
    if trouble == "down":
        bench.github.fail("POST", "git-receive-pack", Fault.answers(500), times=9)
        bench.github.fail("GET", "info/refs", Fault.answers(500), times=9)
    if trouble == "protected":
        bench.world.protect(repository, "docs", Protection())
    said = {"archived": "is archived", "protected": "Changes must be made through a pull request", "down": "500"}
    with pytest.raises(ShiftdownError, match=said[trouble]):
        _open(bench, repository)
    assert (repository.pulls, f"ada/{repository.name}" in bench.world.repositories) == ([], False)


def test_by_the_api(bench: Bench, by_api: Forges) -> None:
    repository = bench.repository()
    start = len(bench.github.requests)
    ran = _open(bench, repository, forges=by_api)
    assert ran.output["pullRequestNumber"] == 1
    assert names_of(repository, "docs") == {"README.md", "run.md"}
    assert not [request for request in bench.github.requests[start:] if "/info/refs" in request]


@pytest.mark.parametrize("way", ["fork", "api"])
def test_killed_after_any_request_there_is_one_commit_and_one_change_request(
    bench: Bench, by_api: Forges, way: str
) -> None:
    forges = by_api if way == "api" else bench.forges
    for death in deaths():
        repository = bench.repository(role="read" if way == "fork" else "write")
        repository.roles["bob"] = "write"
        ran = death(_open, bench, repository, {"assignees": ["bob"]}, forges=forges)
        (pull,) = repository.pulls
        # Who may only read cannot assign anybody.
        assert (ran.output["pullRequestNumber"], pull.assignees) == (1, [] if way == "fork" else ["bob"])
        where = bench.github.repository(f"ada/{repository.name}") if way == "fork" else repository
        assert tip_of(where, "docs").parents == (repository.store.tip("main"),)
        assert names_of(where, "docs") == {"README.md", "run.md"}


def test_killed_before_the_commit_of_an_update_is_written_down(bench: Bench, by_api: Forges) -> None:
    repository = bench.repository()
    _open(bench, repository)
    done: dict[str, Any] = {}
    options = {"workspace": {"more.md": "more\n"}, "checkpoints": done, "forges": by_api}
    first = _open(bench, repository, {"update": True}, **options)
    tip = repository.store.tip("docs")
    del done["change request"]
    assert _open(bench, repository, {"update": True}, **options).output == first.output
    assert repository.store.tip("docs") == tip


@pytest.mark.parametrize(
    ("given", "error", "problem"),
    [
        ({"targetBranchName": "none"}, NotFoundError, "none"),
        ({"title": ""}, InvalidInputError, "title"),
        ({"branchName": "a..b"}, ShiftdownError, "a..b"),
        ({"sourcePath": "none"}, InvalidInputError, "no such folder"),
        ({"targetPath": "../up"}, ShiftdownError, "is not normal"),
        ({"filesToDelete": ["../up"]}, ShiftdownError, "up"),
    ],
)
def test_wrong_input(bench: Bench, given: dict[str, Any], error: type[Exception], problem: str) -> None:
    repository = bench.repository()
    with pytest.raises(error, match=problem):
        _open(bench, repository, given)
    assert (repository.pulls, set(repository.store.references())) == ([], {"refs/heads/main"})


def test_a_repository_that_is_not_there(bench: Bench) -> None:
    given = {"repoUrl": bench.url("acme/none"), **WANTED}
    with pytest.raises(NotFoundError, match="acme/none"):
        bench.run("publish:github:pull-request", given, workspace=FILES)
