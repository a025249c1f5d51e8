"""`templates list`, `validate`, `dry-run`, `run`, `test`, and `actions list`, `actions show`."""

import base64
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
    from shiftdown.scaffolder.dry_run import DryRun
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
    settings: Settings = context.obj
    with settings.open() as sd:
        found = [(name, sd.templates.load(name).template, place) for name, place in sd.templates.golden_paths.items()]
    rows = [
        {
            "name": name,
            "title": template.metadata.title,
            "type": template.spec.type,
            "version": template.version,
            "description": template.metadata.description,
            "location": place,
        }
        for name, template, place in found
    ]
    if json:
        emit(rows)
    else:
        columns = ("name", "type", "version", "title")
        table(
            [c.upper() for c in columns], [[r[c] for c in columns] for r in rows], empty="no golden paths are installed"
        )


def validate(
    context: typer.Context,
    templates: Annotated[list[str], typer.Argument(metavar="TEMPLATE...", help="Files, folders or URLs.")],
    json: Json = False,
) -> None:
    """Check templates: their structure, schemas, expressions, and the inputs of their steps. Exit 2 if one is wrong."""
    settings: Settings = context.obj
    found: list[dict[str, Any]] = []
    with settings.open() as sd:
        for location in templates:
            problems = _problems(sd, location)
            found.append({"template": location, "valid": not problems, "problems": problems})
    if json:
        emit(found)
    else:
        for one in found:
            say(f"{one['template']}: {'valid' if one['valid'] else 'not valid'}")
            for problem in one["problems"]:
                say(f"  {problem['text']}")
    if not all(one["valid"] for one in found):
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
        emit(dry_run_json(result))
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
        emit([r.model_dump(mode="json") for r in results])
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
        emit([{"id": a.id, "title": a.title, "description": a.description, "dry_run": a.dry_run} for a in found])
    else:
        table(("ACTION", "TITLE"), [(a.id, a.title) for a in found], empty="no actions are installed")


def show_action(
    context: typer.Context,
    action: Annotated[str, typer.Argument(metavar="ACTION", help="Its id, such as fetch:template.")],
    json: Json = False,
) -> None:
    """Show an action: what it does, its input and its output."""
    settings: Settings = context.obj
    with settings.open() as sd:
        found = sd.templates.action(action)
    taken, given = (m.model_json_schema(by_alias=True) for m in (found.input, found.output))
    if json:
        emit(
            {
                "id": found.id,
                "title": found.title,
                "description": found.description,
                "dry_run": found.dry_run,
                "schema": {"input": taken, "output": given},
            }
        )
        return
    say(f"{found.id}: {found.title}\n\n{found.description}\n")
    for name, schema in (("INPUT", taken), ("OUTPUT", given)):
        required = schema.get("required", ())
        rows = [
            (key, "required" if key in required else "", p.get("description", ""))
            for key, p in schema.get("properties", {}).items()
        ]
        table((name, "", "MEANING"), rows, empty=f"It has no {name.lower()}.")


def dry_run_json(result: "DryRun") -> dict[str, Any]:
    """A dry-run in the form that Backstage answers, and the effects.

    There the files of a template travel without modes, so none that it brings is executable.
    """
    return {
        "log": [{"body": _body(event)} for event in result.log],
        "steps": [s.model_dump(mode="json", by_alias=True, exclude_unset=True) for s in result.steps],
        "output": result.output,
        "directoryContents": [
            {
                "path": f.path,
                "executable": f.executable and not f.brought,
                "base64Content": base64.b64encode(f.content).decode(),
            }
            for f in result.files
        ],
        "effects": [e.model_dump(mode="json") for e in result.effects],
    }


def progress(event: "LogEvent") -> None:
    """Write an event of a run to standard error."""
    sys.stderr.write(f"{event.message}\n")


def _problems(sd: "Shiftdown", location: str) -> list[dict[str, Any]]:
    """What is wrong with a template; that it cannot be read is one of the problems, so that the others are checked."""
    try:
        return [p.model_dump(mode="json") for p in sd.templates.validate(location)]
    except ShiftdownError as error:
        return [{"file": location, "line": None, "path": "", "expected": str(error), "text": str(error)}]


def _body(event: "LogEvent") -> Mapping[str, Any]:
    body = {"message": event.message, "stepId": event.step_id, "status": event.status}
    return {key: value for key, value in body.items() if value is not None}


def _entities(path: Path | None) -> list[Mapping[str, Any]]:
    return [e for e in read_documents(path) if isinstance(e, dict)] if path else []
