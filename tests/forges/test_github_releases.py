"""The newest releases, asked of GitHub's own contract (Prism answers and checks) and of a server that fails."""

import json
import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from shiftdown.errors import ShiftdownError
from shiftdown.forges.github_releases import newest_releases
from shiftdown.pipelines import Pin
from tests.fakes.github.prism import REPOSITORY, document, free_port, prism, published, whole

TOKEN = "ghp_" + "s3cret" * 6
WRONG = "ghp_" + "0ther" * 7
COMMIT, TAG = "c" * 40, "a" * 40

Answer = tuple[int, dict[str, str], Any]


def releases() -> dict[str, Any]:
    """The contract, with the three requests that are made alone."""
    return document(
        {
            f"{REPOSITORY}/releases/latest": published(f"{REPOSITORY}/releases/latest"),
            f"{REPOSITORY}/git/tags/{{tag_sha}}": published(f"{REPOSITORY}/git/tags/{{tag_sha}}"),
            # The names of references have slashes in them, which OpenAPI cannot say.
            f"{REPOSITORY}/git/ref/tags/{{ref}}": published(f"{REPOSITORY}/git/ref/{{ref}}"),
        }
    )


class Forge(ThreadingHTTPServer):
    """Answers each path with what it was given, and keeps what it was asked."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Forge)
        self.server.asked.append(self.path)
        answer: Answer = (401, {}, {"message": "Bad credentials"})
        if self.headers["Authorization"] == f"token {TOKEN}":
            answer = self.server.answers.get(self.path, (404, {}, {"message": "Not Found"}))
        status, headers, data = answer
        body = json.dumps(data).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def forge(answers: dict[str, Answer]) -> Iterator[Forge]:
    with Forge(answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def example(name: str, **changes: Any) -> Answer:
    """An example of the contract, with other values in some places."""
    value = whole()["components"]["examples"][name]["value"]
    return 200, {}, {**value, **changes}


def ask(*actions: str, url: str, token: str = TOKEN) -> dict[str, Pin]:
    return newest_releases(actions, token=SecretStr(token), base_url=url)


def test_understands_the_answers_of_the_contract(tmp_path: Path) -> None:
    with prism(tmp_path, releases(), "mock") as url:
        found = ask("octocat/Hello-World", url=url)
    pin = Pin(version="v1.0.0", sha="aa218f56b14c9653891f9e74264a383fa43fefbd", date="2013-02-27")
    assert found == {"octocat/Hello-World": pin}


def test_peels_annotated_tags_within_the_contract(tmp_path: Path) -> None:
    """Prism stands between and refuses every request and every answer that the contract does not allow."""
    pointer = {"type": "tag", "sha": TAG, "url": "https://example.com/tag"}
    target = {"type": "commit", "sha": COMMIT, "url": "https://example.com/commit"}
    answers = {
        "/repos/a/b/releases/latest": example("release", tag_name="v7.1.0", published_at="2026-03-04T05:06:07Z"),
        "/repos/a/b/git/ref/tags/v7.1.0": example("git-ref", object=pointer),
        f"/repos/a/b/git/tags/{TAG}": example("git-tag", sha=TAG, object=target),
    }
    with forge(answers) as server, prism(tmp_path, releases(), "proxy", "--errors", server.url) as url:
        assert ask("a/b", url=url) == {"a/b": Pin(version="v7.1.0", sha=COMMIT, date="2026-03-04")}
        answers["/repos/a/b/releases/latest"] = (200, {}, {"tag_name": "v7.1.0"})
        with pytest.raises(ShiftdownError, match="a/b"):
            ask("a/b", url=url)
    assert server.asked[:3] == list(answers)


def test_an_action_without_releases_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    reference = {"type": "commit", "sha": COMMIT, "url": "https://example.com/commit"}
    answers = {
        "/repos/a/b/releases/latest": example("release", tag_name="v1"),
        "/repos/a/b/git/ref/tags/v1": example("git-ref", object=reference),
    }
    with forge(answers) as server:
        found = ask("a/none", "a/b", url=server.url)
    assert {name: pin.sha for name, pin in found.items()} == {"a/b": COMMIT}
    assert "a/none has no release" in caplog.messages


LIMITED = {"Retry-After": "3600", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}


@pytest.mark.parametrize(
    ("answer", "words", "asked"),
    [
        ((401, {}, {"message": "Bad credentials"}), "answered 401: Bad credentials", 1),
        ((403, LIMITED, {"message": "API rate limit exceeded"}), "answered 403: API rate limit exceeded", 1),
        ((429, LIMITED, {"message": "Too many requests"}), "answered 429: Too many requests", 1),
        ((503, {"Retry-After": "3600"}, {"message": "Unavailable"}), "answered 503: Unavailable", 3),
        ((500, {}, []), "answered 500: no reason given", 1),
    ],
)
def test_errors_are_reported_at_once_and_without_the_token(
    answer: Answer, words: str, asked: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing waits for the hour that the forge asks for: the test would not end."""
    caplog.set_level(logging.DEBUG)
    with forge({"/repos/a/b/releases/latest": answer}) as server, pytest.raises(ShiftdownError) as error:
        ask("a/b", url=server.url)
    assert f"{server.url}: a/b: {words}" in str(error.value)
    assert len(server.asked) == asked
    said = "".join(traceback.format_exception(error.value)) + repr(error.value.__cause__) + caplog.text
    assert TOKEN not in said


def test_a_wrong_token_is_refused_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with forge({}) as server, pytest.raises(ShiftdownError, match="answered 401: Bad credentials") as error:
        ask("a/b", url=server.url, token=WRONG)
    assert WRONG not in "".join(traceback.format_exception(error.value)) + caplog.text


def test_a_forge_that_is_not_there(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ShiftdownError, match="cannot be reached: ConnectionError; try again") as error:
        ask("a/b", url=f"http://127.0.0.1:{free_port()}")
    assert TOKEN not in "".join(traceback.format_exception(error.value)) + caplog.text
