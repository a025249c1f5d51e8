"""A dry-run: the whole run with effects left out, and everything that it would have made."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shiftdown.repository import Kind
from shiftdown.scaffolder.action import Effect
from shiftdown.scaffolder.parameters import check_parameters, check_secrets
from shiftdown.scaffolder.runner import Host, LogEvent, RunInput, Runner
from shiftdown.scaffolder.template import Step
from shiftdown.scaffolder.workspace import Workspace


@dataclass(frozen=True)
class File:
    """A file that a run would make."""

    path: str
    """Its path."""
    content: bytes
    """Its content; the target of a symbolic link."""
    executable: bool
    """Whether it may be executed."""
    brought: bool = False
    """Whether it came with the template, `executable` included."""


@dataclass(frozen=True)
class DryRun:
    """What a run would do."""

    log: Sequence[LogEvent]
    """The log."""
    steps: Sequence[Step]
    """The steps, each with its id and name."""
    output: Mapping[str, Any]
    """The template's output; where an action was skipped, with example values."""
    files: Sequence[File]
    """The files of the workspace at the end."""
    effects: Sequence[Effect]
    """What would be created or changed outside."""


def dry_run(run: RunInput, host: Host) -> DryRun:
    """Run a template with effects left out.

    Raises:
        ParametersError: the parameters or secrets do not fit the template.
        NotFoundError: an action is not installed.
        StepFailedError: a step fails.
    """
    check_parameters(run.template, run.parameters)
    check_secrets(run.template, run.secrets)
    log: list[LogEvent] = []
    runner = Runner(run, host, on_event=log.append)
    output = runner.execute()
    return DryRun(log, run.template.steps, output, files_of(runner.progress.workspace), runner.progress.effects)


def files_of(workspace: Workspace) -> list[File]:
    """The files of a workspace; symbolic links only where they lead nowhere, as Backstage lists them."""
    found = []
    for entry in workspace.entries():
        if entry.kind is Kind.SYMLINK and _leads_somewhere(workspace, entry.path):
            continue
        executable = entry.kind is Kind.EXECUTABLE
        found.append(File(entry.path, workspace.read(entry.path), executable, workspace.is_brought(entry.path)))
    return found


def _leads_somewhere(workspace: Workspace, path: str) -> bool:
    target = workspace.read(path).decode(errors="replace")
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    return not target.startswith("/") and workspace.exists("" if joined == "." else joined)
