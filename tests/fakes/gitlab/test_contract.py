"""python-gitlab takes every answer of the fake, all are as GitLab's are, and a fake that is different is caught."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from shiftdown_fakes.gitlab import ROUTES, FakeGitLab, Route, routing
from shiftdown_fakes.gitlab.shapes import Shapes

from .answers import TYPES, WITHOUT_RECORD, problems
from .driving import Heard, driver, everything

_PAGE = re.compile(r"https://docs\.gitlab\.com/api/[a-z_]+/(?:#[a-z0-9-]+)?[,)]")


@pytest.fixture(scope="module")
def gitlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitLab]:
    with FakeGitLab(tmp_path_factory.mktemp("gitlab")) as server:
        yield server
        assert server.crashes == []


@pytest.fixture(scope="module")
def heard(gitlab: FakeGitLab) -> list[Heard]:
    """Every answer, when everything was asked for."""
    return everything(gitlab)


def name(route: Route) -> str:
    return f"{route.method} {route.template}"


def test_python_gitlab_uses_every_route(heard: list[Heard]) -> None:
    assert {name(route) for route in ROUTES} == {name(one.route) for one in heard}


def test_every_answer_is_as_those_of_gitlab(heard: list[Heard]) -> None:
    assert problems(heard) == []


def test_every_route_that_answers_a_record_has_a_type() -> None:
    records = {name(route) for route in ROUTES if route.method != "DELETE"}
    assert set(TYPES) == records - WITHOUT_RECORD


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_each_route_names_its_page(route: Route) -> None:
    assert _PAGE.search(route.handler.__doc__ or "")


def asked(gitlab: FakeGitLab, path: str) -> list[Heard]:
    """What is answered about a project with a branch."""
    project = gitlab.world.add_project(path, owner="ada")
    gitlab.commit(project, "main", {"README.md": "hello\n"})
    found: list[Heard] = []
    with driver(gitlab, "ada", found) as ada:
        ada.api.projects.get(path).branches.create({"branch": "topic", "ref": "main"})
    return found


@pytest.mark.parametrize(
    ("sabotage", "words"),
    [
        (lambda shown: {**shown, "protected": "no"}, r"\$.protected: 'no' is not of type 'boolean'"),
        (lambda shown: {**shown, "commit": {**shown["commit"], "parent_ids": "none"}}, r"\$.commit.parent_ids"),
        (lambda shown: {k: v for k, v in shown.items() if k != "web_url"}, "'web_url' is a required property"),
    ],
)
def test_a_fake_whose_records_are_different_is_caught(
    gitlab: FakeGitLab, monkeypatch: pytest.MonkeyPatch, sabotage: Callable[[Any], Any], words: str
) -> None:
    assert problems(asked(gitlab, f"first/{len(gitlab.world.projects)}")) == []
    true = Shapes.branch
    monkeypatch.setattr(Shapes, "branch", lambda *given: sabotage(true(*given)))
    (problem,) = problems(asked(gitlab, f"second/{len(gitlab.world.projects)}"))
    assert re.search(words, problem)


def test_a_fake_whose_statuses_are_different_is_caught(gitlab: FakeGitLab, monkeypatch: pytest.MonkeyPatch) -> None:
    number = next(n for n, route in enumerate(ROUTES) if name(route) == "POST /projects/{id}/repository/branches")
    route = ROUTES[number]
    wrong = replace(route, handler=lambda call: replace(route.handler(call), status=200))
    monkeypatch.setattr(routing, "ROUTES", [*ROUTES[:number], wrong, *ROUTES[number + 1 :]])
    assert problems(asked(gitlab, "third/orders")) == [f"{name(route)}: status 200, not 201"]
