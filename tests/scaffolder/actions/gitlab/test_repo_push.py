"""`gitlab:repo:push`: what there is afterwards."""

from typing import Any

import pytest

from shiftdown.errors import ConflictError, InvalidInputError, NotARepositoryError

from ..dying import deaths
from .bench import Bench, files_of, tip_of


def _push(bench: Bench, name: str, given: dict[str, Any] | None = None, **options: Any) -> Any:
    asked = {"repoUrl": bench.url(f"acme/{name}"), "branchName": "docs", "commitMessage": "Say how to run it"}
    files = {"RUNNING.md": "make run\n"}
    return bench.run("gitlab:repo:push", asked | (given or {}), **{"workspace": files, **options})


def test_a_new_branch(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    ran = _push(bench, name)
    tip = project.store.tip("docs")
    assert ran.output == {"projectid": f"acme/{name}", "projectPath": f"acme/{name}", "commitHash": tip}
    facts = tip_of(project, "docs")
    assert (facts.parents, facts.message, facts.author.name) == (
        (project.store.tip("main"),),
        "Say how to run it\n",
        "Ada",
    )


def test_the_default_branch(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    start = project.store.tip("main")
    _push(bench, name, {"branchName": "main", "targetPath": "docs"})
    assert files_of(project, "main").keys() == {"README.md", "docs/RUNNING.md"}
    assert tip_of(project, "main").parents == (start,)


def test_nothing_to_push(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    ran = _push(bench, name, workspace={"README.md": "hello\n"})
    assert ran.output == {"projectid": f"acme/{name}", "projectPath": f"acme/{name}"}
    assert project.store.tip("docs") is None


def test_an_empty_commit(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    ran = _push(bench, name, {"allowEmpty": True}, workspace={"README.md": "hello\n"})
    assert ran.output["commitHash"] == project.store.tip("docs")
    assert tip_of(project, "docs").parents == (project.store.tip("main"),)


def test_files_to_create_that_exist(bench: Bench) -> None:
    bench.project(name := bench.new_name())
    with pytest.raises(InvalidInputError, match=r"branch docs: files to create exist already: README.md"):
        _push(bench, name, {"commitAction": "create"}, workspace={"README.md": "x"})


def test_killed_anywhere_nothing_is_made_twice(bench: Bench) -> None:
    for death in deaths():
        project = bench.project(name := bench.new_name())
        ran = death(_push, bench, name)
        assert ran.output["commitHash"] == project.store.tip("docs")
        assert tip_of(project, "docs").parents == (project.store.tip("main"),)


def test_somebody_was_faster(bench: Bench) -> None:
    project = bench.project(name := bench.new_name())
    seen = f"tip of docs in {bench.gitlab.url}/acme/{name}"
    done: dict[str, Any] = {seen: {"tip": None, "parent": project.store.tip("main")}}
    tip = bench.gitlab.commit(project, "docs", {"a.md": "a"})
    with pytest.raises(ConflictError, match="branch docs was expected absent"):
        _push(bench, name, checkpoints=done)
    assert project.store.tip("docs") == tip


def test_no_such_project(bench: Bench) -> None:
    with pytest.raises(NotARepositoryError):
        _push(bench, "none")
