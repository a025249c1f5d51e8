"""What the fake's webhooks tell is laid out as GitLab's is."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown_fakes.gitlab import FakeGitLab, Project
from shiftdown_fakes.gitlab.webhooks import Webhook

from .answers import payload_problems
from .driving import driver


@pytest.fixture
def gitlab(tmp_path: Path) -> Iterator[FakeGitLab]:
    with FakeGitLab(tmp_path / "gitlab") as server:
        yield server
        assert server.crashes == []


@pytest.fixture
def orders(gitlab: FakeGitLab) -> Project:
    made = gitlab.world.add_project("acme/platform/orders", owner="ada")
    made.levels["bob"] = 30
    gitlab.world.add_user("bob")
    gitlab.commit(made, "main", {"README.md": "hello\n"})
    return made


def test_a_life_is_told_as_gitlab_tells_it(gitlab: FakeGitLab, orders: Project) -> None:
    hook, told = Webhook(gitlab, orders, "secret"), []

    def listen() -> None:
        told.extend(hook.deliveries())

    with driver(gitlab, "ada", []) as ada, driver(gitlab, "bob", []) as bob:
        project = ada.api.projects.get(orders.path)
        gitlab.commit(orders, "topic", {"MOTTO": "Onwards\n"})
        listen()
        made = project.mergerequests.create(
            {"source_branch": "topic", "target_branch": "main", "title": "Draft: T", "labels": "devops"}
        )
        listen()
        head = gitlab.commit(orders, "topic", {"MOTTO": "Upwards\n"})
        listen()
        made.title = "T"
        made.save()
        gitlab.world.add_pipeline(orders, head, "success")
        theirs = bob.api.projects.get(orders.path).mergerequests.get(made.iid)
        theirs.approve()
        listen()
        theirs.unapprove()
        listen()
        made.state_event = "close"
        made.save()
        listen()
        made.state_event = "reopen"
        made.save()
        listen()
        made.merge()
        listen()
    assert hook.deliveries() == []
    payloads = [json.loads(delivery.body) for delivery in told]
    names = [(p["object_kind"], p.get("object_attributes", {}).get("action")) for p in payloads]
    assert names == [
        ("push", None),
        ("merge_request", "open"),
        ("push", None),
        ("merge_request", "update"),
        ("merge_request", "update"),
        ("merge_request", "approved"),
        ("pipeline", None),
        ("merge_request", "unapproved"),
        ("merge_request", "close"),
        ("merge_request", "reopen"),
        ("push", None),
        ("push", None),
        ("merge_request", "merge"),
    ]
    assert [delivery.headers["X-Gitlab-Token"] for delivery in told] == ["secret"] * len(told)
    assert payloads[3]["object_attributes"]["oldrev"] == payloads[2]["before"]
    assert [problem for payload in payloads for problem in payload_problems(payload)] == []


def test_a_payload_that_is_different_is_caught(gitlab: FakeGitLab, orders: Project) -> None:
    hook = Webhook(gitlab, orders, "secret")
    gitlab.commit(orders, "topic", {"MOTTO": "Onwards\n"})
    (delivery,) = hook.deliveries()
    payload = json.loads(delivery.body)
    assert payload_problems({**payload, "total_commits_count": "1"}) == [
        "push: $.total_commits_count: '1' is not of type 'number'"
    ]
    del payload["ref"]
    assert payload_problems(payload) == ["push: $: 'ref' is a required property"]
