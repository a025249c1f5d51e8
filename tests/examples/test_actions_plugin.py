"""The example plugin with actions: its examples are true, and it asks a portal as a portal expects."""

import importlib
import json
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shiftdown import Shiftdown
from shiftdown.errors import ShiftdownError
from shiftdown.extensions import Plugins
from shiftdown.scaffolder.action import Action, CancelledError
from shiftdown.testing import check_example, run_action

FOLDER = Path(__file__).parents[2] / "examples" / "actions"
IDS = (
    "http:backstage:request",
    "roadiehq:utils:fs:append",
    "roadiehq:utils:fs:write",
    "roadiehq:utils:merge",
    "roadiehq:utils:serialize:json",
    "roadiehq:utils:serialize:yaml",
    "roadiehq:utils:sleep",
)


@pytest.fixture(scope="module")
def plugins() -> Iterator[Plugins]:
    """The plugin alone."""
    sys.path.insert(0, str(FOLDER))
    try:
        module = importlib.import_module("shiftdown_common_actions")
    finally:
        sys.path.remove(str(FOLDER))
    plugins = Plugins()
    plugins.register(module, name="common-actions", package="shiftdown-common-actions")
    yield plugins
    for name in [n for n in sys.modules if n.startswith("shiftdown_common_actions")]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def actions(plugins: Plugins) -> Mapping[str, Action]:
    """Its actions."""
    return plugins.actions


class _Portal(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    def do_GET(self) -> None:
        kind = "application/json" if "json" in self.path else "text/plain"
        self._answer(404 if "missing" in self.path else 200, kind, '{"error": "no"}')

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        seen = {"path": self.path, "token": self.headers["Authorization"], "body": json.loads(body)}
        self._answer(200, "application/json", json.dumps(seen))

    def _answer(self, status: int, kind: str, text: str) -> None:
        self.server.asked.append(f"{self.command} {self.path}")  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a portal on this machine was asked."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Portal) as server:
        asked: list[str] = []
        server.asked = asked  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("PORTAL_URL", f"http://127.0.0.1:{server.server_port}/")
        yield asked
        server.shutdown()
        thread.join()


def test_its_actions(actions: Mapping[str, Action]) -> None:
    assert tuple(actions) == IDS


@pytest.mark.parametrize("id_", IDS)
def test_its_examples(actions: Mapping[str, Action], id_: str) -> None:
    for example in actions[id_].examples:
        check_example(actions[id_], example)


@pytest.mark.parametrize("id_", [i for i in IDS if i != "http:backstage:request"])
def test_each_has_an_example(actions: Mapping[str, Action], id_: str) -> None:
    assert actions[id_].examples


@pytest.mark.parametrize(
    ("path", "content"), [("../x.json", {}), ("none.json", {}), ("a.txt", {}), ("bad.json", {}), ("a.json", "{")]
)
def test_merges_that_are_refused(actions: Mapping[str, Action], path: str, content: Any) -> None:
    files = {"a.json": "{}", "a.txt": "", "bad.json": "{"}
    with pytest.raises(ShiftdownError):
        run_action(actions["roadiehq:utils:merge"], {"path": path, "content": content}, workspace=files)


def test_sleeping(actions: Mapping[str, Action]) -> None:
    sleep = actions["roadiehq:utils:sleep"]
    assert run_action(sleep, {"amount": 600}, dry_run=True).log == ["Waiting 600 seconds"]
    with pytest.raises(CancelledError):
        run_action(sleep, {"amount": 600}, cancelled=True)


def test_a_request(actions: Mapping[str, Action], portal: list[str]) -> None:
    given = {"path": "catalog/locations", "method": "POST", "params": {"q": 1}, "body": {"a": True}}
    ran = run_action(actions["http:backstage:request"], given, secrets={"backstageToken": "tok-1"})
    assert ran.output["code"] == 200
    assert ran.output["body"] == {
        "path": "/api/catalog/locations?q=1",
        "token": "Bearer tok-1",
        "body": {"a": True},
    }
    assert [e.target for e in ran.effects] == ["POST catalog/locations"]
    assert "tok-1" not in str((ran.log, ran.effects))


def test_a_dry_run_sends_only_what_changes_nothing(actions: Mapping[str, Action], portal: list[str]) -> None:
    request = actions["http:backstage:request"]
    read = run_action(request, {"path": "/api/catalog/x", "method": "GET"}, dry_run=True)
    assert read.output["body"] == {"message": '{"error": "no"}'}
    written = run_action(request, {"path": "catalog/x", "method": "DELETE"}, dry_run=True)
    assert (written.output, [e.target for e in written.effects]) == ({}, ["DELETE catalog/x"])
    assert portal == ["GET /api/catalog/x"]


def test_bad_answers(actions: Mapping[str, Action], portal: list[str]) -> None:
    request, given = actions["http:backstage:request"], {"path": "json/missing", "method": "GET"}
    with pytest.raises(ShiftdownError, match="refused GET json/missing: status 404"):
        run_action(request, given)
    ran = run_action(request, {**given, "continueOnBadResponse": True})
    assert (ran.output["code"], ran.output["body"]) == (404, {"error": "no"})
    assert len(portal) == 2


@pytest.mark.parametrize("path", ["https://example.org/x", "../admin", "a//b"])
def test_only_the_portal_is_asked(actions: Mapping[str, Action], portal: list[str], path: str) -> None:
    with pytest.raises(ShiftdownError, match="is no path of the portal's API"):
        run_action(actions["http:backstage:request"], {"path": path, "method": "GET"})
    assert portal == []


def test_without_a_portal(actions: Mapping[str, Action], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_URL", raising=False)
    with pytest.raises(ShiftdownError, match="set PORTAL_URL"):
        run_action(actions["http:backstage:request"], {"path": "x", "method": "GET"})


def test_its_golden_path(plugins: Plugins, tmp_path: Path) -> None:
    with Shiftdown.open(f"sqlite:///{tmp_path / 'registry.db'}", plugins=plugins) as sd:
        ran = sd.templates.dry_run("settings-file", {"title": "My Shop"})
    assert [(f.path, f.content) for f in ran.files] == [("my-shop.yaml", b"title: My Shop\nport: 8080\n")]
