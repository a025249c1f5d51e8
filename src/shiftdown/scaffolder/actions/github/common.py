"""What the actions for GitHub share: the repository that they are about, and the shapes of their inputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, SecretStr, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.action import ActionContext, ActionModel, Effect
from shiftdown.scaffolder.filters import parse_repo_url
from shiftdown.scaffolder.publishing import forges_of

if TYPE_CHECKING:
    from shiftdown.forges.github import GitHubForge
    from shiftdown.forges.github.administration import Administration

Number = Annotated[int, WithJsonSchema({"type": "number"})]
"""A whole number, which schemas of Backstage call a number."""
Absent = SkipJsonSchema[None]
"""Nothing was given; schemas do not show it."""

REPO_URL = "github.com?owner=acme&repo=shop"
"""The repository of examples."""
_NOT_SHOWN = {"repo_url", "token"}


class RepositoryInput(ActionModel):
    """Which repository, and with which token."""

    repo_url: str
    """The repository, as the form's field gives it: `github.com?owner=acme&repo=shop`."""
    token: SecretStr | Absent = None
    """A token to use instead of the configured one."""


@dataclass(frozen=True)
class Target:
    """The repository that a step is about."""

    action: str
    """Id of the action."""
    host: str
    """Its host, with a port if it has one."""
    owner: str
    """Login of its owner."""
    name: str
    """Its name."""
    token: SecretStr | None
    """The token that was given."""
    context: ActionContext
    """The step's context."""

    @cached_property
    def forge(self) -> "GitHubForge":
        """The forge of its host. Raises `InvalidInputError`: none is configured, or there are no credentials."""
        return forges_of(self.context, self.action).github(self.host, self.token)

    @property
    def url(self) -> str:
        """Its address; in a dry-run, which needs no credentials, as it is on most hosts."""
        base = f"https://{self.host}" if self.context.dry_run else self.forge.url
        return f"{base}/{self.owner}/{self.name}"

    @cached_property
    def administration(self) -> "Administration":
        """Makes and sets it up."""
        return self.forge.administration(self.url)

    def effect(self, kind: str, details: Mapping[str, Any], *, below: str = "") -> None:
        """Tell what is done, or would be done."""
        target = self.url + below
        self.context.effect(Effect(action=self.action, kind=kind, target=target, details=details))


def target_of(action: str, given: RepositoryInput, context: ActionContext) -> Target:
    """The repository of a step.

    Raises:
        InvalidInputError: `repoUrl` names none.
    """
    parts = parse_repo_url(given.repo_url)
    if not parts.get("owner") or not parts.get("repo"):
        raise InvalidInputError(f"{action}: repoUrl: {given.repo_url!r} needs owner and repo")
    return Target(action, parts["host"], parts["owner"], parts["repo"], given.token, context)


def shown(given: BaseModel, *, without: set[str] | None = None) -> dict[str, Any]:
    """What was given, for an effect; secrets are masked."""
    return given.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=_NOT_SHOWN | (without or set()))
