"""The forge of each repository, by its host; made when it is first needed."""

import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from shiftdown.app.hosts import GITHUB, Host, github_settings, read_hosts
from shiftdown.errors import InvalidInputError
from shiftdown.forges.base import Forge, Pace
from shiftdown.git import GitOptions, is_local
from shiftdown.git.location import parse_location

if TYPE_CHECKING:
    from shiftdown.forges.github import GitHubForge


class Forges:
    """All forges that are configured. Safe for threads."""

    def __init__(
        self, environment: Mapping[str, str], local: Callable[[], Forge], options: GitOptions, pace: Pace
    ) -> None:
        self._environment = environment
        self._pace = pace
        self._local = local
        self._options = options
        self._lock = threading.Lock()
        self._made: dict[str, GitHubForge] = {}

    def forge(self, location: str) -> Forge:
        """The forge that keeps the change requests of a repository.

        Raises:
            InvalidInputError: none is configured for its host, or there are no credentials for it.
        """
        if is_local(location):
            return self._local()
        name = self._name(location)
        found = self._github(name)
        if found is not None:
            return found
        host = self._hosts.get(name)
        if host is None:
            raise InvalidInputError(
                f"{location}: there is no forge for {name}: set SHIFTDOWN_GITHUB_URL, or describe the host in "
                "shiftdown.toml; change requests also work in a repository on this disk"
            )
        wanted = " or ".join(host.token_variables) or "token_variables in shiftdown.toml"
        raise InvalidInputError(f"{location}: there is no token for {name}: set {wanted}")

    def options(self, location: str) -> GitOptions:
        """How git reads and writes a repository: with the forge's token, where there is one."""
        if self._options.token is not None or is_local(location):
            return self._options
        where = parse_location(location, allow_http=self._options.allow_http)
        found = self._github(self._name(location)) if where.scheme in ("https", "http") else None
        return self._options if found is None else self._options.model_copy(update={"token": found.token(location)})

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for forge in self._made.values():
                forge.disconnect()
            self._made.clear()

    @cached_property
    def _hosts(self) -> Mapping[str, Host]:
        return read_hosts(self._environment)

    def _name(self, location: str) -> str:
        host = (parse_location(location, allow_http=self._options.allow_http).host or "").lower()
        return GITHUB if host in ("www.github.com", "ssh.github.com") else host

    def _github(self, name: str) -> "GitHubForge | None":
        """The GitHub behind a host, if that is one and there are credentials for it."""
        with self._lock:
            if name not in self._made:
                host = self._hosts.get(name)
                settings = github_settings(name, host, self._environment) if host else None
                if settings is None:
                    return None
                from shiftdown.forges.github import GitHubForge

                self._made[name] = GitHubForge(settings, pace=self._pace)
            return self._made[name]
