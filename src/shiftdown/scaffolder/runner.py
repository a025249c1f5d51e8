"""Runs the steps of a template, for a task or as a dry-run."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shiftdown.errors import InvalidInputError, ShiftdownError
from shiftdown.repository import Snapshot
from shiftdown.scaffolder.absent import SKIPPED
from shiftdown.scaffolder.action import Action, ActionContext, CancelledError, Catalog, Contents, Effect
from shiftdown.scaffolder.expressions import Expressions, is_truthy_condition
from shiftdown.scaffolder.filters import default_filters
from shiftdown.scaffolder.redaction import MASK, Redactor
from shiftdown.scaffolder.services import Services
from shiftdown.scaffolder.template import Step, Template
from shiftdown.scaffolder.work import (
    Work,
    shown_items,
    unknown_action,
    without_secrets,
    work_of,
)
from shiftdown.scaffolder.workspace import Workspace
from shiftdown.transformations import Plan

DRY_RUN_REF = "template:default/dry-run"
"""Reference of the template in a dry-run, as in Backstage: what is tried need not be in a catalog."""


class StepStatus(StrEnum):
    """What became of a step."""

    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class LogEvent:
    """A line of a task's log. Secrets are not in it."""

    message: str
    """The line."""
    step_id: str | None = None
    """The step it belongs to."""
    status: StepStatus | None = None
    """The state that the step came to."""


@dataclass(frozen=True)
class Host:
    """What a run takes from around it: actions, and what they read and write with."""

    actions: Mapping[str, Action]
    """The actions that are installed, by id."""
    contents: Contents
    """Reads folders and files for `fetch:*`."""
    catalog: Catalog
    """The software catalog."""
    plan: Callable[[str, Mapping[str, Any], Snapshot], Plan]
    """Plans a transformation type for a snapshot."""
    services: Services = field(default_factory=Services)
    """What is lent to actions."""
    filters: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """Template filters that plugins add."""
    globals: Mapping[str, Any] = field(default_factory=dict)
    """Template globals that plugins add."""
    environment: Mapping[str, Any] = field(default_factory=dict)
    """The operator's `environment.parameters`."""


@dataclass(frozen=True)
class RunInput:
    """What is run."""

    template: Template
    """The template; its parameters and secrets were checked."""
    parameters: Mapping[str, Any]
    """The values that were given."""
    task_id: str
    """Id of the task."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The secrets that were given."""
    user: Mapping[str, Any] = field(default_factory=dict)
    """Who started it: `ref` and `entity`."""
    dry_run: bool = False
    """Whether effects are left out."""
    template_ref: str | None = None
    """How files name the template that made them; `None` as Backstage does it, which is another one in a dry-run."""
    skip_unknown_actions: bool = False
    """For a dry-run: whether an action that is not installed, or that Backstage would skip, is skipped."""


@dataclass
class Progress:
    """What a run has done so far: enough to go on after it was stopped."""

    workspace: Workspace = field(default_factory=Workspace)
    """The files."""
    outputs: dict[str, Any] = field(default_factory=dict)
    """Output of each completed step, by id."""
    checkpoints: dict[str, Any] = field(default_factory=dict)
    """Results of the things that actions do once, by step and key."""
    effects: list[Effect] = field(default_factory=list)
    """What was done outside the workspace, or would be done."""
    secretive: set[str] = field(default_factory=set)
    """The steps whose input depends on a secret."""


class StepFailedError(ShiftdownError):
    """A step that failed; the later ones were skipped but for those with `always()` or `failure()`."""

    def __init__(self, step_id: str, reason: str, exit_code: int) -> None:
        self.step_id = step_id
        """The step."""
        self.reason = reason
        """Why."""
        self.exit_code = exit_code
        super().__init__(f"step {step_id}: {reason}")


