"""What platforms ask, all the time: does the process work, and does it want requests?"""

from fastapi import APIRouter, Response
from pydantic import BaseModel

HEALTH_PATHS = frozenset({"/healthz", "/readyz"})


class Readiness:
    """Whether the service wants requests. It does from its start until it is told to stop."""

    def __init__(self) -> None:
        self.ready = True

    def stop(self) -> None:
        """From now on, the service wants none."""
        self.ready = False


class Health(BaseModel):
    """The answer to a health check."""

    status: str


def health_routes(readiness: Readiness) -> APIRouter:
    """`/healthz`: does the process work? `/readyz`: does it want requests?"""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def healthz() -> Health:
        return Health(status="ok")

    @router.get("/readyz")
    async def readyz(response: Response) -> Health:
        if readiness.ready:
            return Health(status="ready")
        response.status_code = 503
        return Health(status="stopping")

    return router
