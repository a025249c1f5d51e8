"""Which GitLab, with which credentials."""

from typing import Self

from pydantic import ConfigDict, Field, SecretStr, field_validator, model_validator

from shiftdown.errors import InvalidInputError
from shiftdown.forges.base import MergeMethod, WriteWay
from shiftdown.git.location import parse_location
from shiftdown.model.base import Model

PATIENCE = 120.0
"""Seconds to wait for a limit, unless told otherwise."""

PAUSE = 0.0
"""Seconds between two requests that change something, unless told otherwise: GitLab says when they are too many."""

_REST = "/api/v4"


class GitLabSettings(Model):
    """How to work with gitlab.com or a self-managed GitLab."""

    # What was given holds the token.
    model_config = ConfigDict(hide_input_in_errors=True)

    url: str = Field(default="https://gitlab.com", pattern=r"^https?://[^?#@]+$")
    """Address of its pages and repositories, with its relative root if it has one; https, or http on this machine."""
    api_url: str = Field(default="", pattern=rf"^$|^https?://[^?#@]+{_REST}/?$")
    """Address of its REST API, which ends with `/api/v4`; empty for what belongs to `url`."""
    token: SecretStr
    """A personal, project or group access token, or an OAuth token; scope `api`."""
    merge_method: MergeMethod | None = None
    """How to merge; `None` does what the project's settings say."""
    write: WriteWay = WriteWay.AUTO
    """How repositories are read and written: "auto" and "push" by git, "api" by the API."""
    timeout: float = Field(default=30, gt=0)
    """Seconds to wait for an answer."""
    patience: float = Field(default_factory=lambda: PATIENCE, ge=0)
    """Seconds that a limit may make a request wait; when it asks for more, the request fails and says until when."""
    seconds_between_writes: float = Field(default_factory=lambda: PAUSE, ge=0)
    """Pause between two requests that change something."""

    @field_validator("url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        for address in (self.url, self.base_url):
            try:
                parse_location(f"{address}/owner/name")
            except InvalidInputError as error:
                raise ValueError(str(error)) from None
        return self

    @property
    def base_url(self) -> str:
        """Address that its APIs are below."""
        return self.api_url.rstrip("/").removesuffix(_REST) if self.api_url else self.url

    @property
    def graphql_url(self) -> str:
        """Address of its GraphQL API."""
        return f"{self.base_url}/api/graphql"