class Runner:
    """One run of a template."""

    def __init__(
        self,
        run: RunInput,
        host: Host,
        *,
        progress: Progress | None = None,
        on_event: Callable[[LogEvent], None] = lambda _: None,
        on_progress: Callable[[Progress], None] = lambda _: None,
        before_effect: Callable[[], None] = lambda: None,
        cancelled: threading.Event | None = None,
        abandoned: threading.Event | None = None,
    ) -> None:
        """Prepare a run.

        Args:
            run: what is run.
            host: what it takes from around it.
            progress: what was done before, by a run that was stopped.
            on_event: is given each line of the log.
            on_progress: is called when a step has completed, before that is logged, and when something was done
                that is done once per task.
            before_effect: is called before something is done that is done once per task; may raise to prevent it.
            cancelled: ends the run but for the steps with `always()` and `failure()`.
            abandoned: ends these, too.
        """
        self.progress = progress or Progress()
        """What was done so far."""
        self._run = run
        self._host = host
        self._on_event = on_event
        self._on_progress = on_progress
        self._before_effect = before_effect
        self._cancelled = cancelled or threading.Event()
        self._abandoned = abandoned or threading.Event()
        self.redactor = Redactor(run.secrets.values())
        """Takes the secrets, and what is derived from them, out of texts."""
        self._stop = self._cancelled
        self._failed = False
        self._asked = False
        self._filters = {**default_filters(), **host.filters}
        self._engine = Expressions(
            filters=self._filters, globals={**host.globals, "always": self._always, "failure": self._failure}
        )
        self._engines: dict[tuple[tuple[str, Any], ...], Expressions] = {}

    def execute(self) -> dict[str, Any]:
        """Run every step that is not completed yet, and give the template's output.

        Raises:
            NotFoundError: an action is not installed; nothing was run.
            StepFailedError: a step failed.
            CancelledError: it was cancelled.
        """
        steps = self._run.template.steps
        self._check_actions(steps)
        self._emit(f"Starting up task with {len(steps)} steps")
        first: StepFailedError | None = None
        before = set(self.progress.outputs)
        for step in steps:
            assert step.id is not None  # noqa: S101 - `Template.steps` names every step
            if step.id in before:
                self._emit(f"Skipping step {step.id}: it was completed before", step.id, StepStatus.COMPLETED)
                continue
            cancelled = self._cancelled.is_set()
            if (self._failed or cancelled) and not self._wants_to_run_after_failure(step):
                self._emit(f"Skipping step {step.id} because {self._why_stopped()}", step.id, StepStatus.SKIPPED)
                continue
            self._stop = self._abandoned if cancelled else self._cancelled
            error = self._attempt(step, step.id)
            first = first or error
        if self._cancelled.is_set():
            raise CancelledError(f"task {self._run.task_id} was cancelled")
        if first:
            raise first
        return self._output()

    def _attempt(self, step: Step, id_: str) -> StepFailedError | None:
        """Do a step; why it failed, if it did."""
        try:
            self._step(step, id_)
        except ShiftdownError as error:
            if isinstance(error, CancelledError) and self._stop.is_set():
                self._emit(str(error), id_, StepStatus.CANCELLED)
                return None
            return self._fail(id_, str(error), error.exit_code)
        except Exception as error:  # noqa: BLE001 - a plugin's bug fails its step; a traceback may hold secrets
            return self._fail(id_, f"unexpected {type(error).__name__}: {error}", ShiftdownError.exit_code)
        return None

    def _fail(self, id_: str, problem: str, exit_code: int) -> StepFailedError:
        reason = self.redactor.text(problem)
        self._failed = True
        self._emit(reason, id_, StepStatus.FAILED)
        return StepFailedError(id_, reason, exit_code)

    def _check_actions(self, steps: list[Step]) -> None:
        """Refuse before anything runs what cannot run; a step with a condition may never need its action."""
        for step in steps:
            if step.action not in self._host.actions and step.condition is None and not self._skips_unknown():
                raise unknown_action(step.action, self._host.actions)

    def _skips_unknown(self) -> bool:
        return self._run.dry_run and self._run.skip_unknown_actions

    def _step(self, step: Step, id_: str) -> None:
        self._emit(f"Beginning step {step.name}", id_, StepStatus.PROCESSING)
        context = self._context()
        if step.condition is False or (step.each is None and not self._condition(step, without_secrets(context))):
            self._emit(f"Skipping step {id_} because its condition is false", id_, StepStatus.SKIPPED)
            return
        work = self._work(step.action)
        if work is None:
            action = self._host.actions.get(step.action)
            why = "does not support dry-run" if action else "is not installed"
            self._emit(f"Skipping because {step.action} {why}", id_, StepStatus.SKIPPED)
            self.progress.outputs[id_] = action.example_output() if action else {}
            return
        collected: dict[str, Any] = {}
        for scope, run in self._iterations(step, id_, context, work):
            if self._stop.is_set():
                raise CancelledError(f"Step {step.name} was cancelled")
            each = scope.get("each")
            if each is not None:
                self._emit(f"{'Running' if run else 'Skipping'} step each: {json.dumps(each, default=str)}", id_)
            for name, value in (run() if run else {}).items():
                if each is None:
                    collected[name] = value
                else:
                    collected.setdefault(name, []).append(value)
        self.progress.outputs[id_] = collected
        self._on_progress(self.progress)
        self._emit(f"Finished step {step.name}", id_, StepStatus.COMPLETED)

    def _work(self, id_: str) -> Work | None:
        """What an action does with an input; `None` when it is skipped. Raises `NotFoundError`: it is not installed."""
        action = self._host.actions.get(id_)
        if self._skips_unknown() and id_ in SKIPPED:
            return None
        if action is None and not self._skips_unknown():
            raise unknown_action(id_, self._host.actions)
        return None if action is None else work_of(action, dry_run=self._run.dry_run)

    def _iterations(
        self, step: Step, id_: str, context: Mapping[str, Any], work: Work
    ) -> list[tuple[Mapping[str, Any], Callable[[], dict[str, Any]] | None]]:
        """Every iteration: what its expressions see, and what to run, if it is. All inputs are checked before."""
        masked = {**context, "secrets": dict.fromkeys(self._run.secrets, MASK)}
        if step.each is None:
            return [(context, work(self._input(step, id_, context, masked), self._action_context(id_, context)))]
        items, shown = map(_items, self._revealing(step.each, context, masked))
        if items is None:
            raise InvalidInputError(f"each: {step.each!r} has no items; expected a list or a mapping")
        found: list[tuple[Mapping[str, Any], Callable[[], dict[str, Any]] | None]] = []
        for each, seen in zip(items, shown if shown and len(shown) == len(items) else items, strict=True):
            scope = {**context, "each": each}
            if self._condition(step, scope):
                values = self._input(step, id_, scope, {**masked, "each": seen})
                found.append((scope, work(values, self._action_context(id_, scope))))
            else:
                found.append((scope, None))
        return found

    def _input(self, step: Step, id_: str, scope: Mapping[str, Any], masked: Mapping[str, Any]) -> dict[str, Any]:
        values, without = self._revealing(step.input or {}, scope, masked)
        if values != without:
            self.progress.secretive.add(id_)
        if self._run.dry_run:
            shown = json.dumps(self.redactor.data(values), indent=2, default=str)
            self._emit(f"Running {step.action} in dry-run mode with inputs (secrets redacted): {shown}", id_)
        return dict(values)

    def _revealing(self, value: Any, scope: Mapping[str, Any], masked: Mapping[str, Any]) -> tuple[Any, Any]:
        """A value, and the same where secrets are masked; what differs is hidden from now on."""
        evaluated = self._engine.evaluate(value, scope)
        without = self._engine.evaluate(value, masked) if self._run.secrets else evaluated
        self.redactor.hide_differences(evaluated, without)
        return evaluated, without

    def _action_context(self, id_: str, scope: Mapping[str, Any]) -> ActionContext:
        key = json.dumps(scope["each"]["key"]) if "each" in scope else ""
        template = self._run.template
        return ActionContext(
            workspace=self.progress.workspace,
            contents=self._host.contents,
            catalog=self._host.catalog,
            cancelled=self._stop,
            expressions=self._skeleton_engine,
            plan=self._host.plan,
            log=lambda message: self._emit(message, id_),
            effect=lambda effect: self.progress.effects.append(effect),
            checkpoint=lambda name, function: self._checkpoint(f"{id_}[{key}].{name}", function),
            services=self._host.services,
            template=self._run.template_ref or (DRY_RUN_REF if self._run.dry_run else template.ref),
            name=str(self._run.parameters.get("name") or template.metadata.name),
            task_id=self._run.task_id,
            secrets=self._run.secrets,
            dry_run=self._run.dry_run,
            hide=lambda secret: self.redactor.hide([secret]),
        )

    def _checkpoint(self, key: str, function: Callable[[], Any]) -> Any:
        if key not in self.progress.checkpoints:
            if self._stop.is_set():
                raise CancelledError(f"the task was cancelled before {key} was done")
            self._before_effect()
            self.progress.checkpoints[key] = json.loads(json.dumps(function()))
            self._on_progress(self.progress)
        return self.progress.checkpoints[key]

    def _skeleton_engine(self, **options: Any) -> Expressions:
        key = tuple(sorted(options.items()))
        if key not in self._engines:
            self._engines[key] = Expressions(filters=self._filters, globals=self._host.globals, **options)
        return self._engines[key]

    def _condition(self, step: Step, context: Mapping[str, Any]) -> bool:
        if not isinstance(step.condition, str):
            return step.condition is not False
        return is_truthy_condition(self._engine.evaluate(step.condition, context))

    def _wants_to_run_after_failure(self, step: Step) -> bool:
        """Whether the condition asks `always()` or `failure()`."""
        if not isinstance(step.condition, str):
            return False
        self._asked = False
        self._engine.evaluate(step.condition, self._context())
        return self._asked

    def _always(self) -> bool:
        self._asked = True
        return True

    def _failure(self) -> bool:
        self._asked = True
        return self._failed or self._cancelled.is_set()

    def _context(self) -> dict[str, Any]:
        return {
            "parameters": self._run.parameters,
            "environment": {"parameters": self._host.environment, "secrets": {}},
            "secrets": self._run.secrets,
            "steps": {id_: {"output": output} for id_, output in self.progress.outputs.items()},
            "user": self._run.user,
            "context": {"task": {"id": self._run.task_id}},
        }

    def _output(self) -> dict[str, Any]:
        output = self._engine.evaluate(self._run.template.output, without_secrets(self._context()))
        for key in ("links", "text"):
            if isinstance(output.get(key), list):
                output[key] = shown_items(output[key])
        return dict(self.redactor.data(output))

    def _why_stopped(self) -> str:
        return "the task was cancelled" if self._cancelled.is_set() else "a previous step failed"

    def _emit(self, message: str, step_id: str | None = None, status: StepStatus | None = None) -> None:
        self._on_event(LogEvent(self.redactor.text(message), step_id, status))


def _items(value: Any) -> list[dict[str, Any]] | None:
    """The items of a list or mapping, each with its key; `None` for anything else."""
    if isinstance(value, Mapping):
        return [{"key": key, "value": item} for key, item in value.items()]
    return [{"key": str(index), "value": item} for index, item in enumerate(value)] if isinstance(value, list) else None
