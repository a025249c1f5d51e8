"""The entry point: usage errors and `ShiftdownError`s become a message and an exit code."""

import gc
import logging
import sys
from collections.abc import Sequence

import typer

from shiftdown.cli import (
    change_requests,
    new,
    organizations,
    pins,
    programs,
    repositories,
    serve,
    system,
    tasks,
    templates,
    transformations,
    update,
)
from shiftdown.cli.output import Settings
from shiftdown.errors import ShiftdownError

_UsageError: type[Exception] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
"""What wrong usage raises: typer brings its own copy of click, and names its exceptions in part only."""

_MADE_BEFORE_COLLECTING = 50_000
"""How many more objects are made than freed before cycles are looked for. Python's own 700 lets the start of a command
spend a tenth of its time on it, in vain: modules and models stay."""

app = typer.Typer(
    name="shiftdown",
    no_args_is_help=True,
    help="Apply DevOps transformations to repositories, and track them until their effect is verified.",
    pretty_exceptions_enable=False,
)
_MODULES = (
    new,
    update,
    transformations,
    repositories,
    organizations,
    programs,
    change_requests,
    templates,
    tasks,
    pins,
    serve,
    system,
)
for _module in _MODULES:
    _module.register(app)


@app.callback()
def _root(
    context: typer.Context,
    registry: str = typer.Option(None, envvar="SHIFTDOWN_REGISTRY", help="URL of the registry.", show_default=False),
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Log what is done to standard error."),
) -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO if verbose else logging.WARNING, format="%(message)s")
    context.obj = Settings(registry=registry)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong usage or input, 3 not applicable.

    What went wrong is said on standard error; standard output then has no document.
    """
    gc.set_threshold(_MADE_BEFORE_COLLECTING)
    try:
        code = app(list(sys.argv[1:] if arguments is None else arguments), standalone_mode=False)
    except typer.Abort:
        code = _complain("stopped", 1)
    except ShiftdownError as error:
        code = _complain(str(error), error.exit_code)
    except _UsageError as error:
        place = getattr(getattr(error, "ctx", None), "command_path", "shiftdown")
        message = error.format_message() if isinstance(error, typer.BadParameter) else getattr(error, "message", error)
        code = _complain(f"{message} (see `{place} --help`)", 2)
    except KeyboardInterrupt:
        code = _complain("interrupted; run the same command again to go on", 1)
    except BrokenPipeError:
        sys.stderr.close()
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"shiftdown: {message}\n")
    return code
