"""The forge of each repository, by its host; made when it is first needed."""

import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn, cast

from pydantic import SecretStr

from shiftdown.app.hosts import Host, find_token, github_settings, gitlab_settings, read_hosts
from shiftdown.errors import InvalidInputError
from shiftdown.forges.base import Forge, Pace
from shiftdown.forges.repository_maker import RepositoryMaker
from shiftdown.git import GitOptions, is_local
from shiftdown.git.carrier import Carrier
from shiftdown.git.location import parse_location

if TYPE_CHECKING:
    from shiftdown.forges.github import GitHubForge
    from shiftdown.forges.gitlab import GitLabForge

_OTHER_NAMES = {"www.github.com": "github.com", "ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com"}
"""Hosts that are the same forge by another name."""


class Forges:
    """All forges that are configured. Safe for threads."""

    def __init__(
        self,
        environment: Mapping[str, str],
        local: Callable[[], Forge],
        options: GitOptions,
        pace: Callable[[str], Pace],
    ) -> None:
        self._environment = environment
        self._pace = pace
        self._local = local
        self._options = options
        self._lock = threading.Lock()
        self._made: dict[str, GitHubForge | GitLabForge] = {}
        self._given: list[GitHubForge | GitLabForge] = []
        self._checked: set[str] = set()

    def forge(self, location: str) -> Forge:
        """The forge that keeps the change requests of a repository.

        Raises:
            InvalidInputError: none is configured for its host, or there are no credentials for it.
        """
        if is_local(location):
            return self._local()
        name = self._name(location)
        return self._found(name) or self._explain(location, name)

    def knows(self, host: str) -> bool:
        """Whether a host (`name` or `name:port`) is a forge's, with or without credentials for it."""
        name = host.lower()
        return _OTHER_NAMES.get(name, name) in self._hosts

    def maker(self, location: str) -> RepositoryMaker:
        """Makes the repository that an https address means, which need not be there yet.

        Raises:
            InvalidInputError: none is configured for its host, there are no credentials for it, or it is no address
                of a repository there.
        """
        name = self._name(location)
        return (self._found(name) or self._explain(location, name)).maker(location)

    def github(self, host: str, token: SecretStr | None = None) -> "GitHubForge":
        """The GitHub of a host (`name` or `name:port`), with a token of its own if one is given.

        Raises:
            InvalidInputError: the host is no GitHub, or there are no credentials for it.
        """
        from shiftdown.forges.github import GitHubForge

        found = self._with(host, token)
        if not isinstance(found, GitHubForge):
            raise InvalidInputError(f"{host}: is not a GitHub; describe the host in shiftdown.toml if it is one")
        return found

    def gitlab(self, host: str, token: SecretStr | None = None) -> "GitLabForge":
        """The GitLab of a host (`name` or `name:port`), with a token of its own if one is given.

        Raises:
            InvalidInputError: the host is no GitLab, or there are no credentials for it.
        """
        found = self._with(host, token)
        if found.name != "gitlab":
            raise InvalidInputError(f"{host}: is not a GitLab; describe the host in shiftdown.toml if it is one")
        return cast("GitLabForge", found)

    def hosted(self, host: str | None) -> "GitHubForge | GitLabForge":
        """The forge of a host (`name` or `name:port`); without one, the only forge that there are credentials for.

        Raises:
            InvalidInputError: it is no forge that is known, there are no credentials for it, or there are some for
                several and the host must be said.
        """
        if host is None:
            environment = self._environment
            ready = [n for n, known in self._hosts.items() if known.app_id or find_token(n, known, environment)]
            if len(ready) != 1:
                raise InvalidInputError(f"say on which host: there are credentials for {' and '.join(ready) or 'none'}")
            host = ready[0]
        name = _OTHER_NAMES.get(host.lower(), host.lower())
        return self._found(name) or self._explain(host, name)

    def check(self, location: str) -> None:
        """Look whether what is configured for the host of a repository can be used; the host is asked nothing.

        Raises:
            InvalidInputError: it cannot, or it is no location.
        """
        if not is_local(location) and (name := self._name(location)) not in self._checked:
            self._found(name)
            self._checked.add(name)

    def _with(self, host: str, token: SecretStr | None) -> "GitHubForge | GitLabForge":
        name = host.lower()
        if token is None:
            return self._found(name) or self._explain(host, name)
        known = self._hosts.get(name)
        if known is None:
            self._explain(host, name)
        secret = "SHIFTDOWN_GIVEN_TOKEN"  # noqa: S105 - a name
        made = self._make(
            name,
            known.model_copy(update={"token_variables": (secret,), "app_id": None}),
            {secret: token.get_secret_value()},
        )
        assert made is not None  # noqa: S101 - there is a token
        with self._lock:
            self._given.append(made)
        return made

    def _explain(self, location: str, name: str) -> NoReturn:
        host = self._hosts.get(name)
        if host is None:
            raise InvalidInputError(
                f"{location}: there is no forge for {name}: set SHIFTDOWN_GITHUB_URL or SHIFTDOWN_GITLAB_URL, or "
                "describe the host in shiftdown.toml; change requests also work in a repository on this disk"
            )
        wanted = " or ".join(host.token_variables) or "token_variables in shiftdown.toml"
        raise InvalidInputError(f"{location}: there is no token for {name}: set {wanted}")

    def options(self, location: str) -> GitOptions:
        """How git reads and writes a repository: with the forge's token, where there is one."""
        if self._options.token is not None or is_local(location):
            return self._options
        where = parse_location(location, allow_http=self._options.allow_http)
        found = self._found(self._name(location)) if where.scheme in ("https", "http") else None
        if found is None:
            return self._options
        return self._options.model_copy(update={"token": found.token(location), "username": found.git_user})

    def carrier(self, location: str) -> Carrier | None:
        """What reads a repository by its forge's API; `None` where git is to."""
        found = None if is_local(location) else self._found(self._name(location))
        return None if found is None else found.carrier(location)

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for forge in (*self._made.values(), *self._given):
                forge.disconnect()
            self._made.clear()
            self._given.clear()

    @cached_property
    def _hosts(self) -> Mapping[str, Host]:
        return read_hosts(self._environment)

    def _name(self, location: str) -> str:
        host = (parse_location(location, allow_http=self._options.allow_http).host or "").lower()
        return _OTHER_NAMES.get(host, host)

    def _found(self, name: str) -> "GitHubForge | GitLabForge | None":
        """The forge behind a host, if it is known and there are credentials for it."""
        with self._lock:
            if name not in self._made:
                host = self._hosts.get(name)
                made = self._make(name, host, self._environment) if host else None
                if made is None:
                    return None
                self._made[name] = made
            return self._made[name]

    def _make(self, name: str, host: Host, environment: Mapping[str, str]) -> "GitHubForge | GitLabForge | None":
        if host.forge == "gitlab":
            of_gitlab = gitlab_settings(name, host, environment)
            if of_gitlab is None:
                return None
            from shiftdown.forges.gitlab import GitLabForge

            return GitLabForge(of_gitlab, pace=self._pace("gitlab"))
        of_github = github_settings(name, host, environment)
        if of_github is None:
            return None
        from shiftdown.forges.github import GitHubForge

        return GitHubForge(of_github, pace=self._pace("github"))
