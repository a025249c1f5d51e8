"""Tokens that other programs keep: the real git and gh; glab by its documented command line alone."""

import os
import subprocess
from pathlib import Path

import pytest

from shiftdown.app.forges import Forges
from shiftdown.app.hosts import Kinds, find_token, read_hosts
from shiftdown.errors import InvalidInputError
from shiftdown.forges.kinds import GITHUB, GITLAB
from shiftdown.git import GitOptions
from shiftdown.testing import find_tool

GH_HOSTS = """github.com:
    oauth_token: of-gh
    user: ada
"""


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment of this test alone, in which gh has a token for github.com, and git has one for both hosts."""
    (tmp_path / "gh").mkdir()
    (tmp_path / "gh" / "hosts.yml").write_text(GH_HOSTS)
    stored = tmp_path / "stored"
    stored.write_text("https://ada:of-git@github.com\nhttps://ada:of-git@gitlab.com\n")
    (tmp_path / ".gitconfig").write_text(f"[credential]\n\thelper = store --file {stored}\n")
    gh = Path(find_tool("gh")).parent
    made = {
        "HOME": str(tmp_path),
        "PATH": f"{gh}:{os.environ['PATH']}",
        "SHIFTDOWN_CONFIG": "/dev/null",
        "GH_CONFIG_DIR": str(tmp_path / "gh"),
    }
    monkeypatch.setenv("HOME", str(tmp_path))
    return made


KINDS: Kinds = {"github": GITHUB, "gitlab": GITLAB}


def token(environment: dict[str, str], name: str = "github.com") -> str | None:
    found = find_token(name, read_hosts(environment, KINDS)[name], environment)
    return found.get_secret_value() if found else None


def test_nobody_is_asked_who_was_not_named(environment: dict[str, str]) -> None:
    assert token(environment) is None


@pytest.mark.parametrize(
    ("sources", "of_github", "of_gitlab"),
    [
        ("gh", "of-gh", None),
        ("git", "of-git", "of-git"),
        ("gh, git", "of-gh", "of-git"),
        ("git,gh", "of-git", "of-git"),
    ],
)
def test_the_first_that_has_a_token_gives_it(
    environment: dict[str, str], sources: str, of_github: str, of_gitlab: str | None
) -> None:
    environment["SHIFTDOWN_CREDENTIALS_FROM"] = sources
    assert token(environment) == of_github
    assert token(environment, "gitlab.com") == of_gitlab


def test_a_variable_comes_first(environment: dict[str, str]) -> None:
    assert token(environment | {"SHIFTDOWN_CREDENTIALS_FROM": "gh,git", "SHIFTDOWN_GITHUB_TOKEN": "given"}) == "given"


def test_a_host_may_say_who_is_asked(environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "hosts.toml"
    path.write_text('[hosts."github.com"]\nforge = "github"\ncredentials_from = []\n')
    asked = environment | {"SHIFTDOWN_CREDENTIALS_FROM": "gh", "SHIFTDOWN_CONFIG": str(path)}
    assert token(asked) is None
    assert token(asked, "gitlab.com") is None
    path.write_text('[hosts."github.com"]\nforge = "github"\ncredentials_from = ["git"]\n')
    assert token(asked) == "of-git"


def test_glab_is_asked_as_its_manual_says(environment: dict[str, str], tmp_path: Path) -> None:
    """It is in no registry that tests can install from: a stand-in takes the documented arguments, and no others."""
    program = tmp_path / "bin" / "glab"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\n[ "$*" = "config get token --host gitlab.com" ] && echo of-glab\n')
    program.chmod(0o755)
    environment |= {"SHIFTDOWN_CREDENTIALS_FROM": "glab", "PATH": f"{program.parent}:{environment['PATH']}"}
    assert token(environment, "gitlab.com") == "of-glab"
    assert token(environment) is None


def test_a_program_that_is_not_there_is_named(environment: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    assert token(environment | {"SHIFTDOWN_CREDENTIALS_FROM": "glab", "PATH": "/nowhere"}, "gitlab.com") is None
    assert "gitlab.com: glab is to be asked for a token, and is not installed" in caplog.text


def test_a_source_that_does_not_exist_is_an_error(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError, match="write git, gh or glab"):
        token(environment | {"SHIFTDOWN_CREDENTIALS_FROM": "gh,keychain"})


def test_the_forge_and_git_use_what_was_found(environment: dict[str, str]) -> None:
    forges = Forges(
        environment | {"SHIFTDOWN_CREDENTIALS_FROM": "gh"},
        lambda: KINDS,
        lambda: pytest.fail("not local"),
        GitOptions(),
        lambda forge: lambda who: 0,
    )
    given = forges.options("https://github.com/acme/orders").token
    assert given is not None
    assert given.get_secret_value() == "of-gh"
    assert forges.forge("https://github.com/acme/orders").name == "github"
    forges.close()


def test_gh_reads_the_file_as_it_is_written_here(environment: dict[str, str]) -> None:
    """The control: without its file, gh has no token, so that the others do see what is in it."""
    assert environment["GH_CONFIG_DIR"]
    gh = find_tool("gh")
    empty = environment | {"GH_CONFIG_DIR": environment["HOME"] + "/none"}
    done = subprocess.run(
        [gh, "auth", "token", "--hostname", "github.com"], env=empty, capture_output=True, check=False
    )
    assert done.returncode != 0
