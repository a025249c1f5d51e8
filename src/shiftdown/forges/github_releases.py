"""The newest releases of GitHub Actions, as pins: asked of the forge's API."""

import logging
from collections.abc import Iterable

from pydantic import SecretStr

from shiftdown.errors import ShiftdownError
from shiftdown.pipelines import Pin

log = logging.getLogger(__name__)

TIMEOUT = 15
"""Seconds to wait for an answer."""


def newest_releases(
    actions: Iterable[str], *, token: SecretStr, base_url: str = "https://api.github.com"
) -> dict[str, Pin]:
    """The newest release of each action that has one: its tag, and the commit that the tag stands for.

    Annotated tags are peeled to their commit. An action without releases is left out, and logged.

    Raises:
        ShiftdownError: the API refuses the token, limits the rate, or cannot be reached.
    """
    from github import Auth, Github
    from github.GithubException import GithubException, UnknownObjectException
    from urllib3 import Retry

    # A person waits for the answer: what limits the rate is reported, not waited for.
    retry = Retry(
        total=2,
        backoff_factor=0.2,
        status_forcelist=(502, 503, 504),
        raise_on_status=False,
        respect_retry_after_header=False,
    )
    found = {}
    with Github(
        auth=Auth.Token(token.get_secret_value()),
        base_url=base_url,
        timeout=TIMEOUT,
        retry=retry,
        seconds_between_requests=0,
        lazy=True,
    ) as client:
        for action in actions:
            try:
                repository = client.get_repo(action)
                release = repository.get_latest_release()
                target = repository.get_git_ref(f"tags/{release.tag_name}").object
                sha = repository.get_git_tag(target.sha).object.sha if target.type == "tag" else target.sha
            except UnknownObjectException:
                log.warning("%s has no release", action)
            except GithubException as error:
                raise ShiftdownError(f"{base_url}: {action}: answered {error.status}: {_reason(error.data)}") from error
            except OSError as error:
                raise ShiftdownError(f"{base_url}: cannot be reached: {type(error).__name__}; try again") from error
            else:
                date = release.published_at.date().isoformat()
                found[action] = Pin(version=release.tag_name, sha=sha, date=date)
    return found


def _reason(data: object) -> str:
    message = data.get("message") if isinstance(data, dict) else None
    return str(message) if message else "no reason given"
