"""`tasks`: list, show, log, cancel, retry, recover, prune."""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftdown.cli.inputs import Secrets, read_secrets
from shiftdown.cli.output import Json, Settings, emit, say, table

if TYPE_CHECKING:
    from shiftdown.app import Shiftdown
    from shiftdown.model import Task, TaskEvent

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of a task, or its beginning.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Runs of templates: look at, cancel, retry, recover.")
    group.command("list")(list_)
    group.command("show")(show)
    group.command("log")(log)
    group.command("cancel")(cancel)
    group.command("retry")(retry)
    group.command("recover")(recover)
    group.command("prune")(prune)
    app.add_typer(group, name="tasks")


def list_(
    context: typer.Context,
    status: Annotated[list[str] | None, typer.Option(help="Only those in this state; repeatable.")] = None,
    created_by: Annotated[list[str] | None, typer.Option(help="Only those of this user; repeatable.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many at most.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="How many to pass over.")] = 0,
    json: Json = False,
) -> None:
    """List the tasks, newest first."""
    settings: Settings = context.obj
    with settings.open() as sd:
        page = sd.tasks.list(
            status=[_status(s) for s in status or ()], created_by=created_by or (), limit=limit, offset=offset
        )
    if json:
        from shiftdown.responses import TaskSummaryResponse

        emit([TaskSummaryResponse.of(t) for t in page.tasks])
        return
    rows = [(t.id, t.status, t.template_ref, f"{t.created_at:%Y-%m-%d %H:%M}", t.error) for t in page.tasks]
    table(("ID", "STATUS", "TEMPLATE", "CREATED", "ERROR"), rows, empty="there are no tasks")


def show(context: typer.Context, id_: Id, json: Json = False) -> None:
    """Show a task: its state, its parameters, what it gave or why it failed."""
    from shiftdown.responses import TaskResponse

    settings: Settings = context.obj
    with settings.open() as sd:
        task = TaskResponse.of(sd.tasks.get(id_))
    if json:
        emit(task)
    else:
        rows = [(n, v) for n, v in task.model_dump(mode="json").items() if v not in (None, [], {})]
        table(("WHAT", "VALUE"), rows, empty="")


def log(
    context: typer.Context,
    id_: Id,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the task has ended.")] = False,
    after: Annotated[int, typer.Option(min=0, help="Only events with greater ids.")] = 0,
    json: Json = False,
) -> None:
    """Show what happened in a task."""
    settings: Settings = context.obj
    with settings.open() as sd:
        events = sd.tasks.follow(id_, after=after) if follow else iter(sd.tasks.events(id_, after=after))
        if json:
            emit(list(events))
            return
        for event in events:
            say(line(event))


def cancel(context: typer.Context, id_: Id, json: Json = False) -> None:
    """Cancel a task, wherever it runs, and wait until its clean-up steps are done."""
    settings: Settings = context.obj
    with settings.open() as sd:
        task = sd.tasks.attend(sd.tasks.cancel(id_))
    _print(task, json)


def retry(context: typer.Context, id_: Id, secrets: Secrets = None, json: Json = False) -> None:
    """Run a failed or cancelled task again here, from the step that was not completed. Exit 1 if it fails."""
    settings: Settings = context.obj
    with settings.open() as sd:
        seen = max((e.id for e in sd.tasks.events(id_)), default=0)
        task = sd.tasks.attend(sd.tasks.retry(id_, secrets=read_secrets(secrets)), after=seen, on_event=progress)
    end(task, json)


def recover(context: typer.Context, json: Json = False) -> None:
    """Go on with the tasks whose process is gone, until they have ended. Exit 1 if one fails."""
    settings: Settings = context.obj
    with settings.open() as sd:
        tasks = _recover_all(sd)
    if json:
        from shiftdown.responses import TaskSummaryResponse

        emit([TaskSummaryResponse.of(t) for t in tasks])
    else:
        rows = [(t.id, t.status, t.template_ref, t.error) for t in tasks]
        table(("ID", "STATUS", "TEMPLATE", "ERROR"), rows, empty="there is nothing to recover")
    _exit(tasks)


def prune(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=0, help="How long tasks are kept after their end.")] = 30,
    json: Json = False,
) -> None:
    """Delete the tasks that ended long ago, with their events and workspaces."""
    settings: Settings = context.obj
    with settings.open() as sd:
        gone = list(sd.tasks.prune(older_than=timedelta(days=days)))
    if json:
        emit(gone)
    else:
        say(f"deleted {len(gone)} tasks")


def end(task: "Task", json: bool) -> None:
    """Say what became of a task. Exit 1 unless it completed."""
    _print(task, json)
    _exit([task])


def progress(event: "TaskEvent") -> None:
    """Say what happened in a task on standard error."""
    sys.stderr.write(line(event) + "\n")


def line(event: "TaskEvent") -> str:
    """An event for people."""
    step = event.body.get("stepId")
    return f"[{step}] {event.body.get('message')}" if step else str(event.body.get("message"))


def _recover_all(sd: "Shiftdown") -> "list[Task]":
    done: list[Task] = []
    while taken := sd.tasks.recover():
        done += [sd.tasks.wait(task.id) for task in taken]
    return done


def _status(given: str) -> Any:
    from shiftdown.errors import InvalidInputError
    from shiftdown.model import TaskStatus

    try:
        return TaskStatus(given)
    except ValueError:
        raise InvalidInputError(f"{given!r} is no state of a task: give one of {', '.join(TaskStatus)}") from None


def _print(task: "Task", json: bool) -> None:
    if json:
        from shiftdown.responses import TaskOutcomeResponse

        emit(TaskOutcomeResponse.of(task))
    else:
        say(f"{task.id} {task.status}" + (f": {task.error}" if task.error else ""))


def _exit(tasks: "list[Task]") -> None:
    from shiftdown.model import TaskStatus

    if any(t.status is not TaskStatus.COMPLETED for t in tasks):
        raise typer.Exit(1)
