"""What a forge behind a host is, and what describes a kind of forge: GitHub, GitLab, and those of plugins."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from shiftdown.errors import InvalidInputError
from shiftdown.forges.base import Forge, MergeMethod, Pace, WriteWay
from shiftdown.forges.repository_maker import RepositoryMaker
from shiftdown.forges.selection import FoundRepository, Selection
from shiftdown.forges.webhooks import WebhookReader
from shiftdown.model.base import Model

CredentialSource = Literal["git", "gh", "glab"]
"""git's credential helpers, GitHub's command line, GitLab's command line."""

RateLimit = tuple[int, int]
"""How many requests that create content one account may make, in how many milliseconds."""


class HostedForge(Forge, Protocol):
    """A forge on a server. Safe for threads; `disconnect` it when done."""

    git_user: str
    """The user name that git gives with a token."""

    @property
    def url(self) -> str:
        """Address of its pages and repositories."""
        ...

    def token(self, location: str) -> SecretStr:
        """The token for a repository, for git."""
        ...

    def maker(self, location: str) -> RepositoryMaker:
        """Makes the repository at an address, which need not be there yet."""
        ...

    def repositories(self, selection: Selection) -> Iterator[FoundRepository]:
        """The repositories that are meant, as they come."""
        ...

    def disconnect(self) -> None:
        """Close the connections."""
        ...


class HostSettings(Model):
    """One host in `shiftdown.toml`. Secrets are not written there: it says where they are."""

    forge: str
    """Which kind of forge it is."""
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
    merge_method: MergeMethod | None = None
    """How to merge; default the first that a repository allows."""
    write: WriteWay = WriteWay.AUTO
    """How repositories are read and written: "push" by git, "api" by the forge's API, "auto" by what takes less time,
    and by the API where a push is refused for want of a signature."""


_S = TypeVar("_S", bound=HostSettings)
_M = TypeVar("_M", bound=BaseModel)


@dataclass(frozen=True)
class ForgeHost(Generic[_S]):
    """A host whose forge is to be used."""

    name: str
    """Its name and, if it has one, port."""
    settings: _S
    """What is configured for it."""
    token: SecretStr | None
    """The token for it; `None` only for a kind whose settings have other credentials."""
    pace: Pace
    """Says when content may be created."""

    @property
    def url(self) -> str:
        """Address of its pages and repositories, without a slash at the end."""
        return (self.settings.url or f"https://{self.name}").rstrip("/")

    def fill(self, model: type[_M], **fields: Any) -> _M:
        """The settings that a forge has of its own, checked.

        Raises:
            InvalidInputError: they cannot be used; the message names the host, and no secret.
        """
        try:
            return model.model_validate(fields)
        except ValidationError as error:
            raise InvalidInputError(f"the host {self.name}: {error.errors(include_input=False)[0]['msg']}") from None


@dataclass(frozen=True, kw_only=True)
class ForgeKind(Generic[_S]):
    """A kind of forge. Plugins add more by the hook `shiftdown_forges`."""

    name: str
    """Its name in `shiftdown.toml`, and, in upper case, in the variables SHIFTDOWN_<NAME>_URL, _TOKEN and
    _WEBHOOK_SECRET."""
    title: str
    """Its name for people."""
    connect: Callable[[ForgeHost[_S]], HostedForge]
    """Makes the forge of a host; nothing is asked of it yet. Raises `InvalidInputError` when that cannot be."""
    settings: type[_S]
    """What can be configured for a host: `HostSettings`, or what it has more."""
    needs_token: Callable[[_S], bool] = lambda settings: True
    """Whether a host with these settings is used with a token."""
    public_host: str | None = None
    """The host of it that everybody knows, if there is one."""
    public_tokens: Sequence[str] = ()
    """Variables in which a token for that host is looked for, beside SHIFTDOWN_<NAME>_TOKEN."""
    other_hosts: Mapping[str, str] = field(default_factory=dict)
    """Hosts that are others by another name: that of its ssh server, for example."""
    limits: Sequence[RateLimit] = ()
    """How fast one account may create content."""
    webhooks: WebhookReader | None = None
    """Reads what its webhooks send; `None` for a kind that is never heard."""

    @property
    def variable(self) -> str:
        """How the names of its environment variables begin."""
        return f"SHIFTDOWN_{self.name.upper().replace('-', '_')}"
