"""`new`: a repository from a template."""

from typing import TYPE_CHECKING, Annotated

import typer

from shiftdown.cli.inputs import Secrets, Set, Values, read_mapping, read_secrets, texts
from shiftdown.cli.output import Json, Settings, emit, say
from shiftdown.cli.templates import progress
from shiftdown.cli.transformations import Author, SignOff, identity
from shiftdown.errors import InvalidInputError

if TYPE_CHECKING:
    from shiftdown.creation.repositories import Created
    from shiftdown.forges.repository_maker import Visibility


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("new")(new)


def new(
    context: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="What to make: service, library, website, infrastructure, pipeline, or a template's type.",
        ),
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.")],
    template: Annotated[str, typer.Option(help="A golden path, a folder with a template, or the URL of one.")],
    set_: Set = None,
    values: Values = None,
    secrets: Secrets = None,
    owner: Annotated[str | None, typer.Option(metavar="REF", help="Who owns it, for the parameter `owner`.")] = None,
    to: Annotated[str | None, typer.Option(metavar="DIR", help="Where it goes; default ./NAME.")] = None,
    publish: Annotated[
        str | None,
        typer.Option(
            metavar="WHERE",
            help="Make it on a forge instead, github.com/OWNER/NAME; or, at a path, a bare repository to be cloned.",
        ),
    ] = None,
    visibility: Annotated[
        str | None,
        typer.Option(metavar="private|internal|public", help="Who sees it on a forge; default private."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show everything that would be made; make nothing.")
    ] = False,
    author: Author = None,
    sign_off: SignOff = False,
    json: Json = False,
) -> None:
    """Make a repository from a template, with one commit. Missing parameters are asked for on a terminal."""
    from shiftdown.cli.asking import complete, complete_secrets

    settings: Settings = context.obj
    seen = _visibility(visibility)
    given = read_mapping(values) if values else {}
    with settings.open(author=identity(author), sign_off=sign_off) as sd, sd.creation.draft(template) as draft:
        draft.check_kind(kind)
        target = sd.creation.target(name, to=to, publish=publish, visibility=seen)
        parameters = draft.values(name, texts(set_), given, owner=owner)
        parameters = complete(parameters, draft.missing, of=template)
        hidden = complete_secrets(read_secrets(secrets), draft.missing_secrets, of=template)
        parameters = draft.values(name, {}, parameters)
        created = draft.create(name, parameters, target, secrets=hidden, dry_run=dry_run, on_event=progress)
    if json:
        emit(created)
    else:
        _print(created)


def _visibility(text: str | None) -> "Visibility | None":
    from shiftdown.forges.repository_maker import Visibility

    try:
        return None if text is None else Visibility(text)
    except ValueError:
        raise InvalidInputError(f"--visibility {text!r}: write private, internal or public") from None


def _print(created: "Created") -> None:
    would = "would make" if created.dry_run else "made"
    label = f"{created.template} {created.version}" if created.version else created.template
    for effect in created.effects:
        say(f"{'would do' if created.dry_run else 'did'}: {effect.action}: {effect.kind} {effect.target}")
        for key, value in effect.details.items():
            say(f"  {key}: {value}")
    if created.dry_run:
        say("".join(f"{path}\n" for path in created.files))
    say(f"{would} {created.path} from {label}: {len(created.files)} files")
    for link in created.outputs.get("links") or []:  # type: ignore[union-attr]
        if isinstance(link, dict) and link.get("url"):
            say(f"{link.get('title') or 'see'}: {link['url']}")
