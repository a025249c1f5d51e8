"""Runs one action of a template on files in memory, and the examples that it carries."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from shiftdown.errors import NotFoundError
from shiftdown.repository import Kind, MemorySource, Snapshot
from shiftdown.scaffolder.action import Action, ActionContext, Effect, Example
from shiftdown.scaffolder.expressions import Expressions
from shiftdown.scaffolder.filters import default_filters
from shiftdown.scaffolder.services import Services
from shiftdown.scaffolder.sources import EntityList, TemplateContents
from shiftdown.scaffolder.work import work_of
from shiftdown.scaffolder.workspace import Workspace
from shiftdown.transformations import Plan

TEMPLATE = "template:default/example"
"""The template that actions run for here."""


@dataclass(frozen=True)
class ActionRun:
    """What an action did."""

    output: Mapping[str, Any]
    """Its output, in the names of templates."""
    files: Mapping[str, bytes]
    """The files of the workspace afterwards, by path; of a symbolic link its target."""
    executable: Sequence[str]
    """Those that may be executed."""
    log: Sequence[str]
    """The lines that it wrote."""
    effects: Sequence[Effect]
    """What it did outside the workspace, or in a dry-run would do."""
    hidden: Sequence[str] = ()
    """The secrets that it came by."""


def run_action(
    action: Action,
    values: Mapping[str, Any],
    *,
    template: Mapping[str, str | bytes] | Snapshot | None = None,
    workspace: Mapping[str, str | bytes] | Workspace | None = None,
    entities: Sequence[Mapping[str, Any]] = (),
    services: Services | None = None,
    secrets: Mapping[str, str] | None = None,
    plan: Callable[[str, Mapping[str, Any], Snapshot], Plan] | None = None,
    cancelled: bool = False,
    dry_run: bool = False,
    checkpoints: dict[str, Any] | None = None,
) -> ActionRun:
    """Run an action.

    Args:
        action: the action.
        values: its input, without expressions.
        template: the files beside the template, by path; or a snapshot of them.
        workspace: the files of the workspace before, by path; or the workspace.
        entities: what the software catalog holds.
        services: what the host lends to actions.
        secrets: the secrets of the task.
        plan: plans a transformation type for a snapshot.
        cancelled: whether the task is cancelled.
        dry_run: whether effects are left out.
        checkpoints: what an earlier run of the same task has done once, by key; what this one does is added.

    Raises:
        ShiftdownError: the input does not fit, or the action failed.
    """
    log: list[str] = []
    effects: list[Effect] = []
    hidden: list[str] = []
    done = {} if checkpoints is None else checkpoints
    files = workspace if isinstance(workspace, Workspace) else _workspace(workspace or {})
    event = threading.Event()
    if cancelled:
        event.set()
    context = ActionContext(
        workspace=files,
        contents=TemplateContents(_template(template or {}), "template.yaml", _no_remote),
        catalog=EntityList(entities),
        cancelled=event,
        expressions=lambda **options: Expressions(filters=default_filters(), **options),
        plan=plan or _no_plan,
        log=log.append,
        effect=effects.append,
        checkpoint=lambda key, function: _once(done, key, function),
        hide=hidden.append,
        services=services or Services(),
        secrets=secrets or {},
        template=TEMPLATE,
        task_id="example",
        dry_run=dry_run,
    )
    work = work_of(action, dry_run=dry_run)
    output = work(values, context)() if work else action.example_output()
    entries = list(files.entries())
    return ActionRun(
        output,
        {entry.path: files.read(entry.path) for entry in entries},
        [entry.path for entry in entries if entry.kind is Kind.EXECUTABLE],
        log,
        effects,
        hidden,
    )


def check_example(action: Action, example: Example, **options: Any) -> None:
    """Run an example of an action; an `AssertionError` says what came out otherwise.

    Args:
        action: the action.
        example: one of its examples.
        options: as of `run_action`.
    """
    ran = run_action(
        action,
        example.input,
        template=example.template,
        workspace=example.workspace,
        entities=example.entities,
        **options,
    )
    expected = example.workspace if example.files is None else example.files
    files = {path: content.decode() for path, content in ran.files.items()}
    if files != expected:
        raise AssertionError(f"{action.id}: {example.title}: files {files!r}, expected {dict(expected)!r}")
    if example.output is not None and dict(ran.output) != dict(example.output):
        raise AssertionError(f"{action.id}: {example.title}: output {ran.output!r}, expected {example.output!r}")


def _once(done: dict[str, Any], key: str, function: Callable[[], Any]) -> Any:
    if key not in done:
        done[key] = json.loads(json.dumps(function()))
    return done[key]


def _workspace(files: Mapping[str, str | bytes]) -> Workspace:
    workspace = Workspace()
    for path, content in files.items():
        workspace.write(path, _bytes(content))
    return workspace


def _template(files: Mapping[str, str | bytes] | Snapshot) -> Snapshot:
    if isinstance(files, Snapshot):
        return files
    return Snapshot(MemorySource({path: _bytes(content) for path, content in files.items()}), name="example")


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _no_remote(url: str, token: SecretStr | None) -> tuple[Snapshot, str]:
    raise NotFoundError("repository at", url, "nothing is fetched from elsewhere here")


def _no_plan(type_: str, _: Mapping[str, Any], __: Snapshot) -> Plan:
    raise NotFoundError("plugin for", type_, "give `plan` to `run_action`")
