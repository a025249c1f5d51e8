"""Webhooks of GitLab (docs.gitlab.com, "Webhooks" and "Webhook events")."""

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from shiftdown.forges.webhooks.delivery import Ignored, Payload, WebhookReader, branch_of, is_zero, moment
from shiftdown.model import ForgeEventKind, ForgeFact

SIGNING = "whsec_"
"""Begins a signing token, which signs deliveries; any other secret is sent with them."""

TOLERANCE = 300
"""Seconds that the moment of a signature may be away from now (standardwebhooks.com, "Verifying webhooks")."""

_REVIEWS = {"approved", "unapproved", "approval", "unapproval"}
_STATES = {"opened": "open", "locked": "open", "merged": "merged", "closed": "closed"}
_ISSUE_ACTIONS = {"open", "close", "reopen", "update"}
_COMMIT = re.compile(r"/commit/([0-9a-f]{40,64})$")


def is_signed(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], received: datetime) -> bool:
    """Whether a signing token made the signature, or a secret token was sent.

    A signing token signs `webhook-id`, `webhook-timestamp` and the body; the signature holds for some minutes.
    """
    token = headers.get("x-gitlab-token", "").encode("utf-8", "surrogateescape")
    plain = [hmac.compare_digest(token, s.encode()) for s in secrets if not s.startswith(SIGNING)]
    return any(plain) or any(_signed_by(secret, headers, body, received) for secret in secrets)


def _signed_by(secret: str, headers: Mapping[str, str], body: bytes, received: datetime) -> bool:
    id_, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not secret.startswith(SIGNING) or not re.fullmatch(r"[0-9]{1,12}", at):
        return False
    if abs(received.timestamp() - int(at)) > TOLERANCE:
        return False
    try:
        key = b64decode(secret.removeprefix(SIGNING), validate=True)
    except ValueError:
        return False
    signed = f"{id_}.{at}.".encode("utf-8", "surrogateescape") + body
    made = b"v1," + b64encode(hmac.new(key, signed, sha256).digest())
    given = headers.get("webhook-signature", "").encode("utf-8", "surrogateescape").split()
    return any(hmac.compare_digest(signature, made) for signature in given)


def delivery_id(headers: Mapping[str, str], body: bytes) -> str:
    """What GitLab calls the delivery; without that, the digest of its body.

    `X-Gitlab-Event-UUID` is not used: webhooks that set off one another share it.
    """
    return headers.get("webhook-id") or headers.get("idempotency-key") or sha256(body).hexdigest()


def _merge_request(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    told, project = payload["object_attributes"], payload["project"]
    action, state = told.get("action") or "none", _STATES.get(told["state"])
    if state is None:
        raise ValueError("not a state of merge requests")
    draft = told.get("draft", told.get("work_in_progress"))
    review = action in _REVIEWS
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.REVIEW if review else ForgeEventKind.CHANGE_REQUEST,
        external_id=str(told["id"]),
        status=action if review else "draft" if state == "open" and draft else state,
        at=moment(told["updated_at"]),
        version=f"{action} {told['updated_at']}",
        sha=told.get("merge_commit_sha") or (told.get("last_commit") or {}).get("id"),
        ref=told["source_branch"],
        on_default=told["target_branch"] == project.get("default_branch"),
        number=told["iid"],
        url=told["url"],
    )


def _push(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    branch = branch_of(payload["ref"])
    if branch is None:
        return Ignored(reason="nothing follows from tags")
    before, after = payload["before"], payload["after"]
    status = "deleted" if is_zero(after) else "created" if is_zero(before) else "pushed"
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.PUSH,
        external_id=before if status == "deleted" else after,
        status=status,
        at=received,
        version=before,
        sha=before if status == "deleted" else after,
        ref=branch,
        on_default=branch == payload["project"].get("default_branch"),
    )


def _pipeline(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    told = payload["object_attributes"]
    ended, request = told.get("finished_at"), payload.get("merge_request") or {}
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.PIPELINE,
        external_id=str(told["id"]),
        status=told["status"],
        at=moment(ended or told["created_at"]),
        version=ended or told["created_at"],
        sha=told["sha"],
        ref=told["ref"],
        on_default=not told["tag"] and not request and told["ref"] == payload["project"].get("default_branch"),
        number=request.get("iid"),
        url=told.get("url"),
    )


def _deployment(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    commit = _COMMIT.search(payload.get("commit_url") or "")
    tier, ref = payload.get("environment_tier"), payload.get("ref")
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.DEPLOYMENT,
        external_id=str(payload["deployment_id"]),
        status=payload["status"],
        at=moment(payload["status_changed_at"]),
        version=payload["status_changed_at"],
        sha=commit[1] if commit else None,
        ref=ref,
        on_default=ref is not None and ref == payload["project"].get("default_branch"),
        environment=payload["environment"],
        production=tier == "production" if tier else None,
        url=payload.get("deployable_url"),
    )


def _release(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    status = {"create": "published", "delete": "deleted"}.get(payload["action"])
    if status is None:
        return Ignored(reason="nothing follows from this action on a release")
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.RELEASE,
        external_id=str(payload["id"]),
        status=status,
        at=moment(payload["released_at"]) if status == "published" else received,
        version=payload["released_at"],
        sha=(payload.get("commit") or {}).get("id"),
        ref=payload["tag"],
        url=payload["url"],
    )


def _issue(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    told = payload["object_attributes"]
    action = told.get("action")
    if action not in _ISSUE_ACTIONS:
        return Ignored(reason="nothing follows from this action on an issue")
    at = {"open": told["created_at"], "close": told.get("closed_at")}.get(action) or told["updated_at"]
    labels = [label["title"] for label in payload.get("labels") or ()]
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.ISSUE,
        external_id=str(told["id"]),
        status="closed" if told["state"] == "closed" else "open",
        at=moment(at),
        version=f"{action} {told['updated_at']}",
        number=told["iid"],
        labels=tuple(dict.fromkeys([*labels, *([told["type"]] if told.get("type") else [])])),
        url=told["url"],
    )


def _repository(payload: Payload) -> dict[str, str]:
    return {"repository": payload["project"]["path_with_namespace"]}


EVENTS: Mapping[str, Callable[[Payload, datetime], ForgeFact | Ignored]] = {
    "merge_request": _merge_request,
    "push": _push,
    "pipeline": _pipeline,
    "deployment": _deployment,
    "release": _release,
    "issue": _issue,
    "work_item": _issue,
}
"""What is read, by `object_kind`."""

READER = WebhookReader(
    is_signed=is_signed,
    delivery_id=delivery_id,
    event=lambda headers, payload: str(payload.get("object_kind", ""))[:100],
    events=EVENTS,
)
"""Reads a delivery."""
