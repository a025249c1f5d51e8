"""`publish:gitlab`: what there is afterwards."""

from collections.abc import Sequence
from typing import Any

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError, ShiftdownError
from shiftdown.git.temporary import File
from shiftdown.repository import Kind
from shiftdown.scaffolder.action import CancelledError
from shiftdown.scaffolder.origin import RECORD, REFERENCE
from shiftdown.scaffolder.workspace import Workspace

from ..dying import deaths
from .bench import Bench, files_of, tip_of

FILES = {"README.md": "# Shop\n", "src/app.py": "print()\n"}


def _publish(bench: Bench, path: str, given: dict[str, Any] | None = None, **options: Any) -> Any:
    asked = {"repoUrl": bench.url(path), "defaultBranch": "main", **(given or {})}
    return bench.run("publish:gitlab", asked, **{"workspace": FILES, **options})


def _workspace() -> Workspace:
    workspace = Workspace()
    workspace.write("run.sh", b"#!/bin/sh\n", Kind.EXECUTABLE)
    workspace.write("data.bin", bytes(range(256)))
    workspace.write("made.log", b"left out")
    workspace.write("link", b"run.sh", Kind.SYMLINK)
    workspace.write(".gitignore", b"*.log\n")
    return workspace


def test_a_project_of_the_workspace(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    ran = _publish(bench, path, {"gitCommitMessage": "Begin", "gitAuthorName": "Bo"}, workspace=_workspace())
    project = bench.world.projects[path]
    assert ran.output == {
        "remoteUrl": f"{bench.gitlab.url}/{path}",
        "repoContentsUrl": f"{bench.gitlab.url}/{path}/-/blob/main",
        "projectId": project.id,
        "commitHash": project.store.tip("main"),
        "created": True,
    }
    assert files_of(project, "main") == {
        ".gitignore": ("100644", b"*.log\n"),
        "data.bin": ("100644", bytes(range(256))),
        "link": ("120000", b"run.sh"),
        "run.sh": ("100755", b"#!/bin/sh\n"),
    }
    facts = tip_of(project, "main")
    assert (facts.parents, facts.message) == ((), "Begin\n")
    assert (facts.author.name, facts.author.email) == ("Bo", "ada@example.org")
    assert project.default_branch == "main"


def test_a_folder_with_another_default_branch(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    ran = bench.run("publish:gitlab", {"repoUrl": bench.url(path), "sourcePath": "src"}, workspace=FILES)
    project = bench.world.projects[path]
    assert files_of(project, "master") == {"app.py": ("100644", b"print()\n")}
    assert (project.default_branch, ran.output["repoContentsUrl"][-6:]) == ("master", "master")


def test_settings(bench: Bench) -> None:
    name = bench.new_name()
    settings = {
        "path": f"{name}-x",
        "name": "The shop",
        "visibility": "internal",
        "merge_method": "ff",
        "topics": ["a"],
    }
    ran = _publish(bench, f"acme/{name}", {"settings": settings, "topics": ["b"], "repoVisibility": "public"})
    project = bench.world.projects[f"acme/{name}-x"]
    assert ran.output["remoteUrl"].endswith(f"/acme/{name}-x")
    shown = bench.shown(project)
    assert {name: shown[name] for name in ("name", "visibility", "merge_method", "topics")} == {
        "name": "The shop",
        "visibility": "internal",
        "merge_method": "ff",
        "topics": ["a"],
    }


def test_a_record_of_where_it_comes_from(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    asked: list[tuple[list[str], str]] = []

    def record(files: Sequence[File], folder: str) -> File:
        asked.append(([file.path for file in files], folder))
        return File(RECORD, b"record: new\n")

    given = {"repoUrl": bench.url(path), "sourcePath": "src"}
    workspace = {"src/app.py": "x", f"src/{RECORD}": "record: old\n"}
    ran = bench.run("publish:gitlab", given, workspace=workspace, services={"record": record})
    store = bench.world.projects[path].store
    assert asked == [(["app.py"], "src")]
    assert files_of(bench.world.projects[path], "master")[RECORD] == ("100644", b"record: new\n")
    assert store.reference(REFERENCE) == ran.output["commitHash"]


def test_private_unless_told_otherwise(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    _publish(bench, path)
    assert bench.shown(bench.world.projects[path])["visibility"] == "private"


def test_branches_and_variables(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    given = {
        "branches": [
            {"name": "release", "create": True, "protect": True},
            {"name": "next", "create": True, "ref": "release"},
            {"name": "main", "protect": True},
        ],
        "projectVariables": [
            {"key": "TEAM", "value": "payments", "description": "Who"},
            {"key": "PASSWORD", "value": "hunter2-hunter2", "masked_and_hidden": True, "environment_scope": "live"},
        ],
    }
    ran = _publish(bench, path, given)
    project = bench.world.projects[path]
    assert {project.store.tip(name) for name in ("main", "release", "next")} == {ran.output["commitHash"]}
    assert bench.protected(project) >= {"release", "main"}
    made = bench.records.variables[project.id]
    assert [(v["key"], v["value"], v["environment_scope"], v["hidden"], v["description"]) for v in made] == [
        ("TEAM", "payments", "*", False, "Who"),
        ("PASSWORD", "hunter2-hunter2", "live", True, None),
    ]


def test_without_a_commit(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    ran = _publish(bench, path, {"sourcePath": False, "projectVariables": [{"key": "A", "value": "b"}]})
    project = bench.world.projects[path]
    assert "commitHash" not in ran.output
    assert project.store.references() == {}
    assert len(bench.records.variables[project.id]) == 1


def test_owners(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    bench.world.add_user("grace")
    bo = bench.member("bo", 40)
    given = {"token": bo, "setUserAsOwner": True, "ownerUsername": "grace"}
    _publish(bench, path, given)
    project = bench.world.projects[path]
    assert bench.level(project, "bo") == 50
    assert bench.level(project, "grace") == 50


def test_an_owner_who_does_not_exist(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    ran = _publish(bench, path, {"ownerUsername": "nobody"})
    assert "There is no user nobody: the project goes without that owner" in ran.log
    assert ran.output["created"] is True


def test_in_the_own_namespace(bench: Bench) -> None:
    path = f"ada/{bench.new_name()}"
    assert _publish(bench, path).output["remoteUrl"] == f"{bench.gitlab.url}/{path}"


def test_no_such_group(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match=r"no group 'acme/none'.*gitlab:group:ensureExists"):
        _publish(bench, "acme/none/shop")


def test_a_project_that_exists(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    tip = project.store.tip("main")
    with pytest.raises(InvalidInputError, match="exists already; choose another name, say skipExisting"):
        _publish(bench, f"acme/{name}")
    ran = _publish(bench, f"acme/{name}", {"skipExisting": True, "projectVariables": [{"key": "A", "value": "b"}]})
    url = f"{bench.gitlab.url}/acme/{name}"
    assert ran.output == {
        "remoteUrl": url,
        "repoContentsUrl": f"{url}/-/blob/main",
        "projectId": project.id,
        "created": False,
    }
    assert project.store.references() == {"refs/heads/main": tip}
    assert project.id not in bench.records.variables


def test_killed_anywhere_nothing_is_made_twice(bench: Bench) -> None:
    given = {
        "branches": [{"name": "release", "create": True, "protect": True}],
        "projectVariables": [{"key": "TEAM", "value": "payments"}],
        "ownerUsername": "ada",
    }
    count = 0
    for death in deaths():
        count += 1
        path = f"acme/{bench.new_name()}"
        ran = death(_publish, bench, path, given)
        project = bench.world.projects[path]
        assert ran.output["created"] is True
        assert ran.output["commitHash"] == project.store.tip("main") == project.store.tip("release")
        assert len(bench.records.variables[project.id]) == 1
    assert count == 7


@pytest.mark.parametrize(
    ("end", "after"),
    [
        ("/projects", False),
        ("/projects", True),
        ("/repository/branches", True),
        ("/protected_branches", True),
        ("/variables", True),
    ],
)
def test_a_lost_answer(bench: Bench, end: str, after: bool) -> None:
    path = f"acme/{bench.new_name()}"
    given = {
        "branches": [{"name": "release", "create": True, "protect": True}],
        "projectVariables": [{"key": "TEAM", "value": "payments"}],
    }
    bench.lose("POST", end, after=after)
    ran = _publish(bench, path, given)
    project = bench.world.projects[path]
    assert ran.output["commitHash"] == project.store.tip("release")
    assert len(bench.records.variables[project.id]) == 1


def test_a_project_that_is_out_of_the_way_when_the_task_goes_on(bench: Bench) -> None:
    project, done = bench.project(name := bench.new_name()), dict[str, Any]()
    with pytest.raises(InvalidInputError, match="exists already"):
        _publish(bench, f"acme/{name}", checkpoints=done)
    bench.world.rename(project, f"acme/{name}-old")
    assert _publish(bench, f"acme/{name}", checkpoints=done).output["created"] is True


def test_a_task_that_is_cancelled(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    with pytest.raises(CancelledError):
        _publish(bench, path, cancelled=True)
    assert path not in bench.world.projects


def test_nobody_to_commit_as(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"

    def nobody() -> None:
        raise InvalidInputError("nobody is configured to commit as")

    with pytest.raises(InvalidInputError, match="nobody is configured"):
        _publish(bench, path, services={"author": nobody})
    assert path not in bench.world.projects
    _publish(bench, path, {"sourcePath": False}, services={"author": nobody})
    assert path in bench.world.projects


def test_somebody_was_faster(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    done: dict[str, Any] = {"before": {}}
    bench.world.add_project(path, owner="grace")
    bench.world.projects[path].levels["ada"] = 50
    with pytest.raises(InvalidInputError, match="somebody else made it meanwhile"):
        _publish(bench, path, checkpoints=done)


def test_the_token_is_in_no_message(bench: Bench) -> None:
    with pytest.raises(ShiftdownError) as caught:
        _publish(bench, f"acme/{bench.new_name()}", {"token": "glpat-wrong-one"})
    assert "the token is refused" in str(caught.value)
    assert "glpat" not in str(caught.value)
