"""Linters for Go: golangci-lint, which checks with gofmt as well."""

import re
from collections.abc import Collection

from shiftdown.pipelines import Part, Step, github_actions, pins
from shiftdown.plugin import Command, Component, Purpose, Snapshot, write
from shiftdown_plugins.cicd.lint_files import text_of
from shiftdown_plugins.cicd.lint_kit import Kit

_CONFIG = """\
version: "2"

linters:
  enable:
    - gocyclo
  settings:
    gocyclo:
      min-complexity: 15

formatters:
  enable:
    - gofmt
"""
"""The linters that are on by default (errcheck, govet, ineffassign, staticcheck, unused), complexity, and gofmt."""


def go_kit(repo: Snapshot, component: Component, missing: Collection[Purpose], own: Collection[Purpose]) -> Kit:
    """golangci-lint with its own choice of linters, complexity and gofmt."""
    if Purpose.LINT in own or Purpose.LINT not in missing:
        return Kit()
    path = f"{component.path}/.golangci.yml".lstrip("/")
    step = _golangci(component, pins.shipped().tool("golangci-lint")).model_copy(update={"allow_failure": True})
    return Kit(("golangci-lint", "gofmt"), (step,), (write(path, _CONFIG),), installs=False)


def go_step(repo: Snapshot, component: Component, command: Command) -> Step:
    """The repository's own golangci-lint, which is on no runner: its configuration says which version reads it."""
    if command.run.startswith("go tool "):
        return Step(name="Lint", run=command.run)
    path = command.evidence.path
    text = text_of(repo, path) if path and ".golangci." in path else ""
    if not text or re.search(r"^\s*[\"']?version[\"']?\s*[:=]\s*[\"']?2", text, re.M):
        return _golangci(component, pins.shipped().tool("golangci-lint"))
    version = pins.shipped().tool("golangci-lint-old")
    return Step(name="Lint", run=f"go run github.com/golangci/golangci-lint/cmd/golangci-lint@v{version} run")


def _golangci(component: Component, version: str) -> Step:
    inputs: dict[str, str | int | bool] = {"version": f"v{version}"}
    if component.path:
        inputs["working-directory"] = component.path
    part = Part(name="golangci/golangci-lint-action", inputs=inputs)
    return Step(name="Lint", run="golangci-lint run", parts={github_actions.DIALECT: part})
