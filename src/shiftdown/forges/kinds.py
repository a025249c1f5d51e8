"""The kinds of forges that come with shiftdown. Their clients are imported when a forge is made: that is slow."""

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr

from shiftdown.errors import InvalidInputError
from shiftdown.forges.hosted import ForgeHost, ForgeKind, HostedForge, HostSettings
from shiftdown.forges.webhooks.github import READER as GITHUB_WEBHOOKS
from shiftdown.forges.webhooks.gitlab import READER as GITLAB_WEBHOOKS
from shiftdown.user_paths import user_path

A_MINUTE = 80
"""Requests a minute that create content; GitHub's limit for one account (docs.github.com, "Secondary rate limits")."""
AN_HOUR = 500
"""The same for an hour."""
_NOTES_A_MINUTE = 60
"""Comments a minute that GitLab takes from one account, unless it is set up otherwise (docs.gitlab.com, "Rate limit on
Notes creation"); it has no limit by the hour."""


class GitHubHostSettings(HostSettings):
    """One GitHub in `shiftdown.toml`."""

    app_id: int | None = Field(default=None, ge=1)
    """Number of the GitHub App to act as, instead of a token."""
    private_key_file: Path | None = None
    """The app's private key, PEM."""
    installation_id: int | None = Field(default=None, ge=1)
    """The app's installation; default the one of each repository's owner."""


def _github(host: ForgeHost[GitHubHostSettings]) -> HostedForge:
    from shiftdown.forges.github import GitHubForge, GitHubSettings

    credentials = {"token": host.token} if host.token is not None else {"app": _app(host)}
    return GitHubForge(host.fill(GitHubSettings, **_common(host), **credentials), pace=host.pace)


def _app(host: ForgeHost[GitHubHostSettings]) -> dict[str, Any]:
    given = host.settings.private_key_file
    if given is None:
        raise InvalidInputError(
            f"the host {host.name}: app_id needs private_key_file, the file with the app's private key"
        )
    file = user_path(given, f"the host {host.name}: private_key_file")
    try:
        key = file.read_text("ascii")
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"the host {host.name}: {given} cannot be read: {error}") from None
    installation = host.settings.installation_id
    return {"app_id": host.settings.app_id, "private_key": SecretStr(key), "installation_id": installation}


def _gitlab(host: ForgeHost[HostSettings]) -> HostedForge:
    try:
        from shiftdown.forges.gitlab import GitLabForge, GitLabSettings
    except ModuleNotFoundError:
        raise InvalidInputError(f"{host.name}: a GitLab needs python-gitlab: pip install 'shiftdown[gitlab]'") from None
    return GitLabForge(host.fill(GitLabSettings, **_common(host), token=host.token), pace=host.pace)


def _common(host: ForgeHost[Any]) -> dict[str, Any]:
    given = host.settings
    api_url = given.api_url or ""
    return {"url": host.url, "api_url": api_url, "merge_method": given.merge_method, "write": given.write}


GITHUB = ForgeKind(
    name="github",
    title="GitHub",
    connect=_github,
    settings=GitHubHostSettings,
    needs_token=lambda settings: settings.app_id is None,
    public_host="github.com",
    public_tokens=("GITHUB_TOKEN", "GH_TOKEN"),
    other_hosts={"www.github.com": "github.com", "ssh.github.com": "github.com"},
    limits=((A_MINUTE, 60_000), (AN_HOUR, 3_600_000)),
    webhooks=GITHUB_WEBHOOKS,
)
"""github.com and Enterprise Servers."""

GITLAB = ForgeKind(
    name="gitlab",
    title="GitLab",
    connect=_gitlab,
    settings=HostSettings,
    public_host="gitlab.com",
    public_tokens=("GITLAB_TOKEN",),
    other_hosts={"altssh.gitlab.com": "gitlab.com"},
    limits=((_NOTES_A_MINUTE, 60_000),),
    webhooks=GITLAB_WEBHOOKS,
)
"""gitlab.com and self-managed ones."""
