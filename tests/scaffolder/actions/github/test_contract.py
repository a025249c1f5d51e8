"""All that the actions ask and hear passes GitHub's own contract and schema."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.github.prism import CheckedGitHub
from tests.fakes.github.schema import problems

from .bench import ACTIONS, Bench
from .publishing import EVERYTHING
from .test_deployment import FILES, PRODUCTION, START
from .test_settings import HOOK, LINK

_numbers = itertools.count(1)


@pytest.fixture(params=["push"])
def bench(
    request: pytest.FixtureRequest, checked: CheckedGitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    """What runs actions on the fake, through the contract; writing by git, or by the API."""
    monkeypatch.setattr("shiftdown.forges.github.settings.PAUSE", 0)
    config, github = tmp_path / "shiftdown.toml", checked.github
    config.write_text(
        f'[hosts."{github.url.removeprefix("http://")}"]\nforge = "github"\nurl = "{github.url}"\n'
        f'api_url = "{checked.url}"\ntoken_variables = ["SHIFTDOWN_GITHUB_TOKEN"]\n'
        f'write = "{request.param}"\n'
    )
    first = len(github.exchanges)
    made = Bench(github, f"templates{next(_numbers)}", {"SHIFTDOWN_CONFIG": str(config)})
    yield made
    made.close()
    assert problems(github.exchanges[first:]) == []


def test_every_action_stays_within_the_contract(bench: Bench) -> None:
    owner = bench.organization.login
    team = {"access": f"{owner}/core", "collaborators": [{"user": "eve", "access": "push"}]}
    rules = {"restrictions": {"users": ["eve"], "teams": ["core"]}, "bypassPullRequestAllowances": {"users": ["bob"]}}
    made: dict[str, Any] = {"repoUrl": bench.url(f"{owner}/shop")}
    other: dict[str, Any] = {"repoUrl": bench.url(f"{owner}/docs")}
    key = {"publicKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIshop", "privateKey": "x", "deployKeyName": "k"}
    pull = {"branchName": "docs", "title": "t", "description": "d", "reviewers": ["bob"], "assignees": ["eve"]}
    calls = (
        ("publish:github", made | EVERYTHING | team | {"requiredCommitSigning": False}),
        ("github:repo:create", other | {"workflowAccess": "organization"}),
        ("github:repo:push", other),
        ("github:issues:create", made | {"title": "I", "labels": ["ops"]}),
        ("github:issues:label", made | {"number": 1, "labels": ["more"]}),
        ("github:autolinks:create", made | LINK),
        ("github:branch-protection:create", made | rules),
        ("github:pages:enable", made),
        ("github:webhook", made | HOOK),
        ("github:actions:dispatch", made | START | {"returnWorkflowRunDetails": True}),
        ("github:deployKey:create", made | key),
        ("github:environment:create", made | PRODUCTION),
        ("publish:github:pull-request", made | pull),
    )
    assert {id_ for id_, _ in calls} == set(ACTIONS)
    for id_, given in calls:
        workspace = {"a.md": "a\n"} if "pull" in id_ else FILES
        bench.run(id_, given, workspace=workspace)
    # Again, so that what is there is looked at and brought in line.
    for id_ in ("github:pages:enable", "github:webhook", "github:environment:create"):
        changed = {"sourcePath": "/docs", "buildType": "legacy"} if "pages" in id_ else {}
        bench.run(id_, dict(calls)[id_] | changed)


@pytest.mark.parametrize("bench", ["api"], indirect=True)
def test_the_api_alone_stays_within_the_contract(bench: Bench) -> None:
    given = {"repoUrl": bench.url(f"{bench.organization.login}/shop")}
    bench.run("publish:github", given, workspace={"a.md": "a\n", "b.bin": b"\xff\xfe"})
    pull = {"branchName": "docs", "title": "t", "description": "d"}
    bench.run("publish:github:pull-request", given | pull, workspace={"c.md": "c\n"})
