"""Which GitHub, with which credentials."""

from typing import Self

from pydantic import ConfigDict, Field, SecretStr, model_validator

from shiftdown.errors import InvalidInputError
from shiftdown.forges.base import MergeMethod, WriteWay
from shiftdown.git.location import parse_location
from shiftdown.model.base import Model

PATIENCE = 120.0
"""Seconds to wait for a limit, unless told otherwise."""

PAUSE = 1.0
"""Seconds between two requests that change something, unless told otherwise: GitHub asks for at least one."""


class GitHubApp(Model):
    """A GitHub App, which acts for itself. Its private key is never kept or shown."""

    model_config = ConfigDict(hide_input_in_errors=True)

    app_id: int = Field(ge=1)
    """Number of the app."""
    private_key: SecretStr
    """Private key, PEM."""
    installation_id: int | None = None
    """The installation to use; `None` looks for the one of each repository's owner."""


class GitHubSettings(Model):
    """How to work with github.com or an Enterprise Server. Give a token or an app."""

    model_config = ConfigDict(hide_input_in_errors=True)

    url: str = Field(default="https://github.com", pattern=r"^https?://[^/?#@]+$")
    """Address of its pages and repositories; https, or http on this machine."""
    api_url: str = ""
    """Address of its REST API; empty for what belongs to `url`: `https://api.github.com`, else `url` with `/api/v3`."""
    token: SecretStr | None = None
    """A personal access token, classic or fine-grained."""
    app: GitHubApp | None = None
    """An app, instead of a token."""
    merge_method: MergeMethod | None = None
    """How to merge; `None` takes the first that the repository allows: merge, squash, rebase."""
    write: WriteWay = WriteWay.AUTO
    """How repositories are read and written: "push" by git; "api" by the API; "auto" by what takes less time, and by
    the API where unsigned commits are refused, since GitHub signs what is made there."""
    timeout: float = Field(default=30, gt=0)
    """Seconds to wait for an answer."""
    patience: float = Field(default_factory=lambda: PATIENCE, ge=0)
    """Seconds that a limit may make a request wait; when it asks for more, the request fails and says until when."""
    seconds_between_writes: float = Field(default_factory=lambda: PAUSE, ge=0)
    """Pause between two requests that change something."""

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if (self.token is None) == (self.app is None):
            raise ValueError("give either a token or an app")
        for address in (self.url, self.rest_url):
            try:
                parse_location(f"{address}/owner/name")
            except InvalidInputError as error:
                raise ValueError(str(error)) from None
        return self

    @property
    def rest_url(self) -> str:
        """Address of its REST API."""
        if self.api_url:
            return self.api_url.rstrip("/")
        return "https://api.github.com" if self.url == "https://github.com" else f"{self.url}/api/v3"
