"""Logs: one JSON document a line, on standard output; each line of a request names its id."""

import logging
import logging.config
import re
import time
from contextvars import ContextVar
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .health import HEALTH_PATHS
from .settings import LogLevel

REQUEST_ID_HEADER = "X-Request-Id"

_log = logging.getLogger(__name__)
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_acceptable = re.compile(r"[\w.-]{1,128}", re.ASCII)


def configure_logging(level: LogLevel) -> None:
    """Have everything that is logged in this process written as JSON."""
    formatter = {
        "()": "pythonjsonlogger.json.JsonFormatter",
        "format": "%(levelname)s %(name)s %(message)s %(request_id)s",
        "rename_fields": {"levelname": "level", "name": "logger"},
        "static_fields": {"service": "{{ cookiecutter.name }}"},
        "timestamp": True,
    }
    handler = {
        "class": "logging.StreamHandler",
        "stream": "ext://sys.stdout",
        "formatter": "json",
        "filters": ["request_id"],
    }
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"request_id": {"()": RequestIdFilter}},
            "formatters": {"json": formatter},
            "handlers": {"stdout": handler},
            "root": {"level": level.upper(), "handlers": ["stdout"]},
            "loggers": {
                "uvicorn": {"handlers": [], "propagate": True},
                # `RequestLog` writes these lines.
                "uvicorn.access": {"handlers": [], "propagate": True, "level": "WARNING"},
            },
        }
    )


class RequestIdFilter(logging.Filter):
    """Gives every record the id of the request that is being answered."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _request_id.get()
        return True


class RequestLog:
    """Logs each request but health checks, and gives each an id.

    The id comes from the header `X-Request-Id`, and goes back in the same header. Headers and
    bodies are never logged: they hold credentials.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        request_id = given if _acceptable.fullmatch(given) else str(uuid4())
        start = time.perf_counter()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        token = _request_id.set(request_id)
        try:
            await self._app(scope, receive, answer)
        finally:
            if scope["path"] not in HEALTH_PATHS:
                _log.log(_level(status), "request", extra=_facts(scope, status, start))
            _request_id.reset(token)


def _level(status: int) -> int:
    if status >= 500:
        return logging.ERROR
    return logging.WARNING if status >= 400 else logging.INFO


def _facts(scope: Scope, status: int, start: float) -> dict[str, object]:
    return {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "milliseconds": round((time.perf_counter() - start) * 1000, 1),
    }
