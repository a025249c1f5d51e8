"""`transformations`, `plan`, `apply`, `run`, `inspect`, `assess`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftdown.cli.inputs import pairs
from shiftdown.cli.output import Json, Settings, assignments, emit, say, table
from shiftdown.cli.repositories import (
    Archived,
    Exclude,
    Forks,
    From,
    HasFile,
    Host,
    Language,
    Limit,
    Owner,
    Search,
    Topic,
    asked,
    chosen,
)
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
from shiftdown.errors import ShiftdownError

if TYPE_CHECKING:
    from shiftdown.campaigns import RunResult
    from shiftdown.transformations import Plan

Type = Annotated[str, typer.Argument(metavar="TYPE", help="A transformation type, such as ADD_GITHUB_ACTIONS.")]
Repo = Annotated[str, typer.Argument(metavar="REPO", help="URL or path of a git repository.")]
Param = Annotated[list[str] | None, typer.Option("--param", metavar="KEY=VALUE", help="A parameter; repeatable.")]
Author = Annotated[str | None, typer.Option(metavar="'NAME <EMAIL>'", help="Who commits; default git's user.")]
SignOff = Annotated[bool, typer.Option("--sign-off", help="Add a Signed-off-by trailer to commits.")]

NOT_APPLICABLE = 3
"""Exit code: the transformation does not fit."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="The transformation types that are installed.")
    group.command("list")(list_types)
    group.command("show")(show_type)
    app.add_typer(group, name="transformations")
    app.command("plan")(plan)
    app.command("apply")(apply)
    app.command("run")(run)
    app.command("inspect")(inspect)
    app.command("assess")(assess)


def list_types(context: typer.Context, json: Json = False) -> None:
    """List the transformation types that plugins provide."""
    settings: Settings = context.obj
    with settings.open() as sd:
        found = list(sd.transformations.values())
    if json:
        from shiftdown.responses import TransformationSummaryResponse

        emit([TransformationSummaryResponse.of(t) for t in found])
    else:
        rows = [(t.type, t.title, t.family, t.verified_by, ", ".join(t.needs)) for t in found]
        columns = ("TYPE", "TITLE", "FAMILY", "VERIFIED BY", "NEEDS")
        table(columns, rows, empty="no transformations are installed")


def show_type(context: typer.Context, type_: Type, json: Json = False) -> None:
    """Show one type: what it does, what it needs, its parameters, and the check that verifies it."""
    settings: Settings = context.obj
    with settings.open() as sd:
        found = sd.plugins.transformation(type_)
        question = sd.plugins.check(found.verified_by).question
    if json:
        from shiftdown.responses import TransformationResponse

        emit(TransformationResponse.of(found, question))
        return
    schema = found.parameters.model_json_schema()
    say(f"{found.type}: {found.title} ({found.family})\n\n{found.description}\n")
    say(f"Verified by {found.verified_by}: {question}\n")
    if found.needs:
        say(f"Needs {', '.join(found.needs)} first.\n")
    rows = [
        (name, p.get("type", "any"), p.get("default", "required"), p.get("description", ""))
        for name, p in schema.get("properties", {}).items()
    ]
    table(("PARAMETER", "TYPE", "DEFAULT", "MEANING"), rows, empty="It has no parameters.")


def plan(context: typer.Context, type_: Type, repo: Repo, param: Param = None, json: Json = False) -> None:
    """Show what a transformation would change, and why. Nothing is changed."""
    settings: Settings = context.obj
    with settings.open() as sd:
        _print_plan(sd.plan_one(type_, repo, pairs(param, "--param")), json)


def apply(
    context: typer.Context,
    type_: Type,
    directory: Annotated[str, typer.Argument(metavar="DIR", help="The directory to change.")],
    param: Param = None,
    json: Json = False,
) -> None:
    """Write a transformation's change into a directory. Nothing is committed."""
    settings: Settings = context.obj
    with settings.open() as sd:
        planned = sd.apply(type_, directory, pairs(param, "--param"))
    _print_plan(planned, json, applied=True)


