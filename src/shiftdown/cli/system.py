"""`plugins list` and `doctor`."""

import platform
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from shiftdown.cli.output import Json, Settings, emit, table
from shiftdown.errors import ShiftdownError

if TYPE_CHECKING:
    from shiftdown.app import Shiftdown
    from shiftdown.responses import MachineCheckResponse


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="The plugins that are installed.")
    group.command("list")(list_plugins)
    group.callback()(_group)
    app.add_typer(group, name="plugins")
    app.command("doctor")(doctor)


def _group() -> None:
    """The plugins that are installed."""


def list_plugins(context: typer.Context, json: Json = False) -> None:
    """List the plugins that were found, what each adds, and why one could not be loaded."""
    settings: Settings = context.obj
    with settings.open() as sd:
        infos = sd.plugins.infos
    if json:
        emit(infos)
        return
    rows: list[tuple[Any, ...]] = [
        (
            i.name,
            f"{i.package} {i.version or ''}",
            ", ".join(i.transformations),
            ", ".join(i.capability_checks),
            ", ".join(i.actions),
            ", ".join(i.golden_paths),
            ", ".join(i.forges),
            i.error,
        )
        for i in infos
    ]
    table(
        ("PLUGIN", "PACKAGE", "TYPES", "CHECKS", "ACTIONS", "GOLDEN PATHS", "FORGES", "ERROR"),
        rows,
        empty="no plugins are installed",
    )


def doctor(context: typer.Context, json: Json = False) -> None:
    """Check what shiftdown needs on this machine; exit 1 when something is missing."""
    settings: Settings = context.obj
    with settings.open() as sd:
        checks = [_look(name, look, sd) for name, look in _LOOKS.items()]
    if json:
        emit(checks)
    else:
        table(("WHAT", "OK", "DETAIL"), [(c.name, "yes" if c.ok else "NO", c.detail) for c in checks], empty="")
    if not all(c.ok for c in checks):
        raise typer.Exit(1)


def _look(name: str, look: "Callable[[Shiftdown], str]", sd: "Shiftdown") -> "MachineCheckResponse":
    from shiftdown.responses import MachineCheckResponse

    try:
        return MachineCheckResponse(name=name, ok=True, detail=look(sd))
    except ShiftdownError as error:
        return MachineCheckResponse(name=name, ok=False, detail=str(error))


def _git(_: "Shiftdown") -> str:
    from shiftdown.forges.local.repository import check_version

    return check_version()


def _registry(sd: "Shiftdown") -> str:
    return f"{sd.registry.name}, {len(sd.programs.list())} programs"


def _plugins(sd: "Shiftdown") -> str:
    failed = [i.error for i in sd.plugins.infos if i.error]
    if failed:
        raise ShiftdownError("; ".join(failed))
    return f"{len(sd.plugins.infos)} loaded, {len(sd.transformations)} transformation types"


_LOOKS: "dict[str, Callable[[Shiftdown], str]]" = {
    "python": lambda _: platform.python_version(),
    "git": _git,
    "author": lambda sd: str(sd.author),
    "registry": _registry,
    "plugins": _plugins,
}
