"""`repositories list`, and the options by which commands take many repositories."""

import logging
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from shiftdown.cli.inputs import read_bytes
from shiftdown.cli.output import Json, Settings, emit_each, say
from shiftdown.errors import InvalidInputError

if TYPE_CHECKING:
    from shiftdown.app import Shiftdown
    from shiftdown.forges.selection import FoundRepository, Selection

log = logging.getLogger(__name__)

Host = Annotated[
    str | None, typer.Option(metavar="HOST", help="The forge to select on; default the only one that has a token.")
]
Owner = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Select those of an organisation or user, or of a group and all groups in it."),
]
Topic = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="Select those with this topic; repeatable, all must be there.")
]
Language = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", help="Select those with this main language; repeatable, one is enough."),
]
HasFile = Annotated[
    list[str] | None,
    typer.Option(metavar="PATH", help="Select those with this file, or folder (`ci/`); repeatable, all must be there."),
]
Search = Annotated[str | None, typer.Option(metavar="WORDS", help="Select what the forge's own search finds.")]
Exclude = Annotated[
    list[str] | None,
    typer.Option(metavar="PATTERN", help="Leave out names such as `*-archive` or `acme/old-*`; repeatable."),
]
Archived = Annotated[bool, typer.Option("--archived", help="Select archived ones, too.")]
Forks = Annotated[bool, typer.Option("--forks", help="Select forks, too.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Select no more than so many.")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="FILE", help="A list of repositories, one per line; `-` is standard input."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="The repositories of a forge, by selection.")
    group.command("list")(list_)
    app.add_typer(group, name="repositories")


def list_(
    context: typer.Context,
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
    json: Json = False,
) -> None:
    """List the repositories that are selected, as the forge tells of them: a list that `--from` of `run` takes."""
    wanted = selection(
        owner=owner,
        topics=topic,
        languages=language,
        has_files=has_file,
        search=search,
        exclude=exclude,
        include_archived=archived,
        include_forks=forks,
    )
    settings: Settings = context.obj
    with settings.open() as sd:
        found = islice(sd.select(wanted, host=host), limit)
        if json:
            emit_each(found)
        else:
            _print(found)


def selection(**given: Any) -> "Selection":
    """The options as a `Selection`.

    Raises:
        InvalidInputError: one of them cannot be used, or they select everything; says which.
    """
    from shiftdown.forges.selection import Selection

    try:
        return Selection.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        option = f"--{field.removesuffix('s').replace('_', '-')}: " if field else ""
        raise InvalidInputError(f"{option}{first['msg'].removeprefix('Value error, ')}") from None


def asked(host: str | None, limit: int | None, **given: Any) -> "Selection | None":
    """The options as a `Selection`, when one of them is given. Raises as `selection`."""
    return selection(**given) if host or limit or any(given.values()) else None


def named(sd: "Shiftdown", repositories: list[str] | None, list_file: str | None) -> list[str]:
    """The repositories that are named, and those in a list.

    Raises:
        InvalidInputError: one in the list cannot be used, or it is no list.
    """
    if list_file is None:
        return list(repositories or ())
    from shiftdown.app.selecting import MAX_LIST, listed

    source = "standard input" if list_file == "-" else list_file
    return [*(repositories or ()), *listed(read_bytes(list_file, MAX_LIST + 1), source, sd.locate)]


def chosen(
    sd: "Shiftdown",
    repositories: list[str] | None,
    list_file: str | None,
    wanted: "Selection | None",
    host: str | None,
    limit: int | None,
) -> Iterable[str]:
    """The repositories that a command is to work on: named, listed, and selected ones, which are asked for last.

    Raises:
        InvalidInputError: there are none of these, or one that is named or listed cannot be used.
    """
    given = named(sd, repositories, list_file)
    if wanted is not None:
        selected = islice(sd.select(wanted, host=host), limit)
        return chain([sd.locate(repository) for repository in given], _readable(selected))
    if not given:
        raise typer.BadParameter("say which repositories: REPO, --from, or --owner, --topic, --language or --search")
    return given


def _readable(found: Iterator["FoundRepository"]) -> Iterator[str]:
    """Where they are, but for those that have nothing to read."""
    for repository in found:
        if repository.default_branch is None:
            log.warning("%s: has no commit that the token may read; it is passed over", repository.location)
        else:
            yield repository.location


def _print(found: Iterator["FoundRepository"]) -> None:
    count = 0
    for count, repository in enumerate(found, start=1):  # noqa: B007 - how many there were
        line = _line(repository)
        say(line if line.isprintable() else line.encode("unicode_escape").decode())
    if not count:
        say("# no repository is selected")


def _line(repository: "FoundRepository") -> str:
    """A line of a list: the address, and in a comment what is known."""
    facts = [
        repository.language,
        ", ".join(repository.topics),
        "archived" if repository.archived else None,
        "a fork" if repository.fork else None,
        None if repository.default_branch else "empty",
    ]
    comment = "; ".join(filter(None, facts))
    return f"{repository.location}  # {comment}" if comment else repository.location
