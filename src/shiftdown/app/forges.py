"""The forge of each repository, by its host; made when it is first needed."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, cast

from pydantic import SecretStr

from shiftdown.app.hosts import Kinds, find_token, read_hosts
from shiftdown.errors import InvalidInputError
from shiftdown.extensions.lazily import lazily
from shiftdown.forges.base import Forge, Pace
from shiftdown.forges.hosted import ForgeHost, ForgeKind, HostedForge, HostSettings, RateLimit
from shiftdown.forges.repository_maker import RepositoryMaker
from shiftdown.git import GitOptions, is_local
from shiftdown.git.carrier import Carrier
from shiftdown.git.location import parse_location

if TYPE_CHECKING:
    from shiftdown.forges.github import GitHubForge
    from shiftdown.forges.gitlab import GitLabForge


class Forges:
    """All forges that are configured. Safe for threads."""

    def __init__(
        self,
        environment: Mapping[str, str],
        kinds: Callable[[], Kinds],
        local: Callable[[], Forge],
        options: GitOptions,
        pace: Callable[[Sequence[RateLimit]], Pace],
    ) -> None:
        """All forges.

        Args:
            environment: names configuration and credentials.
            kinds: the kinds of forges that there are, asked for when the first host is looked at.
            local: the forge of repositories on this disk.
            options: how git reads and writes.
            pace: says, for the limits of a kind, when content may be created.
        """
        self._environment = environment
        self._all_kinds = kinds
        self._pace = pace
        self._local = local
        self._options = options
        self._lock = threading.Lock()
        self._making = threading.RLock()
        self._made: dict[str, HostedForge] = {}
        self._given: list[HostedForge] = []
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
        return self._canonical(host) in self._hosts

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
        return cast("GitHubForge", self._of_kind("github", host, token))

    def gitlab(self, host: str, token: SecretStr | None = None) -> "GitLabForge":
        """The GitLab of a host (`name` or `name:port`), with a token of its own if one is given.

        Raises:
            InvalidInputError: the host is no GitLab, or there are no credentials for it.
        """
        return cast("GitLabForge", self._of_kind("gitlab", host, token))

    def hosted(self, host: str | None) -> HostedForge:
        """The forge of a host (`name` or `name:port`); without one, the only forge that there are credentials for.

        Raises:
            InvalidInputError: it is no forge that is known, there are no credentials for it, or there are some for
                several and the host must be said.
        """
        if host is None:
            ready = [name for name in self._hosts if self._has_credentials(name)]
            if len(ready) != 1:
                raise InvalidInputError(f"say on which host: there are credentials for {' and '.join(ready) or 'none'}")
            host = ready[0]
        name = self._canonical(host)
        return self._found(name) or self._explain(host, name)

    def check(self, location: str) -> None:
        """Look whether what is configured for the host of a repository can be used; the host is asked nothing.

        Raises:
            InvalidInputError: it cannot, or it is no location.
        """
        if not is_local(location) and (name := self._name(location)) not in self._checked:
            self._found(name)
            self._checked.add(name)

    def _of_kind(self, kind: str, host: str, token: SecretStr | None) -> HostedForge:
        name = host.lower()
        known = self._hosts.get(name)
        if known is not None and known.forge != kind:
            title = self._kinds[kind].title
            raise InvalidInputError(f"{host}: is not a {title}; describe the host in shiftdown.toml if it is one")
        if token is None or known is None:
            return self._found(name) or self._explain(host, name)
        made = self._connect(name, known, token)
        with self._lock:
            self._given.append(made)
        return made

    def _explain(self, location: str, name: str) -> NoReturn:
        host = self._hosts.get(name)
        if host is None:
            wanted = " or ".join(f"{kind.variable}_URL" for kind in self._kinds.values())
            raise InvalidInputError(
                f"{location}: there is no forge for {name}: set {wanted}, or describe the host in shiftdown.toml; "
                "change requests also work in a repository on this disk"
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

    @lazily
    def _kinds(self) -> Kinds:
        return self._all_kinds()

    @lazily
    def _hosts(self) -> Mapping[str, HostSettings]:
        return read_hosts(self._environment, self._kinds)

    @lazily
    def _other_names(self) -> Mapping[str, str]:
        """Hosts that are the same forge by another name."""
        return {other: name for kind in self._kinds.values() for other, name in kind.other_hosts.items()}

    def _canonical(self, host: str) -> str:
        return self._other_names.get(host.lower(), host.lower())

    def _name(self, location: str) -> str:
        return self._canonical(parse_location(location, allow_http=self._options.allow_http).host or "")

    def _found(self, name: str) -> HostedForge | None:
        """The forge behind a host, if it is known and there are credentials for it."""
        with self._lock:
            if name not in self._made:
                host = self._hosts.get(name)
                if host is None:
                    return None
                token = self._token(name, host)
                if token is None and self._kind(host).needs_token(host):
                    return None
                self._made[name] = self._connect(name, host, token)
            return self._made[name]

    def _has_credentials(self, name: str) -> bool:
        host = self._hosts[name]
        return not self._kind(host).needs_token(host) or self._token(name, host) is not None

    def _token(self, name: str, host: HostSettings) -> SecretStr | None:
        """The token for a host that is used with one."""
        return find_token(name, host, self._environment) if self._kind(host).needs_token(host) else None

    def _kind(self, host: HostSettings) -> ForgeKind[Any]:
        return self._kinds[host.forge]

    def _connect(self, name: str, host: HostSettings, token: SecretStr | None) -> HostedForge:
        kind = self._kind(host)
        return kind.connect(ForgeHost(name, host, token, self._pace(kind.limits)))
