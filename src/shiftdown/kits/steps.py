"""How commands become steps: those of a component, and those of pinned tools."""

import re
from collections.abc import Sequence

from shiftdown.kits.practice import blocks
from shiftdown.kits.reading import text_of
from shiftdown.kits.tools import tool_step
from shiftdown.pipelines import GITHUB_ACTIONS, Part, Step, pins
from shiftdown.repository import Snapshot
from shiftdown.repository.stack import Command, Component, Purpose

TITLES = {
    Purpose.INSTALL: "Install dependencies",
    Purpose.LINT: "Lint",
    Purpose.FORMAT: "Check the format",
    Purpose.TYPECHECK: "Check the types",
    Purpose.PREPARE: "Prepare the tests",
    Purpose.TEST: "Test",
    Purpose.COVERAGE: "Test with coverage",
    Purpose.BUILD: "Build",
}
"""What steps are called."""


def command_step(repo: Snapshot, component: Component, command: Command) -> Step:
    """The step for a command of a component's own; it only reports where nobody runs it today (`blocks`).

    golangci-lint, which no machine has, is brought in the version that can read the component's configuration.
    """
    step = _step(repo, component, command)
    return step.model_copy(update={"allow_failure": not blocks(repo, component, command)})


def check_steps(repo: Snapshot, component: Component, commands: Sequence[Command]) -> list[Step]:
    """The steps for commands that look at code; several for one purpose are named after their tools."""
    purposes = [c.purpose for c in commands]
    steps = []
    for command in commands:
        step = command_step(repo, component, command)
        alone = purposes.count(command.purpose) == 1 or command.tool is None
        steps.append(step if alone else step.model_copy(update={"name": f"{step.name} ({command.tool})"}))
    return steps


def _step(repo: Snapshot, component: Component, command: Command) -> Step:
    if command.tool != "golangci-lint" or command.run.startswith("go tool "):
        return Step(name=TITLES[command.purpose], run=command.run)
    path = command.evidence.path
    text = text_of(repo, path) if path and ".golangci." in path else ""
    if not text or re.search(r"^\s*[\"']?version[\"']?\s*[:=]\s*[\"']?2", text, re.M):
        return golangci_step(component)
    return tool_step("golangci-lint-old", "run", name=TITLES[Purpose.LINT])


def golangci_step(component: Component) -> Step:
    """golangci-lint on a component."""
    inputs: dict[str, str | int | bool] = {"version": f"v{pins.shipped().tool('golangci-lint')}"}
    if component.path:
        inputs["working-directory"] = component.path
    part = Part(name="golangci/golangci-lint-action", inputs=inputs)
    return tool_step("golangci-lint", "run", name=TITLES[Purpose.LINT], parts={GITHUB_ACTIONS.key: part})
