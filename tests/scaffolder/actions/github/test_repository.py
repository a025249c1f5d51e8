"""`github:repo:create` and `github:repo:push`: what there is afterwards."""

from typing import Any

import pytest

from shiftdown.errors import ConflictError, InvalidInputError, NotFoundError

from ..dying import deaths
from .bench import Bench, names_of, tip_of

FILES = {"README.md": "# Shop\n", ".gitignore": "*.log\n", "a.log": "x"}


def _create(bench: Bench, path: str, given: dict[str, Any] | None = None, **options: Any) -> Any:
    return bench.run("github:repo:create", {"repoUrl": bench.url(path), **(given or {})}, **options)


def _push(bench: Bench, path: str, given: dict[str, Any] | None = None, **options: Any) -> Any:
    asked = {"repoUrl": bench.url(path), **(given or {})}
    return bench.run("github:repo:push", asked, **{"workspace": FILES, **options})


def test_an_empty_repository_and_its_first_commit(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    ran = _create(bench, path, {"workflowAccess": "organization", "hasIssues": False})
    made = bench.github.repository(path)
    where = {
        "remoteUrl": f"{bench.github.url}/{path}.git",
        "repoContentsUrl": f"{bench.github.url}/{path}/blob/main",
    }
    assert ran.output == where
    assert (made.store.references(), made.administered.access) == ({}, "organization")
    assert made.administered.settings["has_issues"] is False
    pushed = _push(bench, path, {"requiredApprovingReviewCount": 2})
    assert pushed.output == where | {"commitHash": made.store.tip("main")}
    assert (names_of(made, "main"), tip_of(made, "main").parents) == ({"README.md", ".gitignore"}, ())
    rules = made.protection("main")
    assert rules is not None
    assert rules.approvals == 2


def test_with_a_first_commit_of_github(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    _create(bench, path, {"autoInit": True})
    made = bench.github.repository(path)
    assert names_of(made, "main") == {"README.md"}
    with pytest.raises(ConflictError, match="refs/heads/main"):
        _push(bench, path)
    assert (names_of(made, "main"), made.protection("main")) == ({"README.md"}, None)
    with pytest.raises(InvalidInputError, match="is not empty"):
        _create(bench, path, {"autoInit": True})


@pytest.mark.parametrize("auto_init", [False, True])
def test_killed_after_any_request_there_is_one_repository(bench: Bench, auto_init: bool) -> None:
    for death in deaths():
        path = f"acme/{bench.new_name()}"
        before = len(bench.world.repositories)
        death(_create, bench, path, {"autoInit": auto_init, "topics": ["a"]})
        made = bench.github.repository(path)
        assert (len(bench.world.repositories), made.topics) == (before + 1, ["a"])
        assert set(made.store.references()) == ({"refs/heads/main"} if auto_init else set())


def test_killed_after_any_request_there_is_one_commit(bench: Bench) -> None:
    for death in deaths():
        path = f"acme/{bench.new_name()}"
        _create(bench, path)
        ran = death(_push, bench, path, {"defaultBranch": "trunk"})
        made = bench.github.repository(path)
        assert (ran.output["commitHash"], tip_of(made, "trunk").parents) == (made.store.tip("trunk"), ())
        assert (made.default_branch, made.protection("trunk") is None) == ("trunk", False)


def test_a_repository_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="make it with github:repo:create first"):
        _push(bench, "acme/none")


def test_workflows_of_a_public_repository_are_everybodys(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    with pytest.raises(InvalidInputError, match="workflowAccess"):
        _create(bench, path, {"repoVisibility": "public", "workflowAccess": "user"})
    assert path not in bench.world.repositories
