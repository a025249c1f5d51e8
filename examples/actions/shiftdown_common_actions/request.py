"""`http:backstage:request`: asks the portal's own API, with the token of the person who started the task."""

import json
import os
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

import urllib3
from pydantic import Field

from shiftdown.plugin import ActionContext, ActionModel, Effect, InvalidInputError, ShiftdownError, action

PORTAL = "PORTAL_URL"
"""The environment variable with the URL of the portal's backend, `https://portal.example.org`."""
TOKEN = "backstageToken"
"""The secret with the person's token."""
_MAX_BODY = 10 * 1024 * 1024


class RequestInput(ActionModel):
    """What to ask."""

    path: str
    """Path of the request, from the portal's `/api/`."""
    method: Literal["GET", "HEAD", "OPTIONS", "POST", "UPDATE", "DELETE", "PUT", "PATCH"]
    """Method of the request."""
    headers: Mapping[str, str] = {}
    """Headers of the request."""
    params: Mapping[str, str | int | float | bool] = {}
    """Parameters of the query."""
    body: Any = None
    """Body of the request: text, or data that is sent as JSON."""
    log_request_path: bool = True
    """Whether the path is in the log."""
    continue_on_bad_response: bool = False
    """Whether the step succeeds when the answer has a status of 400 or above."""
    timeout: float = Field(default=60_000, gt=0, le=600_000)
    """Milliseconds to wait for the answer."""
    idempotency_key: str = ""
    """Where it is given, the request is sent once per task, whatever is killed and run again."""


class RequestOutput(ActionModel):
    """The answer."""

    code: int
    """Its status."""
    headers: Mapping[str, str]
    """Its headers."""
    body: Any
    """Its body: data of JSON, else a mapping with the text as `message`."""


class RequestError(ShiftdownError):
    """The portal could not be asked, or refused."""


@action("http:backstage:request", title="Ask the portal's API")
def request_portal(given: RequestInput, context: ActionContext) -> RequestOutput | None:
    """Send a request to the portal's API. A dry-run sends only requests that change nothing."""
    shown = given.path if given.log_request_path else "the portal"
    context.log(f"{given.method} {shown}")
    if given.method not in ("GET", "HEAD", "OPTIONS"):
        context.effect(Effect(action="http:backstage:request", kind="request", target=f"{given.method} {shown}"))
        if context.dry_run:
            return None
    url = _url(given.path, given.params)

    def send() -> dict[str, Any]:
        return _send(url, given, context.secrets.get(TOKEN))

    answer = context.checkpoint(given.idempotency_key, send) if given.idempotency_key else send()
    return RequestOutput.model_validate(answer)


def _url(path: str, params: Mapping[str, Any]) -> str:
    portal = os.environ.get(PORTAL, "").rstrip("/")
    if not portal:
        raise InvalidInputError(f"there is no portal to ask; set {PORTAL}")
    below = path.strip("/").removeprefix("api/")
    if "://" in below or "//" in below or ".." in below.split("/"):
        raise InvalidInputError(f"{path!r} is no path of the portal's API")
    return f"{portal}/api/{below}" + (f"?{urlencode(params)}" if params else "")


def _send(url: str, given: RequestInput, token: str | None) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in given.headers.items()}
    if token:
        headers.setdefault("authorization", f"Bearer {token}")
    body = given.body
    if body is not None and not isinstance(body, str):
        headers.setdefault("content-type", "application/json")
        body = json.dumps(body)
    timeout = given.timeout / 1000
    try:
        with urllib3.PoolManager() as pool:
            answer = pool.request(
                given.method,
                url,
                headers=headers,
                body=body,
                timeout=timeout,
                retries=False,
                redirect=False,
                preload_content=False,
            )
            content = answer.read(_MAX_BODY)
            answer.release_conn()
    except urllib3.exceptions.HTTPError as error:
        raise RequestError(f"the portal did not answer: {type(error).__name__}") from None
    if answer.status >= 400 and not given.continue_on_bad_response:
        raise RequestError(f"the portal refused {given.method} {given.path}: status {answer.status}")
    return {"code": answer.status, "headers": dict(answer.headers), "body": _parsed(content, answer.headers)}


def _parsed(content: bytes, headers: Mapping[str, str]) -> Any:
    text = content.decode(errors="replace")
    if "application/json" not in headers.get("content-type", ""):
        return {"message": text}
    try:
        return json.loads(text)
    except ValueError as error:
        raise RequestError("the portal's answer is no JSON, though it says so") from error
