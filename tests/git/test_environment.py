"""Nothing of what surrounds us reaches git, whichever part of shiftdown runs it."""

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import git.cmd  # noqa: F401 - when it is first imported, it runs `git version` by itself
import pytest

from shiftdown.errors import RepositoryError
from shiftdown.forges.local import LocalForge
from shiftdown.git import GitOptions, Identity, open_repository
from shiftdown.git.credentials import ask_helper
from shiftdown.git.location import parse_location
from shiftdown.git.new_repository import FirstCommit, create_repository
from shiftdown.git.program import run_git
from shiftdown.git.temporary import File, TemporaryRepository

from .conftest import Git

LOCAL = subprocess.run(
    ["git", "rev-parse", "--local-env-vars"], capture_output=True, text=True, check=True
).stdout.split()
"""What git itself says would make it look at another repository."""
PLANTED = {
    **dict.fromkeys(LOCAL, "planted"),
    "GIT_CEILING_DIRECTORIES": "/planted",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "planted.key",
    "GIT_CONFIG_KEY_41": "planted.key",
    "GIT_CONFIG_VALUE_0": "planted",
    "GIT_CONFIG_VALUE_41": "planted",
    "GIT_CONFIG_PARAMETERS": "'planted.key=planted'",
    "GIT_CURL_VERBOSE": "/planted",
    "GIT_DEFAULT_HASH": "planted",
    "GIT_EXTERNAL_DIFF": "/planted",
    "GIT_LITERAL_PATHSPECS": "planted",
    "GIT_NAMESPACE": "planted",
    "GIT_QUARANTINE_PATH": "/planted",
    "GIT_REDACT_COOKIES": "planted",
    "GIT_TRACE": "/planted",
    "GIT_TRACE2_EVENT": "/planted",
    "GIT_TRACE_CURL": "/planted",
    "GIT_TRACE_PACKET": "/planted",
    "SHIFTDOWN_GITHUB_TOKEN": "planted",
}
AUTHOR = Identity(name="Ada", email="ada@example.org")
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Plants everything; what every git that ran since was given, as `NAME=value`."""
    log, real = tmp_path / "environments", shutil.which("git")
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nenv >> {log}\necho "ran=git" >> {log}\nexec {real} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    return lambda: log.read_text().splitlines() if log.exists() else []


def by_the_runner(bare: Git, folder: Path) -> None:
    assert run_git(["rev-parse", "--git-dir"], place="x", timeout=60, folder=bare.path).status == 0


def by_the_local_forge(bare: Git, folder: Path) -> None:
    assert list(LocalForge(lambda: NOON, AUTHOR).list(str(bare.path))) == []


def by_a_temporary_repository(bare: Git, folder: Path) -> None:
    with TemporaryRepository.at(str(bare.path), GitOptions()) as temporary:
        assert len(temporary.tree([File("a", b"a\n")])) == 40


def by_a_new_repository(bare: Git, folder: Path) -> None:
    create_repository(folder / "made", [File("a", b"a\n")], FirstCommit("First", AUTHOR, NOON))


def by_ssh(bare: Git, folder: Path) -> None:
    with open_repository(f"ssh://git.example.com{bare.path}") as repository, pytest.raises(RepositoryError):
        repository.head()


def by_the_credential_helpers(bare: Git, folder: Path) -> None:
    assert ask_helper(parse_location("https://git.example.com/a/b"), 60) is None


ROADS = (
    by_the_runner,
    by_the_local_forge,
    by_a_temporary_repository,
    by_a_new_repository,
    by_ssh,
    by_the_credential_helpers,
)


@pytest.mark.parametrize("road", ROADS)
def test_nothing_that_was_planted_reaches_git(
    road: Callable[[Git, Path], None],
    bare: Git,
    tmp_path: Path,
    heard: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", "false")
    road(bare, tmp_path)
    environments = heard()
    assert "ran=git" in environments
    assert {f"{name}={value}" for name, value in PLANTED.items()} & set(environments) == set()


def test_it_is_never_prompted_and_uses_few_protocols(bare: Git, heard: Callable[[], list[str]], tmp_path: Path) -> None:
    by_the_runner(bare, tmp_path)
    wanted = {
        "GIT_TERMINAL_PROMPT=0",
        "GIT_ASKPASS=",
        "SSH_ASKPASS=",
        "GIT_EDITOR=:",
        "GIT_ALLOW_PROTOCOL=https:http:ssh:file",
        "GIT_OPTIONAL_LOCKS=0",
    }
    assert wanted <= set(heard())


def test_what_says_where_the_users_settings_are_is_kept(
    bare: Git, heard: Callable[[], list[str]], tmp_path: Path
) -> None:
    by_the_runner(bare, tmp_path)
    assert f"GIT_CONFIG_GLOBAL={os.environ['GIT_CONFIG_GLOBAL']}" in heard()


def test_a_git_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryError, match="needs the git program, which is not installed"):
        run_git(["--version"], place="x", timeout=60)
