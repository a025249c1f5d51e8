"""Webhooks close the loop: from what the forge tells to a record that is verified, in any order."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shiftdown import Shiftdown
from shiftdown.app.webhooks import WebhookOutcome
from shiftdown.errors import NotFoundError
from shiftdown.forges.github import retry
from shiftdown.forges.webhooks import WrongSignatureError
from shiftdown.model import ChangeRequestStatus, CIState, ForgeEventKind, ReviewState, TransformationStatus
from shiftdown_fakes.delivery import WebhookDelivery
from shiftdown_fakes.github import FakeGitHub, Fault, Repository
from shiftdown_fakes.github.webhooks import Webhook
from tests.exploring import examples
from tests.fakes.github.client import Client
from tests.forges.webhooks import gitlab_payloads
from tests.forges.webhooks.examples import of_github

from .conftest import Clock

SECRET = "planted-secret-of-webhooks"
BRANCH = "shiftdown/add-motto"
_T = TransformationStatus


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


@pytest.fixture(autouse=True)
def environment(github: FakeGitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "shiftdown.toml").write_text("")
    monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
    monkeypatch.setenv("SHIFTDOWN_GITHUB_URL", github.url)
    monkeypatch.setenv("SHIFTDOWN_GITHUB_TOKEN", github.world.add_token("acme").value)
    monkeypatch.setenv("SHIFTDOWN_GITHUB_WEBHOOK_SECRET", SECRET)
    monkeypatch.setattr(retry, "BACKOFF", 0)
    monkeypatch.setattr("shiftdown.forges.github.settings.PAUSE", 0)
    monkeypatch.setattr("shiftdown.forges.github.settings.PATIENCE", 0)


@pytest.fixture
def host(github: FakeGitHub) -> str:
    return github.url.partition("://")[2]


def start(sd: Shiftdown, github: FakeGitHub, orders: Repository) -> None:
    """A program whose first change request is open."""
    url = f"{github.url}/{orders.full_name}"
    program = sd.programs.start(playbook="mottos", name="Mottos", organization="acme", repositories=[url])
    sd.run(program.phases[0])


def status_of(sd: Shiftdown) -> TransformationStatus:
    program = sd.programs.get(sd.programs.list()[0].program.id)
    return next(t.status for p in program.phases for t in p.transformations if t.transformation_type == "ADD_MOTTO")


def take(sd: Shiftdown, host: str, deliveries: list[WebhookDelivery]) -> list[WebhookOutcome]:
    return [sd.webhooks.receive(host, d.headers, d.body).outcome for d in deliveries]


def live(github: FakeGitHub, orders: Repository) -> list[WebhookDelivery]:
    """A green review, a merge, and a push that takes the effect away again; what is told of it."""
    hook = Webhook(github, orders, SECRET)
    told = hook.deliveries()
    (pull,) = orders.pulls
    github.add_status(orders, pull.head, "success")
    told += hook.deliveries()
    api(github, "POST", "/repos/acme/orders/pulls/1/reviews", {"event": "APPROVE"})
    told += hook.deliveries()
    api(github, "PUT", "/repos/acme/orders/pulls/1/merge", {})
    told += hook.deliveries()
    github.commit(orders, "main", {"MOTTO": None})
    return told + hook.deliveries()


def api(github: FakeGitHub, method: str, path: str, body: Any) -> None:
    Client(github.api_url, github.world.add_token("bob").value).ok(method, path, body)


def test_a_record_is_merged_and_verified_by_webhooks_alone(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, host: str
) -> None:
    orders.roles["bob"] = "write"
    start(sd, github, orders)
    hook = Webhook(github, orders, SECRET)
    assert take(sd, host, hook.deliveries()) == [WebhookOutcome.RECORDED]
    sd.webhooks.follow()
    assert status_of(sd) is _T.IN_REVIEW

    github.add_status(orders, orders.pulls[0].head, "success")
    api(github, "POST", "/repos/acme/orders/pulls/1/reviews", {"event": "APPROVE"})
    assert take(sd, host, hook.deliveries()) == [WebhookOutcome.RECORDED] * 2
    sd.webhooks.follow()
    known = sd.change_requests.list()[0]
    assert (known.review, known.ci) == (ReviewState.APPROVED, CIState.SUCCESS)

    api(github, "PUT", "/repos/acme/orders/pulls/1/merge", {})
    assert take(sd, host, hook.deliveries()) == [WebhookOutcome.RECORDED] * 2
    assert sd.webhooks.waiting() == 2
    (followed,) = sd.webhooks.follow()
    assert (followed.before, followed.after) == (_T.IN_REVIEW, _T.VERIFIED)
    assert sd.change_requests.list()[0].status is ChangeRequestStatus.MERGED

    github.commit(orders, "main", {"MOTTO": None})
    take(sd, host, hook.deliveries())
    (followed,) = sd.webhooks.follow()
    assert (followed.before, followed.after) == (_T.VERIFIED, _T.REGRESSED)
    assert sd.webhooks.waiting() == 0
    assert sd.registry.verify() == ()


def test_a_push_tells_that_what_did_not_apply_may_apply_now(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, host: str
) -> None:
    github.commit(orders, "main", {"SHY": ""})
    start(sd, github, orders)
    assert status_of(sd) is _T.NOT_APPLICABLE
    hook = Webhook(github, orders, SECRET)
    hook.deliveries()
    github.commit(orders, "main", {"SHY": None})
    assert take(sd, host, hook.deliveries()) == [WebhookOutcome.RECORDED]
    (followed,) = sd.webhooks.follow()
    assert (followed.before, followed.after) == (_T.NOT_APPLICABLE, _T.PENDING)
    assert "before: shy repositories have no motto" in (followed.reason or "")


def test_a_replay_changes_nothing_and_asks_nobody(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, host: str
) -> None:
    orders.roles["bob"] = "write"
    start(sd, github, orders)
    told = live(github, orders)
    assert set(take(sd, host, told)) == {WebhookOutcome.RECORDED}
    sd.webhooks.follow()
    before, asked = sd.registry.events(), len(github.requests)
    again = [
        WebhookDelivery(d.event, d.headers | {"X-GitHub-Delivery": f"again-{n}"}, d.body) for n, d in enumerate(told)
    ]
    assert set(take(sd, host, told + again)) == {WebhookOutcome.DUPLICATE}
    sd.webhooks.follow()
    assert (sd.registry.events(), len(github.requests)) == (before, asked)


RUNS = 5
"""How many orders of deliveries are tried."""


def test_any_order_and_any_number_of_deliveries_end_the_same(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, host: str, tmp_path: Path, clock: Clock, plugins: Any
) -> None:
    orders.roles["bob"] = "write"
    start(sd, github, orders)
    told = live(github, orders)
    sd.close()
    fresh = (tmp_path / "registry.db").read_bytes()
    assert not (tmp_path / "registry.db-wal").exists()
    ends = set()

    @settings(
        max_examples=examples(RUNS),
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.permutations([*range(len(told)), *range(len(told))]), st.sets(st.integers(0, 2 * len(told))))
    def check(order: list[int], pauses: set[int]) -> None:
        for end in ("", "-wal", "-shm"):
            (tmp_path / f"shuffled.db{end}").unlink(missing_ok=True)
        (tmp_path / "shuffled.db").write_bytes(fresh)
        with Shiftdown.open(
            f"sqlite:///{tmp_path}/shuffled.db", plugins=plugins, author=sd.author, clock=clock
        ) as other:
            for place, number in enumerate(order):
                take(other, host, [told[number]])
                if place in pauses:
                    other.webhooks.follow()
            other.webhooks.follow()
            assert other.registry.verify() == ()
            assert other.webhooks.waiting() == 0
            request = other.change_requests.list()[0]
            facts = tuple(event.fact for event in other.registry.forge_events())
            ends.add((status_of(other), request.status, request.review, request.ci, request.head, facts))

    check()
    assert len(ends) == 1
    (end,) = ends
    # The forge is asked what is true now: merged, and its effect already gone, which is no verification.
    assert end[:4] == (_T.MERGED, ChangeRequestStatus.MERGED, ReviewState.APPROVED, CIState.SUCCESS)


def test_what_a_process_that_died_left_undone_is_done_by_the_next(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(sd, github, orders)
    sd.change_requests.merge(sd.change_requests.list()[0].id)
    told = Webhook(github, orders, SECRET).deliveries()
    assert take(sd, host, told) == [WebhookOutcome.RECORDED]

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shiftdown.app.webhooks.sync", die)
        with pytest.raises(KeyboardInterrupt):
            sd.webhooks.follow()
    assert (status_of(sd), sd.webhooks.waiting()) == (_T.IN_REVIEW, 1)
    assert take(sd, host, told) == [WebhookOutcome.DUPLICATE]
    sd.webhooks.follow()
    assert (status_of(sd), sd.webhooks.waiting()) == (_T.VERIFIED, 0)


def test_what_cannot_be_asked_is_asked_again_for_a_day(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, host: str, clock: Clock
) -> None:
    start(sd, github, orders)
    take(sd, host, Webhook(github, orders, SECRET).deliveries())
    github.inject = lambda method, path: Fault.answers(500)
    sd.webhooks.follow()
    assert sd.webhooks.waiting() == 1
    clock.now += timedelta(days=1, minutes=1)
    sd.webhooks.follow()
    assert sd.webhooks.waiting() == 0
    assert status_of(sd) is _T.IN_REVIEW


def test_what_fails_with_one_repository_stops_no_other(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    billing = github.world.add_repository("acme/billing")
    github.commit(billing, "main", {"README.md": "hello\n"})
    urls = [f"{github.url}/acme/{name}" for name in ("orders", "billing")]
    program = sd.programs.start(playbook="mottos", name="Mottos", organization="acme", repositories=urls)
    sd.run(program.phases[0])
    hooks = [Webhook(github, repository, SECRET) for repository in (orders, billing)]
    for request in sd.change_requests.list():
        sd.change_requests.merge(request.id)
    for hook in hooks:
        take(sd, host, hook.deliveries())
    look = sd.registry.records_of

    def fail(change_request_id: str) -> Any:
        if sd.registry.change_request(change_request_id).repository == urls[0]:
            raise ZeroDivisionError("bug")
        return look(change_request_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sd.registry, "records_of", fail)
        assert {(r.repository, r.after) for r in sd.webhooks.follow()} == {(urls[1], _T.VERIFIED)}
    assert "bug" in caplog.text
    assert sd.webhooks.waiting() == 2
    assert {(r.repository, r.after) for r in sd.webhooks.follow()} == {(urls[0], _T.VERIFIED)}
    assert sd.webhooks.waiting() == 0


def test_a_change_request_outside_programs_is_refreshed(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, host: str
) -> None:
    sd.run_type("ADD_MOTTO", [f"{github.url}/acme/orders"])
    hook = Webhook(github, orders, SECRET)
    client = Client(github.api_url, github.world.add_token("acme").value)
    client.ok("PATCH", "/repos/acme/orders/pulls/1", {"state": "closed"})
    take(sd, host, hook.deliveries())
    assert sd.webhooks.follow() == []
    assert sd.change_requests.list()[0].status is ChangeRequestStatus.CLOSED


def test_what_people_do_is_recorded_and_asks_nobody(
    sd: Shiftdown, github: FakeGitHub, orders: Repository, host: str
) -> None:
    sd.registry.ensure_repository(f"{github.url}/Acme/Orders.git")
    hook = Webhook(github, orders, SECRET)
    github.commit(orders, "main", {"A": "a\n"})
    github.commit(orders, "topic", {"B": "b\n"})
    take(sd, host, hook.deliveries())
    events = sd.registry.forge_events(kind=ForgeEventKind.PUSH)
    assert {(e.ref, e.status, e.on_default) for e in events} == {("main", "pushed", True), ("topic", "created", False)}
    assert sd.webhooks.waiting() == 0
    before = len(github.requests)
    assert sd.webhooks.follow() == ()
    assert len(github.requests) == before


def test_strangers_leave_no_trace(sd: Shiftdown, github: FakeGitHub, orders: Repository, host: str) -> None:
    hook = Webhook(github, orders, SECRET)
    github.commit(orders, "main", {"A": "a\n"})
    (push,) = hook.deliveries()
    result = sd.webhooks.receive(host, push.headers, push.body)
    assert (result.outcome, result.reason) == (WebhookOutcome.IGNORED, "the registry does not know the repository")
    assert sd.registry.events() == []
    with pytest.raises(NotFoundError, match="no host 'elsewhere'"):
        sd.webhooks.receive("elsewhere", push.headers, push.body)


def test_a_host_without_a_secret_accepts_nothing(
    sd: Shiftdown,
    github: FakeGitHub,
    host: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.delenv("SHIFTDOWN_GITHUB_WEBHOOK_SECRET")
    for secret in ("", "None", SECRET):
        with pytest.raises(WrongSignatureError):
            sd.webhooks.receive(host, *of_github("ping", {}, secret=secret))
    assert "set SHIFTDOWN_GITHUB_WEBHOOK_SECRET" in caplog.text


def test_the_secret_of_one_host_is_none_of_another(sd: Shiftdown, host: str) -> None:
    headers, body = of_github("ping", {}, secret=SECRET)
    assert sd.webhooks.receive(host, headers, body).outcome is WebhookOutcome.IGNORED
    with pytest.raises(WrongSignatureError):
        sd.webhooks.receive("github.com", headers, body)


def test_a_gitlab_tells_what_happens_too(sd: Shiftdown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIFTDOWN_GITLAB_URL", "https://gitlab.example.com")
    monkeypatch.setenv("SHIFTDOWN_GITLAB_WEBHOOK_SECRET", SECRET)
    sd.registry.ensure_repository("git@gitlab.example.com:acme/shop/orders.git")
    headers = {"content-type": "application/json", "x-gitlab-token": SECRET}
    for outcome in (WebhookOutcome.RECORDED, WebhookOutcome.DUPLICATE):
        for payload in gitlab_payloads.ALL:
            body = json.dumps(payload).encode()
            assert sd.webhooks.receive("gitlab.example.com", headers, body).outcome is outcome
    assert len(sd.registry.forge_events()) == len(gitlab_payloads.ALL)
    assert sd.registry.verify() == ()
