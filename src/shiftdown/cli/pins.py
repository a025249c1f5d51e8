"""`pins check` and `pins bump`: whether the actions, tools and images of generated pipelines are current."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shiftdown.cli.output import Json, emit, say, table
from shiftdown.errors import InvalidInputError
from shiftdown.user_paths import user_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shiftdown.pipelines import Pin, Pins, ToolPin

Table = Annotated[Path | None, typer.Option("--table", help="The table; default the one that is installed.")]
Available = Annotated[
    Path | None,
    typer.Option(help="YAML or JSON file: {action: {version, sha}, tool: {version}}; default the forge, for actions."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="The actions that are written into repositories, by commit.")
    group.command("check")(check)
    group.command("bump")(bump)
    app.add_typer(group, name="pins")


def check(table_: Table = None, available: Available = None, json: Json = False) -> None:
    """Show what has newer versions, and tags that were moved; exit 1 when there is any."""
    from shiftdown.pipelines import pins

    pinned = pins.parse(_read(_path(table_)))
    found = pins.check(pinned, _available(pinned, available))
    if json:
        from shiftdown.responses import OutdatedPinResponse

        emit([OutdatedPinResponse.of(o) for o in found])
    else:
        rows = [
            (o.action, o.current.version, o.available.version, "the tag was moved: look at it" if o.moved else "")
            for o in found
        ]
        table(("NAME", "PINNED", "AVAILABLE", "NOTE"), rows, empty="all versions are current")
    if found:
        raise typer.Exit(1)


def bump(table_: Table = None, available: Available = None, json: Json = False) -> None:
    """Write newer versions into the table; a tag that was moved is left for a person to decide."""
    from shiftdown.pipelines import pins

    path = _path(table_)
    text = _read(path)
    pinned = pins.parse(text)
    wanted = _available(pinned, available)
    bumped = pins.bump(text, wanted)
    done = [o for o in pins.check(pinned, wanted) if not o.moved]
    if bumped != text:
        _write(path, bumped)
    if json:
        from shiftdown.responses import BumpResponse

        emit(BumpResponse.of(str(path), done))
    else:
        for o in done:
            say(f"{o.action} {o.current.version} -> {o.available.version}")
        say(f"{path}: {len(done)} bumped")


def _path(given: Path | None) -> Path:
    from importlib.resources import files

    return user_path(given) if given else Path(str(files("shiftdown.pipelines").joinpath("data/pins.yaml")))


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path}: cannot be read: {error}") from error


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as error:
        raise InvalidInputError(f"{path}: cannot be written: {error.strerror}; give your own with --table") from error


def _available(pinned: "Pins", file: Path | None) -> "Mapping[str, Pin | ToolPin]":
    from shiftdown.pipelines import pins

    if file is not None:
        return pins.parse_available(_read(user_path(file)), str(file))
    token = os.environ.get("GITHUB_TOKEN")
    if not token:
        raise InvalidInputError("set GITHUB_TOKEN to ask the forge, or give the versions with --available FILE")
    from pydantic import SecretStr

    from shiftdown.forges.github_releases import newest_releases

    url = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    return newest_releases(pinned.actions, token=SecretStr(token), base_url=url)
