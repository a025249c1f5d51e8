"""Payloads with the fields that docs.gitlab.com, "Webhook events", shows for each event; the values are ours."""

from typing import Any

SHA = "a" * 40
BEFORE = "b" * 40
PROJECT = {
    "id": 7,
    "name": "Orders",
    "web_url": "https://gitlab.example.com/acme/shop/orders",
    "git_http_url": "https://gitlab.example.com/acme/shop/orders.git",
    "path_with_namespace": "acme/shop/orders",
    "default_branch": "main",
}
USER = {"id": 3, "name": "Ada", "username": "ada", "email": "ada@example.org"}


def push(**changes: Any) -> dict[str, Any]:
    """A push."""
    commit = {"id": SHA, "message": "Secret words", "timestamp": "2026-03-01T10:00:00+01:00"}
    return {
        "object_kind": "push", "event_name": "push", "before": BEFORE, "after": SHA, "ref": "refs/heads/main",
        "checkout_sha": SHA, "user_email": "ada@example.org", "project": PROJECT, "commits": [commit],
        "total_commits_count": 1,
    } | changes  # fmt: skip


def merge_request(**changes: Any) -> dict[str, Any]:
    """A merge request."""
    told = {
        "id": 99, "iid": 4, "target_branch": "main", "source_branch": "topic", "title": "Secret words",
        "created_at": "2026-03-01T09:00:00Z", "updated_at": "2026-03-01 10:00:00 UTC", "state": "opened",
        "draft": False, "description": "Secret words", "action": "open", "merge_commit_sha": None,
        "last_commit": {"id": SHA}, "url": "https://gitlab.example.com/acme/shop/orders/-/merge_requests/4",
    } | changes  # fmt: skip
    return {"object_kind": "merge_request", "user": USER, "project": PROJECT, "object_attributes": told}


def pipeline(**changes: Any) -> dict[str, Any]:
    """A pipeline on the default branch."""
    told = {
        "id": 31, "iid": 3, "ref": "main", "tag": False, "sha": SHA, "status": "success", "source": "push",
        "created_at": "2026-03-01 10:00:00 UTC", "finished_at": "2026-03-01 10:03:00 UTC", "duration": 63,
        "variables": [{"key": "TOKEN", "value": "Secret words"}],
        "url": "https://gitlab.example.com/acme/shop/orders/-/pipelines/31",
    } | changes  # fmt: skip
    return {"object_kind": "pipeline", "user": USER, "project": PROJECT, "object_attributes": told}


def deployment(**changes: Any) -> dict[str, Any]:
    """A deployment."""
    page = "https://gitlab.example.com/acme/shop/orders/-"
    return {
        "object_kind": "deployment", "status": "success", "status_changed_at": "2026-03-01 12:00:00 +0200",
        "deployment_id": 15, "deployable_id": 796, "deployable_url": f"{page}/jobs/796", "environment": "eu-1",
        "environment_tier": "production", "short_sha": SHA[:8], "commit_url": f"{page}/commit/{SHA}",
        "commit_title": "Secret words", "user": USER, "project": PROJECT,
    } | changes  # fmt: skip


def release(**changes: Any) -> dict[str, Any]:
    """A release."""
    return {
        "object_kind": "release", "id": 1, "created_at": "2026-03-01 10:00:00 UTC", "name": "v1",
        "released_at": "2026-03-01 10:00:00 UTC", "tag": "v1", "description": "Secret words", "action": "create",
        "url": "https://gitlab.example.com/acme/shop/orders/-/releases/v1", "project": PROJECT,
        "commit": {"id": SHA, "author": {"email": "ada@example.org"}},
    } | changes  # fmt: skip


def issue(kind: str = "issue", **changes: Any) -> dict[str, Any]:
    """An issue, or another work item."""
    told = {
        "id": 301, "iid": 23, "title": "Secret words", "description": "Secret words", "type": "Issue",
        "created_at": "2026-03-01T09:00:00Z", "updated_at": "2026-03-01T10:00:00Z", "closed_at": None,
        "state": "opened", "action": "open", "url": "https://gitlab.example.com/acme/shop/orders/-/issues/23",
    } | changes  # fmt: skip
    labels = [{"id": 206, "title": "sev1"}]
    return {"object_kind": kind, "user": USER, "project": PROJECT, "object_attributes": told, "labels": labels}


def other(kind: str) -> dict[str, Any]:
    """An event that is not read."""
    return {"object_kind": kind, "user": USER, "project": PROJECT}


ALL = (push(), merge_request(), pipeline(), deployment(), release(), issue(), issue("work_item", type="Incident"))
