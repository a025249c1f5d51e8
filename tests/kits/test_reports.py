"""Arguments for reports reach the runner, by whatever leads to it."""

import json

import pytest

from shiftdown.kits.reports import reported
from shiftdown.repository import MemorySource, Snapshot
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Purpose

VITEST = "--reporter=default --reporter=junit --outputFile.junit=test-results.xml"
LOCKS = {"npm": "package-lock.json", "pnpm": "pnpm-lock.yaml", "yarn": "yarn.lock", "bun": "bun.lock"}


def run_of(script: str, manager: str) -> str:
    manifest = {"name": "a", "scripts": {"test": script}, "devDependencies": {"vitest": "^3.0.0"}}
    files = {"package.json": json.dumps(manifest), LOCKS[manager]: "", "a.test.ts": "import {test} from 'vitest'\n"}
    repo = Snapshot(MemorySource({path: text.encode() for path, text in files.items()}), name="a")
    (component,) = stack_of(repo).components
    command = component.command(Purpose.TEST)
    assert command
    return reported(repo, component, command).run


@pytest.mark.parametrize(
    ("manager", "run"),
    [
        ("npm", f"npm test -- {VITEST}"),
        ("pnpm", f"pnpm run test {VITEST}"),
        ("yarn", f"yarn run test {VITEST}"),
        ("bun", f"bun run test {VITEST}"),
    ],
)
def test_a_manager_hands_arguments_on_in_its_own_way(manager: str, run: str) -> None:
    assert run_of("vitest run", manager) == run


@pytest.mark.parametrize("script", ["vitest run && echo done", "vitest run --reporter=dot", "vitest run -- a"])
def test_a_script_that_would_not_hand_them_on_is_left_alone(script: str) -> None:
    assert "--reporter=junit" not in run_of(script, "npm")
