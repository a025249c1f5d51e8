"""Deliveries of GitHub: who sent them, and what they tell."""

import hmac
import json
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr

from shiftdown.forges.webhooks import Delivery, Ignored, MalformedDeliveryError, WrongSignatureError
from shiftdown.forges.webhooks.github import READER
from shiftdown.model import ForgeEventKind, ForgeFact

from .examples import SECRET, examples, of_github

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KINDS = {
    "pull_request": ForgeEventKind.CHANGE_REQUEST,
    "pull_request_review": ForgeEventKind.REVIEW,
    "push": ForgeEventKind.PUSH,
    "workflow_run": ForgeEventKind.PIPELINE,
    "check_suite": ForgeEventKind.CHECK,
    "status": ForgeEventKind.CHECK,
    "deployment": ForgeEventKind.DEPLOYMENT,
    "deployment_status": ForgeEventKind.DEPLOYMENT,
    "release": ForgeEventKind.RELEASE,
    "issues": ForgeEventKind.ISSUE,
}


def read(headers: dict[str, str], body: bytes, *secrets: str) -> Delivery:
    return READER.read(headers, body, [SecretStr(s) for s in secrets or (SECRET,)], received=NOW)


def told(event: str, payload: Any) -> ForgeFact | Ignored:
    return read(*of_github(event, payload)).found


def example(event: str, action: str | None = None) -> dict[str, Any]:
    """A copy of the first example of an event."""
    found = next(p for name, p in examples() if name == event and (action is None or p.get("action") == action))
    copy: dict[str, Any] = json.loads(json.dumps(found))
    return copy


def test_every_example_is_read_and_those_of_interest_are_of_their_kind() -> None:
    assert len(examples()) > 300
    kinds: Counter[ForgeEventKind] = Counter()
    for event, payload in examples():
        found = told(event, payload)
        if isinstance(found, ForgeFact):
            assert found.kind is KINDS[event]
            assert found.repository == payload["repository"]["full_name"]
            kinds[found.kind] += 1
        elif event in KINDS:
            assert "follows" in found.reason or "told by workflow runs" in found.reason
    assert set(kinds) == set(ForgeEventKind)
    assert kinds[ForgeEventKind.DEPLOYMENT] == sum(event.startswith("deployment") for event, _ in examples()) - sum(
        event == "deployment_review" for event, _ in examples()
    )


def test_nothing_personal_is_kept() -> None:
    for event, payload in examples():
        kept = read(*of_github(event, payload)).model_dump_json()
        people = {payload.get("sender", {}).get("gravatar_id") or "\0", payload.get("pusher", {}).get("email") or "\0"}
        texts = {(payload.get(k) or {}).get("body") or "\0" for k in ("pull_request", "issue", "release", "review")}
        assert not [text for text in people | texts if len(text) > 8 and text in kept]


def test_what_dora_metrics_are_made_of() -> None:
    deployed = told("deployment_status", example("deployment_status"))
    status = example("deployment_status")
    assert isinstance(deployed, ForgeFact)
    assert (deployed.environment, deployed.sha) == ("production", status["deployment"]["sha"])
    assert (deployed.external_id, deployed.status) == (str(status["deployment"]["id"]), "success")
    assert deployed.at == datetime(2019, 5, 15, 15, 20, 55, tzinfo=UTC)

    merged = example("pull_request", "closed")
    commit = "c" * 40
    merged["pull_request"] |= {"merged_at": "2026-01-02T03:04:05Z", "merge_commit_sha": commit, "state": "closed"}
    found = told("pull_request", merged)
    assert isinstance(found, ForgeFact)
    assert (found.status, found.sha, found.number) == ("merged", commit, merged["number"])
    assert (found.at, found.on_default) == (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), True)

    incident = example("issues", "opened")
    incident["issue"] |= {"labels": [{"name": "incident"}], "type": {"name": "Bug"}}
    opened = told("issues", incident)
    assert isinstance(opened, ForgeFact)
    assert (opened.labels, opened.status) == (("incident", "Bug"), "open")
    assert opened.at.isoformat() == incident["issue"]["created_at"].replace("Z", "+00:00")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "pushed"),
        ({"forced": True}, "forced"),
        ({"before": "0" * 40}, "created"),
        ({"after": "0" * 40}, "deleted"),
    ],
)
def test_a_push(changes: dict[str, Any], status: str) -> None:
    payload = example("push") | {"ref": "refs/heads/master", "before": "b" * 40, "after": "a" * 40} | changes
    payload["repository"] |= {"default_branch": "master", "pushed_at": 1_700_000_000}
    found = told("push", payload)
    assert isinstance(found, ForgeFact)
    assert (found.status, found.ref, found.on_default) == (status, "master", True)
    assert found.sha == ("b" * 40 if status == "deleted" else "a" * 40)
    assert found.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_a_form_is_as_good_as_json() -> None:
    payload = example("release", "published")
    body = urlencode({"payload": json.dumps(payload)}).encode()
    signature = hmac.new(SECRET.encode(), body, sha256).hexdigest()
    headers, _ = of_github("release", payload)
    headers |= {"Content-Type": "application/x-www-form-urlencoded", "X-Hub-Signature-256": f"sha256={signature}"}
    assert read(headers, body).found == told("release", payload)


