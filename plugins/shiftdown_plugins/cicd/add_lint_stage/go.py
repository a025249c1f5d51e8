"""Linters for Go: golangci-lint, which checks with gofmt as well."""

from collections.abc import Collection

from shiftdown.kits import golangci_step
from shiftdown.plugin import Component, Purpose, Snapshot, write
from shiftdown_plugins.cicd.add_lint_stage.linters import Linters

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


def go_linters(repo: Snapshot, component: Component, missing: Collection[Purpose], own: Collection[Purpose]) -> Linters:
    """golangci-lint with its own choice of linters, complexity and gofmt."""
    if Purpose.LINT in own or Purpose.LINT not in missing:
        return Linters()
    path = f"{component.path}/.golangci.yml".lstrip("/")
    step = golangci_step(component).model_copy(update={"allow_failure": True})
    return Linters(("golangci-lint", "gofmt"), (step,), (write(path, _CONFIG),), installs=False)
