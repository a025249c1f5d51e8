"""Backstage's own filters; what they give was taken from Backstage."""

from typing import Any

import pytest

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.expressions import Expressions
from shiftdown.scaffolder.filters import default_filters, parse_entity_ref, parse_repo_url, pick, project_slug

ENGINE = Expressions(filters=default_filters())


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("github.com?owner=acme&repo=shop", {"host": "github.com", "owner": "acme", "repo": "shop"}),
        ("github.com?repo=shop&owner=acme", {"host": "github.com", "owner": "acme", "repo": "shop"}),
        ("GitHub.com?owner=/acme/&repo=a%2Fb", {"host": "github.com", "owner": "acme", "repo": "a/b"}),
        ("git.acme.io:8443?owner=a&repo=b", {"host": "git.acme.io:8443", "owner": "a", "repo": "b"}),
        ("gitlab.com?project=7", {"host": "gitlab.com", "project": "7"}),
        ("gitlab.com?owner=a%2Fb&repo=c", {"host": "gitlab.com", "owner": "a/b", "repo": "c"}),
        (
            "dev.azure.com?organization=o&project=p&repo=r",
            {"host": "dev.azure.com", "repo": "r", "organization": "o", "project": "p"},
        ),
        (
            "bitbucket.org?workspace=w&project=p&repo=r",
            {"host": "bitbucket.org", "repo": "r", "workspace": "w", "project": "p"},
        ),
    ],
)
def test_a_repository_has_parts_in_backstages_order(value: str, parts: dict[str, str]) -> None:
    assert list(parse_repo_url(value).items()) == list(parts.items())


@pytest.mark.parametrize(
    "value",
    [
        *("github.com?owner=acme", "github.com", "acme/shop", "", None, 3, "github.com?owner=&repo=x"),
        *("[::1?owner=a&repo=b", "bitbucket.org?owner=a&repo=b", "dev.azure.com?owner=a&repo=b"),
    ],
)
def test_what_is_no_repository_is_said(value: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"expected .*\?owner=…&repo=…"):
        parse_repo_url(value)


def test_a_slug_is_owner_and_repo() -> None:
    assert project_slug("github.com?owner=acme&repo=shop") == "acme/shop"


@pytest.mark.parametrize(
    ("value", "context", "parts"),
    [
        ("component:default/shop", None, ("component", "default", "shop")),
        ("component:shop", None, ("component", "default", "shop")),
        ("Group:My/Team-A", None, ("Group", "My", "Team-A")),
        ("shop", {"defaultKind": "component"}, ("component", "default", "shop")),
        ("team/shop", {"defaultKind": "group", "defaultNamespace": "x"}, ("group", "team", "shop")),
        ("shop", {"defaultKind": "group", "defaultNamespace": "x"}, ("group", "x", "shop")),
        ("a:b:c", None, ("a", "default", "b:c")),
        ("ns/a:b", {"defaultKind": "k"}, ("k", "ns", "a:b")),
        ({"kind": "user", "name": "guest"}, None, ("user", "default", "guest")),
    ],
)
def test_an_entity_reference_has_three_parts(value: Any, context: Any, parts: tuple[str, ...]) -> None:
    assert tuple(parse_entity_ref(value, context).values()) == parts


@pytest.mark.parametrize(
    "value", ["shop", "", None, ":shop", "a:", "component:/shop", "component:default/", {"name": "x"}]
)
def test_what_is_no_entity_reference_is_said(value: Any) -> None:
    with pytest.raises(InvalidInputError, match="expected kind:namespace/name"):
        parse_entity_ref(value)


@pytest.mark.parametrize(
    ("path", "picked"),
    [
        ("name", "shop"),
        ("a.b", [1, {"c": 2}]),
        ("a.b[0]", 1),
        ("a.b[1].c", 2),
        ("a.b.1.c", 2),
        ("a['b'][1]", {"c": 2}),
        ("x.y", "with a point"),
        ("name.length", 4),
        ("nothing", None),
    ],
)
def test_a_path_picks_a_part(path: str, picked: Any) -> None:
    value = {"name": "shop", "a": {"b": [1, {"c": 2}]}, "x.y": "with a point", "nothing": None}
    assert pick(value, path) == picked


@pytest.mark.parametrize("path", ["missing", "a.missing", "a.b.c", "__class__", "name.upper", "a[9]"])
def test_a_path_that_is_not_there_gives_nothing(path: str) -> None:
    context = {"v": {"name": "shop", "a": {"b": [1]}}}
    values = {"picked": f"${{{{ v | pick({path!r}) }}}}", "default": f"${{{{ v | pick({path!r}, 'd') }}}}"}
    assert ENGINE.evaluate(values, context) == {"default": "d"}


def test_filters_follow_each_other_in_a_template() -> None:
    context = {"repo": "github.com?owner=acme&repo=shop", "owner": "group:default/team-a"}
    assert ENGINE.render("${{ (repo | parseRepoUrl).repo }}", context) == "shop"
    assert ENGINE.render("${{ repo | parseRepoUrl | pick('owner') | upper }}", context) == "ACME"
    assert ENGINE.render("${{ owner | parseEntityRef | pick('name') }}", context) == "team-a"
    assert ENGINE.render("${{ 'x' | parseEntityRef({defaultKind: 'user'}) | dump }}", context) == (
        '{"kind":"user","namespace":"default","name":"x"}'
    )


def test_a_filter_that_fails_is_named(caplog: pytest.LogCaptureFixture) -> None:
    assert ENGINE.evaluate("${{ 'acme' | parseRepoUrl }}", {}) == "${{ 'acme' | parseRepoUrl }}"
    assert "filter parseRepoUrl: 'acme' is no repository" in caplog.text
