"""Webhooks of GitHub (docs.github.com, "Webhook events and payloads", "Validating webhook deliveries")."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from shiftdown.forges.webhooks.delivery import Ignored, Payload, WebhookReader, branch_of, is_zero, moment
from shiftdown.model import ForgeEventKind, ForgeFact

_PULL_REQUEST_ACTIONS = {
    *("opened", "closed", "reopened", "edited", "synchronize", "ready_for_review", "converted_to_draft"),
    *("review_requested", "review_request_removed", "auto_merge_enabled", "auto_merge_disabled"),
}
_ISSUE_ACTIONS = {"opened", "reopened", "closed", "labeled", "unlabeled", "typed", "untyped"}
_ISSUE_ENDS = {"deleted", "transferred"}
_RELEASE_ACTIONS = {"published", "unpublished", "deleted"}


def is_signed(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], received: datetime) -> bool:
    """Whether one of the secrets made the signature in `X-Hub-Signature-256`, an HMAC of the body."""
    given = headers.get("x-hub-signature-256", "").encode("utf-8", "surrogateescape")
    made = [b"sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest().encode() for secret in secrets]
    return any(hmac.compare_digest(given, signature) for signature in made)


def delivery_id(headers: Mapping[str, str], body: bytes) -> str:
    """What GitHub calls the delivery; without that, the digest of its body."""
    return headers.get("x-github-delivery") or sha256(body).hexdigest()


def _pull_request(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    action, pull = payload["action"], payload["pull_request"]
    if action not in _PULL_REQUEST_ACTIONS:
        return Ignored(reason="nothing follows from this action on a pull request")
    merged = bool(pull.get("merged_at"))
    closed = "merged" if merged else "closed"
    ended = pull["merged_at"] if merged else pull["closed_at"]
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.CHANGE_REQUEST,
        external_id=str(pull["id"]),
        status=closed if pull["state"] == "closed" else "draft" if pull.get("draft") else "open",
        at=moment(ended if action == "closed" else pull["created_at"] if action == "opened" else pull["updated_at"]),
        version=f"{action} {pull['updated_at']}",
        sha=pull["merge_commit_sha"] if merged else pull["head"]["sha"],
        ref=pull["head"]["ref"],
        on_default=pull["base"]["ref"] == payload["repository"]["default_branch"],
        number=pull["number"],
        url=pull["html_url"],
    )


def _review(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    review, pull = payload["review"], payload["pull_request"]
    told = review.get("submitted_at") or pull["updated_at"]
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.REVIEW,
        external_id=str(review["id"]),
        status=review["state"].lower(),
        at=moment(told),
        version=f"{payload['action']} {told}",
        sha=review["commit_id"],
        ref=pull["head"]["ref"],
        on_default=pull["base"]["ref"] == payload["repository"]["default_branch"],
        number=pull["number"],
        url=review["html_url"],
    )


def _push(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    branch = branch_of(payload["ref"])
    if branch is None:
        return Ignored(reason="nothing follows from tags")
    before, after, repository = payload["before"], payload["after"], payload["repository"]
    status = "deleted" if is_zero(after) else "created" if is_zero(before) else "pushed"
    pushed = repository.get("pushed_at")
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.PUSH,
        external_id=before if status == "deleted" else after,
        status="forced" if status == "pushed" and payload.get("forced") else status,
        at=moment(pushed) if pushed else received,
        version=f"{before} {pushed}",
        sha=before if status == "deleted" else after,
        ref=branch,
        on_default=branch == repository["default_branch"],
    )


def _workflow_run(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    run, repository = payload["workflow_run"], payload["repository"]
    ours = (run.get("head_repository") or {}).get("full_name") == repository["full_name"]
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.PIPELINE,
        external_id=str(run["id"]),
        status=run["conclusion"] or run["status"],
        at=moment(run["updated_at"]),
        version=f"{run.get('run_attempt', 1)} {run['updated_at']}",
        sha=run["head_sha"],
        ref=run["head_branch"],
        on_default=ours and run["head_branch"] == repository["default_branch"],
        url=run["html_url"],
    )


def _check_suite(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    suite = payload["check_suite"]
    if payload["action"] != "completed" or (suite.get("app") or {}).get("slug") == "github-actions":
        return Ignored(reason="told by workflow runs, or not completed")
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.CHECK,
        external_id=str(suite["id"]),
        status=suite["conclusion"] or "completed",
        at=moment(suite["updated_at"]),
        version=suite["updated_at"],
        sha=suite["head_sha"],
        ref=suite["head_branch"],
    )


def _status(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.CHECK,
        external_id=str(payload["id"]),
        status=payload["state"],
        at=moment(payload["updated_at"]),
        version=payload["updated_at"],
        sha=payload["sha"],
    )


def _deployment(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    return _deployed(payload, "created", payload["deployment"], payload["deployment"])


def _deployment_status(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    status = payload["deployment_status"]
    return _deployed(payload, status["state"], payload["deployment"], status)


def _deployed(payload: Payload, status: str, deployment: Payload, told: Payload) -> ForgeFact:
    branch = deployment["ref"]
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.DEPLOYMENT,
        external_id=str(deployment["id"]),
        status=status,
        at=moment(told["created_at"]),
        version=str(told["id"]),
        sha=deployment["sha"],
        ref=branch,
        on_default=branch == payload["repository"]["default_branch"],
        environment=told.get("environment") or deployment["environment"],
        production=deployment.get("production_environment"),
    )


def _release(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    action, release = payload["action"], payload["release"]
    if action not in _RELEASE_ACTIONS:
        return Ignored(reason="nothing follows from this action on a release")
    told = release.get("published_at") if action == "published" else release.get("updated_at")
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.RELEASE,
        external_id=str(release["id"]),
        status=action,
        at=moment(told) if told else received,
        version=told or release["created_at"],
        ref=release["tag_name"],
        url=release["html_url"],
    )


def _issue(payload: Payload, received: datetime) -> ForgeFact | Ignored:
    action, issue = payload["action"], payload["issue"]
    if action not in _ISSUE_ACTIONS | _ISSUE_ENDS:
        return Ignored(reason="nothing follows from this action on an issue")
    told = {"opened": issue["created_at"], "closed": issue.get("closed_at")}.get(action) or issue["updated_at"]
    type_ = (issue.get("type") or {}).get("name")
    labels = [label["name"] for label in issue.get("labels") or ()]
    return ForgeFact(
        **_repository(payload),
        kind=ForgeEventKind.ISSUE,
        external_id=str(issue["id"]),
        status=action if action in _ISSUE_ENDS else issue["state"],
        at=moment(told),
        version=f"{action} {issue['updated_at']}",
        number=issue["number"],
        labels=tuple(dict.fromkeys([*labels, *([type_] if type_ else [])])),
        url=issue["html_url"],
    )


def _repository(payload: Payload) -> dict[str, str]:
    return {"repository": payload["repository"]["full_name"]}


EVENTS: Mapping[str, Callable[[Payload, datetime], ForgeFact | Ignored]] = {
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "push": _push,
    "workflow_run": _workflow_run,
    "check_suite": _check_suite,
    "status": _status,
    "deployment": _deployment,
    "deployment_status": _deployment_status,
    "release": _release,
    "issues": _issue,
}
"""What is read, by the name in `X-GitHub-Event`."""

READER = WebhookReader(
    is_signed=is_signed,
    delivery_id=delivery_id,
    event=lambda headers, payload: headers.get("x-github-event", ""),
    events=EVENTS,
    takes_forms=True,
)
"""Reads a delivery."""
