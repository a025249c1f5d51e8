"""The real git program clones from and pushes to the server."""

import http.client
import os
import subprocess
from pathlib import Path

import pytest

from shiftdown_fakes import GitServer

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


def git(*arguments: str, cwd: Path | None = None, **environment: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=cwd, env=ENVIRONMENT | environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout + done.stderr


def seed(root: Path, name: str = "orders.git") -> Path:
    bare = root / name
    git("init", "-q", "--bare", "-b", "main", str(bare))
    work = root.parent / "seed"
    git("init", "-q", "-b", "main", str(work))
    (work / "README.md").write_text("hello\n")
    git("add", "-A", cwd=work)
    git("commit", "-q", "-m", "first", cwd=work)
    git("push", "-q", str(bare), "main", cwd=work)
    return bare


def test_clone_and_push(git_http_server: GitServer, tmp_path: Path) -> None:
    bare = seed(git_http_server.root)
    clone = tmp_path / "clone"
    said = git("clone", git_http_server.url_of("orders.git"), str(clone), GIT_TRACE_PACKET="1")
    assert "version 2" in said
    # Larger than http.postBuffer, so that git sends it in chunks.
    (clone / "large").write_bytes(os.urandom(3 << 20))
    git("add", "-A", cwd=clone)
    git("commit", "-q", "-m", "second", cwd=clone)
    git("push", "-q", "origin", "HEAD:refs/heads/topic", cwd=clone)
    assert git("log", "--format=%s", "topic", cwd=bare).split() == ["second", "first"]
    assert git_http_server.requests[0] == "GET /orders.git/info/refs?service=git-upload-pack"
    assert "POST /orders.git/git-receive-pack" in git_http_server.requests


def test_filter_and_depth_as_partial_clones_need_them(git_http_server: GitServer, tmp_path: Path) -> None:
    bare = seed(git_http_server.root)
    git("config", "uploadpack.allowFilter", "true", cwd=bare)
    clone = tmp_path / "clone"
    url = git_http_server.url_of("orders.git")
    git("clone", "--depth=1", "--filter=blob:none", "--no-checkout", url, str(clone))
    missing = git("rev-list", "--objects", "--missing=print", "HEAD", cwd=clone)
    assert "\n?" in missing


def test_connections_are_kept_alive(git_http_server: GitServer) -> None:
    seed(git_http_server.root)
    connection = http.client.HTTPConnection(git_http_server.url.removeprefix("http://"))
    sockets = set()
    for _ in range(3):
        connection.request("GET", "/orders.git/info/refs?service=git-upload-pack")
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.read().startswith(b"001e# service=git-upload-pack")
        sockets.add(connection.sock)
    assert len(sockets) == 1
    assert None not in sockets
    connection.close()


def test_an_unknown_repository_is_404(git_http_server: GitServer) -> None:
    with pytest.raises(AssertionError, match="not found"):
        git("ls-remote", git_http_server.url_of("nothing.git"))


def test_credentials(tmp_path: Path) -> None:
    root = tmp_path / "served"
    root.mkdir()
    seed(root)
    with GitServer(root, username="bot", password="open sesame") as server:
        right = server.url.replace("http://", "http://bot:open%20sesame@")
        assert "refs/heads/main" in git("ls-remote", f"{right}/orders.git")
        for wrong in (server.url, server.url.replace("http://", "http://bot:guess@")):
            with pytest.raises(AssertionError, match=r"Authentication failed|could not read Username"):
                git("ls-remote", f"{wrong}/orders.git")


def test_a_hook_rejects_a_push(git_http_server: GitServer, tmp_path: Path) -> None:
    hook = seed(git_http_server.root) / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho GH006: protected branch\nexit 1\n")
    hook.chmod(0o755)
    clone = tmp_path / "clone"
    git("clone", "-q", git_http_server.url_of("orders.git"), str(clone))
    git("commit", "-q", "--allow-empty", "-m", "second", cwd=clone)
    with pytest.raises(AssertionError, match="GH006: protected branch"):
        git("push", "-q", "origin", "HEAD", cwd=clone)


def test_nothing_outside_the_folder_is_served(git_http_server: GitServer, tmp_path: Path) -> None:
    git("init", "-q", "--bare", str(tmp_path / "outside.git"))
    connection = http.client.HTTPConnection(git_http_server.url.removeprefix("http://"))
    connection.request("GET", "/../outside.git/info/refs?service=git-upload-pack")
    assert connection.getresponse().status >= 400
    connection.close()
