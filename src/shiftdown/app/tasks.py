"""Tasks: run templates, and watch, cancel, retry, recover and prune the runs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from shiftdown.creation.templates import LoadedTemplate, Templates
from shiftdown.git.temporary import File
from shiftdown.model.tasks import Task, TaskEvent, TaskPage, TaskStatus
from shiftdown.scaffolder.runner import Host
from shiftdown.scaffolder.tasks import Sealer, TaskConflictError, TaskEngine, TaskOptions
from shiftdown.user_paths import user_path

if TYPE_CHECKING:
    from shiftdown.registry import Registry


class Tasks:
    """The tasks of a registry. Those that are submitted or retried here run in threads of this process."""

    def __init__(
        self,
        registry: "Registry",
        templates: Templates,
        record: Callable[[str, Mapping[str, Any], Sequence[File], str], File],
        *,
        actor: str,
        templates_of: Callable[[str], Templates],
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        options: TaskOptions,
        sealer: Sealer | None,
    ) -> None:
        """Prepare them; nothing runs yet.

        Args:
            registry: keeps them.
            templates: reads templates for the actor.
            record: makes the record of the template that a new repository gets.
            actor: who submits tasks here.
            templates_of: reads templates for another actor, whose tasks are retried or taken over here.
            clock: gives the time, with its zone.
            new_id: gives a new identifier.
            options: limits.
            sealer: seals secrets; without one they are in memory only.
        """
        self._registry = registry
        self._actor = actor
        self._templates_of = templates_of
        self._templates = templates
        self._record = record
        self._user: Mapping[str, Any] = {}
        self._engine = TaskEngine(registry, self._host, clock=clock, new_id=new_id, options=options, sealer=sealer)

    def acting_as(self, actor: str, templates: Templates) -> "Tasks":
        """The same tasks, where what is submitted is somebody else's.

        Args:
            actor: who submits it, unless `user` says so.
            templates: what runs of theirs are lent.
        """
        theirs = copy(self)
        theirs._templates, theirs._actor, theirs._user = templates, actor, {"ref": actor}
        return theirs

    def submit(
        self,
        location: str,
        values: Mapping[str, Any],
        *,
        texts: Mapping[str, str] | None = None,
        secrets: Mapping[str, str | SecretStr] | None = None,
        user: Mapping[str, Any] | None = None,
    ) -> Task:
        """Record a task and run it in the background, as soon as there is a place.

        `close` stops it; another process, or a later one, then goes on with it (`recover`).

        Args:
            location: the template, as of `Templates.load`.
            values: the parameters.
            texts: further ones, as texts that are read by their schema; with them, the form's defaults are added.
            secrets: the secrets; never stored in clear.
            user: who submits it: `ref` and `entity`; default the actor of the session.

        Raises:
            TemplateError, ParametersError, InvalidInputError: template or values are wrong; nothing was recorded.
        """
        if location not in self._templates.golden_paths and "://" not in location:
            location = str(user_path(location).resolve())
        loaded = self._templates.load(location)
        given = loaded.complete(values, texts) if texts else values
        return self._engine.submit(
            loaded.template,
            location,
            given,
            secrets=_secret(secrets),
            user=user or self._user,
            actor=self._actor,
            host=self._around(self._templates, loaded, location, given),
        )

    def run(
        self,
        location: str,
        values: Mapping[str, Any],
        *,
        texts: Mapping[str, str] | None = None,
        secrets: Mapping[str, str | SecretStr] | None = None,
        user: Mapping[str, Any] | None = None,
        on_event: Callable[[TaskEvent], None] = lambda _: None,
    ) -> Task:
        """Run a template to its end, and return the task as it is then: completed, failed or cancelled.

        Arguments and errors as of `submit`; `on_event` is called in this thread with each event as it comes. When it
        raises, or when the program is interrupted, the task is cancelled first.
        """
        return self.attend(self.submit(location, values, texts=texts, secrets=secrets, user=user), on_event=on_event)

    def attend(self, task: Task, *, after: int = 0, on_event: Callable[[TaskEvent], None] = lambda _: None) -> Task:
        """Stay with a task until it has ended, as `run` does; when its process is gone, take it over."""
        try:
            for event in self._engine.follow(task.id, after=after, adopt=True):
                on_event(event)
        except BaseException:
            self._cancel_and_wait(task.id)
            raise
        return self.get(task.id)

    def get(self, id: str) -> Task:
        """The task with that id, or with an id that begins so.

        Raises:
            NotFoundError: there is none.
            AmbiguousIdError: there are several.
        """
        return self._registry.task(id)

    def list(
        self,
        *,
        created_by: Sequence[str] = (),
        status: Sequence[TaskStatus] = (),
        order: Sequence[tuple[str, bool]] = (),
        limit: int | None = None,
        offset: int = 0,
    ) -> TaskPage:
        """Some of the tasks, newest first unless told otherwise; arguments and errors as of `Registry.tasks`."""
        return self._registry.tasks(created_by=created_by, status=status, order=order, limit=limit, offset=offset)

    def events(self, id: str, *, after: int = 0) -> Sequence[TaskEvent]:
        """The events of a task so far, those after one. Errors as of `get`."""
        return self._registry.task_events(self.get(id).id, after=after)

    def follow(self, id: str, *, after: int = 0) -> Iterator[TaskEvent]:
        """The events of a task after one, as they come, until it has ended; wherever it runs. Errors as of `get`."""
        return self._engine.follow(id, after=after)

    def wait(self, id: str) -> Task:
        """Wait until a task has ended, wherever it runs, and return it. Errors as of `get`."""
        return self._engine.wait(id)

    def cancel(self, id: str) -> Task:
        """Cancel a task, wherever it runs: the running action is stopped, steps with `always()` and `failure()` run.

        Returns at once; `wait` waits for the end. Cancelling again changes nothing.

        Raises:
            TaskConflictError: it completed or failed.
        """
        return self._engine.cancel(id)

    def retry(self, id: str, *, secrets: Mapping[str, str | SecretStr] | None = None) -> Task:
        """Run a task again, in the background of this process, from the first step that was not completed.

        Raises:
            TaskConflictError: it completed, or still runs.
            SecretsNeededError: it was given secrets before; they are needed again.
            ParametersError: the secrets do not fit the template.
        """
        return self._engine.retry(id, secrets=_secret(secrets))

    def recover(self) -> Sequence[Task]:
        """Take over the tasks whose process is gone, as many as there are free places, and go on with them here.

        Returns:
            Those taken over. One that cannot go on has failed: its `error` says why.
        """
        return self._engine.recover()

    def prune(self, *, older_than: timedelta | None = None) -> Sequence[str]:
        """Delete the tasks that ended longer ago, by default than `TaskOptions.retention`, with their workspaces.

        Returns:
            The ids of those that were deleted.
        """
        return self._engine.prune(older_than)

    def close(self) -> None:
        """Stop the tasks that run here, so that others can go on with them. Nothing can be submitted afterwards."""
        self._engine.close()

    def _host(self, task: Task) -> Host:
        other = task.actor if task.actor != self._actor else None
        templates = self._templates if other is None else self._templates_of(other)
        return self._around(templates, templates.load(task.location), task.location, task.parameters)

    def _around(
        self, templates: Templates, loaded: LoadedTemplate, location: str, parameters: Mapping[str, Any]
    ) -> Host:
        return templates.host(loaded, record=partial(self._record, location, parameters))

    def _cancel_and_wait(self, id: str) -> None:
        try:
            self._engine.cancel(id)
        except TaskConflictError:
            return
        self._engine.wait(id)


def _secret(secrets: Mapping[str, str | SecretStr] | None) -> dict[str, SecretStr]:
    return {n: s if isinstance(s, SecretStr) else SecretStr(s) for n, s in (secrets or {}).items()}
