"""Tokens: given ones, and those of an app's installations, which end after an hour and are renewed in time."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from math import ceil

from github import Auth
from github.GithubException import UnknownObjectException
from github.GithubIntegration import GithubIntegration
from pydantic import SecretStr

from shiftdown.errors import InvalidInputError
from shiftdown.forges.github.retry import PatientRetry
from shiftdown.forges.github.settings import GitHubApp, GitHubSettings

_EARLY = timedelta(minutes=5)
"""So long before its end is a token renewed: what is begun with it is also finished with it."""


class _NoTokens(logging.Filter):
    """Keeps what holds tokens, or secrets of webhooks, out of PyGithub's log."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        return "access_tokens" not in message and "/hooks" not in message


_NO_TOKENS = _NoTokens()


class LiveToken(Auth.Token):
    """Asks for the token at each request."""

    def __init__(self, source: Callable[[], SecretStr]) -> None:
        super().__init__("-")
        self._source = source

    @property
    def token(self) -> str:
        """The token that is valid now."""
        return self._source().get_secret_value()


class Tokens:
    """The tokens for one GitHub, by the owner of the repository. Safe for threads."""

    def __init__(self, settings: GitHubSettings) -> None:
        logging.getLogger("github.Requester").addFilter(_NO_TOKENS)
        self._settings = settings
        self._lock = threading.Lock()
        """Guards what is remembered, and is never held while GitHub is asked."""
        self._renewing: dict[str, threading.Lock] = {}
        """By owner: whoever needs the same token waits for it instead of making another one."""
        self._known: dict[str, tuple[SecretStr, datetime]] = {}
        self._installations: dict[str, int] = {}

    def token(self, owner: str, repository: str) -> SecretStr:
        """The token for a repository, valid for some minutes at least.

        Raises:
            GithubException, OSError, InvalidInputError: an app gets none.
        """
        if self._settings.token is not None:
            return self._settings.token
        assert self._settings.app is not None  # noqa: S101 - the settings have one or the other
        key = "" if self._settings.app.installation_id else owner.lower()
        with self._lock:
            renewing = self._renewing.setdefault(key, threading.Lock())
            known = self._valid(key)
        if known is not None:
            return known
        with renewing:
            with self._lock:
                known = self._valid(key)
            return known or self._renew(self._settings.app, key, owner, repository)

    def _valid(self, key: str) -> SecretStr | None:
        known = self._known.get(key)
        return known[0] if known is not None and known[1] - _EARLY >= datetime.now(UTC) else None

    def _renew(self, app: GitHubApp, key: str, owner: str, repository: str) -> SecretStr:
        with GithubIntegration(
            auth=Auth.AppAuth(app.app_id, app.private_key.get_secret_value()),
            base_url=self._settings.rest_url,
            timeout=ceil(self._settings.timeout),
            retry=PatientRetry.for_reading(self._settings.patience),
            seconds_between_requests=0,
            seconds_between_writes=0,
        ) as client:
            number = app.installation_id or self._installations.get(key) or _installation(client, owner, repository)
            made = client.get_access_token(number)
        token = SecretStr(made.token)
        with self._lock:
            self._installations[key] = number
            self._known[key] = token, made.expires_at
        return token


def _installation(client: GithubIntegration, owner: str, repository: str) -> int:
    """The installation for a repository that exists, else for its owner.

    Raises:
        InvalidInputError: there is neither.
    """
    if not owner:
        raise InvalidInputError("an app acts for one account at a time: name the owner, or set installation_id")
    if repository:
        # It need not be there yet.
        with suppress(UnknownObjectException):
            return client.get_repo_installation(owner, repository).id
    for look in (client.get_org_installation, client.get_user_installation):
        with suppress(UnknownObjectException):
            return look(owner).id
    raise InvalidInputError(f"the app is not installed for {owner}: let it be installed there, or use a token")
