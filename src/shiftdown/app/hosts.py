"""Which forge is behind which host, and with which credentials: from a file of the user's, and the environment."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, TypeAdapter, ValidationError

from shiftdown.app.credential_sources import CredentialSource, ask
from shiftdown.errors import InvalidInputError
from shiftdown.forges.base import MergeMethod, WriteWay
from shiftdown.git.location import redact
from shiftdown.model.base import Model
from shiftdown.user_paths import user_path

if TYPE_CHECKING:
    from shiftdown.forges.github import GitHubSettings
    from shiftdown.forges.gitlab import GitLabSettings

_S = TypeVar("_S", bound=BaseModel)

_PUBLIC = {
    "github": ("github.com", ("GITHUB_TOKEN", "GH_TOKEN")),
    "gitlab": ("gitlab.com", ("GITLAB_TOKEN",)),
}
"""The host that everybody knows of each forge, and variables in which a token for it is looked for."""


class Host(Model):
    """One host in `shiftdown.toml`. Secrets are not written there: it says where they are."""

    forge: Literal["github", "gitlab"]
    """Which forge it is."""
    url: str | None = None
    """Address of its pages and repositories; default https and the host."""
    api_url: str | None = None
    """Address of its API, when it is not where that forge has it."""
    token_variables: tuple[str, ...] = ()
    """Environment variables in which a token for it is looked for; the first that is set is used."""
    credentials_from: tuple[CredentialSource, ...] | None = None
    """Where a token is asked for when no variable has one, in that order: "git" (its credential helpers), "gh", "glab"
    (these programs). Default those of SHIFTDOWN_CREDENTIALS_FROM, separated by commas; else nowhere."""
    webhook_secret_variables: tuple[str, ...] = ()
    """Environment variables with the secret of its webhooks; with several set, each is accepted (to replace one)."""
    app_id: int | None = Field(default=None, ge=1)
    """Number of the GitHub App to act as, instead of a token."""
    private_key_file: Path | None = None
    """The app's private key, PEM."""
    installation_id: int | None = Field(default=None, ge=1)
    """The app's installation; default the one of each repository's owner."""
    merge_method: MergeMethod | None = None
    """How to merge; default the first that a repository allows."""
    write: WriteWay = WriteWay.AUTO
    """How repositories are read and written: "push" by git, "api" by the forge's API, "auto" by what takes less time,
    and by the API where a push is refused for want of a signature."""


class Configuration(Model):
    """`shiftdown.toml`."""

    hosts: dict[str, Host] = Field(default_factory=dict)
    """What is behind each host, by its name and, if it has one, port."""


def config_path(environment: Mapping[str, str]) -> Path:
    """Where the configuration is: SHIFTDOWN_CONFIG, else `shiftdown.toml` in the user's configuration folder.

    Never in the working directory: what is checked out there may be a stranger's, and could send tokens anywhere.

    Raises:
        InvalidInputError: the path is none.
    """
    from platformdirs import user_config_path

    given = environment.get("SHIFTDOWN_CONFIG")
    if given:
        return user_path(given, "SHIFTDOWN_CONFIG")
    return user_path(user_config_path("shiftdown") / "shiftdown.toml")


def read_hosts(environment: Mapping[str, str]) -> dict[str, Host]:
    """The hosts that are known: the public ones, SHIFTDOWN_GITHUB_URL, SHIFTDOWN_GITLAB_URL, and configured ones.

    Raises:
        InvalidInputError: the file cannot be read, or says what it must not.
    """
    hosts: dict[str, Host] = {}
    for forge, (public, names) in _PUBLIC.items():
        url = environment.get(f"SHIFTDOWN_{forge.upper()}_URL", "").rstrip("/")
        given: dict[str, Any] = {
            "forge": forge,
            "webhook_secret_variables": [f"SHIFTDOWN_{forge.upper()}_WEBHOOK_SECRET"],
        }
        own = f"SHIFTDOWN_{forge.upper()}_TOKEN"
        if not url:
            hosts[public] = Host.model_validate({**given, "token_variables": [own, *names]})
            continue
        # The token of a host of its own never goes to the public one, nor theirs to it.
        hosts[public] = Host.model_validate({"forge": forge, "token_variables": names})
        name = urlsplit(url).netloc.rpartition("@")[2].lower() or redact(url)
        hosts[name] = Host.model_validate({**given, "token_variables": [own], "url": url})
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

    if host.app_id is not None:
        return _checked(GitHubSettings, name, host, {"app": _app(name, host)})
    token = find_token(name, host, environment)
    return None if token is None else _checked(GitHubSettings, name, host, {"token": token})


def gitlab_settings(name: str, host: Host, environment: Mapping[str, str]) -> "GitLabSettings | None":
    """How to work with a GitLab; `None` when there are no credentials for it.

    Raises:
        InvalidInputError: an address cannot be used, or python-gitlab is not installed.
    """
    try:
        from shiftdown.forges.gitlab import GitLabSettings
    except ModuleNotFoundError:
        raise InvalidInputError(f"{name}: a GitLab needs python-gitlab: pip install 'shiftdown[gitlab]'") from None
    token = find_token(name, host, environment)
    return None if token is None else _checked(GitLabSettings, name, host, {"token": token})


def find_token(name: str, host: Host, environment: Mapping[str, str]) -> SecretStr | None:
    """The token for a host: of the first variable that is set, else of the first source that has one.

    Raises:
        InvalidInputError: SHIFTDOWN_CREDENTIALS_FROM names a source that does not exist.
    """
    for variable in host.token_variables:
        if environment.get(variable):
            return SecretStr(environment[variable])
    sources = host.credentials_from if host.credentials_from is not None else _sources(environment)
    asked = (ask(source, name, _address(name, host), environment) for source in sources)
    return next((token for token in asked if token is not None), None)


def _sources(environment: Mapping[str, str]) -> tuple[CredentialSource, ...]:
    given = [word.strip() for word in environment.get("SHIFTDOWN_CREDENTIALS_FROM", "").split(",") if word.strip()]
    try:
        return TypeAdapter(tuple[CredentialSource, ...]).validate_python(given)
    except ValidationError:
        raise InvalidInputError("SHIFTDOWN_CREDENTIALS_FROM: write git, gh or glab, separated by commas") from None


def _address(name: str, host: Host) -> str:
    return (host.url or f"https://{name}").rstrip("/")


def _checked(kind: type[_S], name: str, host: Host, credentials: Mapping[str, Any]) -> _S:
    fields = {
        "url": _address(name, host),
        "api_url": host.api_url or "",
        "merge_method": host.merge_method,
        "write": host.write,
        **credentials,
    }
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise InvalidInputError(f"the host {name}: {error.errors(include_input=False)[0]['msg']}") from None


def _app(name: str, host: Host) -> dict[str, Any]:
    if host.private_key_file is None:
        raise InvalidInputError(f"the host {name}: app_id needs private_key_file, the file with the app's private key")
    file = user_path(host.private_key_file, f"the host {name}: private_key_file")
    try:
        key = file.read_text("ascii")
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"the host {name}: {host.private_key_file} cannot be read: {error}") from None
    return {"app_id": host.app_id, "private_key": SecretStr(key), "installation_id": host.installation_id}
