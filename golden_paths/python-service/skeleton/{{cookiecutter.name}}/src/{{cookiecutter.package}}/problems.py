"""Answers that are no success, as RFC 9457 describes them."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"


class InvalidValue(BaseModel):
    """One value of a request that is wrong."""

    pointer: str
    """Where it is: a JSON pointer that begins with `body`, `query`, `path` or `header`."""
    detail: str


class ProblemDetails(BaseModel):
    """The body of an answer that is no success."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: Sequence[InvalidValue] | None = None


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """Raise it anywhere to answer so."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


RESPONSES: dict[int | str, dict[str, object]] = {
    "4XX": {
        "description": "What is wrong with the request",
        "content": {MEDIA_TYPE: {"schema": ProblemDetails.model_json_schema()}},
    }
}
"""How problems appear in the OpenAPI document."""


def answer_problems(app: FastAPI) -> None:
    """Have every error of an application answered with problem details."""

    @app.exception_handler(Problem)
    async def on_problem(_: Request, error: Problem) -> JSONResponse:
        return _answer(error.status, error.detail)

    @app.exception_handler(HTTPException)
    async def on_http_exception(_: Request, error: HTTPException) -> JSONResponse:
        return _answer(error.status_code, error.detail, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def on_invalid_request(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            InvalidValue(pointer="/".join(map(str, found["loc"])), detail=found["msg"])
            for found in error.errors()
        ]
        detail = "The request has values that are not valid."
        return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors)

    @app.exception_handler(Exception)
    async def on_failure(_request: Request, _error: Exception) -> JSONResponse:
        # The server logs it; it may hold what is nobody else's business.
        return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "The service failed. Its log says why.")


def _answer(
    status: int,
    detail: str,
    errors: Sequence[InvalidValue] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body = ProblemDetails(
        title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors
    )
    content = body.model_dump(mode="json", exclude_none=True)
    return JSONResponse(content, status, headers, MEDIA_TYPE)
