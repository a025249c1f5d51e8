"""Credential helpers: git is asked for what it has stored, and never prompts."""

import logging
import shutil
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from shiftdown.errors import RepositoryError
from shiftdown.git.location import Location
from shiftdown.git.program import run_git

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
    answer = _helper("fill", location, _description(location), timeout)
    fields = dict(line.split("=", 1) for line in answer.splitlines() if "=" in line)
    if "username" in fields and "password" in fields:
        return Credentials(fields["username"], SecretStr(fields["password"]))
    return None


def tell_helper(
    verdict: Literal["approve", "reject"], location: Location, credentials: Credentials, timeout: float
) -> None:
    """Tell the helpers whether the server took what they gave."""
    secret = f"username={credentials.username}\npassword={credentials.password.get_secret_value()}\n"
    _helper(verdict, location, _description(location) + secret, timeout)


def _description(location: Location) -> str:
    url = urlsplit(location.address)
    return f"protocol={url.scheme}\nhost={url.netloc}\npath={url.path.lstrip('/')}\n"


def _helper(action: str, location: Location, request: str, timeout: float) -> str:
    """Run `git credential`; the secret travels by pipe. Without git there are no helpers."""
    if shutil.which("git") is None:
        return ""
    asked = ["credential", action]
    try:
        done = run_git(asked, place=location.address, timeout=timeout, stdin=f"{request}\n".encode())
    except RepositoryError as error:
        log.warning("%s", error)
        return ""
    return done.text if done.status == 0 else ""
