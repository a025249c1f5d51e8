"""Starts the service."""

import sys
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from .api import build_api
from .health import Readiness
from .logs import configure_logging
from .notes import MemoryNoteStore
from .server import Server
from .settings import Settings


def create_app(settings: Settings | None = None, readiness: Readiness | None = None) -> FastAPI:
    """The whole application: what `uvicorn --factory` calls, and `main`."""
    settings = settings or Settings()
    configure_logging(settings.log_level)
    notes = MemoryNoteStore(clock=lambda: datetime.now(UTC))
    return build_api(notes, readiness or Readiness())


def main() -> None:
    """Serve until the process is told to stop."""
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = [f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()]
        sys.exit(f"invalid settings: {'; '.join(wrong)}")
    readiness = Readiness()
    config = uvicorn.Config(
        create_app(settings, readiness),
        host=settings.host,
        port=settings.port,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_timeout,
    )
    Server(config, readiness, settings.shutdown_delay).run()


if __name__ == "__main__":
    main()
