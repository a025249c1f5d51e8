"""`program`: start, list, show, set, plan, run, sync, pause, resume, cancel, skip, exempt, activity."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftdown.cli.inputs import TypeParam, Unset, changed, of_types
from shiftdown.cli.output import (
    After,
    Json,
    Limit,
    Settings,
    assignments,
    assignments_by_type,
    bar,
    emit,
    say,
    table,
)
from shiftdown.cli.repositories import From, named
from shiftdown.cli.request_options import (
    Assignee,
    AutoMerge,
    Draft,
    Label,
    Milestone,
    Reviewer,
    TeamReviewer,
    request_options,
)
from shiftdown.cli.transformations import Author, SignOff, identity, print_results
from shiftdown.errors import InvalidInputError
from shiftdown.user_paths import user_path

if TYPE_CHECKING:
    from shiftdown.app import Shiftdown
    from shiftdown.model import DevOpsPhase, DevOpsProgram

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of a program, or its beginning.")]
Phase = Annotated[int | None, typer.Option(metavar="ORDER", help="The phase; default the first that is not over.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Programs: a playbook in the works, over a set of repositories.")
    for name, function in (
        ("start", start),
        ("list", list_),
        ("show", show),
        ("set", set_),
        ("plan", plan),
        ("run", run),
        ("sync", sync),
        ("pause", pause),
        ("resume", resume),
        ("cancel", cancel),
        ("report", report),
        ("skip", skip),
        ("exempt", exempt),
        ("activity", activity),
    ):
        group.command(name)(function)
    app.add_typer(group, name="program")


def start(
    context: typer.Context,
    playbook: Annotated[str, typer.Option(help="Name of a playbook, or a YAML file with one.")],
    name: Annotated[str, typer.Option(help="Name of the program.")],
    organization: Annotated[str, typer.Option(help="Name of the organisation.")],
    repository: Annotated[list[str] | None, typer.Option(metavar="REPO", help="A repository; repeatable.")] = None,
    from_: From = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    baseline: Annotated[Path | None, typer.Option(help="JSON file with the DORA metrics at the start.")] = None,
    param: TypeParam = None,
    json: Json = False,
) -> None:
    """Start a program from a playbook. Its parameters hold over those of the organisation and the playbook."""
    settings: Settings = context.obj
    with settings.open() as sd:
        repositories = named(sd, repository, from_)
        if not repositories:
            raise typer.BadParameter("say which repositories: --repository or --from")
        program = sd.programs.start(
            playbook=playbook,
            name=name,
            organization=organization,
            repositories=repositories,
            description=description,
            baseline=_baseline(baseline),
            parameters=of_types(param, "--param"),
        )
        _print(sd, program, json)


def list_(context: typer.Context, after: After = None, limit: Limit = None, json: Json = False) -> None:
    """List the programs."""
    settings: Settings = context.obj
    with settings.open() as sd:
        found = [(s.program, s.progress) for s in sd.programs.list(after=after, limit=limit)]
    if json:
        from shiftdown.responses import ProgramSummaryResponse

        emit([ProgramSummaryResponse.of(p, progress) for p, progress in found])
    else:
        rows = [(p.id, p.status, p.name, p.organization, bar(progress, 12)) for p, progress in found]
        table(("ID", "STATUS", "NAME", "ORGANIZATION", "PROGRESS"), rows, empty="there are no programs")


def show(
    context: typer.Context,
    id_: Id,
    at: Annotated[datetime | None, typer.Option(help="Show the progress as it was at this moment (UTC).")] = None,
    json: Json = False,
) -> None:
    """Show a program: its phases, what is done, and what is left out."""
    settings: Settings = context.obj
    with settings.open() as sd:
        _print(sd, sd.programs.get(id_), json, at=at)


def set_(context: typer.Context, id_: Id, param: TypeParam = None, unset: Unset = None, json: Json = False) -> None:
    """Change the parameters of a program. The next sync and run go by them."""
    settings: Settings = context.obj
    with settings.open() as sd:
        program = sd.programs.get(id_)
        _print(sd, sd.programs.set_parameters(program.id, changed(program.parameters, param, unset)), json)


def plan(context: typer.Context, id_: Id, phase: Phase = None, json: Json = False) -> None:
    """Show what a phase would change. Nothing is changed."""
    settings: Settings = context.obj
    with settings.open() as sd:
        chosen = _phase(sd, id_, phase)
        plans = sd.plan(chosen)
        missing = sorted({t for t in chosen.transformation_types if t not in sd.transformations})
    if json:
        from shiftdown.responses import PhasePlanResponse

        emit(PhasePlanResponse.of(chosen.order, plans, missing))
        return
    for p in plans:
        used = f" with {assignments(p.parameters)}" if p.parameters else ""
        say(f"{p.type} on {p.repository}{used}: {p.status}" + (f": {p.reason}" if p.reason else ""))
        say(p.diff())
    for type_ in missing:
        say(f"{type_}: no plugin for {type_}")


def run(
    context: typer.Context,
    id_: Id,
    phase: Phase = None,
    override: Annotated[str | None, typer.Option(help="Why to start before the phase before is complete.")] = None,
    author: Author = None,
    sign_off: SignOff = False,
    draft: Draft = False,
    label: Label = None,
    reviewer: Reviewer = None,
    team_reviewer: TeamReviewer = None,
    assignee: Assignee = None,
    milestone: Milestone = None,
    auto_merge: AutoMerge = None,
    json: Json = False,
) -> None:
    """Open or update the change requests of a phase. Run again: nothing happens twice."""
    from rich.console import Console
    from rich.progress import Progress

    asked = request_options(
        draft=draft,
        label=label,
        reviewer=reviewer,
        team_reviewer=team_reviewer,
        assignee=assignee,
        milestone=milestone,
        auto_merge=auto_merge,
    )
    settings: Settings = context.obj
    with settings.open(author=identity(author), sign_off=sign_off) as sd:
        chosen = _phase(sd, id_, phase)
        with Progress(console=Console(stderr=True), transient=True) as display:
            task = display.add_task(chosen.name, total=len(chosen.transformations))
            results = sd.run(chosen, override=override, request=asked, on_result=lambda _: display.advance(task))
    print_results(results, json)


def sync(context: typer.Context, id_: Id, json: Json = False) -> None:
    """Ask the forges what became of the change requests, and verify what was merged."""
    settings: Settings = context.obj
    with settings.open() as sd:
        program = sd.programs.get(id_)
        results = sd.sync(program)
        progress = sd.progress(program)
    if json:
        from shiftdown.responses import SyncResponse

        emit(SyncResponse.of(program.id, progress, results))
    else:
        rows = [(r.repository, r.type, r.before, r.after, r.reason) for r in results if r.before != r.after or r.failed]
        table(("REPOSITORY", "TYPE", "BEFORE", "NOW", "WHY"), rows, empty="nothing changed")
        say(bar(progress))
    if any(r.failed for r in results):
        raise typer.Exit(1)


def pause(context: typer.Context, id_: Id, json: Json = False) -> None:
    """Pause a program: nothing is run until it is resumed."""
    settings: Settings = context.obj
    with settings.open() as sd:
        _print(sd, sd.programs.pause(id_), json)


def resume(context: typer.Context, id_: Id, json: Json = False) -> None:
    """Resume a paused program."""
    settings: Settings = context.obj
    with settings.open() as sd:
        _print(sd, sd.programs.resume(id_), json)


def cancel(context: typer.Context, id_: Id, json: Json = False) -> None:
    """Cancel a program for good."""
    settings: Settings = context.obj
    with settings.open() as sd:
        _print(sd, sd.programs.cancel(id_), json)


def report(context: typer.Context, id_: Id, json: Json = False) -> None:
    """Print a report on a program, Markdown: what was done, what it stands on, and what needs a person."""
    from shiftdown.cli.report import markdown

    settings: Settings = context.obj
    with settings.open() as sd:
        program = sd.programs.get(id_)
        if json:
            _print(sd, program, json)
        else:
            changes = {c.id: c for c in sd.change_requests.list()}
            say(markdown(program, sd.progress(program), changes))


def skip(
    context: typer.Context,
    id_: Id,
    phase: Annotated[int, typer.Option(metavar="ORDER", help="The phase.")],
    reason: Annotated[str, typer.Option(help="Why; recorded.")],
    json: Json = False,
) -> None:
    """Leave a phase out."""
    settings: Settings = context.obj
    with settings.open() as sd:
        _print(sd, sd.programs.skip_phase(id_, phase, reason=reason), json)


def exempt(
    context: typer.Context,
    id_: Id,
    type_: Annotated[str, typer.Option("--type", help="The transformation type.")],
    repository: Annotated[str, typer.Option(metavar="REPO", help="The repository.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day on which it holds.")],
    reason: Annotated[str, typer.Option(help="Why; recorded.")],
    json: Json = False,
) -> None:
    """Leave one repository out of one transformation until a date."""
    settings: Settings = context.obj
    with settings.open() as sd:
        program = sd.programs.get(id_)
        where = sd.locate(repository)
        records = [r for p in program.phases for r in p.transformations]
        found = [r for r in records if r.transformation_type == type_ and r.repository == where]
        if not found:
            raise InvalidInputError(f"program {program.name} has no {type_} for {where}")
        for record in found:
            sd.programs.exempt(record, until=until.date(), reason=reason)
        _print(sd, sd.programs.get(program.id), json)


def activity(
    context: typer.Context,
    id_: Id,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The activity, as `program show` names it.")],
    status: Annotated[str, typer.Option(help="IN_PROGRESS, DONE, SKIPPED or PENDING.")],
    assignee: Annotated[str | None, typer.Option(help="Who does it.")] = None,
    evidence: Annotated[list[str] | None, typer.Option(help="A link or sentence that shows it; repeatable.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why it is skipped.")] = None,
    json: Json = False,
) -> None:
    """Record who does an activity, or that it is done and how that shows."""
    from shiftdown.model import ActivityStatus

    settings: Settings = context.obj
    with settings.open() as sd:
        program = sd.programs.get(id_)
        found = [a for p in program.phases for a in p.activities if a.name == name]
        if not found:
            raise InvalidInputError(f"program {program.name} has no activity {name!r}")
        if status not in list(ActivityStatus):
            raise InvalidInputError(f"--status {status}: one of {', '.join(ActivityStatus)}")
        sd.programs.set_activity(
            found[0], ActivityStatus(status), assignee=assignee, evidence=evidence or (), reason=reason
        )
        _print(sd, sd.programs.get(program.id), json)


def _phase(sd: "Shiftdown", id_: str, order: int | None) -> "DevOpsPhase":
    program = sd.programs.get(id_)
    return sd.programs.phase(program, order) if order else sd.programs.current_phase(program)


def _baseline(file: Path | None) -> Any:
    from pydantic import ValidationError

    from shiftdown.model import DORAMetrics

    if file is None:
        return None
    try:
        return DORAMetrics.model_validate_json(user_path(file, "--baseline").read_bytes())
    except OSError as error:
        raise InvalidInputError(f"--baseline {file}: {error.strerror}") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InvalidInputError(f"--baseline {file}: {problems}") from error


def _print(sd: "Shiftdown", program: "DevOpsProgram", json: bool, *, at: datetime | None = None) -> None:
    from datetime import UTC

    moment = at.replace(tzinfo=UTC) if at else None
    total = sd.registry.progress(program.id, at=moment)
    by_phase = sd.registry.phase_progress(program.id, at=moment)
    if json:
        from shiftdown.responses import ProgramResponse

        emit(ProgramResponse.of(program, total, by_phase))
        return
    say(f"{program.name} ({program.id}): {program.status}, {program.organization}, playbook {program.playbook}")
    say(bar(total) + "\n")
    said = [
        ("Parameters", program.parameters),
        *((f"Parameters of phase {p.order} by the playbook", p.parameters) for p in program.phases),
    ]
    if lines := [f"{whose}: {assignments_by_type(values)}" for whose, values in said if values]:
        say("\n".join(lines) + "\n")
    rows = [
        (p.order, p.name, p.status, bar(by_phase[p.order], 12), _counts(by_phase[p.order].by_status))
        for p in program.phases
    ]
    table(("PHASE", "NAME", "STATUS", "PROGRESS", "COUNTS"), rows, empty="it has no phases")
    begun = [p for p in program.phases if by_phase[p.order].by_status.keys() - {"PENDING"}]
    records = [
        (p.order, t.status, t.transformation_type, t.repository, t.reason) for p in begun for t in p.transformations
    ]
    if records:
        say("")
        table(("PHASE", "STATUS", "TYPE", "REPOSITORY", "WHY"), records, empty="")
    activities = [(p.order, a.status, a.kind, a.name, a.assignee) for p in program.phases for a in p.activities]
    if activities:
        say("")
        table(("PHASE", "STATUS", "KIND", "ACTIVITY", "WHO"), activities, empty="")


def _counts(by_status: Any) -> str:
    return ", ".join(f"{n} {s.lower().replace('_', ' ')}" for s, n in by_status.items())
