"""Credential helpers: git is asked for what it has stored, and never prompts."""

import logging
import shutil
import subprocess
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from shiftdown.git.environment import quiet_environment
from shiftdown.git.location import Location

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and its password or token."""

    username: str
    """User name."""
    password: SecretStr
    """Password or token."""


def ask_helper(location: Location, timeout: float) -> Credentials | None:
    """What the user's credential helpers know about `location`; `None` if nothing."""
    answer = _helper("fill", _description(location), timeout)
    fields = dict(line.split("=", 1) for line in answer.splitlines() if "=" in line)
    if "username" in fields and "password" in fields:
        return Credentials(fields["username"], SecretStr(fields["password"]))
    return None


def tell_helper(
    verdict: Literal["approve", "reject"], location: Location, credentials: Credentials, timeout: float
) -> None:
    """Tell the helpers whether the server took what they gave."""
    secret = f"username={credentials.username}\npassword={credentials.password.get_secret_value()}\n"
    _helper(verdict, _description(location) + secret, timeout)


def _description(location: Location) -> str:
    url = urlsplit(location.address)
    return f"protocol={url.scheme}\nhost={url.netloc}\npath={url.path.lstrip('/')}\n"


def _helper(action: str, request: str, timeout: float) -> str:
    """Run `git credential`; the secret travels by pipe. Without git there are no helpers."""
    git = shutil.which("git")
    if git is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - an argument list, no shell
            [git, "credential", action],
            input=request + "\n",
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env=quiet_environment(),
        )
    except subprocess.TimeoutExpired:
        log.warning("git credential %s did not end within %g seconds", action, timeout)
        return ""
    return done.stdout if done.returncode == 0 else ""
