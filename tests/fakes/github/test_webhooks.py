"""What the fake's webhooks tell is what GitHub's own schemas say."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from shiftdown_fakes.github import FakeGitHub, Repository
from shiftdown_fakes.github.webhooks import Webhook

from .client import Client

SCHEMA = Path(__file__).parents[2] / "tools/node_modules/@octokit/webhooks-schemas/schema.json"


@cache
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
    return found


def problems(event: str, body: bytes) -> list[str]:
    payload = json.loads(body)
    name = f"{event}${payload.get('action', 'event')}"
    wanted = {"$ref": f"#/definitions/{name}", "definitions": schema()["definitions"]}
    found = sorted(Draft7Validator(wanted).iter_errors(payload), key=lambda error: list(map(str, error.path)))
    return [f"{name} {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(tmp_path / "github") as server:
        yield server
        assert server.crashes == []


@pytest.fixture
def orders(github: FakeGitHub) -> Repository:
    made = github.world.add_repository("acme/orders")
    github.commit(made, "main", {"README.md": "hello\n"})
    return made


def test_a_life_is_told_as_github_tells_it(github: FakeGitHub, orders: Repository) -> None:
    client = Client(github.api_url, github.world.add_token("acme").value)
    reviewer = Client(github.api_url, github.world.add_token("bob").value)
    hook, told = Webhook(github, orders, "secret"), []

    def listen() -> None:
        told.extend(hook.deliveries())

    github.commit(orders, "topic", {"MOTTO": "Onwards\n"})
    listen()
    client.ok("POST", "/repos/acme/orders/pulls", {"title": "T", "head": "topic", "base": "main", "body": "B"})
    listen()
    head = github.commit(orders, "topic", {"MOTTO": "Upwards\n"})
    listen()
    github.add_status(orders, head, "success")
    reviewer.ok("POST", "/repos/acme/orders/pulls/1/reviews", {"event": "APPROVE", "body": "Fine"})
    listen()
    client.ok("PATCH", "/repos/acme/orders/pulls/1", {"state": "closed"})
    listen()
    client.ok("PATCH", "/repos/acme/orders/pulls/1", {"state": "open"})
    listen()
    client.ok("PUT", "/repos/acme/orders/pulls/1/merge", {})
    listen()
    assert hook.deliveries() == []
    names = [(d.event, json.loads(d.body).get("action")) for d in told]
    assert names == [
        ("push", None),
        ("pull_request", "opened"),
        ("push", None),
        ("pull_request", "synchronize"),
        ("pull_request_review", "submitted"),
        ("status", None),
        ("pull_request", "closed"),
        ("pull_request", "reopened"),
        ("push", None),
        ("pull_request", "closed"),
    ]
    contradictions = [line for d in told if d.event != "status" for line in problems(d.event, d.body)]
    assert contradictions == []


def test_a_payload_that_lacks_something_contradicts_the_schema(github: FakeGitHub, orders: Repository) -> None:
    hook = Webhook(github, orders, "secret")
    github.commit(orders, "main", {"A": "a\n"})
    (push,) = hook.deliveries()
    payload = json.loads(push.body)
    assert problems("push", json.dumps(payload).encode()) == []
    del payload["after"]
    assert problems("push", json.dumps(payload).encode())
