"""The git program as carrier: SSH, for which a local command stands in, and what must not run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shiftdown.errors import NotARepositoryError, RepositoryError
from shiftdown.git import Commit, GitOptions, open_repository

from .conftest import Git

BRANCH = "shiftdown/x"


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `ssh` that runs the remote command here, and notes how it was called."""
    log = tmp_path / "ssh.log"
    script = tmp_path / "ssh"
    script.write_text(f'#!/bin/sh\necho "$@" >> {log}\nfor last; do :; done\nexec sh -c "$last"\n')
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    return log


def test_ssh(bare: Git, ssh: Path, make_commit: Callable[..., Commit]) -> None:
    with open_repository(f"ssh://git@git.example.com{bare.path}") as repository:
        head = repository.head()
        commit = make_commit(repository)
        repository.push(commit, BRANCH, expected=None)
        assert repository.head().own_branches == {BRANCH: commit.id}
        assert head.commit == bare("rev-parse", "main")
    assert "git@git.example.com" in ssh.read_text()
    bare.fsck()


def test_the_scp_form(bare: Git, ssh: Path) -> None:
    with open_repository(f"git@git.example.com:{bare.path}") as repository:
        assert repository.snapshot().text("src/lib/deep.js") == "module.exports = 2\n"


def test_a_commit_built_by_another_object_is_pushed(bare: Git, ssh: Path, make_commit: Callable[..., Commit]) -> None:
    with open_repository(str(bare.path)) as local:
        commit = make_commit(local)
    with open_repository(f"ssh://git.example.com{bare.path}") as repository:
        repository.push(commit, BRANCH, expected=None)
    bare.fsck()


def test_the_base_moved_on_meanwhile(bare: Git, ssh: Path, make_commit: Callable[..., Commit]) -> None:
    with open_repository(f"ssh://git.example.com{bare.path}") as repository:
        commit = make_commit(repository)
        bare.commit({"README.md": b"newer\n"})
        repository.push(commit, BRANCH, expected=None)
    assert bare("rev-list", "--count", f"main..{BRANCH}") == "1"


def test_a_host_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", "echo 'Permission denied (publickey).' >&2; false")
    with (
        open_repository("git@git.example.com:acme/orders") as repository,
        pytest.raises(RepositoryError, match="Permission denied"),
    ):
        repository.head()


def test_an_unknown_repository(bare: Git, ssh: Path) -> None:
    with (
        open_repository(f"git@git.example.com:{bare.path}-not") as repository,
        pytest.raises(NotARepositoryError, match="does not appear to be a git repository"),
    ):
        repository.head()


def test_a_program_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", "sleep 30; false")
    with (
        open_repository("git@git.example.com:x", options=GitOptions(timeout=0.05)) as repository,
        pytest.raises(RepositoryError, match="did not end within"),
    ):
        repository.head()


def test_nothing_is_left_behind(
    bare: Git, ssh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_commit: Callable[..., Commit]
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with open_repository(f"ssh://git.example.com{bare.path}") as repository:
        repository.push(make_commit(repository), BRANCH, expected=None)
        assert list(place.iterdir())
    assert not list(place.iterdir())


def test_hooks_and_settings_of_the_user_do_not_run(
    bare: Git, ssh: Path, git_settings: Path, tmp_path: Path, make_commit: Callable[..., Commit]
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "reference-transaction", "post-checkout"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        (hooks / name).chmod(0o755)
    bare("config", "--global", "core.hooksPath", str(hooks))
    bare("config", "--global", "url.ext::sh -c touch% /tmp/x.insteadOf", "ssh://evil")
    with open_repository(f"ssh://git.example.com{bare.path}") as repository:
        repository.head()
        make_commit(repository)
    assert not (tmp_path / "ran").exists()
    with open_repository("ssh://evil.example.com/x") as repository, pytest.raises(RepositoryError, match="not allowed"):
        repository.head()
