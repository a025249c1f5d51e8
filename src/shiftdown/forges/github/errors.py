"""What GitHub and the network answer, as errors that say what to do."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from github.GithubException import BadCredentialsException, GithubException, RateLimitExceededException

from shiftdown.errors import NotARepositoryError, RepositoryError
from shiftdown.forges.base import RateLimitedError
from shiftdown.forges.errors import RefusedError, UnsureError

__all__ = ["RefusedError", "UnsureError", "translate", "words"]

_FAILURE = 500
_PERMISSIONS = "x-accepted-github-permissions"


def translate(repository: str, doing: str, error: Exception, *, writes: bool) -> RepositoryError:
    """The error to raise for what a request ended with.

    Args:
        repository: the address of the repository, as people know it.
        doing: what was to be done, for the message: "open a change request".
        error: what PyGithub raised.
        writes: whether the request was to change something: a failure is then an `UnsureError`.
    """
    unknown = UnsureError if writes else RepositoryError
    if not isinstance(error, GithubException):
        # The words of network errors hold addresses of requests; their kind says enough.
        what = "the answer is cut off" if isinstance(error, ValueError) else "GitHub cannot be reached"
        return unknown(repository, f"cannot {doing}: {what} ({type(error).__name__}); run again")
    headers = {str(name).lower(): str(value) for name, value in (error.headers or {}).items()}
    said = words(error.data)
    if isinstance(error, RateLimitExceededException) or error.status == 429 or "RATE_LIMITED" in _types(error.data):
        return _limited(repository, doing, headers, said)
    if isinstance(error, BadCredentialsException) or error.status == 401:
        return RepositoryError(
            repository,
            f"cannot {doing}: the token is refused (401 {said}): it is wrong, has expired or was revoked; set another",
        )
    if error.status >= _FAILURE:
        return unknown(repository, f"cannot {doing}: GitHub answers {error.status} ({said}); run again")
    if error.status == 404:
        return NotARepositoryError(
            repository,
            f"cannot {doing}: it does not exist, or the token does not see it (404); check its name, and that the "
            f"token is for this repository{_permissions(headers)}",
        )
    hint = _hint(error.status, said, headers)
    problem = f"cannot {doing}: GitHub answers {error.status}: {said.rstrip('.') if hint else said}{hint}"
    return RefusedError(repository, problem, error.status, said)


def words(data: Any) -> str:
    """GitHub's reasons, as one line."""
    if not isinstance(data, Mapping):
        return "no reason given"
    errors = data.get("errors")
    details = [_detail(item) for item in errors] if isinstance(errors, list) else []
    message = str(data.get("message") or "")
    if details and message in ("", "Validation Failed", "Unprocessable Entity"):
        message = ""
    return "; ".join(filter(None, [message, *details]))[:500] or "no reason given"


def _types(data: Any) -> set[str]:
    """The types of GraphQL's errors."""
    errors = data.get("errors") if isinstance(data, Mapping) else None
    return {str(item.get("type")) for item in errors or () if isinstance(item, Mapping)}


def _detail(item: Any) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    if item.get("message"):
        return str(item["message"])
    return " ".join(str(item[key]) for key in ("resource", "field", "code") if item.get(key))


def _limited(repository: str, doing: str, headers: Mapping[str, str], said: str) -> RateLimitedError:
    until, wait, reset = None, headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    now = datetime.now(UTC)
    if wait.isdigit():
        until = now + timedelta(seconds=int(wait))
    elif reset.isdigit() and headers.get("x-ratelimit-remaining", "0") == "0":
        until = datetime.fromtimestamp(int(reset), UTC)
    when = f"run again after {until:%Y-%m-%d %H:%M:%S} UTC" if until else "run again in a few minutes"
    return RateLimitedError(repository, f"cannot {doing}: the rate limit is reached ({said}); {when}", until)


def _permissions(headers: Mapping[str, str]) -> str:
    wanted = headers.get(_PERMISSIONS)
    return f" and has the permission {wanted}" if wanted else ""


def _hint(status: int, said: str, headers: Mapping[str, str]) -> str:
    """What to do about a refusal."""
    if "not accessible by" in said and not headers.get(_PERMISSIONS):
        return ". Give the token the permissions contents=write and pull_requests=write"
    if status != 403:
        return ""
    if sso := headers.get("x-github-sso", "").partition("url=")[2]:
        return f". Authorise the token for the organisation's single sign-on: {sso}"
    if headers.get(_PERMISSIONS):
        return f". Give the token the permission {headers[_PERMISSIONS]}"
    if "archived" in said.lower():
        return ". Unarchive it, or leave it out"
    if "blocked" in said.lower() or "disabled" in said.lower():
        return ". Ask GitHub's support why, or leave it out"
    scopes, has = headers.get("x-accepted-oauth-scopes"), headers.get("x-oauth-scopes")
    if scopes and has is not None:
        return f". The token has the scopes {has or '(none)'}; this needs one of {scopes}"
    return ". Give the token, and its owner, the right to write to the repository"
