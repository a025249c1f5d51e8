"""`change-requests`: list, show, comment, approve, mark as ready, merge, close."""

from typing import TYPE_CHECKING, Annotated

import typer

from shiftdown.cli.inputs import read_text
from shiftdown.cli.output import After, Json, Limit, Settings, emit, say, table

if TYPE_CHECKING:
    from shiftdown.model import ChangeRequest

Id = Annotated[str, typer.Argument(metavar="ID", help="Id of a change request, or its beginning.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Change requests: look at, comment, approve, merge, close.")
    group.command("list")(list_)
    group.command("show")(show)
    group.command("comment")(comment)
    group.command("approve")(approve)
    group.command("ready")(ready)
    group.command("merge")(merge)
    group.command("close")(close)
    app.add_typer(group, name="change-requests")


def list_(
    context: typer.Context,
    repository: Annotated[str | None, typer.Option(help="Only those of this repository.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Only those that can still be merged.")] = False,
    after: After = None,
    limit: Limit = None,
    json: Json = False,
) -> None:
    """List the change requests that the registry knows, as they were last seen."""
    settings: Settings = context.obj
    with settings.open() as sd:
        where = sd.locate(repository) if repository else None
        found = sd.change_requests.list(repository=where, open_only=open_, after=after, limit=limit)
    if json:
        from shiftdown.responses import ChangeRequestResponse

        emit([ChangeRequestResponse.of(c) for c in found])
    else:
        rows = [(c.id, c.status, c.type, c.title, c.repository) for c in found]
        table(("ID", "STATUS", "TYPE", "TITLE", "REPOSITORY"), rows, empty="there are no change requests")


def show(context: typer.Context, id_: Id, json: Json = False) -> None:
    """Show a change request in full: text, review and CI state, diff."""
    settings: Settings = context.obj
    with settings.open() as sd:
        found = sd.change_requests.get(id_)
        diff = sd.change_requests.diff(found.id)
    if json:
        from shiftdown.responses import ChangeRequestWithDiff

        emit(ChangeRequestWithDiff.of(found, diff))
        return
    say(f"{found.title}\n{'=' * len(found.title)}\n")
    say(f"{found.status}, review {found.review}, CI {found.ci}: {found.branch} -> {found.base}\n{found.url}\n")
    say(found.body)
    say(diff)


def approve(context: typer.Context, id_: Id, json: Json = False) -> None:
    """Approve a change request as it is now."""
    settings: Settings = context.obj
    with settings.open() as sd:
        _print(sd.change_requests.approve(id_), json)


def ready(context: typer.Context, id_: Id, json: Json = False) -> None:
    """Mark a draft as ready to be merged."""
    settings: Settings = context.obj
    with settings.open() as sd:
        _print(sd.change_requests.ready(id_), json)


def comment(
    context: typer.Context,
    id_: Id,
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="What to say, in Markdown.")] = None,
    file: Annotated[str | None, typer.Option(help="File that holds it; `-` is standard input.")] = None,
    json: Json = False,
) -> None:
    """Say something on a change request; what was said last is not said once more."""
    settings: Settings = context.obj
    if (text is None) == (file is None):
        raise typer.BadParameter("give either TEXT or --file")
    words = read_text(file) if file is not None else str(text)
    with settings.open() as sd:
        _print(sd.change_requests.comment(id_, words), json)


def merge(
    context: typer.Context,
    id_: Id,
    remove_branch: Annotated[
        bool, typer.Option("--remove-branch/--keep-branch", help="What becomes of its branch.")
    ] = True,
    json: Json = False,
) -> None:
    """Merge a change request into its base branch."""
    settings: Settings = context.obj
    with settings.open() as sd:
        _print(sd.change_requests.merge(id_, remove_branch=remove_branch), json)


def close(
    context: typer.Context,
    id_: Id,
    reason: Annotated[str, typer.Option(help="Why; recorded.")] = "closed by a person",
    remove_branch: Annotated[
        bool, typer.Option("--remove-branch/--keep-branch", help="What becomes of its branch.")
    ] = False,
    json: Json = False,
) -> None:
    """Close a change request without a merge."""
    settings: Settings = context.obj
    with settings.open() as sd:
        _print(sd.change_requests.close(id_, reason=reason, remove_branch=remove_branch), json)


def _print(change: "ChangeRequest", json: bool) -> None:
    if json:
        from shiftdown.responses import ChangeRequestResponse

        emit(ChangeRequestResponse.of(change))
    else:
        say(f"{change.id} {change.status} (review {change.review}): {change.title}\n{change.url}")