# Who sent it


def test_each_secret_that_is_valid_is_accepted() -> None:
    headers, body = of_github("ping", {}, secret="new")
    assert read(headers, body, "old", "new").found == Ignored(reason="nothing follows from events of this kind")
    with pytest.raises(WrongSignatureError):
        read(headers, body, "old")


def test_github_publishes_a_signature_to_test_with() -> None:
    # docs.github.com, "Validating webhook deliveries"
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = {"X-Hub-Signature-256": signature, "Content-Type": "text/plain"}
    with pytest.raises(MalformedDeliveryError, match="content type"):
        read(headers, b"Hello, World!")


@pytest.mark.parametrize(
    "signature", ["", "sha256=", "sha1=757107", "sha256=" + "0" * 64, "sha256=\udcff", "Sha256=é", "0" * 64]
)
def test_any_other_signature_is_wrong(signature: str) -> None:
    headers, body = of_github("ping", {})
    with pytest.raises(WrongSignatureError):
        read(headers | {"X-Hub-Signature-256": signature}, body)


def test_without_a_secret_nothing_is_accepted() -> None:
    headers, body = of_github("ping", {}, secret="")
    with pytest.raises(WrongSignatureError):
        READER.read(headers, body, [], received=NOW)
    with pytest.raises(WrongSignatureError):
        read(headers, body, "")


def test_a_changed_body_is_refused_before_it_is_read() -> None:
    headers, body = of_github("push", example("push"))
    with pytest.raises(WrongSignatureError):
        read(headers, body + b" ")


# What is not a delivery


def signed(body: bytes, event: str = "push", **more: str) -> tuple[dict[str, str], bytes]:
    signature = hmac.new(SECRET.encode(), body, sha256).hexdigest()
    headers = {"content-type": "application/json", "x-github-event": event, "x-github-delivery": "d1"}
    return headers | {"x-hub-signature-256": f"sha256={signature}"} | more, body


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe{}", b"[" * 100_000, b'{"a":' * 100_000, b'{"a": NaN}',
        b'{"a": ' + b"9" * 10_000 + b"}", json.dumps(example("push")).encode()[:2000],
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedDeliveryError):
        read(*signed(body))


@pytest.mark.parametrize("kind", ["text/plain", "", "application/xml", "multipart/form-data; boundary=x"])
def test_another_content_type_is_malformed(kind: str) -> None:
    with pytest.raises(MalformedDeliveryError, match="content type"):
        read(*signed(b"{}", **{"content-type": kind}))


@pytest.mark.parametrize("body", [b"", b"payload", b"other=1", b"payload=%7B", "payload=é".encode()])
def test_a_form_without_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedDeliveryError):
        read(*signed(body, **{"content-type": "application/x-www-form-urlencoded"}))


@pytest.mark.parametrize(("event", "key"), [(e, k) for e in KINDS for k in ("repository", None)])
def test_a_payload_that_lacks_what_its_event_has_is_malformed(event: str, key: str | None) -> None:
    payload = next(p for name, p in examples() if name == event and isinstance(told(name, p), ForgeFact))
    cut = {k: v for k, v in payload.items() if k != key} if key else {}
    with pytest.raises(MalformedDeliveryError, match=event) as caught:
        told(event, cut)
    assert payload["sender"]["login"] not in str(caught.value)


@pytest.mark.parametrize("value", ["a\0b", "a\nb", "\ud800", "", "x" * 2000, 7, None, {}, []])
def test_a_value_that_cannot_be_is_malformed_and_not_repeated(value: Any) -> None:
    payload = example("pull_request", "opened")
    payload["repository"]["full_name"] = value
    with pytest.raises(MalformedDeliveryError) as caught:
        told("pull_request", payload)
    assert "xxx" not in str(caught.value)


@pytest.mark.parametrize("id_", ["a b", "é", "x" * 300, "\n"])
def test_an_id_of_a_delivery_that_cannot_be_is_malformed(id_: str) -> None:
    with pytest.raises(MalformedDeliveryError, match="id of the delivery"):
        read(*of_github("ping", {}, id_=id_))


def test_without_an_id_a_delivery_is_known_by_its_body() -> None:
    headers, body = of_github("ping", {})
    del headers["X-GitHub-Delivery"]
    assert read(headers, body).id == sha256(body).hexdigest()
