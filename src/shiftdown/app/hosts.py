"""Which forge is behind which host, and with which credentials: from a file of the user's, and the environment."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError

from shiftdown.errors import InvalidInputError
from shiftdown.forges.base import MergeMethod
from shiftdown.git.location import redact
from shiftdown.model.base import Model

if TYPE_CHECKING:
    from shiftdown.forges.github import GitHubSettings

GITHUB = "github.com"
_PUBLIC = ("GITHUB_TOKEN", "GH_TOKEN")
"""Variables in which a token for github.com is looked for, after SHIFTDOWN_GITHUB_TOKEN."""


class Host(Model):
    """One host in `shiftdown.toml`. Secrets are not written there: it says where they are."""

    forge: Literal["github"]
    """Which forge it is."""
    url: str | None = None
    """Address of its pages and repositories; default https and the host."""
    api_url: str | None = None
    """Address of its API, when it is not where that forge has it."""
    token_variables: tuple[str, ...] = ()
    """Environment variables in which a token for it is looked for; the first that is set is used."""
    app_id: int | None = Field(default=None, ge=1)
    """Number of the GitHub App to act as, instead of a token."""
    private_key_file: Path | None = None
    """The app's private key, PEM."""
    installation_id: int | None = Field(default=None, ge=1)
    """The app's installation; default the one of each repository's owner."""
    merge_method: MergeMethod | None = None
    """How to merge; default the first that a repository allows."""
    write_by_api: bool = False
    """Whether commits are made by the API, not pushed: GitHub signs those of an app."""


class Configuration(Model):
    """`shiftdown.toml`."""

    hosts: dict[str, Host] = Field(default_factory=dict)
    """What is behind each host, by its name and, if it has one, port."""


def config_path(environment: Mapping[str, str]) -> Path:
    """Where the configuration is: SHIFTDOWN_CONFIG, else `shiftdown.toml` in the user's configuration folder.

    Never in the working directory: what is checked out there may be a stranger's, and could send tokens anywhere.
    """
    from platformdirs import user_config_path

    given = environment.get("SHIFTDOWN_CONFIG")
    return Path(given) if given else user_config_path("shiftdown") / "shiftdown.toml"


def read_hosts(environment: Mapping[str, str]) -> dict[str, Host]:
    """The hosts that are known: github.com, SHIFTDOWN_GITHUB_URL, and those of the configuration.

    Raises:
        InvalidInputError: the file cannot be read, or says what it must not.
    """
    url = environment.get("SHIFTDOWN_GITHUB_URL", "").rstrip("/")
    own = () if url else ("SHIFTDOWN_GITHUB_TOKEN",)
    hosts = {GITHUB: Host(forge="github", token_variables=own + _PUBLIC)}
    if url:
        # Its token never goes to github.com, nor theirs to it.
        name = urlsplit(url).netloc.rpartition("@")[2].lower() or redact(url)
        hosts[name] = Host(forge="github", url=url, token_variables=("SHIFTDOWN_GITHUB_TOKEN",))
    path = config_path(environment)
    if path.exists() or environment.get("SHIFTDOWN_CONFIG"):
        hosts |= {name.lower(): host for name, host in _read(path).hosts.items()}
    return hosts


def _read(path: Path) -> Configuration:
    try:
        return Configuration.model_validate(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise InvalidInputError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{path}: cannot be read: {error}") from None


def github_settings(name: str, host: Host, environment: Mapping[str, str]) -> "GitHubSettings | None":
    """How to work with a GitHub; `None` when there are no credentials for it.

    Raises:
        InvalidInputError: an address or the app's key cannot be used.
    """
    from shiftdown.forges.github import GitHubSettings

    token = next((environment[v] for v in host.token_variables if environment.get(v)), None)
    if token is None and host.app_id is None:
        return None
    fields: dict[str, Any] = {"url": (host.url or f"https://{name}").rstrip("/"), "merge_method": host.merge_method}
    fields["write_by_api"] = host.write_by_api
    fields |= {"api_url": host.api_url} if host.api_url else {}
    fields |= {"app": _app(name, host)} if host.app_id is not None else {"token": SecretStr(token or "")}
    try:
        return GitHubSettings.model_validate(fields)
    except ValidationError as error:
        raise InvalidInputError(f"the host {name}: {error.errors(include_input=False)[0]['msg']}") from None


def _app(name: str, host: Host) -> dict[str, Any]:
    if host.private_key_file is None:
        raise InvalidInputError(f"the host {name}: app_id needs private_key_file, the file with the app's private key")
    try:
        key = host.private_key_file.expanduser().read_text("ascii")
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"the host {name}: {host.private_key_file} cannot be read: {error}") from None
    return {"app_id": host.app_id, "private_key": SecretStr(key), "installation_id": host.installation_id}
