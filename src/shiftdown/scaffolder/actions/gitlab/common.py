"""What the actions for GitLab share: where they work, with which token, and how a thing is made only once."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import SecretStr, WithJsonSchema

from shiftdown.errors import InvalidInputError
from shiftdown.forges.requesting import surely
from shiftdown.scaffolder.action import ActionContext, ActionModel, Effect
from shiftdown.scaffolder.filters import repo_url_parts
from shiftdown.scaffolder.publishing import forges_of

if TYPE_CHECKING:
    from shiftdown.forges.gitlab import GitLabForge
    from shiftdown.forges.gitlab.administration.requests import Requests

_M = TypeVar("_M")

Number = Annotated[int, WithJsonSchema({"type": "number"})]
"""A whole number; JSON has one kind of number."""

UNTOLD = "<example>"
"""Stands in a dry-run for what only GitLab can tell."""


class OnHost(ActionModel):
    """Which GitLab, and who acts."""

    repo_url: str
    """Host of the GitLab, `gitlab.com`, or a project there: `gitlab.com?owner=group/subgroup&repo=shop`."""
    token: SecretStr = SecretStr("")
    """Token to act with; default the one that is configured for the host."""

    @property
    def host(self) -> str:
        """The host, with its port if one is given. Raises `InvalidInputError`."""
        return repo_url_parts(self.repo_url)["host"]

    @property
    def project(self) -> str:
        """Path of the project that `repoUrl` names, with its groups. Raises `InvalidInputError`: it names none."""
        parts = repo_url_parts(self.repo_url)
        if parts.get("project"):
            return parts["project"]
        if not parts.get("owner") or not parts.get("repo"):
            raise InvalidInputError(
                f"{self.repo_url!r} names no project; expected {parts['host']}?owner=group/subgroup&repo=name"
            )
        return f"{parts['owner']}/{parts['repo']}"


def project_of(given: OnHost, reference: int | str) -> str:
    """A project as GitLab's API is asked for it: its number, or its path; empty means that of `repoUrl`."""
    return str(reference).strip().strip("/") or given.project


def address_part(reference: int | str, kind: str = "projects") -> str:
    """A project (or group, of `kind` "groups") in what is said: its path, or `projects/` and its number."""
    return f"{kind}/{reference}" if str(reference).isdigit() else str(reference)


def forge_for(given: OnHost, context: ActionContext) -> "GitLabForge":
    """The GitLab that an action works with.

    Raises:
        InvalidInputError: it is not configured, or there is no token for it.
    """
    return forge_of(given.host, given.token, context)


def forge_of(host: str, token: SecretStr, context: ActionContext) -> "GitLabForge":
    """The GitLab of a host, with a token if one is given. Raises as `forge_for`."""
    return forges_of(context, host).gitlab(host, token if token.get_secret_value() else None)


def requests_for(given: OnHost, context: ActionContext, about: int | str = "") -> "Requests":
    """Requests to the API of the GitLab that an action works with, about a project or group. Raises as `forge_for`."""
    return requests_to(forge_for(given, context), f"{given.host}/{about}".rstrip("/"))


def requests_to(forge: "GitLabForge", subject: str) -> "Requests":
    """Requests to a GitLab about something, which messages name."""
    from shiftdown.forges.gitlab.administration.requests import Requests

    return Requests(forge.client, subject)


def tell(context: ActionContext, action: str, kind: str, target: str, /, **details: Any) -> None:
    """Record an effect; details that are empty say nothing."""
    given = {name: list(value) if isinstance(value, tuple) else value for name, value in details.items()}
    shown = {name: value for name, value in given.items() if value not in ("", None, [], {})}
    context.effect(Effect(action=action, kind=kind, target=target, details=shown))


def made_once(
    context: ActionContext,
    what: str,
    *,
    mark: Callable[[], _M],
    find: Callable[[_M], Mapping[str, Any] | None],
    make: Callable[[], Mapping[str, Any]],
) -> Mapping[str, Any]:
    """Make a thing that has nothing of its own to be recognised by, such as an issue; once per task.

    Args:
        context: the task.
        what: names the thing among those that the step makes.
        mark: tells what there is of its kind, before anything is made: as JSON.
        find: the thing, if it is there beside what the mark told.
        make: makes it; what it gives is remembered.
    """
    before: _M = context.checkpoint(f"before {what}", mark)
    found: Mapping[str, Any] = context.checkpoint(what, lambda: dict(surely(lambda: find(before) or make())))
    return found
