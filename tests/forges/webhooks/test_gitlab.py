"""Deliveries of GitLab: who sent them, and what they tell."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from shiftdown.forges.webhooks import Delivery, Ignored, MalformedDeliveryError, WrongSignatureError
from shiftdown.forges.webhooks.gitlab import READER
from shiftdown.model import ForgeEventKind, ForgeFact

from . import gitlab_payloads as payloads
from .examples import signed_by_gitlab
from .gitlab_payloads import BEFORE, SHA

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = b"0123456789abcdef0123456789abcdef"
SIGNING = f"whsec_{b64encode(KEY).decode()}"
HEADERS = {"Content-Type": "application/json", "X-Gitlab-Token": "token", "Idempotency-Key": "d1"}


def read(headers: dict[str, str], body: bytes, *secrets: str) -> Delivery:
    return READER.read(headers, body, [SecretStr(s) for s in secrets or ("token",)], received=NOW)


def told(payload: Any) -> ForgeFact:
    found = read(HEADERS, json.dumps(payload).encode()).found
    assert isinstance(found, ForgeFact)
    assert found.repository == "acme/shop/orders"
    return found


def test_each_event_of_interest_is_of_its_kind_and_holds_nothing_else() -> None:
    kinds = [told(payload).kind for payload in payloads.ALL]
    assert set(kinds) == set(ForgeEventKind) - {ForgeEventKind.REVIEW, ForgeEventKind.CHECK}
    for payload in payloads.ALL:
        kept = told(payload).model_dump_json()
        assert "Secret words" not in kept
        assert "ada" not in kept


@pytest.mark.parametrize("kind", ["note", "build", "wiki_page", "tag_push", "feature_flag", "emoji", "vulnerability"])
def test_other_events_are_ignored(kind: str) -> None:
    found = read(HEADERS, json.dumps(payloads.other(kind)).encode()).found
    assert isinstance(found, Ignored)


def test_events_of_groups_and_of_the_system_are_ignored() -> None:
    body = json.dumps({"event_name": "project_create", "path_with_namespace": "a/b"}).encode()
    assert isinstance(read(HEADERS, body).found, Ignored)


@pytest.mark.parametrize(
    ("changes", "status", "sha"),
    [
        ({}, "open", SHA),
        ({"draft": True}, "draft", SHA),
        ({"work_in_progress": True, "draft": True}, "draft", SHA),
        ({"state": "locked"}, "open", SHA),
        ({"state": "closed", "action": "close"}, "closed", SHA),
        ({"state": "merged", "action": "merge", "merge_commit_sha": BEFORE}, "merged", BEFORE),
        ({"action": None}, "open", SHA),
    ],
)
def test_a_merge_request(changes: dict[str, Any], status: str, sha: str) -> None:
    found = told(payloads.merge_request(**changes))
    assert (found.kind, found.status, found.sha) == (ForgeEventKind.CHANGE_REQUEST, status, sha)
    assert (found.number, found.ref, found.on_default) == (4, "topic", True)
    assert found.at == datetime(2026, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize("action", ["approved", "unapproved", "approval", "unapproval"])
def test_an_approval_is_a_review(action: str) -> None:
    found = told(payloads.merge_request(action=action))
    assert (found.kind, found.status, found.number) == (ForgeEventKind.REVIEW, action, 4)


@pytest.mark.parametrize(
    ("changes", "status", "sha"),
    [({}, "pushed", SHA), ({"before": "0" * 40}, "created", SHA), ({"after": "0" * 40}, "deleted", BEFORE)],
)
def test_a_push(changes: dict[str, Any], status: str, sha: str) -> None:
    found = told(payloads.push(**changes))
    assert (found.status, found.sha, found.ref, found.on_default, found.at) == (status, sha, "main", True, NOW)


def test_a_deployment_tells_where_when_and_what() -> None:
    found = told(payloads.deployment())
    assert (found.environment, found.production, found.sha) == ("eu-1", True, SHA)
    assert found.at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    other = told(payloads.deployment(environment_tier="staging", commit_url=None, deployable_url=None))
    assert (other.production, other.sha) == (False, None)


def test_an_incident_is_told_by_its_type() -> None:
    opened = told(payloads.issue("work_item", type="Incident"))
    assert (opened.labels, opened.status, opened.at.hour) == (("sev1", "Incident"), "open", 9)
    closed = told(payloads.issue(state="closed", action="close", closed_at="2026-03-01T11:00:00Z"))
    assert (closed.status, closed.at.hour) == ("closed", 11)


@pytest.mark.parametrize(
    ("request_", "ref", "default"), [(None, "main", True), ({"iid": 4}, "main", False), (None, "topic", False)]
)
def test_a_pipeline(request_: Any, ref: str, default: bool) -> None:
    found = told(payloads.pipeline(ref=ref) | {"merge_request": request_})
    assert (found.status, found.on_default, found.at.minute) == ("success", default, 3)
    running = told(payloads.pipeline(finished_at=None, status="running"))
    assert (running.status, running.at.minute) == ("running", 0)


def test_a_release() -> None:
    assert (told(payloads.release()).status, told(payloads.release(action="delete")).status) == ("published", "deleted")
    body = json.dumps(payloads.release(action="update")).encode()
    assert isinstance(read(HEADERS, body).found, Ignored)


# Who sent it


def test_the_secret_token_is_accepted_and_no_other() -> None:
    body = json.dumps(payloads.push()).encode()
    assert read(HEADERS, body, "old", "token").id == "d1"
    for wrong in ("", "Token", "token ", "tokené", "\udcff"):
        with pytest.raises(WrongSignatureError):
            read(HEADERS | {"X-Gitlab-Token": wrong}, body)


def test_a_signing_token_signs() -> None:
    body = json.dumps(payloads.push()).encode()
    headers = signed_by_gitlab(body, KEY, int(NOW.timestamp()), "m1")
    assert read(headers, body, SIGNING).id == "m1"
    several = {"webhook-signature": f"v1,x v2,y {headers['webhook-signature']}"}
    assert read(headers | several, body, "old", SIGNING).id == "m1"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "m2"},
        {"webhook-timestamp": str(int((NOW - timedelta(seconds=301)).timestamp()))},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "²"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,\udcff"},
    ],
)
def test_a_signature_holds_for_its_delivery_alone(change: dict[str, str]) -> None:
    body = json.dumps(payloads.push()).encode()
    headers = signed_by_gitlab(body, KEY, int(NOW.timestamp())) | change
    with pytest.raises(WrongSignatureError):
        read(headers, body, SIGNING)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_signature_holds_for_some_minutes(seconds: int) -> None:
    body = json.dumps(payloads.push()).encode()
    with pytest.raises(WrongSignatureError):
        read(signed_by_gitlab(body, KEY, int(NOW.timestamp()) + seconds), body, SIGNING)


def test_a_signing_token_is_never_accepted_as_a_secret_that_is_sent() -> None:
    body = json.dumps(payloads.push()).encode()
    with pytest.raises(WrongSignatureError):
        read(HEADERS | {"X-Gitlab-Token": SIGNING}, body, SIGNING)
    with pytest.raises(WrongSignatureError):
        read(signed_by_gitlab(body, b"", int(NOW.timestamp())), body, "whsec_*")


# What is not a delivery


@pytest.mark.parametrize("payload", payloads.ALL)
def test_a_payload_that_lacks_what_its_event_has_is_malformed(payload: dict[str, Any]) -> None:
    for key in ("project", "object_attributes", "after", "environment", "tag"):
        if key in payload:
            body = json.dumps({k: v for k, v in payload.items() if k != key}).encode()
            with pytest.raises(MalformedDeliveryError, match=f"{payload['object_kind']}: .*{key} is missing"):
                read(HEADERS, body)


def test_what_a_payload_holds_is_not_repeated() -> None:
    for payload in (payloads.merge_request(state="planted"), payloads.pipeline(status="Planted words")):
        with pytest.raises(MalformedDeliveryError) as caught:
            read(HEADERS, json.dumps(payload).encode())
        assert "lanted" not in str(caught.value)


def test_a_form_is_not_what_gitlab_sends() -> None:
    with pytest.raises(MalformedDeliveryError, match="content type"):
        read(HEADERS | {"Content-Type": "application/x-www-form-urlencoded"}, b"payload=%7B%7D")
