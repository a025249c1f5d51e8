"""`templates list`, `validate`, `dry-run`, `run`, `test`, and `actions list`, `actions show`."""

import json as json_module
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftdown.cli import tasks
from shiftdown.cli.inputs import Secrets, Set, Values, read_documents, read_mapping, read_secrets, texts
from shiftdown.cli.output import Json, Settings, emit, say, table
from shiftdown.errors import InvalidInputError, ShiftdownError

if TYPE_CHECKING:
    from shiftdown.app import Shiftdown
    from shiftdown.creation.templates import Problem
    from shiftdown.scaffolder.runner import LogEvent

Location = Annotated[
    str,
    typer.Argument(
        metavar="TEMPLATE",
        help="A golden path's name, a template.yaml, a folder that holds one, or the URL of one of them.",
    ),
]
Entities = Annotated[
    Path | None, typer.Option("--catalog", metavar="FILE", help="Entities of the catalog, YAML documents.")
]
Skip = Annotated[
    bool, typer.Option("--skip-unknown-actions", help="Skip steps whose action is not installed, instead of failing.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Templates: check, try and run them.")
    group.command("list")(list_templates)
    group.command("validate")(validate)
    group.command("dry-run")(dry_run)
    group.command("run")(run)
    group.command("test")(run_tests)
    app.add_typer(group, name="templates")
    actions = typer.Typer(no_args_is_help=True, help="The actions that templates can use.")
    actions.command("list")(list_actions)
    actions.command("show")(show_action)
    app.add_typer(actions, name="actions")


def list_templates(context: typer.Context, json: Json = False) -> None:
    """List the golden paths that are installed; their names can be given wherever a template is asked for."""
    from shiftdown.responses import GoldenPathResponse

    settings: Settings = context.obj
    with settings.open() as sd:
        places = sd.templates.golden_paths
        found = [GoldenPathResponse.of(name, sd.templates.load(name).template, at) for name, at in places.items()]
    if json:
        emit(found)
    else:
        rows = [(g.name, g.type, g.version, g.title) for g in found]
        table(("NAME", "TYPE", "VERSION", "TITLE"), rows, empty="no golden paths are installed")


def validate(
    context: typer.Context,
    templates: Annotated[list[str], typer.Argument(metavar="TEMPLATE...", help="Files, folders or URLs.")],
    json: Json = False,
) -> None:
    """Check templates: their structure, schemas, expressions, and the inputs of their steps. Exit 2 if one is wrong."""
    from shiftdown.responses import ValidationResponse

    settings: Settings = context.obj
    with settings.open() as sd:
        found = [ValidationResponse.of(location, _problems(sd, location)) for location in templates]
    if json:
        emit(found)
    else:
        for one in found:
            say(f"{one.template}: {'valid' if one.valid else 'not valid'}")
            for problem in one.problems:
                say(f"  {problem.text}")
    if not all(one.valid for one in found):
        raise typer.Exit(InvalidInputError.exit_code)


def dry_run(
    context: typer.Context,
    template: Location,
    values: Values = None,
    set_: Set = None,
    secrets: Secrets = None,
    catalog: Entities = None,
    skip_unknown_actions: Skip = False,
    json: Json = False,
) -> None:
    """Run a template with every effect left out; show the files that it would make and what it would create."""
    settings: Settings = context.obj
    with settings.open() as sd:
        result = sd.templates.dry_run(
            template,
            read_mapping(values) if values else {},
            texts=texts(set_),
            secrets=read_secrets(secrets),
            entities=_entities(catalog),
            skip_unknown_actions=skip_unknown_actions,
        )
    if json:
        from shiftdown.responses import DryRunResponse

        emit(DryRunResponse.of(result))
        return
    for event in result.log:
        progress(event)
    for file in result.files:
        say(f"{file.path}{'*' if file.executable else ''}  ({len(file.content)} bytes)")
    for effect in result.effects:
        say(f"would do: {effect.action}: {effect.kind} {effect.target}")
        for key, value in effect.details.items():
            say(f"  {key}: {value}")
    if result.output:
        say("output: " + json_module.dumps(result.output, indent=2, ensure_ascii=False))


def run_tests(
    context: typer.Context,
    templates: Annotated[list[str], typer.Argument(metavar="DIR...", help="Folders of templates.")],
    update: Annotated[bool, typer.Option("--update", help="Write what is made now as what is expected.")] = False,
    json: Json = False,
) -> None:
    """Run the golden cases in `tests/` beside each template: same files, same bytes. Exit 1 if one differs."""
    settings: Settings = context.obj
    with settings.open() as sd:
        results = [result for folder in templates for result in sd.templates.test(folder, update=update)]
    if json:
        emit(results)
    else:
        for result in results:
            say(f"{'passed' if result.passed else 'FAILED'}  {result.template}  {result.case}")
            for difference in result.differences:
                say(difference)
        say(f"{sum(r.passed for r in results)} of {len(results)} cases passed")
    if not all(r.passed for r in results):
        raise typer.Exit(ShiftdownError.exit_code)


def run(
    context: typer.Context,
    template: Location,
    values: Values = None,
    set_: Set = None,
    secrets: Secrets = None,
    json: Json = False,
) -> None:
    """Run a template as a task, effects and all, until it has ended. Exit 1 if it does not complete.

    When it is interrupted, or fails, `shiftdown tasks retry` goes on from the step that was not completed.
    """
    settings: Settings = context.obj
    with settings.open() as sd:
        given = read_mapping(values) if values else {}
        task = sd.tasks.run(template, given, texts=texts(set_), secrets=read_secrets(secrets), on_event=tasks.progress)
    tasks.end(task, json)


def list_actions(context: typer.Context, json: Json = False) -> None:
    """List the actions that are installed."""
    settings: Settings = context.obj
    with settings.open() as sd:
        found = list(sd.plugins.actions.values())
    if json:
        from shiftdown.responses import ActionSummaryResponse

        emit([ActionSummaryResponse.of(a) for a in found])
    else:
        table(("ACTION", "TITLE"), [(a.id, a.title) for a in found], empty="no actions are installed")


def show_action(
    context: typer.Context,
    action: Annotated[str, typer.Argument(metavar="ACTION", help="Its id, such as fetch:template.")],
    json: Json = False,
) -> None:
    """Show an action: what it does, its input and its output."""
    from shiftdown.responses import ActionResponse

    settings: Settings = context.obj
    with settings.open() as sd:
        found = ActionResponse.of(sd.templates.action(action))
    if json:
        emit(found)
        return
    say(f"{found.id}: {found.title}\n\n{found.description}\n")
    for name, schema in (("INPUT", found.schemas.input), ("OUTPUT", found.schemas.output)):
        required = schema.get("required", ())
        rows = [
            (key, "required" if key in required else "", p.get("description", ""))
            for key, p in schema.get("properties", {}).items()
        ]
        table((name, "", "MEANING"), rows, empty=f"It has no {name.lower()}.")


def progress(event: "LogEvent") -> None:
    """Write an event of a run to standard error."""
    sys.stderr.write(f"{event.message}\n")


def _problems(sd: "Shiftdown", location: str) -> "list[Problem]":
    """What is wrong with a template; that it cannot be read is one of the problems, so that the others are checked."""
    from shiftdown.creation.templates import Problem

    try:
        return list(sd.templates.validate(location))
    except ShiftdownError as error:
        return [Problem(file=location, line=None, path="", expected=str(error), text=str(error))]


def _entities(path: Path | None) -> list[Mapping[str, Any]]:
    return [e for e in read_documents(path) if isinstance(e, dict)] if path else []
