"""Whatever goes wrong with requests: the task is run again, and everything is there once."""

import itertools
import os
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from shiftdown.testing import ActionRun
from shiftdown_fakes.gitlab.model import Project
from tests.forges.faults import FAULTS, Plan, again

from .bench import Bench, files_of, tip_of

RUNS = int(os.environ.get("SHIFTDOWN_FAULT_RUNS", "20"))
"""How many random runs; each starts from nothing."""
Case = tuple[Callable[..., ActionRun], Callable[[ActionRun], None]]
"""What runs a task, given its checkpoints, and what looks at the end."""


def says(ran: ActionRun, words: str) -> bool:
    return any(words in line for line in ran.log)


def publishing(bench: Bench) -> Case:
    path, count = f"acme/{bench.new_name()}", len(bench.world.projects)
    bench.world.add_user("grace")
    given = {
        "repoUrl": bench.url(path),
        "ownerUsername": "grace",
        "branches": [{"name": "release", "create": True, "protect": True}, {"name": "master", "protect": True}],
        "projectVariables": [
            {"key": "TEAM", "value": "payments"},
            {"key": "TEAM", "value": "b", "environment_scope": "x"},
        ],
    }

    def check(ran: ActionRun) -> None:
        project = bench.world.projects[path]
        assert (ran.output["created"], ran.output["projectId"]) == (True, project.id)
        assert ran.output["commitHash"] == project.store.tip("master") == project.store.tip("release")
        assert (tip_of(project, "master").parents, project.default_branch) == ((), "master")
        assert set(project.protected) == {"master", "release"}
        assert project.levels == {"grace": 50} or says(ran, "grace does not become an owner")
        assert [(v["value"], v["environment_scope"]) for v in bench.records.variables[project.id]] == [
            ("payments", "*"),
            ("b", "x"),
        ]
        assert len(bench.world.projects) == count + 1

    return lambda **options: bench.run("publish:gitlab", given, workspace={"a.md": "a"}, **options), check


def proposing(bench: Bench) -> Case:
    for name in ("bo", "grace"):
        bench.member(name, 30)
    project = bench.project(bench.new_name())
    bench.approvers(project, "bo")
    start = project.store.tip("main")
    given = {
        "repoUrl": bench.url(project.path),
        "branchName": "docs",
        "title": "t",
        "description": "d",
        "labels": "new",
        "assignee": "grace",
        "removeSourceBranch": True,
        "assignReviewersFromApprovalRules": True,
        "autoMerge": True,
    }

    def check(ran: ActionRun) -> None:
        (request,) = project.merge_requests.values()
        assert ran.output["mergeRequestUrl"].endswith("/merge_requests/1")
        assert (request.state, request.labels, request.assignees) == ("merged", ["new"], ["grace"])
        assert list(request.reviewers) == ["bo"] or says(ran, "Nobody is asked for a review")
        assert files_of(project, "main").keys() == {"README.md", "a.md"}
        assert len(project.store.commits(start, str(project.store.tip("main")))) == 2
        assert set(project.store.references()) == {"refs/heads/main"}

    workspace = {"a.md": "a"}
    return lambda **options: bench.run("publish:gitlab:merge-request", given, workspace=workspace, **options), check


def in_groups(bench: Bench) -> Case:
    name, count = bench.new_name(), len(bench.world.groups)

    def check(ran: ActionRun) -> None:
        assert ran.output == {"groupId": bench.world.groups[f"acme/{name}/b"].id}
        assert len(bench.world.groups) == count + 2

    given = {"repoUrl": bench.host, "path": [f"acme/{name}/b"]}
    return lambda **options: bench.run("gitlab:group:ensureExists", given, **options), check


def letting_in(bench: Bench) -> Case:
    one, two = (bench.world.add_user(name).id for name in ("one", "two"))
    group, other = (bench.world.add_group(f"acme/{bench.new_name()}", owner="ada") for _ in range(2))
    group.members[two], group.shares[other.id] = 20, 20
    given = {"repoUrl": bench.host, "path": group.id, "userIds": [one, two], "groupIds": [other.id]}

    def check(_: ActionRun) -> None:
        assert (bench.members(group), bench.shares(group)) == ({one: 30, two: 30} | bench.owner, {other.id: 30})

    return lambda **options: bench.run("gitlab:group:access", given, **options), check


def migrating(bench: Bench) -> Case:
    count = len(bench.records.migrations)
    given = {"sourceUrl": "https://old.example.org", "sourceFullPath": "a/b", "sourceAccessToken": "glpat-old"}
    given |= {"destinationUrl": bench.url(f"acme/{bench.new_name()}"), "destinationAccessToken": bench.token}

    def check(ran: ActionRun) -> None:
        assert len(bench.records.migrations) == count + 1
        assert ran.output["migrationId"] == bench.records.migrations[-1]["id"]

    return lambda **options: bench.run("gitlab:group:migrate", given, **options), check


def on_project(id_: str, given: Mapping[str, Any], seen: Callable[[Bench, Project], Any]) -> Callable[[Bench], Case]:
    """An action whose effect on a project is there twice when it was run twice."""

    def case(bench: Bench) -> Case:
        project = bench.project(bench.new_name())
        asked = {"repoUrl": bench.host, "projectId": project.id, **given}

        def check(_: ActionRun) -> None:
            assert seen(bench, project) == 1

        return lambda **options: bench.run(id_, asked, **options), check

    return case


def live(tokens: list[dict[str, Any]]) -> int:
    return sum(not token["revoked"] for token in tokens)


CASES: tuple[Callable[[Bench], Case], ...] = (
    publishing,
    proposing,
    in_groups,
    letting_in,
    migrating,
    on_project("gitlab:issues:create", {"title": "t"}, lambda b, p: len(b.records.issues[p.id])),
    on_project(
        "gitlab:pipeline:trigger",
        {"tokenDescription": "t", "branch": "main"},
        lambda b, p: len(p.pipelines) + 10 * len(b.records.triggers[p.id]),
    ),
    on_project("gitlab:projectAccessToken:create", {}, lambda b, p: live(b.records.access_tokens[p.id])),
    on_project(
        "gitlab:projectDeployToken:create",
        {"name": "n", "scopes": ["read_registry"]},
        lambda b, p: live(b.records.deploy_tokens[p.id]),
    ),
    on_project(
        "gitlab:projectVariable:create",
        {"key": "A", "value": "hunter2-hunter2", "variableType": "env_var", "maskedAndHidden": True},
        lambda b, p: len(b.records.variables[p.id]),
    ),
)


@pytest.mark.parametrize("seed", range(RUNS // 20))
def test_whatever_goes_wrong_everything_is_there_once(bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    for number, case in enumerate(itertools.islice(itertools.cycle(CASES), 20)):
        run, check = case(bench)
        done: dict[str, Any] = {}
        requests = range(35 if number % len(CASES) < 2 else 10)
        plan = Plan({at: chance.choice(list(FAULTS.values())) for at in chance.sample(requests, chance.randint(1, 4))})
        bench.gitlab.inject = plan
        try:
            ran = again(plan, lambda run=run, done=done: run(checkpoints=done))  # type: ignore[misc]
        finally:
            bench.gitlab.inject = lambda method, path: None
        check(ran)
