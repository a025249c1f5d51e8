"""Pinned tools that are part of no component: scanners, linters that a repository does not have."""

from collections.abc import Mapping

from shiftdown.errors import InvalidInputError
from shiftdown.kits.runtimes import default_version
from shiftdown.pipelines import Part, Runtime, Step, pins
from shiftdown.repository.stack import Language


def tool_step(
    tool: str,
    arguments: str,
    *,
    name: str,
    manager: str = "uv",
    parts: Mapping[str, Part] | None = None,
    warn_only: bool = False,
) -> Step:
    """A step that runs a tool in the version of the table of pins, without making it a dependency of anything.

    Its command works in every CI system, in a job that has the tool's language (see `tool_runtime`).

    Args:
        tool: Its name in the table of pins, with the package that it comes from.
        arguments: Its arguments, for a POSIX shell.
        name: What the step is called.
        manager: For a tool from PyPI the package manager of the job, which runs it: uv itself, pipx beside any other.
        parts: Ready-made parts that CI systems have for it, by dialect: the better way there.
        warn_only: Whether the job goes on, and stays green, when it fails.

    Raises:
        NotFoundError: the table has no such tool.
        InvalidInputError: the table does not say which package it comes from.
    """
    source, package, version = _package(tool)
    if source == "go":
        command = f"go run {package}@v{version}"
    else:
        command = f"uvx {package}@{version}" if manager == "uv" else f"pipx run {package}=={version}"
    return Step(name=name, run=f"{command} {arguments}", parts=parts or {}, allow_failure=warn_only)


def tool_runtime(tool: str) -> Runtime:
    """The language that a job needs for a tool of the table of pins. Raises as `tool_step`."""
    source, _, _ = _package(tool)
    if source == "go":
        return Runtime(language=Language.GO, version=default_version(Language.GO))
    return Runtime(language=Language.PYTHON, version=default_version(Language.PYTHON), package_manager="uv")


def _package(tool: str) -> tuple[str, str, str]:
    """Where a tool is had from, as what, and in which version."""
    table = pins.shipped()
    version, package = table.tool(tool), table.tools[tool].package
    if package is None:
        raise InvalidInputError(f"the table of pins does not say which package {tool} comes from: add it there")
    source, _, name = package.partition(":")
    return source, name, version
