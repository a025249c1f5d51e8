"""The application: what is served, and what runs beside it."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from shiftdown.app import Shiftdown
from shiftdown.errors import RegistryError
from shiftdown.server.following import Following
from shiftdown.server.webhooks import router

log = logging.getLogger(__name__)


def create_app(sd: Shiftdown) -> FastAPI:
    """The ASGI application over an open `Shiftdown`, which stays the caller's to close.

    `POST /webhooks/{host}` takes in webhooks; `GET /health` tells whether the registry answers.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        webhooks = await run_in_threadpool(lambda: sd.webhooks)
        app.state.following = Following(webhooks)
        app.state.following.start()
        yield
        await run_in_threadpool(app.state.following.stop)

    app = FastAPI(title="shiftdown", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.shiftdown = sd
    app.add_exception_handler(RegistryError, _registry_failed)
    app.include_router(router)

    @app.get("/health")
    async def health() -> dict[str, Any]:
        """Whether the registry answers, and how many events wait for what follows from them."""
        return {"status": "ok", "waiting": await run_in_threadpool(sd.webhooks.waiting)}

    return app


async def _registry_failed(_: Request, error: Exception) -> JSONResponse:
    log.error("%s", error)
    return JSONResponse({"error": "the registry failed"}, 503)
