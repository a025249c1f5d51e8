"""The command line: results on standard output, logs on standard error, 1 when a run failed."""

import json
import logging
import sys
import uuid
from dataclasses import asdict
from typing import Annotated

import structlog
import typer

from {{ cookiecutter.package }} import pipeline
from {{ cookiecutter.package }}.extract import SourceError
from {{ cookiecutter.package }}.settings import Settings
from {{ cookiecutter.package }}.store import Store

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)


@app.command()
def run(
    full: Annotated[bool, typer.Option(help="Load rows of any age, not only new ones.")] = False,
) -> None:
    """Load what is new in the inbox."""
    settings = Settings()
    _configure_log(settings.log_level)
    rules = pipeline.Rules(settings.lookback, settings.max_rejected, full)
    try:
        with Store.open(settings.database) as store:
            counts = pipeline.run(settings.inbox, store, rules)
    except (SourceError, pipeline.TooManyRejectedError) as error:
        structlog.get_logger().error("run failed", error=str(error))
        raise typer.Exit(1) from error
    typer.echo(json.dumps(asdict(counts)))


@app.command()
def quarantine() -> None:
    """Print the rows that break the contract, one JSON object a line."""
    with Store.open(Settings().database) as store:
        for rejection in store.quarantined():
            typer.echo(json.dumps(asdict(rejection), ensure_ascii=False))


def main() -> None:
    """Run the command line."""
    app()


def _configure_log(level: str) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(run_id=str(uuid.uuid4()))
