"""Webhooks over real HTTP."""

import json
import logging
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shiftdown import Identity, Shiftdown
from shiftdown.app.webhooks import Webhooks
from shiftdown.errors import RegistryError
from shiftdown.extensions import Plugins, forges
from shiftdown.forges.github import retry
from shiftdown.forges.webhooks import MAX_BODY
from shiftdown.model import ForgeFact, TransformationStatus
from shiftdown.server.following import Following
from shiftdown_fakes.github import FakeGitHub
from shiftdown_fakes.github.webhooks import Webhook
from tests.app.conftest import MottoPlugin
from tests.fakes.github.client import Client
from tests.forges.webhooks import gitlab_payloads
from tests.forges.webhooks.examples import examples, of_github
from tests.forges.webhooks.test_github import KINDS, told

from .conftest import SECRET, Server, serving


def test_every_published_payload_of_github_is_taken_in_or_ignored(server: Server) -> None:
    names = {p["repository"]["full_name"] for _, p in examples() if "full_name" in p.get("repository", {})}
    for name in names:
        server.sd.registry.ensure_repository(f"https://github.com/{name}")
    facts = set()
    answers: Counter[tuple[int, str]] = Counter()
    for number, (event, payload) in enumerate(examples()):
        found = told(event, payload)
        status, answer = server.deliver("github.com", *of_github(event, payload, secret=SECRET, id_=f"e{number}"))
        answers[status, answer["outcome"]] += 1
        if isinstance(found, ForgeFact):
            key = found.key("github.com")
            assert (status, answer["outcome"]) == ((200, "DUPLICATE") if key in facts else (202, "RECORDED")), event
            facts.add(key)
        else:
            assert (status, answer) == (200, {"outcome": "IGNORED", "reason": found.reason}), event
    assert set(answers) == {(202, "RECORDED"), (200, "DUPLICATE"), (200, "IGNORED")}
    assert {e.fact for e in server.sd.registry.forge_events()} == facts
    assert {e.kind for e in server.sd.registry.forge_events()} == set(KINDS.values())
    before = server.sd.registry.events()
    for number, (event, payload) in enumerate(examples()):
        status, _ = server.deliver("github.com", *of_github(event, payload, secret=SECRET, id_=f"e{number}"))
        assert status == 200
    assert server.sd.registry.events() == before
    assert server.sd.registry.verify() == ()


def test_each_event_of_gitlab_is_taken_in(server: Server) -> None:
    server.sd.registry.ensure_repository("https://gitlab.com/acme/shop/orders")
    for payload in (*gitlab_payloads.ALL, gitlab_payloads.other("note")):
        headers = {"Content-Type": "application/json", "X-Gitlab-Token": SECRET}
        body = json.dumps(payload).encode()
        assert server.deliver("gitlab.com", headers, body)[0] == (200 if payload["object_kind"] == "note" else 202)
        assert server.deliver("gitlab.com", headers | {"X-Gitlab-Token": "x"}, body)[0] == 401


@pytest.mark.parametrize("change", [{"X-Hub-Signature-256": "sha256=" + "0" * 64}, {"X-Hub-Signature-256": ""}])
def test_a_wrong_or_missing_signature_is_401(server: Server, change: dict[str, str]) -> None:
    headers, body = of_github("push", examples()[0][1], secret=SECRET)
    before = server.sd.registry.events()
    status, answer = server.deliver("github.com", headers | change, body)
    assert (status, answer) == (401, {"error": "no secret of this host made the signature of the delivery"})
    assert server.deliver("github.com", {"Content-Type": "application/json"}, b"{}")[0] == 401
    assert server.sd.registry.events() == before


def test_an_unknown_host_is_404(server: Server) -> None:
    assert server.deliver("example.org", *of_github("ping", {}, secret=SECRET))[0] == 404
    assert server.deliver("GitHub.com", *of_github("ping", {}, secret=SECRET))[0] == 200
    assert server.send("GET", "/webhooks/github.com")[0] == 405
    assert server.send("GET", "/docs")[0] == 404


@pytest.mark.parametrize("payload", [[], {"a": 1}, None])
def test_what_is_signed_and_malformed_is_400(server: Server, payload: object) -> None:
    status, answer = server.deliver("github.com", *of_github("push", payload, secret=SECRET))
    assert status == 400
    assert answer["error"]


