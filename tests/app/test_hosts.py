"""Which forge, and which token, for which host."""

from pathlib import Path

import pytest

from shiftdown.app.forges import Forges
from shiftdown.app.hosts import Kinds, config_path, find_token, read_hosts
from shiftdown.errors import InvalidInputError
from shiftdown.forges.base import MergeMethod
from shiftdown.forges.github import GitHubForge, GitHubSettings
from shiftdown.forges.hosted import ForgeHost
from shiftdown.forges.kinds import GITHUB, GITLAB, GitHubHostSettings
from shiftdown.git import GitOptions

KINDS: Kinds = {"github": GITHUB, "gitlab": GITLAB}


def none() -> dict[str, str]:
    """An environment without a configuration file of the user."""
    return {"SHIFTDOWN_CONFIG": "/dev/null"}


def configured(folder: Path, text: str) -> dict[str, str]:
    path = folder / "hosts.toml"
    path.write_text(text)
    return {"SHIFTDOWN_CONFIG": str(path)}


def settings(environment: dict[str, str], name: str) -> GitHubSettings | None:
    """What the GitHub of a host is made with; `None` when there are no credentials for it."""
    host = read_hosts(environment, KINDS)[name]
    assert isinstance(host, GitHubHostSettings)
    token = find_token(name, host, environment) if GITHUB.needs_token(host) else None
    if token is None and GITHUB.needs_token(host):
        return None
    forge = GITHUB.connect(ForgeHost(name, host, token, lambda who: 0))
    assert isinstance(forge, GitHubForge)
    return forge._settings


def token(environment: dict[str, str], name: str = "github.com") -> str | None:
    found = settings(environment, name)
    return found.token.get_secret_value() if found and found.token else None


def test_github_com_is_known_and_takes_the_usual_variables() -> None:
    assert token(none()) is None
    assert token(none() | {"GH_TOKEN": "c"}) == "c"
    assert token(none() | {"GITHUB_TOKEN": "b", "GH_TOKEN": "c"}) == "b"
    assert token(none() | {"SHIFTDOWN_GITHUB_TOKEN": "a", "GITHUB_TOKEN": "b"}) == "a"
    found = settings(none() | {"GITHUB_TOKEN": "b"}, "github.com")
    assert found is not None
    assert found.rest_url == "https://api.github.com"


def test_tokens_of_an_enterprise_server_and_of_github_com_do_not_mix() -> None:
    environment = none() | {
        "SHIFTDOWN_GITHUB_URL": "https://github.example.com/",
        "SHIFTDOWN_GITHUB_TOKEN": "ours",
        "GITHUB_TOKEN": "public",
    }
    assert token(environment, "github.example.com") == "ours"
    assert token(environment) == "public"
    found = settings(environment, "github.example.com")
    assert found is not None
    assert found.rest_url == "https://github.example.com/api/v3"


def test_a_file_describes_hosts_and_where_their_secrets_are(tmp_path: Path) -> None:
    environment = configured(
        tmp_path,
        '[hosts."Git.Example.com"]\nforge = "github"\ntoken_variables = ["OURS"]\nmerge_method = "squash"\n'
        'api_url = "https://api.example.com/"\n',
    )
    found = settings(environment | {"OURS": "x"}, "git.example.com")
    assert found is not None
    assert (found.rest_url, found.merge_method) == ("https://api.example.com", MergeMethod.SQUASH)
    assert settings(environment, "git.example.com") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hosts = 1", "hosts"),
        ('[hosts.x]\nforge = "svn"', "hosts.x.forge"),
        ('[hosts.x]\nforge = "github"\ntoken = "secret"', "hosts.x.token: Extra inputs"),
        ("[hosts", "cannot be read"),
    ],
)
def test_a_file_that_says_what_it_must_not_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InvalidInputError, match=rf"hosts\.toml: {words}") as caught:
        read_hosts(configured(tmp_path, text), KINDS)
    assert "secret" not in str(caught.value)


def test_a_file_that_was_named_and_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"none\.toml: cannot be read"):
        read_hosts({"SHIFTDOWN_CONFIG": str(tmp_path / "none.toml")}, KINDS)


def test_the_working_directory_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is checked out there may be a stranger's, and could send tokens to another server."""
    (tmp_path / "shiftdown.toml").write_text('[hosts."evil.example.com"]\nforge = "github"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert config_path({}).parent.parent == tmp_path / "home" / ".config"
    assert set(read_hosts({}, KINDS)) == {"github.com", "gitlab.com"}


@pytest.mark.parametrize(
    "url", ["http://github.example.com", "https://user:secret@github.example.com", "ftp://x.example"]
)
def test_an_address_to_which_no_token_may_go(url: str) -> None:
    environment = none() | {"SHIFTDOWN_GITHUB_URL": url, "SHIFTDOWN_GITHUB_TOKEN": "t"}
    name = next(name for name in read_hosts(environment, KINDS) if name != "github.com")
    with pytest.raises(InvalidInputError, match="the host") as caught:
        settings(environment, name)
    assert "secret" not in str(caught.value)


def test_an_app_needs_its_key(tmp_path: Path) -> None:
    app = '[hosts."x.example"]\nforge = "github"\napp_id = 7\n'
    with pytest.raises(InvalidInputError, match="app_id needs private_key_file"):
        settings(configured(tmp_path, app), "x.example")
    with pytest.raises(InvalidInputError, match=r"none\.pem cannot be read"):
        settings(configured(tmp_path, f'{app}private_key_file = "{tmp_path}/none.pem"\n'), "x.example")


def test_a_host_that_is_not_known_says_how_to_make_it_so() -> None:
    forges = Forges(none(), lambda: KINDS, lambda: pytest.fail("not local"), GitOptions(), lambda forge: lambda who: 0)
    with pytest.raises(InvalidInputError, match=r"no forge for git\.example\.com: set SHIFTDOWN_GITHUB_URL"):
        forges.forge("https://git.example.com/a/b")
    with pytest.raises(
        InvalidInputError, match=r"no token for github\.com: set SHIFTDOWN_GITHUB_TOKEN or GITHUB_TOKEN"
    ):
        forges.forge("git@github.com:a/b.git")
    assert forges.options("https://git.example.com/a/b").token is None


def test_one_forge_for_a_host_however_it_is_written() -> None:
    environment = none() | {"GITHUB_TOKEN": "t"}
    not_local = lambda: pytest.fail("not local")  # noqa: E731 - one of several
    forges = Forges(environment, lambda: KINDS, not_local, GitOptions(), lambda limits: lambda who: 0)
    first = forges.forge("https://github.com/a/b")
    assert forges.forge("git@github.com:a/c.git") is first
    assert forges.forge("https://GitHub.com/a/b.git") is first
    given = forges.options("https://github.com/a/b").token
    assert given is not None
    assert given.get_secret_value() == "t"
    assert forges.options("git@github.com:a/b.git").token is None
    forges.close()
