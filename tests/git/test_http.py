"""What only happens behind smart HTTP."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from pydantic import SecretStr

from shiftdown.errors import NotARepositoryError, RepositoryError
from shiftdown.git import Commit, Connections, GitOptions, open_repository
from shiftdown_fakes.git_server import GitServer

from .conftest import Git

BRANCH = "shiftdown/x"
SECRET = "s3cret-t0ken"


def test_few_requests(server: GitServer, bare: Git, make_commit: Callable[..., Commit]) -> None:
    with Connections() as connections:
        for number, expected in enumerate([5, 3]):
            server.requests.clear()
            with open_repository(server.url_of("orders.git"), connections=connections) as repository:
                head = repository.head()
                commit = make_commit_at(repository, head.commit, make_commit)
                repository.push(commit, f"{BRANCH}{number}", expected=None)
            assert len(server.requests) == expected


def make_commit_at(repository: object, commit: str, make_commit: Callable[..., Commit]) -> Commit:
    """Build on a known tip, without looking for it again."""

    class Known:
        def snapshot(self) -> object:
            return repository.snapshot(commit)  # type: ignore[attr-defined]

        def __getattr__(self, name: str) -> object:
            return getattr(repository, name)

    return make_commit(Known())


def test_everything_is_read_in_two_requests(server: GitServer, bare: Git) -> None:
    bare.commit({f"src/d{n}/f{n}.txt": b"%d" % n for n in range(50)})
    with open_repository(server.url_of("orders.git")) as repository:
        snapshot = repository.snapshot()
        server.requests.clear()
        paths = list(snapshot.files())
        assert len(server.requests) == 1
        snapshot.prefetch(paths)
        assert len(server.requests) == 2
        assert all(snapshot.read(path) for path in paths)
        assert len(server.requests) == 2


@pytest.mark.parametrize("first", [True, False])
def test_a_server_that_does_not_filter(
    make_bare: Callable[..., Git], server: GitServer, make_commit: Callable[..., Commit], first: bool
) -> None:
    plain, other = make_bare("plain.git", filters=False), make_bare("filters.git")
    with Connections() as connections:
        for git in [plain, other] if first else [other, plain]:
            with open_repository(server.url_of(git.path.name), connections=connections) as repository:
                repository.push(make_commit(repository), BRANCH, expected=None)
                assert repository.snapshot().text("src/lib/deep.js")
            git.fsck()


def test_a_server_without_protocol_2(server: GitServer, bare: Git, make_commit: Callable[..., Commit]) -> None:
    server.backend[1:1] = ["-c", "protocol.version=0"]
    strip_protocol(server)
    with open_repository(server.url_of("orders.git")) as repository:
        assert repository.head().branch == "main"
        repository.push(make_commit(repository), BRANCH, expected=None)
        assert repository.tip(BRANCH) == bare("rev-parse", BRANCH)
    bare.fsck()


def strip_protocol(server: GitServer) -> None:
    """Make the server deaf to the header by which clients ask for protocol 2."""
    handler = server._http.RequestHandlerClass
    usual = handler.cgi_variables  # type: ignore[attr-defined]

    def deaf(self: object, body: bytes) -> dict[str, str]:
        return {**usual(self, body), "GIT_PROTOCOL": ""}

    handler.cgi_variables = deaf  # type: ignore[attr-defined]


@pytest.fixture
def guarded(bare: Git, tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path / "repositories", username="x-access-token", password=SECRET) as running:
        yield running


def test_a_token(guarded: GitServer, bare: Git, make_commit: Callable[..., Commit]) -> None:
    options = GitOptions(token=SecretStr(SECRET))
    with open_repository(guarded.url_of("orders.git"), options=options) as repository:
        repository.push(make_commit(repository), BRANCH, expected=None)
    assert bare("rev-parse", BRANCH)


def test_a_wrong_token(guarded: GitServer) -> None:
    options = GitOptions(token=SecretStr("wr0ng"))
    with (
        open_repository(guarded.url_of("orders.git"), options=options) as repository,
        pytest.raises(RepositoryError, match="the token was refused") as caught,
    ):
        repository.head()
    assert "wr0ng" not in str(caught.value)


def test_no_credentials(guarded: GitServer) -> None:
    with (
        open_repository(guarded.url_of("orders.git")) as repository,
        pytest.raises(RepositoryError, match="give a token, or set up a git credential helper"),
    ):
        repository.head()


def test_a_credential_helper(guarded: GitServer, git_settings: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    host = guarded.url.removeprefix("http://")
    store.write_text(f"http://x-access-token:{SECRET}@{host}\n")
    Git(tmp_path / "repositories" / "orders.git")("config", "--global", "credential.helper", f"store --file={store}")
    with Connections() as connections:
        for _ in range(2):
            with open_repository(guarded.url_of("orders.git"), connections=connections) as repository:
                assert repository.head().branch == "main"
    assert SECRET in store.read_text()
    store.write_text(f"http://x-access-token:wr0ng@{host}\n")
    with open_repository(guarded.url_of("orders.git")) as repository, pytest.raises(RepositoryError, match="401"):
        repository.head()
    assert "wr0ng" not in store.read_text()


def test_the_token_shows_nowhere(
    guarded: GitServer, bare: Git, make_commit: Callable[..., Commit], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    strip_protocol(guarded)
    guarded.latency = 0.05
    seen: list[bytes] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            for place in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.append(place.read_bytes())
                except OSError:
                    continue
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        options = GitOptions(token=SecretStr(SECRET))
        with open_repository(guarded.url_of("orders.git"), options=options) as repository:
            repository.push(make_commit(repository), BRANCH, expected=None)
            with pytest.raises(RepositoryError) as caught:
                repository.describe("1" * 40)
            assert SECRET not in repr(repository.__dict__)
    finally:
        done.set()
        watcher.join()
    assert any(b"fetch" in line for line in seen)
    assert not [line for line in seen if SECRET.encode() in line]
    assert SECRET not in str(caught.value)
    assert SECRET not in caplog.text
    assert SECRET not in (bare.path / "config").read_text()


def test_an_unknown_repository(server: GitServer) -> None:
    with (
        open_repository(server.url_of("nothing.git")) as repository,
        pytest.raises(NotARepositoryError, match="does not exist, or is not visible"),
    ):
        repository.head()


def test_an_unknown_repository_on_a_known_host(server: GitServer, bare: Git) -> None:
    with Connections() as connections:
        with open_repository(server.url_of("orders.git"), connections=connections) as repository:
            repository.head()
        with (
            open_repository(server.url_of("nothing.git"), connections=connections) as repository,
            pytest.raises(NotARepositoryError),
        ):
            repository.head()


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x.git"
        with open_repository(url) as repository, pytest.raises(RepositoryError, match="cannot be reached"):
            repository.head()


def test_a_server_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x.git"
        with (
            open_repository(url, options=GitOptions(timeout=0.2)) as repository,
            pytest.raises(RepositoryError, match="cannot be reached"),
        ):
            repository.head()


def test_a_hook_that_refuses(bare: Git, server: GitServer, make_commit: Callable[..., Commit]) -> None:
    install_hook(bare, "echo 'GH006: \033[31mprotected branch' >&2; exit 1")
    with (
        open_repository(server.url_of("orders.git")) as repository,
        pytest.raises(RepositoryError, match="GH006") as caught,
    ):
        repository.push(make_commit(repository), BRANCH, expected=None)
    assert "pre-receive hook declined" in str(caught.value)
    assert "\033" not in str(caught.value)


def install_hook(git: Git, script: str) -> None:
    hook = git.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)


def test_a_push_whose_answer_was_lost(bare: Git, server: GitServer, make_commit: Callable[..., Commit]) -> None:
    handler = server._http.RequestHandlerClass
    usual = handler.run_backend  # type: ignore[attr-defined]

    def lossy(self: object, body: bytes) -> None:
        if self.path.endswith("git-receive-pack") and self.command == "POST":  # type: ignore[attr-defined]
            self.wfile = open("/dev/null", "wb")  # type: ignore[attr-defined]  # noqa: SIM115, PTH123
            usual(self, body)
            self.connection.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]
        else:
            usual(self, body)

    handler.run_backend = lossy  # type: ignore[attr-defined]
    with open_repository(server.url_of("orders.git")) as repository:
        commit = make_commit(repository)
        repository.push(commit, BRANCH, expected=None)
    assert bare("rev-parse", BRANCH) == commit.id
    # What changes something is not sent again: a look tells what became of it.
    assert server.requests.count("POST /orders.git/git-receive-pack") == 1


def test_a_push_that_never_arrives_is_sent_once(
    bare: Git, server: GitServer, make_commit: Callable[..., Commit]
) -> None:
    handler = server._http.RequestHandlerClass
    usual = handler.run_backend  # type: ignore[attr-defined]

    def lost(self: object, body: bytes) -> None:
        if self.path.endswith("git-receive-pack") and self.command == "POST":  # type: ignore[attr-defined]
            self.close_connection = True  # type: ignore[attr-defined]
            self.connection.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]
        else:
            usual(self, body)

    handler.run_backend = lost  # type: ignore[attr-defined]
    with open_repository(server.url_of("orders.git")) as repository:
        commit = make_commit(repository)
        with pytest.raises(RepositoryError, match="the server cannot be reached"):
            repository.push(commit, BRANCH, expected=None)
    assert bare("for-each-ref", f"refs/heads/{BRANCH}") == ""
    assert server.requests.count("POST /orders.git/git-receive-pack") == 1


def test_an_answer_that_is_too_large(bare: Git, server: GitServer) -> None:
    bare.commit({"src/big.bin": bytes(range(256)) * 40_000})
    with open_repository(server.url_of("orders.git"), options=GitOptions(max_download=20_000)) as repository:
        snapshot = repository.snapshot()
        with pytest.raises(RepositoryError, match="more than 20,000 bytes"):
            snapshot.read("src/big.bin")


def test_many_threads_share_connections(bare: Git, server: GitServer, make_commit: Callable[..., Commit]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def one(number: int) -> str:
        with open_repository(server.url_of("orders.git"), connections=connections) as repository:
            commit = make_commit(repository, message=f"Change {number}")
            repository.push(commit, f"{BRANCH}{number}", expected=None)
            return commit.id

    with Connections() as connections, ThreadPoolExecutor(8) as pool:
        made = list(pool.map(one, range(16)))
    assert [bare("rev-parse", f"{BRANCH}{n}") for n in range(16)] == made
    bare.fsck()


def redirecting(server: GitServer, target: str) -> None:
    """Make the server send whoever asks for `old.git` elsewhere."""
    handler = server._http.RequestHandlerClass
    usual = handler.answer  # type: ignore[attr-defined]

    def answer(self: BaseHTTPRequestHandler) -> None:
        if not self.path.startswith("/old.git/"):
            usual(self)
            return
        self.send_response(301)
        self.send_header("Location", target + self.path.removeprefix("/old.git"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    handler.answer = answer  # type: ignore[attr-defined]


def test_a_repository_that_was_renamed(bare: Git, server: GitServer, make_commit: Callable[..., Commit]) -> None:
    redirecting(server, "/orders.git")
    with open_repository(server.url_of("old.git")) as repository:
        repository.push(make_commit(repository), BRANCH, expected=None)
    assert bare("rev-parse", BRANCH)


def test_a_redirect_to_another_server_is_not_followed(bare: Git, server: GitServer, tmp_path: Path) -> None:
    with GitServer(tmp_path / "repositories") as other:
        redirecting(server, f"{other.url}/orders.git")
        options = GitOptions(token=SecretStr(SECRET))
        with (
            open_repository(server.url_of("old.git"), options=options) as repository,
            pytest.raises(RepositoryError, match="use its new URL"),
        ):
            repository.head()
        assert other.requests == []


def test_a_missing_object_does_not_spoil_what_is_known_about_the_host(bare: Git, server: GitServer) -> None:
    bare.commit({"src/big.bin": bytes(range(256)) * 40_000})
    with Connections() as connections:
        with (
            open_repository(server.url_of("orders.git"), connections=connections) as repository,
            pytest.raises(RepositoryError, match="the server says"),
        ):
            repository.describe("1" * 40)
        options = GitOptions(max_download=20_000)
        with open_repository(server.url_of("orders.git"), options=options, connections=connections) as repository:
            assert repository.snapshot().text("README.md") == "# Orders\n"


def test_a_server_that_filters_in_one_way_only(bare: Git, server: GitServer) -> None:
    bare("config", "uploadpackfilter.combine.allow", "false")
    bare.commit({"big.bin": bytes(range(256)) * 40_000})
    with Connections() as connections:
        for requests in (7, 4):
            server.requests.clear()
            options = GitOptions(max_download=20_000)
            url = server.url_of("orders.git")
            with open_repository(url, options=options, connections=connections) as repository:
                snapshot = repository.snapshot()
                assert snapshot.text("src/lib/deep.js")
                assert snapshot.text("README.md")
            assert len(server.requests) <= requests