def test_too_large_is_413_before_it_is_read(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
        head = f"POST /webhooks/github.com HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n"
        raw.sendall(head.encode())
        assert raw.recv(1000).startswith(b"HTTP/1.1 413 ")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
        raw.sendall(b"POST /webhooks/github.com HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        try:
            while sent <= 30 * 2**20:
                raw.sendall(b"100000\r\n" + b"x" * 0x100000 + b"\r\n")
                sent += 0x100000
        except OSError:
            pass
        else:
            assert raw.recv(1000).startswith(b"HTTP/1.1 413 ")
    assert server.send("GET", "/health")[0] == 200


def test_a_body_that_ends_early_changes_nothing(server: Server) -> None:
    before = server.sd.registry.events()
    headers, body = of_github("push", examples()[0][1], secret=SECRET)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
        head = f"POST /webhooks/github.com HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        raw.sendall(head.encode() + body[: len(body) // 2])
    assert server.send("GET", "/health")[0] == 200
    assert server.sd.registry.events() == before


def test_many_at_once_record_each_fact_once(server: Server) -> None:
    server.sd.registry.ensure_repository("https://github.com/acme/many")
    payload = next(p for e, p in examples() if e == "deployment")
    payload = payload | {"repository": payload["repository"] | {"full_name": "acme/many"}}

    def send(number: int) -> int:
        told = payload | {"deployment": payload["deployment"] | {"id": 1 + number % 5}}
        return server.deliver("github.com", *of_github("deployment", told, secret=SECRET, id_=f"m{number}"))[0]

    with ThreadPoolExecutor(8) as pool:
        assert Counter(pool.map(send, range(40))) == {202: 5, 200: 35}


def test_neither_secrets_nor_payloads_are_logged_or_kept(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    payload = next(p for e, p in examples() if e == "issues") | {"planted": "planted-text"}
    server.deliver("github.com", *of_github("issues", payload, secret=SECRET, id_="logged"))
    server.deliver("github.com", *of_github("issues", {"planted": "planted-text"}, secret=SECRET))
    server.deliver("github.com", *of_github("issues", payload, secret="other"))
    assert "delivery logged" in caplog.text
    assert "planted" not in caplog.text
    registry = Path(server.sd.registry.name.partition(":///")[2])
    kept = b"".join(path.read_bytes() for path in registry.parent.glob("registry.db*"))
    assert b"Codertocat" in kept
    assert b"planted" not in kept
    assert b"@users.noreply.github.com" not in kept


def test_a_registry_that_fails_is_503(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RegistryError("registry: it is gone")

    monkeypatch.setattr(Webhooks, "receive", fail)
    monkeypatch.setattr(Webhooks, "waiting", fail)
    assert server.deliver("github.com", *of_github("ping", {}, secret=SECRET)) == (
        503,
        {"error": "the registry failed"},
    )
    assert server.send("GET", "/health")[0] == 503


def test_what_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    calls: Iterator[Exception | None] = iter([RegistryError("gone"), ZeroDivisionError(), None])
    monkeypatch.setattr("shiftdown.server.following.AGAIN", 0.01)
    done = []

    def follow(_: Webhooks) -> None:
        error = next(calls, None)
        if error:
            raise error
        done.append(1)
        following.stop_soon()

    monkeypatch.setattr(Webhooks, "follow", follow)
    following = Following(server.sd.webhooks)
    following.start()
    following.join()
    assert done == [1]


def test_a_record_is_verified_by_webhooks_over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "BACKOFF", 0)
    monkeypatch.setattr("shiftdown.forges.github.settings.PAUSE", 0)
    plugins = Plugins()
    plugins.register(MottoPlugin(), name="mottos", package="mottos")
    plugins.register(forges, name="forges", package="shiftdown")
    author = Identity(name="Ada Example", email="ada@example.org")
    (tmp_path / "shiftdown.toml").write_text("")
    with FakeGitHub(tmp_path / "github") as github:
        monkeypatch.setenv("SHIFTDOWN_CONFIG", str(tmp_path / "shiftdown.toml"))
        monkeypatch.setenv("SHIFTDOWN_GITHUB_URL", github.url)
        monkeypatch.setenv("SHIFTDOWN_GITHUB_TOKEN", github.world.add_token("acme").value)
        monkeypatch.setenv("SHIFTDOWN_GITHUB_WEBHOOK_SECRET", SECRET)
        orders = github.world.add_repository("acme/orders")
        github.commit(orders, "main", {"README.md": "hello\n"})
        hook, host = Webhook(github, orders, SECRET), github.url.partition("://")[2]
        with Shiftdown.open(f"sqlite:///{tmp_path}/registry.db", plugins=plugins, author=author) as sd:
            program = sd.programs.start(
                playbook="mottos", name="M", organization="acme", repositories=[f"{github.url}/acme/orders"]
            )
            sd.run(program.phases[0])
            with serving(sd) as server:
                person = Client(github.api_url, github.world.add_token("acme").value)
                person.ok("PUT", "/repos/acme/orders/pulls/1/merge", {})
                answers = [d.send(f"http://127.0.0.1:{server.port}/webhooks/{host}") for d in hook.deliveries()]
                assert {status for status, _ in answers} == {202}
                asked = (server.send("GET", "/health")[1]["waiting"] for _ in range(20_000))
                assert 0 in asked
            record = next(
                r
                for p in sd.programs.get(program.id).phases
                for r in p.transformations
                if r.transformation_type == "ADD_MOTTO"
            )
            assert record.status is TransformationStatus.VERIFIED
        assert github.crashes == []
