"""Which forge is behind which host, and with which credentials: from a file of the user's, and the environment."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, TypeAdapter, ValidationError

from shiftdown.app.credential_sources import ask
from shiftdown.errors import InvalidInputError
from shiftdown.forges.hosted import CredentialSource, ForgeKind, HostSettings
from shiftdown.git.location import redact
from shiftdown.model.base import Model
from shiftdown.user_paths import user_path

Kinds = Mapping[str, ForgeKind[Any]]
"""The kinds of forges, by name."""


class Configuration(Model):
    """`shiftdown.toml`."""

    hosts: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """What is behind each host, by its name and, if it has one, port: the `HostSettings` of its kind."""


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


def read_hosts(environment: Mapping[str, str], kinds: Kinds) -> dict[str, HostSettings]:
    """The hosts that are known: the public ones, those of SHIFTDOWN_<KIND>_URL, and configured ones.

    Raises:
        InvalidInputError: the file cannot be read, or says what it must not.
    """
    hosts: dict[str, HostSettings] = {}
    for kind in kinds.values():
        hosts |= _from_variables(environment, kind)
    path = config_path(environment)
    if path.exists() or environment.get("SHIFTDOWN_CONFIG"):
        hosts |= _read(path, kinds)
    return hosts


def _from_variables(environment: Mapping[str, str], kind: ForgeKind[Any]) -> dict[str, HostSettings]:
    """The public host of a kind, and the one that the environment names."""
    own = {
        "forge": kind.name,
        "token_variables": [f"{kind.variable}_TOKEN"],
        "webhook_secret_variables": [f"{kind.variable}_WEBHOOK_SECRET"],
    }
    url = environment.get(f"{kind.variable}_URL", "").rstrip("/")
    found: dict[str, dict[str, Any]] = {}
    if kind.public_host and url:
        # The token of a host of its own never goes to the public one, nor theirs to it.
        found[kind.public_host] = {"forge": kind.name, "token_variables": kind.public_tokens}
    elif kind.public_host:
        found[kind.public_host] = {**own, "token_variables": [*own["token_variables"], *kind.public_tokens]}
    if url:
        name = urlsplit(url).netloc.rpartition("@")[2].lower() or redact(url)
        found[name] = {**own, "url": url}
    return {name: kind.settings.model_validate(given) for name, given in found.items()}


def _read(path: Path, kinds: Kinds) -> dict[str, HostSettings]:
    try:
        given = Configuration.model_validate(tomllib.loads(path.read_text("utf-8"))).hosts
    except ValidationError as error:
        raise _wrong(path, error) from None
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{path}: cannot be read: {error}") from None
    found: dict[str, HostSettings] = {}
    for name, fields in given.items():
        kind = kinds.get(str(fields.get("forge")))
        if kind is None:
            known = ", ".join(sorted(kinds)) or "none"
            raise InvalidInputError(
                f"{path}: hosts.{name}.forge: no plugin brings this kind of forge; there are: {known}"
            )
        try:
            found[name.lower()] = kind.settings.model_validate(fields)
        except ValidationError as error:
            raise _wrong(path, error, f"hosts.{name}.") from None
    return found


def _wrong(path: Path, error: ValidationError, under: str = "") -> InvalidInputError:
    first = error.errors(include_input=False)[0]
    return InvalidInputError(f"{path}: {under}{'.'.join(map(str, first['loc']))}: {first['msg']}")


def find_token(name: str, host: HostSettings, environment: Mapping[str, str]) -> SecretStr | None:
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


def _address(name: str, host: HostSettings) -> str:
    return (host.url or f"https://{name}").rstrip("/")