def run(
    context: typer.Context,
    type_: Type,
    repos: Annotated[
        list[str] | None, typer.Argument(metavar="REPO", help="URLs or paths of git repositories.")
    ] = None,
    from_: From = None,
    host: Host = None,
    owner: Owner = None,
    topic: Topic = None,
    language: Language = None,
    has_file: HasFile = None,
    search: Search = None,
    exclude: Exclude = None,
    archived: Archived = False,
    forks: Forks = False,
    limit: Limit = None,
    param: Param = None,
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
    """Open one change request per repository, or update the one that is open.

    Repositories are named, read from a list, or selected on a forge; those are worked on as the forge tells of them.
    """
    wanted = asked(
        host,
        limit,
        owner=owner,
        topics=topic,
        languages=language,
        has_files=has_file,
        search=search,
        exclude=exclude,
        include_archived=archived,
        include_forks=forks,
    )
    options = request_options(
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
        repositories = chosen(sd, repos, from_, wanted, host, limit)
        parameters, done = pairs(param, "--param"), list["RunResult"]()
        try:
            results = sd.run_type(type_, repositories, parameters, request=options, on_result=done.append)
        except ShiftdownError:
            if done:
                show_results(done, json)
            raise
    print_results(results, json)


def inspect(context: typer.Context, repo: Repo, json: Json = False) -> None:
    """Show what can be told about a repository, with evidence."""
    from shiftdown.cli.inspection import print_inspection

    settings: Settings = context.obj
    with settings.open() as sd:
        seen = sd.inspect(repo)
    if json:
        from shiftdown.responses import InspectionResponse

        emit(InspectionResponse.of(seen))
    else:
        print_inspection(seen)


def assess(context: typer.Context, repo: Repo, json: Json = False) -> None:
    """Ask every capability check about a repository; a failing one names the type that fixes it."""
    settings: Settings = context.obj
    with settings.open() as sd:
        found = sd.assess(repo)
    if json:
        emit(found)
        return
    rows = [
        (f.check, f.outcome, f.message, ", ".join(f.fixed_by) if f.outcome == "FAIL" else "") for f in found.findings
    ]
    table(("CHECK", "OUTCOME", "FOUND", "FIXED BY"), rows, empty="no capability checks are installed")


def identity(text: str | None) -> Any:
    """`Name <email>` as an identity. Raises `InvalidInputError`."""
    from shiftdown.git import Identity

    return None if text is None else Identity.parse(text)


def print_results(results: "list[RunResult]", json: bool) -> None:
    """Print what a run did, and exit with 1 if something failed, with 3 if nothing was applicable."""
    from shiftdown.campaigns import RunOutcome

    show_results(results, json)
    outcomes = {r.outcome for r in results}
    if RunOutcome.FAILED in outcomes:
        raise typer.Exit(1)
    if outcomes == {RunOutcome.NOT_APPLICABLE}:
        raise typer.Exit(NOT_APPLICABLE)


def show_results(results: "list[RunResult]", json: bool) -> None:
    """Print what a run did."""
    if json:
        from shiftdown.responses import RunResponse

        emit([RunResponse.of(r) for r in results])
        return
    rows = [
        (r.repository, r.type, r.outcome, r.change_request.id if r.change_request else "", r.reason) for r in results
    ]
    table(("REPOSITORY", "TYPE", "OUTCOME", "CHANGE REQUEST", "WHY"), rows, empty="nothing to do")


def _print_plan(plan_: "Plan", json: bool, *, applied: bool = False) -> None:
    from shiftdown.transformations import PlanStatus

    if json:
        from shiftdown.responses import PlanResponse

        emit(PlanResponse.of(plan_))
    elif plan_.status is PlanStatus.CHANGES:
        if plan_.parameters:
            say(f"with {assignments(plan_.parameters)}")
        say("\n".join(f"{f.action} {f.path}" for f in plan_.files) if applied else plan_.diff())
    else:
        say(f"{plan_.status}: {plan_.reason or 'there is nothing to do'}")
        say("".join(f"  {e}\n" for e in plan_.evidence))
    if plan_.status is PlanStatus.NOT_APPLICABLE:
        raise typer.Exit(NOT_APPLICABLE)
