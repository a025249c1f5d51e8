"""`POST /webhooks/{host}`."""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from shiftdown.app.webhooks import WebhookOutcome
from shiftdown.errors import NotFoundError
from shiftdown.forges.webhooks import MAX_BODY, MalformedDeliveryError, WrongSignatureError

router = APIRouter()


@router.post("/webhooks/{host}")
async def receive(host: str, request: Request) -> JSONResponse:
    """Take in a delivery of a forge's webhook.

    202 recorded; 200 duplicate or ignored; 400 not what the forge sends; 401 wrong signature, or none; 404 no such
    host; 413 larger than any delivery. The answer is given before what follows from the delivery is done.
    """
    body = await _body(request)
    if body is None:
        return JSONResponse({"error": f"a delivery has at most {MAX_BODY} bytes"}, 413, {"Connection": "close"})
    try:
        result = await run_in_threadpool(request.app.state.shiftdown.webhooks.receive, host, request.headers, body)
    except WrongSignatureError as error:
        return JSONResponse({"error": str(error)}, 401)
    except NotFoundError as error:
        return JSONResponse({"error": str(error)}, 404)
    except MalformedDeliveryError as error:
        return JSONResponse({"error": str(error)}, 400)
    recorded = result.outcome is WebhookOutcome.RECORDED
    if recorded:
        request.app.state.following.wake()
    return JSONResponse(result.model_dump(mode="json", exclude_none=True), 202 if recorded else 200)


async def _body(request: Request) -> bytes | None:
    """The body, or `None` when it is too large; reading stops as soon as that is known."""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > MAX_BODY:
        return None
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MAX_BODY:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)
