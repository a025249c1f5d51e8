"""How the commands of a component become steps."""

import re

from shiftdown.kits.reading import text_of
from shiftdown.pipelines import Part, Step, github_actions, pins
from shiftdown.repository import Snapshot
from shiftdown.repository.stack import Command, Component


def go_step(repo: Snapshot, component: Component, command: Command) -> Step:
    """The repository's own golangci-lint, which is on no runner: its configuration says which version reads it."""
    if command.run.startswith("go tool "):
        return Step(name="Lint", run=command.run)
    path = command.evidence.path
    text = text_of(repo, path) if path and ".golangci." in path else ""
    if not text or re.search(r"^\s*[\"']?version[\"']?\s*[:=]\s*[\"']?2", text, re.M):
        return golangci_step(component, pins.shipped().tool("golangci-lint"))
    version = pins.shipped().tool("golangci-lint-old")
    return Step(name="Lint", run=f"go run github.com/golangci/golangci-lint/cmd/golangci-lint@v{version} run")


def golangci_step(component: Component, version: str) -> Step:
    """golangci-lint in a version, on a component."""
    inputs: dict[str, str | int | bool] = {"version": f"v{version}"}
    if component.path:
        inputs["working-directory"] = component.path
    part = Part(name="golangci/golangci-lint-action", inputs=inputs)
    return Step(name="Lint", run="golangci-lint run", parts={github_actions.DIALECT: part})
