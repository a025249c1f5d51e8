"""`organization`: list, show, set."""

from typing import TYPE_CHECKING, Annotated

import typer

from shiftdown.cli.inputs import TypeParam, Unset, changed
from shiftdown.cli.output import Json, Settings, assignments_by_type, emit, say, table

if TYPE_CHECKING:
    from shiftdown.model import Organization

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of an organisation.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Organisations: who runs programs, and what these use.")
    group.command("list")(list_)
    group.command("show")(show)
    group.command("set")(set_)
    app.add_typer(group, name="organization")


def list_(context: typer.Context, json: Json = False) -> None:
    """List the organisations."""
    settings: Settings = context.obj
    with settings.open() as sd:
        found = sd.organizations.list()
    if json:
        from shiftdown.responses import OrganizationResponse

        emit([OrganizationResponse.of(o) for o in found])
    else:
        rows = [(o.name, assignments_by_type(o.parameters)) for o in found]
        table(("NAME", "PARAMETERS"), rows, empty="there are no organisations")


def show(context: typer.Context, name: Name, json: Json = False) -> None:
    """Show what the programs of an organisation use, unless they say otherwise."""
    settings: Settings = context.obj
    with settings.open() as sd:
        _print(sd.organizations.get(name), json)


def set_(context: typer.Context, name: Name, param: TypeParam = None, unset: Unset = None, json: Json = False) -> None:
    """Change what the programs of an organisation use. Those that have started keep what they started with."""
    settings: Settings = context.obj
    with settings.open() as sd:
        known = {o.name: o.parameters for o in sd.organizations.list()}
        wanted = changed(known.get(name, {}), param, unset)
        _print(sd.organizations.set_parameters(name, wanted), json)


def _print(organization: "Organization", json: bool) -> None:
    if json:
        from shiftdown.responses import OrganizationResponse

        emit(OrganizationResponse.of(organization))
    else:
        said = assignments_by_type(organization.parameters)
        say(f"{organization.name}: {said or 'says nothing about parameters'}")
