"""Tokens from programs that keep them: git's credential helpers, `gh` and `glab`. Asked only where the user says so."""

import logging
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace

from pydantic import SecretStr

from shiftdown.forges.hosted import CredentialSource
from shiftdown.git.credentials import ask_helper
from shiftdown.git.location import parse_location

log = logging.getLogger(__name__)

_TIMEOUT = 20.0
"""Seconds until a program is given up: one that asks its user something gets no answer."""

_PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "gh": ("gh", "auth", "token", "--hostname"),
    "glab": ("glab", "config", "get", "token", "--host"),
}
"""What prints the token for a host, which follows: wherever the program keeps it, a file or the system's keyring
(cli.github.com/manual/gh_auth_token; docs.gitlab.com/cli/config/get)."""


def ask(source: CredentialSource, host: str, url: str, environment: Mapping[str, str]) -> SecretStr | None:
    """What a source has for a host.

    Args:
        source: whom to ask.
        host: name and, if it has one, port.
        url: address of the host's pages.
        environment: the environment of the program.

    Returns:
        The token; `None` when the source has none, or is not there.
    """
    if source == "git":
        server = replace(parse_location(f"{url}/owner/name"), address=url)
        found = ask_helper(server, _TIMEOUT) if server.may_authenticate else None
        return found.password if found else None
    name, *arguments = _PROGRAMS[source]
    program = shutil.which(name, path=environment.get("PATH"))
    if program is None:
        log.warning("%s: %s is to be asked for a token, and is not installed", host, name)
        return None
    try:
        done = subprocess.run(  # noqa: S603 - an argument list, no shell
            [program, *arguments, host],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
            env=dict(environment),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("%s: %s gave no token: %s", host, name, type(error).__name__)
        return None
    token = done.stdout.strip()
    return SecretStr(token) if done.returncode == 0 and token and len(token.split()) == 1 else None
