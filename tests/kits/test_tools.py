"""Pinned tools as steps."""

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.kits import tool_runtime, tool_step
from shiftdown.pipelines import Part, pins
from shiftdown.plugin import Language

TABLE = pins.shipped()


def test_a_tool_of_go_is_built_in_its_version() -> None:
    step = tool_step("gitleaks", "git --redact", name="Scan")
    assert step.run == f"go run github.com/zricethezav/gitleaks/v8@v{TABLE.tool('gitleaks')} git --redact"
    assert (step.name, step.allow_failure, dict(step.parts)) == ("Scan", False, {})
    assert tool_runtime("gitleaks").language is Language.GO
    assert tool_runtime("gitleaks").version == ".".join(TABLE.tool("go").split(".")[:2])


@pytest.mark.parametrize(("manager", "command"), [("uv", "uvx ruff@{}"), ("poetry", "pipx run ruff=={}")])
def test_a_tool_of_pypi_is_run_beside_the_project(manager: str, command: str) -> None:
    step = tool_step("ruff", "check .", name="Lint", manager=manager, warn_only=True)
    assert step.run == f"{command.format(TABLE.tool('ruff'))} check ."
    assert step.allow_failure
    assert (tool_runtime("ruff").language, tool_runtime("ruff").package_manager) == (Language.PYTHON, "uv")


def test_a_part_is_the_better_way_in_one_ci_system() -> None:
    part = Part(name="golangci/golangci-lint-action")
    step = tool_step("golangci-lint", "run", name="Lint", parts={"github-actions": part})
    assert step.parts["github-actions"] == part
    assert step.run is not None


def test_a_tool_needs_a_pin_and_a_package() -> None:
    with pytest.raises(NotFoundError, match="add it to the table of pins"):
        tool_step("unheard-of", "", name="Scan")
    with pytest.raises(InvalidInputError, match="which package prometheus comes from"):
        tool_runtime("prometheus")
