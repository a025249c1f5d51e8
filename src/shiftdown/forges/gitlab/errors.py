"""What GitLab and the network answer, as errors that say what to do."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from gitlab.exceptions import GitlabError, GitlabParsingError, RedirectError

from shiftdown.errors import NotARepositoryError, RepositoryError
from shiftdown.forges.base import RateLimitedError
from shiftdown.forges.errors import RefusedError, UnsureError

_FAILURE = 500


def translate(
    repository: str,
    doing: str,
    error: Exception,
    headers: Mapping[str, str],
    *,
    writes: bool,
    role: str = "Developer",
) -> RepositoryError:
    """The error to raise for what a request ended with.

    Args:
        repository: the address of the repository, as people know it.
        doing: what was to be done, for the message: "open a change request".
        error: what python-gitlab raised.
        headers: those of the last answer, if there was one.
        writes: whether the request was to change something: a failure is then an `UnsureError`.
        role: what the owner of the token must be at least, for the message.
    """
    unknown = UnsureError if writes else RepositoryError
    if isinstance(error, RedirectError):
        where = headers.get("location", "another address").partition("?")[0]
        return RepositoryError(repository, f"cannot {doing}: GitLab sends us to {where}: set that address as its url")
    if not isinstance(error, GitlabError) or isinstance(error, GitlabParsingError) or error.response_code is None:
        # The words of network errors hold addresses of requests; their kind says enough.
        cut = isinstance(error, (ValueError, GitlabParsingError))
        what = "the answer is cut off" if cut else "GitLab cannot be reached"
        return unknown(repository, f"cannot {doing}: {what} ({type(error).__name__}); run again")
    status, said = error.response_code, words(error.error_message)
    if status == 429:
        return _limited(repository, doing, headers, said)
    if status == 401 and not writes:
        return RepositoryError(
            repository,
            f"cannot {doing}: the token is refused (401 {said}): it is wrong, has expired or was revoked; set another",
        )
    if status >= _FAILURE:
        return unknown(repository, f"cannot {doing}: GitLab answers {status} ({said}); run again")
    if status == 404 and not writes:
        return NotARepositoryError(
            repository,
            f"cannot {doing}: it does not exist, or the token does not see it (404); check its name, and that the "
            "token is for this project",
        )
    problem = f"cannot {doing}: GitLab answers {status}: {said}{_hint(status, said, role)}"
    return RefusedError(repository, problem, status, said)


def words(message: Any) -> str:
    """GitLab's reasons, as one line."""
    return " ".join(_flat(message).split())[:500] or "no reason given"


def _flat(message: Any) -> str:
    if isinstance(message, Mapping):
        return "; ".join(f"{name} {_flat(value)}" for name, value in message.items())
    if isinstance(message, (list, tuple)):
        return "; ".join(_flat(item) for item in message)
    text = message.decode(errors="replace") if isinstance(message, bytes) else str(message or "")
    # A page for people; it is of no use on one line.
    return "" if re.match(r"\s*<", text) else text


def _limited(repository: str, doing: str, headers: Mapping[str, str], said: str) -> RateLimitedError:
    until, wait, reset = None, headers.get("retry-after", ""), headers.get("ratelimit-reset", "")
    if wait.isdigit():
        until = datetime.now(UTC) + timedelta(seconds=int(wait))
    elif reset.isdigit():
        until = datetime.fromtimestamp(int(reset), UTC)
    when = f"run again after {until:%Y-%m-%d %H:%M:%S} UTC" if until else "run again in a few minutes"
    return RateLimitedError(repository, f"cannot {doing}: the rate limit is reached ({said}); {when}", until)


def _hint(status: int, said: str, role: str) -> str:
    """What to do about a refusal."""
    if "insufficient_scope" in said:
        return ". Give the token the scope api"
    if "GL-HOOK-ERR" in said or "push rule" in said.lower():
        return ". A push rule of the project is in the way: meet it, or ask its owner for an exception"
    rights = f"needs the scope api, and its owner the role {role} or more"
    hints = {
        401: f". The token is wrong, has expired or was revoked; or it may not do that: it {rights}",
        403: f". The token may not do that: it {rights}; and what is archived cannot be changed",
        404: f". It does not exist, or the token does not see it: check its name; the token {rights}",
    }
    return hints.get(status, "")
