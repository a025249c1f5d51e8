"""Whatever goes wrong with requests: the task is run again, and everything is there once."""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from shiftdown.testing import ActionRun
from shiftdown_fakes.github import Repository
from tests.forges.faults import FAULTS, Plan, again

from .bench import Bench, names_of, tip_of
from .publishing import EVERYTHING
from .test_deployment import FILES, PRODUCTION, START, _key
from .test_settings import HOOK

RUNS = int(os.environ.get("SHIFTDOWN_FAULT_RUNS", "20"))
"""How many random runs; each starts from nothing."""
Case = tuple[Callable[..., ActionRun], Callable[[ActionRun], None]]
"""What runs a task, given its checkpoints, and what looks at the end."""


def publishing(bench: Bench) -> Case:
    path, before = f"acme/{bench.new_name()}", len(bench.world.repositories)

    def check(ran: ActionRun) -> None:
        made = bench.github.repository(path)
        admin, tip = made.administered, tip_of(made, "main")
        assert (ran.output["commitHash"], tip.parents, names_of(made, "main")) == (tip.id, (), {"README.md"})
        assert (len(bench.world.repositories), made.protection("main") is None) == (before + 1, False)
        assert (admin.teams, admin.settings["allow_update_branch"]) == ({"core": "admin"}, True)
        assert (set(admin.vault.variables), set(admin.vault.secrets)) == ({"REGION", "TIER"}, {"PASSWORD", "KEY"})

    # What GitHub refuses of these is left out.
    given = {name: value for name, value in EVERYTHING.items() if name not in ("topics", "collaborators")}
    given["repoUrl"] = bench.url(path)
    return lambda **o: bench.run("publish:github", given, workspace={"README.md": "# Shop\n"}, **o), check


def proposing(bench: Bench) -> Case:
    repository = bench.repository(role=random.Random(len(bench.world.repositories)).choice(["read", "write"]))
    given = {"branchName": "docs", "title": "t", "description": "d"}

    def check(ran: ActionRun) -> None:
        (pull,) = repository.pulls
        assert ran.output["pullRequestNumber"] == pull.number == 1
        assert names_of(pull.head_repository, "docs") == {"README.md", "a.md"}
        assert tip_of(pull.head_repository, "docs").parents == (repository.store.tip("main"),)

    workspace = {"a.md": "a\n"}
    return lambda **o: bench.on("publish:github:pull-request", repository, given, workspace=workspace, **o), check


def setting_up(bench: Bench, id_: str, given: dict[str, Any], seen: Callable[[Repository], Any], wanted: Any) -> Case:
    repository = bench.repository(files=FILES)

    def check(_: ActionRun) -> None:
        assert seen(repository) == wanted

    return lambda **options: bench.on(id_, repository, given, **options), check


def environment(repository: Repository) -> Any:
    made = repository.administered.environments[PRODUCTION["name"]]
    return len(made.policies), len(made.vault.variables), len(made.vault.secrets)


def of_kind(bench: Bench, kind: int) -> Case:
    match kind:
        case 0:
            return publishing(bench)
        case 1:
            return proposing(bench)
        case 2:
            return setting_up(bench, "github:environment:create", PRODUCTION, environment, (3, 1, 2))
        case 3:
            return setting_up(bench, "github:webhook", HOOK, lambda r: len(r.administered.hooks), 1)
        case 4:
            return setting_up(bench, "github:deployKey:create", _key(), lambda r: len(r.administered.keys), 1)
        case 5:
            return setting_up(bench, "github:issues:create", {"title": "t"}, lambda r: len(r.issues), 1)
        case _:
            return setting_up(bench, "github:actions:dispatch", START, lambda r: len(r.administered.runs), 1)


@pytest.mark.parametrize("seed", range(RUNS // 20))
def test_whatever_goes_wrong_everything_is_there_once(bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    bench.github.limit = 10**9
    for number in range(20):
        run, check = of_kind(bench, number % 7)
        done: dict[str, Any] = {}
        wrong = chance.sample(range(40 if number % 7 == 0 else 12), chance.randint(1, 4))
        plan = Plan({at: chance.choice(list(FAULTS.values())) for at in wrong})
        bench.github.inject = plan
        try:
            ran = again(plan, lambda run=run, done=done: run(checkpoints=done))  # type: ignore[misc]
        finally:
            bench.github.inject = lambda method, path: None
        check(ran)
